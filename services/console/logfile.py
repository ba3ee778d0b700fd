"""The log of a process that a person watches: JSON lines in a file; the terminal hears only of the worst."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from services.common.logs import JsonFormatter, configure
from services.console.terminal import say

_LIMIT = 20_000_000  # bytes, and as much again in the one older file


class _Echo(logging.Handler):
    """Says that something went badly wrong; what it was stands in the file."""

    def __init__(self, file: Path) -> None:
        super().__init__(logging.CRITICAL)
        self._file = file

    def emit(self, record: logging.LogRecord) -> None:
        """Say one line."""
        say(f"{record.getMessage()} (the log says more: {self._file})")


def log_to(file: Path, level: str) -> None:
    """Send this process's log to `file` from now on."""
    configure("leermix", level)
    handler = RotatingFileHandler(file, maxBytes=_LIMIT, backupCount=1, encoding="utf-8")
    handler.setFormatter(JsonFormatter("leermix"))
    logging.getLogger().handlers[:] = [handler, _Echo(file)]
