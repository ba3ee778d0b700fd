"""Statements, and the records and rulings that tell of them, as tests send them."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import orjson

from schemas.events import Kept, Voided
from services.common.eventlog import Entry

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
ARRIVED = "2026-03-02T11:00:00+00:00"


def agent(name: str) -> dict[str, Any]:
    return {"mbox": f"mailto:{name}@example.nl"}


def statement(
    name: str = "anna", /, at: str | None = "2026-03-02T10:00:00Z", duration: str | None = "PT30M", **more: Any
) -> Any:
    made: dict[str, Any] = {
        "id": str(uuid4()),
        "actor": agent(name),
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"id": "https://app.example.nl/1"},  # nothing that a rule knows: its class is that of the kind
    }
    if at is not None:
        made["timestamp"] = at
    if duration is not None:
        made["result"] = {"duration": duration}
    return made | more


def voiding(target: str, name: str = "admin", at: str = "2026-03-02T12:00:00Z", **more: Any) -> Any:
    target_ref = {"objectType": "StatementRef", "id": target}
    return statement(name, at, None, verb={"id": VOIDED}, object=target_ref, **more)


def record(made: Any, tenant: str = "default", kind: str = "lms", arrived: str = ARRIVED) -> Entry:
    """A record of xapi.statements.v1."""
    headers = {"tenant": tenant, "source": "app", "kind": kind, "id": made["id"], "arrived": arrived}
    headers["timestamp"] = "sent" if "timestamp" in made else "absent"
    return Entry(b"k", orjson.dumps(made), tuple((name, text.encode()) for name, text in headers.items()))


def kept(made: Any, tenant: str = "default", kind: str = "lms", arrived: str = ARRIVED) -> Entry:
    """A ruling of the store: this is what is kept under the id."""
    ruling = Kept(
        tenant=tenant,
        id=made["id"],
        statement=made,
        arrived=datetime.fromisoformat(arrived),
        timestamp_sent="timestamp" in made,
        source="app",
        kind=kind,
    )
    return Entry(made["id"].encode(), ruling.model_dump_json().encode())


def voided(target: str, by: str, tenant: str = "default") -> Entry:
    """A ruling of the store: this id is voided."""
    ruling = Voided.model_validate({"tenant": tenant, "id": target, "by": by})
    return Entry(target.encode(), ruling.model_dump_json().encode())
