"""Becomes another program: drops to a uid, asks to die with the parent, and executes it.

Run as a script by a bare interpreter (`python -I -S launch.py --uid 65534 -- program …`). It keeps the pid, and
does what is unsafe between fork and exec in a process with threads. It imports before it drops its rights,
since the interpreter itself may lie where that uid cannot go.
With `--check` in place of a program it prints those of the paths that the uid cannot reach.
"""

import argparse
import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def _drop(uid: int) -> None:
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


def _die_with(parent: int, signal: int) -> None:
    """Linux only. The kernel forgets this when the uid changes, so it comes after the drop."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent ended before its child began")


def main() -> None:
    """Read the arguments, change what this process is, and execute the rest of the line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--uid", type=int)
    parser.add_argument("--signal", type=int)
    parser.add_argument("--parent", type=int)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("rest", nargs="+")
    arguments = parser.parse_args()
    if arguments.uid is not None:
        _drop(arguments.uid)
    if arguments.signal is not None:
        _die_with(arguments.parent, arguments.signal)
    if arguments.check:
        sys.stdout.write("".join(f"{path}\n" for path in arguments.rest if not os.access(path, os.X_OK)))
        return
    os.umask(0o077)
    os.execvp(arguments.rest[0], arguments.rest)  # noqa: S606 - this is what the script is for


if __name__ == "__main__":
    main()
