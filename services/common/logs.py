"""JSON logs, one object a line. No names, IFIs or statement bodies: callers log ids, counts, reasons and types."""

import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class JsonFormatter(logging.Formatter):
    """Render a record as one JSON object: time, level, logger, message, and whatever was given as `extra`."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Of an exception it shows type and frames, never its message: that may quote data."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = frames_of(record.exc_info[1])
        return orjson.dumps(line, default=str).decode()


def frames_of(error: BaseException) -> dict[str, Any]:
    """Return an exception as {"type", "sqlstate", "frames", "cause"}, without its message."""
    frames = traceback.extract_tb(error.__traceback__)
    shown: dict[str, Any] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if sqlstate := getattr(error, "sqlstate", None):
        shown["sqlstate"] = sqlstate
    if error.__cause__ is not None:
        shown["cause"] = frames_of(error.__cause__)
    return shown


def configure(service: str, level: str, stream: TextIO | None = None) -> None:
    """Send every log of this process to `stream` (standard error) as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # aiokafka reports every reconnect as an error with the peer's words; readiness and metrics tell the same.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
