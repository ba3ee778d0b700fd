"""Records of the two topics that analytics reads, as news about statement ids."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from pydantic import TypeAdapter, ValidationError

from schemas.events import Kept, Ruling, Voided
from schemas.reasons import Reason
from schemas.topics import RULINGS
from services.analytics.domain.minutes.instants import to_us
from services.analytics.domain.standing import Content, Told
from services.common.errors import Rejected
from services.common.eventlog import Record

Key = tuple[str, str]
"""(tenant, statement id in lower case)"""

_CANONICAL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RULING: TypeAdapter[Kept | Voided] = TypeAdapter(Ruling)


@dataclass(slots=True, unsafe_hash=True)
class News:
    """What a record tells, and about which statement."""

    key: Key
    told: Told


def decode(record: Record) -> News:
    """Read a record. Raises `Rejected(UNDECODABLE)` when it is not what its topic's document says."""
    try:
        return _ruling(record) if record.partition.topic == RULINGS else _statement(record)
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        raise Rejected(Reason.UNDECODABLE, "not what the topic's document describes") from error


def _statement(record: Record) -> News:
    headers = dict(record.headers)
    tenant, statement_id = headers["tenant"].decode(), uuid_text(headers["id"].decode())
    if not tenant or "\0" in tenant:
        raise ValueError("not a tenant that a table can hold")
    content = content_of(
        orjson.loads(record.value or b""),
        statement_id,
        _arrived_us(headers["arrived"]),
        headers["source"].decode(),
        headers["kind"].decode(),
    )
    return News((tenant, statement_id), Told("record", content))


def _ruling(record: Record) -> News:
    try:
        ruling = _RULING.validate_json(record.value or b"")
    except ValidationError as error:
        raise ValueError("not a ruling") from error
    key = (ruling.tenant, str(ruling.id))
    if isinstance(ruling, Voided):
        return News(key, Told("voided"))
    content = content_of(ruling.statement, key[1], to_us(ruling.arrived), ruling.source, ruling.kind)
    return News(key, Told("kept", content))


@lru_cache  # all statements of a request arrived together
def _arrived_us(header: bytes) -> int:
    return to_us(datetime.fromisoformat(header.decode()))


def uuid_text(text: str) -> str:
    """Return a UUID as keys write it, which is how nearly all are written already."""
    return text if _CANONICAL.fullmatch(text) else str(UUID(text))


def content_of(statement: Any, statement_id: str, arrived_us: int, source: str, kind: str) -> Content:
    """Return the content, under the id as keys write it. What every accepted statement has must be there."""
    if not (
        isinstance(statement, dict) and isinstance(statement["actor"], dict) and isinstance(statement["object"], dict)
    ):
        raise TypeError("not a statement")
    if not isinstance(statement["verb"]["id"], str):
        raise TypeError("not a statement")
    if statement.get("id") != statement_id:
        statement = statement | {"id": statement_id}
    return Content(statement, arrived_us, source, kind)
