"""The official LRS conformance suite against a throw-away `leermix up`: how many pass, and which do not, by section.

    python -m tests.conformance CHECKOUT [1.0.3 | 2.0.0 …]

The exit code is 0 when all tests of all batteries ran and passed. README.md says how to get the checkout.
"""

import asyncio
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.harness.system import System

BATTERIES = ("1.0.3", "2.0.0")
_MOST_SECONDS = 1800


def battery(checkout: Path, version: str, system: System) -> tuple[int, dict[str, Any]]:
    """Run one battery; return how many tests it has and its log, a tree of suites and tests."""
    key, secret = system.credential(source="conformance", kind="other", scopes=("all",))
    words = [
        "node",
        "bin/console_runner.js",
        "-e",
        f"{system.origin}/xapi",
        "-a",
        "-u",
        key,
        "-p",
        secret,
        "-x",
        version,
    ]
    (checkout / "logs").mkdir(exist_ok=True)
    told = subprocess.run(
        words, cwd=checkout, capture_output=True, text=True, timeout=_MOST_SECONDS, check=False
    ).stdout
    written = re.search(r"written to (\S+)", told)
    if written is None:
        sys.exit(f"the suite did not come to its end:\n{told[-2000:]}")
    log: dict[str, Any] = json.loads(Path(written[1]).read_text())
    total = int(re.findall(r'"total":(\d+)', told)[-1])
    return total, log.get("log") or log


def leaves(node: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield each test with the titles above it and its own."""
    for child in node.get("tests") or []:
        title = (*path, str(child.get("title") or child.get("name")))
        if child.get("tests"):
            yield from leaves(child, title)
        else:
            yield title, child


def report(version: str, total: int, log: dict[str, Any]) -> bool:
    """Print what passed and what did not; tell whether everything did."""
    tests = list(leaves(log))
    failed = [(path, test) for path, test in tests if test["status"] != "passed"]
    passed = len(tests) - len(failed)
    print(f"{version}: {passed} of {total} passed, {len(failed)} failed, {total - len(tests)} not run")
    for section, count in Counter(path[0] for path, _ in failed).most_common():
        print(f"  {count:4} {section}")
    for path, test in failed:
        print(f"    {' > '.join(path)}\n        {str(test.get('error')).splitlines()[0]}")
    return passed == total


async def main(checkout: Path, versions: tuple[str, ...]) -> int:
    """Run the batteries one after the other on one system of their own."""
    async with System("up") as system:
        verdicts = [report(version, *battery(checkout, version, system)) for version in versions]
        for line in system.errors():
            print(line)
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(Path(sys.argv[1]).resolve(), tuple(sys.argv[2:]) or BATTERIES)))
