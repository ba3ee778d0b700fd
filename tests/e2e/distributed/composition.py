"""The services of docker-compose.yml as child processes; only addresses are those of this machine."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import httpx
import orjson

from services.local.gateway import Gateway, Upstreams
from services.local.ports import free_ports

SERVICES = ("ingest", "analytics", "recommend")
LEERMIX = Path(sys.executable).parent / "leermix"
_ADDRESSES = {"LEERMIX_HOST", "LEERMIX_PORT", "LEERMIX_DATABASE_URL", "LEERMIX_KAFKA_BOOTSTRAP_SERVERS"}


class Composition:
    """Everything but Kafka and PostgreSQL, which are given."""

    def __init__(self, folder: Path, resolved: Mapping[str, Any], database: str, kafka: str) -> None:
        self.workdir = folder / "workdir"  # a container's root is read-only: nothing may appear here
        self.workdir.mkdir()
        self._folder = folder
        self._described = {name: resolved["services"][name] for name in SERVICES}
        *ports, gateway = free_ports(len(SERVICES) + 1)
        self.ports = dict(zip(SERVICES, ports, strict=True))
        self._addresses = {"LEERMIX_DATABASE_URL": database, "LEERMIX_KAFKA_BOOTSTRAP_SERVERS": kafka}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        upstreams = Upstreams(**{name: f"127.0.0.1:{port}" for name, port in self.ports.items()})
        self.gateway = Gateway(folder / "gateway", upstreams, port=gateway)

    def environment(self, name: str) -> dict[str, str]:
        """A service's variables as compose resolves them, with the addresses of this machine in their places."""
        described: dict[str, str] = self._described[name]["environment"]
        assert set(described) >= _ADDRESSES
        here = {"LEERMIX_HOST": "127.0.0.1", "LEERMIX_PORT": str(self.ports[name]), **self._addresses}
        return {"PATH": os.defpath, **described, **here}

    async def __aenter__(self) -> Self:
        try:
            for name in SERVICES:
                self.start(name)
            await self.gateway.start()
            await self.until_ready()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.stop()
        for name in list(self._processes):
            await self.stop(name)

    def start(self, name: str) -> None:
        """Run the command that compose gives this service, after the image's entry point."""
        with (self._folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [LEERMIX, *self._described[name]["command"]],
                env=self.environment(name),
                cwd=self.workdir,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def stop(self, name: str) -> int:
        """Stop one as compose does, SIGTERM and no more; return its exit code."""
        process = self._processes.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            return await asyncio.to_thread(process.wait, 30)
        except subprocess.TimeoutExpired:
            process.kill()
            raise

    async def until_ready(self, within: float = 60) -> None:
        """Wait until the one origin says that all are ready."""
        began = time.monotonic()
        async with self.http() as http:
            while (answer := await http.get("/health/ready")).status_code != 200:
                assert time.monotonic() - began < within, f"{answer.text}\n{self.logged()[-20:]}"
                await asyncio.sleep(0.1)

    def healthcheck(self, name: str) -> int:
        """Run the container's own health check against the process; return its exit code."""
        how, python, *arguments = self._described[name]["healthcheck"]["test"]
        assert (how, python) == ("CMD", "python")
        here = [argument.replace(":8080/", f":{self.ports[name]}/") for argument in arguments]
        return subprocess.run([sys.executable, *here], capture_output=True, check=False).returncode

    def console(self, *words: str) -> Any:
        """Run `leermix …` as `docker compose exec ingest leermix …` does; return the JSON it prints."""
        printed = subprocess.check_output([LEERMIX, *words], env=self.environment("ingest"), cwd=self.workdir)
        return orjson.loads(printed)

    def http(self, **options: Any) -> httpx.AsyncClient:
        """A client of the one origin."""
        return httpx.AsyncClient(base_url=self.gateway.url, timeout=20, trust_env=False, **options)

    def logged(self) -> list[str]:
        """Every line that the services wrote."""
        paths = [self._folder / f"{name}.log" for name in SERVICES]
        return [line for path in paths for line in path.read_text().splitlines()]
