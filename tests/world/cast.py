"""People with several identities, and the statements that they make. Random numbers come from one seeded source."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

Agent = dict[str, Any]

ADL = "http://adlnet.gov/expapi/verbs/"
COURSE = "http://adlnet.gov/expapi/activities/course"
QUESTION = "http://adlnet.gov/expapi/activities/cmi.interaction"
VIDEO = "https://w3id.org/xapi/video/activity-type/video"
FORUM = "http://id.tincanapi.com/activitytype/forum-topic"
INTERVISIE = "https://example.nl/xapi/intervisie"
JOB_AIDS = "https://intranet.example.nl/werkinstructies/"


@dataclass(frozen=True)
class Label:
    """What is true of a statement: its class, and in seconds its default and cap. `who` learned: the actor (or the
    members of a Group), or the object, coached by the actor. `timed` is False for results of ordinary work."""

    cls: str
    default: int = 0
    cap: int = 12 * 3600
    who: str = "actor"
    timed: bool = True


@dataclass(frozen=True)
class Person:
    """A human and the agents that stand for that human in statements."""

    id: str
    agents: tuple[Agent, ...]

    @staticmethod
    def numbered(number: int) -> "Person":
        """A person with an mbox, its sha1, and an account."""
        mbox = f"mailto:p{number:04}@example.nl"
        sha1 = hashlib.sha1(mbox.encode()).hexdigest()
        account = {"homePage": "https://hr.example.nl", "name": f"{number:04}"}
        return Person(f"P{number:04}", ({"mbox": mbox}, {"mbox_sha1sum": sha1}, {"account": account}))


@dataclass
class Stage:
    """Where statements are made: it numbers them, remembers what is true of them, and when they arrive."""

    rng: Random
    labels: dict[str, Label] = field(default_factory=dict)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    late: int = 0
    """How many seconds statements that are made now are underway."""

    def say(
        self, who: Person | list[Agent], verb: str, target: dict[str, Any], second: int, label: Label, **more: Any
    ) -> str:
        """Make a statement at a second since 1970 and return its id. `more`: duration, context, source, kind, and
        timestamp=False for one that is sent without it."""
        statement_id = str(UUID(int=self.rng.getrandbits(128), version=4))
        statement: dict[str, Any] = {
            "id": statement_id,
            "actor": self._actor(who),
            "verb": {"id": verb if "/" in verb else ADL + verb},
            "object": target,
        }
        if more.get("timestamp", True):
            statement["timestamp"] = iso(second)
        if more.get("duration"):
            statement["result"] = {"duration": more["duration"]}
        if more.get("context"):
            statement["context"] = more["context"]
        self.labels[statement_id] = label
        self.deliveries.append(
            {
                "statement": statement,
                "source": more.get("source", "lms"),
                "kind": more.get("kind", "lms"),
                "arrived": iso(second + self.late + self.rng.randint(1, 30)),
            }
        )
        return statement_id

    def _actor(self, who: Person | list[Agent]) -> Agent:
        if isinstance(who, list):
            return {"objectType": "Group", "member": who}
        weights = (6, 2, 2)
        return dict(self.rng.choices(who.agents, weights[: len(who.agents)])[0])


def iso(second: int) -> str:
    """A second since 1970 as a timestamp."""
    return datetime.fromtimestamp(second, UTC).isoformat().replace("+00:00", "Z")


def activity(iri: str, kind: str | None = None, **definition: Any) -> dict[str, Any]:
    """An activity, with its type."""
    return {"id": iri, "definition": {"type": kind, **definition}} if kind else {"id": iri}


def lasting(seconds: int) -> str:
    """A number of seconds as a duration, in the several ways of writing one."""
    if seconds % 60 == 0 and seconds % 7:
        return f"PT{seconds // 60}M"
    hours, rest = divmod(seconds, 3600)
    return f"PT{hours}H{rest // 60}M{rest % 60}S" if hours else f"PT{rest}S"
