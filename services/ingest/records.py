"""A statement between acceptance and the store: what travels in a record of xapi.statements.v1, and back."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from schemas.reasons import Reason
from services.common.errors import Rejected
from services.common.eventlog import Entry, Record

_NOT_CONTENT = ("stored", "authority")


Key = tuple[str, UUID]
"""(tenant, statement id)"""


@dataclass(slots=True, unsafe_hash=True)
class Received:
    """One accepted statement with all that is known of it besides its body.

    digest: what the specification compares two statements by; fingerprint: what a reader may have counted.
    arrived stands in for an absent timestamp, which is never written into the statement.
    """

    tenant: str
    id: UUID
    body: bytes
    digest: bytes
    fingerprint: bytes
    stored: datetime
    arrived: datetime
    timestamp_sent: bool
    source: str
    kind: str
    credential: str
    voids: UUID | None

    @property
    def key(self) -> Key:
        """Return what it is kept under."""
        return self.tenant, self.id


def fingerprint(statement: dict[str, Any], source: str, arrived: datetime) -> bytes:
    """Return the sha-256 of everything a reader of the log derives from: content, source, and when it happened."""
    content = {name: value for name, value in statement.items() if name not in _NOT_CONTENT}
    when = b"" if "timestamp" in statement else arrived.isoformat().encode()
    return hashlib.sha256(
        orjson.dumps(content, option=orjson.OPT_SORT_KEYS) + b"\x00" + source.encode() + b"\x00" + when
    ).digest()


def to_entry(received: Received, key: bytes, number: int, count: int) -> Entry:
    """Return the record of the `number`-th of `count` statements of one request."""
    headers = [
        ("request", b"%d/%d" % (number, count)),
        ("tenant", received.tenant.encode()),
        ("source", received.source.encode()),
        ("kind", received.kind.encode()),
        ("credential", received.credential.encode()),
        ("id", str(received.id).encode()),
        ("digest", received.digest),
        ("fingerprint", received.fingerprint),
        ("stored", received.stored.isoformat().encode()),
        ("arrived", received.arrived.isoformat().encode()),
        ("timestamp", b"sent" if received.timestamp_sent else b"absent"),
    ]
    if received.voids is not None:
        headers.append(("voids", str(received.voids).encode()))
    return Entry(key, received.body, tuple(headers))


def from_record(record: Record) -> Received:
    """Read a record back. Raises `Rejected(UNDECODABLE)` when it is not what the topic's document says."""
    try:
        headers = dict(record.headers)
        if not isinstance(orjson.loads(record.value or b""), dict):
            raise TypeError
        return Received(
            tenant=headers["tenant"].decode(),
            id=UUID(headers["id"].decode()),
            body=record.value or b"",
            digest=headers["digest"],
            fingerprint=headers["fingerprint"],
            stored=datetime.fromisoformat(headers["stored"].decode()),
            arrived=datetime.fromisoformat(headers["arrived"].decode()),
            timestamp_sent=headers["timestamp"] == b"sent",
            source=headers["source"].decode(),
            kind=headers["kind"].decode(),
            credential=headers["credential"].decode(),
            voids=UUID(headers["voids"].decode()) if "voids" in headers else None,
        )
    except (KeyError, ValueError, TypeError) as error:
        raise Rejected(Reason.UNDECODABLE, "not a statement as the topic's document describes it") from error
