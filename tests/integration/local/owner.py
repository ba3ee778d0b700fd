"""Run as a script: own a PostgreSQL in a folder until killed. `--outlived`: it is not told to die with its owner."""

import asyncio
import sys
from pathlib import Path

from services.local import children
from services.local.postgres import Postgres


async def main() -> None:
    if "--outlived" in sys.argv:
        launcher = children.launcher
        children.launcher = lambda uid, dies_by=None: launcher(uid)
    async with Postgres(Path(sys.argv[1])) as server:
        print(server.pid, flush=True)
        await server.wait()


asyncio.run(main())
