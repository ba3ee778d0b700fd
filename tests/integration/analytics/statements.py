"""Statements as tests send them."""

from typing import Any
from uuid import uuid4

VOIDED = "http://adlnet.gov/expapi/verbs/voided"


def agent(name: str) -> dict[str, Any]:
    return {"mbox": f"mailto:{name}@example.nl"}


def statement(
    name: str = "anna", /, at: str | None = "2026-03-02T10:00:00Z", duration: str | None = "PT30M", **more: Any
) -> Any:
    made: dict[str, Any] = {
        "id": str(uuid4()),
        "actor": agent(name),
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"id": "https://lms.example.nl/course/1"},
    }
    if at is not None:
        made["timestamp"] = at
    if duration is not None:
        made["result"] = {"duration": duration}
    return made | more


def voiding(target: str, name: str = "admin", at: str = "2026-03-02T12:00:00Z") -> Any:
    return statement(name, at, None, verb={"id": VOIDED}, object={"objectType": "StatementRef", "id": target})
