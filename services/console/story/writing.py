"""How the sources of the story write: verbs, activities and whole statements (xAPI 1.0.3 Data 2), as dictionaries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.console.story.hospital import Person
from services.console.story.materials import AIDS, COACHING, LMS, SOCIAL, WORK, Thing

SOURCES: Mapping[str, str] = {
    "lindehof-lms": "lms",
    "lindehof-werkhulp": "job_aid",
    "lindehof-gesprek": "coaching",
    "lindehof-plein": "social",
    "lindehof-meldingen": "work_system",
}
"""The sources of the story and their kinds."""

_PLATFORMS = {
    "lms": (LMS, "Leerplein"),
    "job_aid": (AIDS, "Werkhulp"),
    "coaching": (COACHING, "Gesprek"),
    "social": (SOCIAL, "Het Plein"),
    "work_system": (WORK, "Meldingen"),
}
_VERBS = {
    "initialized": ("http://adlnet.gov/expapi/verbs/initialized", "begon", "began"),
    "answered": ("http://adlnet.gov/expapi/verbs/answered", "beantwoordde", "answered"),
    "completed": ("http://adlnet.gov/expapi/verbs/completed", "rondde af", "completed"),
    "passed": ("http://adlnet.gov/expapi/verbs/passed", "slaagde voor", "passed"),
    "failed": ("http://adlnet.gov/expapi/verbs/failed", "haalde nog niet", "did not pass yet"),
    "terminated": ("http://adlnet.gov/expapi/verbs/terminated", "sloot af", "closed"),
    "attended": ("http://adlnet.gov/expapi/verbs/attended", "woonde bij", "attended"),
    "registered": ("http://adlnet.gov/expapi/verbs/registered", "schreef zich in voor", "registered for"),
    "logged-in": ("https://w3id.org/xapi/adl/verbs/logged-in", "logde in bij", "logged in to"),
    "searched": ("https://w3id.org/xapi/acrossx/verbs/searched", "zocht in", "searched"),
    "viewed": ("http://id.tincanapi.com/verb/viewed", "bekeek", "viewed"),
    "talked-with": ("http://id.tincanapi.com/verb/talked-with", "sprak met", "talked with"),
    "commented": ("http://adlnet.gov/expapi/verbs/commented", "reageerde op", "commented on"),
    "posted": ("http://activitystrea.ms/schema/1.0/post", "plaatste", "posted"),
    "liked": ("http://activitystrea.ms/schema/1.0/like", "waardeerde", "liked"),
    "replied": ("http://id.tincanapi.com/verb/replied", "antwoordde in", "replied in"),
    "resolved": ("http://activitystrea.ms/schema/1.0/resolve", "loste op", "resolved"),
    "voided": ("http://adlnet.gov/expapi/verbs/voided", "trok in", "voided"),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement before it has its id and time; `late` when its device was offline and sends it days after."""

    kind: str
    at: datetime
    actor: Mapping[str, Any]
    verb: str
    target: Mapping[str, Any]
    person: Person
    duration: timedelta | None = None
    result: Mapping[str, Any] | None = None
    context: Mapping[str, Any] | None = None
    late: bool = False

    def statement(self, statement_id: str, zone: ZoneInfo) -> dict[str, Any]:
        """Return the statement."""
        iri, nl, en = _VERBS[self.verb]
        result = dict(self.result or {})
        if self.duration is not None:
            result["duration"] = f"PT{int(self.duration.total_seconds())}S"
        written = {
            "id": statement_id,
            "actor": dict(self.actor),
            "verb": {"id": iri, "display": {"nl": nl, "en": en}},
            "object": dict(self.target),
            "context": self._context(),
            "timestamp": _timestamp(self.at, self.kind, zone),
            "version": "1.0.3",
        }
        return written | ({"result": result} if result else {})

    def _context(self) -> dict[str, Any]:
        context: dict[str, Any] = {"language": "nl", "team": self.person.team.group()} | dict(self.context or {})
        if self.target["objectType"] == "Activity":  # only then may a platform be named (Data 2.4.6)
            context["platform"] = _PLATFORMS[self.kind][1]
        return context


def activity(kind: str, activity_type: str, thing: Thing, part: str = "") -> dict[str, Any]:
    """Return an activity of a source; `part` makes it one of several within the thing."""
    return {
        "objectType": "Activity",
        "id": f"{_PLATFORMS[kind][0]}/{thing.path}{part}",
        "definition": {"type": activity_type, "name": {"nl": thing.nl, "en": thing.en}},
    }


def reference(statement_id: str) -> dict[str, Any]:
    """Return an object that points at another statement."""
    return {"objectType": "StatementRef", "id": statement_id}


def _timestamp(at: datetime, kind: str, zone: ZoneInfo) -> str:
    """Write a time as systems do: a server in UTC with milliseconds, a device with its own offset."""
    if kind in ("lms", "social"):
        return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return at.astimezone(zone).isoformat(timespec="seconds")
