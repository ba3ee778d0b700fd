"""What the routes of the registry answer, as /docs shows it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from schemas.events import LearningClass
from services.analytics.domain.few import size
from services.analytics.domain.registry_file import Entry, Section
from services.analytics.registering import Changed, Trial
from services.analytics.store import registries


class WholeRegistry(BaseModel):
    """A version of the registry: the file, and who made it when (null for the empty one of the beginning)."""

    version: int
    registry: dict[str, Any]
    source: str | None
    at: datetime | None


class ChangedEntry(BaseModel):
    """An entry that came or went."""

    section: Section
    entry: dict[str, Any]


class Replay(BaseModel):
    """The latest derivation of all history by a version: how far it is, of about how many statements."""

    derivation: int
    state: Literal["building", "complete", "active", "dropped"]
    done: int
    total: int
    switch: bool


class VersionLine(BaseModel):
    """A line of the audit trail."""

    version: int
    at: datetime
    source: str
    operation: str
    added: list[ChangedEntry]
    removed: list[ChangedEntry]
    replay: Replay | None


class AuditTrail(BaseModel):
    """Every version that ever held, the latest first."""

    versions: list[VersionLine]


class NewVersion(BaseModel):
    """What a change made.

    From now on every statement is classified by the new version in the new derivation; figures show it when that one
    has read all history and is switched to. `derivation` and `replay` are null when nothing changed.
    """

    version: int
    derivation: int | None
    replay: Replay | None
    added: list[ChangedEntry]
    removed: list[ChangedEntry]
    dry_run: Literal[False] = False


class MovedPart(BaseModel):
    """An id prefix or activity type under which statements move."""

    value: str
    statements: int


class Move(BaseModel):
    """Statements that would move from one class to another.

    Numbers are sizes: of statements the last of 5, 10, 20, 50, 100 … that is reached, of people the last multiple of
    five. By fewer than five people their number is null, and `people` "<5"; prefixes and types are told of five or
    more.
    """

    before: Annotated[LearningClass, Field(alias="from")]
    after: Annotated[LearningClass, Field(alias="to")]
    statements: int | None
    people: int | str
    id_prefixes: list[MovedPart]
    activity_types: list[MovedPart]


class DryRunOf(BaseModel):
    """What a change to this version would move among the newest statements of so many days.

    `complete` is false when there was time for only `looked_at` of them, a size likewise.
    """

    version: int
    days: int
    looked_at: int
    complete: bool
    moves: list[Move]
    added: list[ChangedEntry]
    removed: list[ChangedEntry]
    dry_run: Literal[True] = True


def whole(held: registries.Version) -> WholeRegistry:
    """The answer for a version."""
    return WholeRegistry(version=held.version, registry=dict(held.registry), source=held.author, at=held.created)


def line(audited: registries.Audited) -> VersionLine:
    """The answer for a line of the audit trail."""
    change, replay = audited.change, audited.replay
    return VersionLine(
        version=audited.version,
        at=audited.created,
        source=audited.author,
        operation=change["operation"],
        added=_entries(change["added"]),
        removed=_entries(change["removed"]),
        replay=None if replay is None else Replay(**replay._asdict()),
    )


def changed(made: Changed, *, switch: bool) -> NewVersion:
    """The answer for a change."""
    replay = None
    if made.derivation is not None:
        replay = Replay(derivation=made.derivation, state=made.state, done=0, total=0, switch=switch)
    return NewVersion(
        version=made.version,
        derivation=made.derivation,
        replay=replay,
        added=_entries(made.change.added),
        removed=_entries(made.change.removed),
    )


def tried(trial: Trial, days: int) -> DryRunOf:
    """The answer for a dry run."""
    return DryRunOf(
        version=trial.version,
        days=days,
        looked_at=size(trial.looked_at),
        complete=trial.complete,
        moves=[Move.model_validate(each) for each in trial.moves],
        added=_entries(trial.change.added),
        removed=_entries(trial.change.removed),
    )


def _entries(pairs: Iterable[tuple[Section, Entry]]) -> list[ChangedEntry]:
    return [ChangedEntry(section=section, entry=dict(entry)) for section, entry in pairs]
