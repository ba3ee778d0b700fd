"""How a command ends: exit codes that mean something, and failures that say what to do."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """The exit codes of `leermix`."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_RUNNING = 3
    TAKEN = 4


EXPLAINED = (
    "Exit codes: 0 done; 1 failed, the message says why; 2 wrong usage or a wrong setting; 3 nothing is running where "
    "something must be; 4 a port or the data folder is taken by another process; 70 a service could not go on."
)


class Failure(Exception):  # noqa: N818 - the name says what it is to the user
    """Ends the command with a message for a person and a code for a program."""

    def __init__(self, message: str, code: Exit = Exit.FAILED) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def told() -> Iterator[None]:
    """Turn what users can do something about into one message on standard error and the exit code that fits."""
    try:
        yield
    except Failure as failure:
        _end(str(failure), failure.code)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        known = _known(error)
        if known is None:
            raise
        _end(*known)


def _known(error: Exception) -> tuple[str, Exit] | None:
    # Imported here: most commands never fail, and the command line should be quick.
    from pydantic import ValidationError

    from services.common.errors import Unavailable
    from services.local.errors import AlreadyRunning, LocalError, PortTaken

    if isinstance(error, ValidationError):
        return _settings_wrong(error.errors()), Exit.USAGE
    if isinstance(error, AlreadyRunning | PortTaken):
        return str(error), Exit.TAKEN
    if isinstance(error, LocalError):
        return str(error), Exit.FAILED
    if isinstance(error, Unavailable):
        return f"{error.what} does not answer ({error.detail}). `leermix doctor` looks further.", Exit.FAILED
    return None


def _settings_wrong(errors: list[Any]) -> str:
    lines = [f"LEERMIX_{str(error['loc'][0]).upper()}: {problem(error)}" for error in errors if error["loc"]]
    return "\n".join([*lines, "`leermix settings` lists every setting with its meaning."])


def problem(error: Any) -> str:
    """Return what pydantic says of a setting, without its word for who says it."""
    return str(error["msg"]).removeprefix("Value error, ")


def _end(message: str, code: Exit) -> None:
    sys.stderr.write(f"leermix: {message}\n")
    sys.exit(int(code))
