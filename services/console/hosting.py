"""An ASGI application on a port of this machine, until told to stop; requests in flight are answered first."""

import asyncio
import errno
import gc
import os
import signal
import socket
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import uvicorn
from fastapi import FastAPI

from services.console.exits import Exit, Failure
from services.local.errors import PortTaken

T = TypeVar("T")

_GRACE_SECONDS = 10
_UNCOLLECTED = 50_000  # objects; a batch of statements makes more than Python's 700 before it is done with any


class Ended(Exception):  # noqa: N818
    """A stop was asked for before what was being awaited came."""


class Stop:
    """One wish to stop, from SIGINT, SIGTERM, or the end of the `make` that started this process."""

    def __init__(self) -> None:
        self.wished = asyncio.Event()

    def listen(self) -> None:
        """Take the signals over; to be called inside the running loop, from the main thread."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.wished.set)

    async def unless(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what `work` returns; cancel it and raise `Ended` when a stop is wished first."""
        task, wish = asyncio.ensure_future(work), asyncio.ensure_future(self.wished.wait())
        try:
            await asyncio.wait({task, wish}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            raise Ended
        finally:
            wish.cancel()
            task.cancel()
            await asyncio.gather(task, wish, return_exceptions=True)

    async def with_parent(self) -> bool:
        """Wish to stop when the parent has gone: a `make` that is killed leaves nothing behind it."""
        parent = os.getppid()
        while os.getppid() == parent:  # noqa: ASYNC110 - no event tells of it everywhere
            await asyncio.sleep(0.5)
        self.wished.set()
        return True


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that has the port but does not listen yet. Raises `PortTaken`, or `Failure` with the cause."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise Failure(f"LEERMIX_HOST={host} is no address: {error.strerror}", Exit.USAGE) from error
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(port, "LEERMIX_PORT") from error
        way_out = "Choose with LEERMIX_HOST and LEERMIX_PORT."
        raise Failure(f"Cannot use {host}, port {port}: {error.strerror}. {way_out}", Exit.USAGE) from error
    return listener


class _Server(uvicorn.Server):
    """Uvicorn without its own signal handling: what starts beside it must stop after it, in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


def server(app: FastAPI) -> uvicorn.Server:
    """Return the server of an application: no access log, its own logs go where this process's go."""
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return _Server(config)


async def serve(app: FastAPI, listener: socket.socket, stop: Stop) -> None:
    """Serve until a stop is wished, then answer what is in flight, for some seconds at most."""
    _collect_seldom()
    running = server(app)
    serving = asyncio.ensure_future(running.serve(sockets=[listener]))
    wish = asyncio.ensure_future(stop.wished.wait())
    try:
        await asyncio.wait({serving, wish}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        wish.cancel()
        running.should_exit = True
        await serving
    if not stop.wished.is_set():
        raise Failure("The server ended by itself; its log says why.")


def _collect_seldom() -> None:
    """Leave what was imported alone, and look for cycles seldom: almost all that is made here goes without that."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_UNCOLLECTED)
