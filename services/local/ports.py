"""Ports of this machine: is it free, and give me one that is."""

import socket

from services.local.errors import PortTaken

LOCALHOST = "127.0.0.1"


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
    """Ports of 127.0.0.1 that nobody has now, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((LOCALHOST, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
