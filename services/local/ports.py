"""Ports of this machine: is it free, and give me one that is."""

import contextlib
import random
import socket

from services.local.errors import PortTaken

LOCALHOST = "127.0.0.1"
_NOT_EPHEMERAL = range(20000, 32000)


def check_free(port: int, setting: str | None = None, host: str = LOCALHOST) -> None:
    """Raise PortTaken when something has the port; `setting` names the variable that chooses another."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(port, setting) from error


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody has now, all different.

    From below the range that systems give to outgoing connections: so one that is remembered is still free when
    its program comes back after a while.
    """
    chosen: list[int] = []
    for port in random.sample(_NOT_EPHEMERAL, len(_NOT_EPHEMERAL)):
        if len(chosen) == count:
            break
        with contextlib.suppress(PortTaken):
            check_free(port)
            chosen.append(port)
    return chosen
