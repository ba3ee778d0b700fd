"""How a kept statement is shown: with the store's word on `stored`, and with it for an absent timestamp."""

from datetime import datetime
from typing import Any

import orjson


def instant(moment: datetime) -> str:
    """Return a UTC instant as xAPI writes it, to the microsecond."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"


def render(body: bytes, stored: datetime) -> dict[str, Any]:
    """Return the statement as GET shows it."""
    statement: dict[str, Any] = orjson.loads(body)
    statement["stored"] = instant(stored)
    statement.setdefault("timestamp", statement["stored"])
    return statement
