"""From what an organisation says of its people to the roster: planned and shown, or planned and done.

Plan and deed are one transaction, with one change of a tenant's roster at a time; everything is set-based, so that
20,000 people are some seconds. Locks in the order of LOG.md: identities, then persons by id.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from services.analytics.domain.people.plan import Change, Plan, dropped_keys, plan
from services.analytics.domain.people.report import report
from services.analytics.domain.people.state import Known, State, in_question, keys_of
from services.analytics.domain.people.wanted import SaidTeam, Wanted
from services.analytics.people import merging
from services.analytics.people.parts import Parts
from services.analytics.store import linking, matches, roster, teams
from services.common.consumer import Transaction
from services.common.database import Connection

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and of how much."""

_FEW = 500
_PORTION = 2_000
_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Said:
    """What is said. `complete`: who is not in it has left. `first`: see domain/people/plan.py."""

    people: Sequence[Wanted]
    teams: Sequence[SaidTeam] = ()
    complete: bool = False
    first: date | None = None


class Overtaken(Exception):  # noqa: N818
    """A statement took in or used an identity between plan and deed: plan again."""


def silent(what: str, done: int, of: int) -> None:
    """Show no progress."""


async def shown(parts: Parts, tenant: str, said: Said) -> dict[str, Any]:
    """Return what would change. Raises `WrongFile` for teams that make no tree."""
    async with parts.database.transaction(snapshot=True) as connection:
        planned, day = await _planned(parts, connection, tenant, said)
    return {"dry_run": True, "day": day, **report(planned)}


async def done(parts: Parts, tenant: str, said: Said, author: str, progress: Progress = silent) -> dict[str, Any]:
    """Change it, and return what changed. Raises `WrongFile`."""

    async def work(tx: Transaction) -> dict[str, Any]:
        return await done_in(parts, tx, tenant, said, author, progress)

    return await repeated(parts, work)


async def repeated(parts: Parts, work: Callable[[Transaction], Awaitable[T]]) -> T:
    """Run a change of the roster in a transaction, and again when a statement got in between."""
    for attempt in range(_ATTEMPTS):
        try:
            return await parts.acting.run(work)
        except Overtaken:
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


async def done_in(
    parts: Parts, tx: Transaction, tenant: str, said: Said, author: str, progress: Progress = silent
) -> dict[str, Any]:
    """Change it within a transaction. Raises `WrongFile` and `Overtaken`: then all of it must be done again."""
    await roster.alone(tx.connection, tenant)
    progress("comparing", 0, len(said.people))
    planned, day = await _planned(parts, tx.connection, tenant, said)
    await _apply(parts, tx, tenant, planned, progress)
    for match in planned.surely:
        if match.person is not None:
            await merging.merge_in(parts, tx, tenant, match.person, match.other, "alias")
    return {"dry_run": False, "day": day, **report(planned)}


async def _planned(parts: Parts, connection: Connection, tenant: str, said: Said) -> tuple[Plan, date]:
    today = await parts.today(connection, tenant)
    state = await _state(connection, tenant, said)
    planned = await asyncio.to_thread(  # a second of arithmetic for 20,000 people: others are served meanwhile
        plan, state, said.people, said.teams, today=today, first=said.first, complete=said.complete
    )
    return planned, today


async def _state(connection: Connection, tenant: str, said: Said) -> State:
    """Read what matters for what is said."""
    few = None
    if len(said.people) <= _FEW and not said.complete:
        few = {each.reference: keys_of(each.identities or ()) for each in said.people}
    known = await roster.entries(connection, tenant, few, {key for theirs in (few or {}).values() for key in theirs})
    keys = in_question(known, said.people)
    wanted = {key for theirs in keys.values() for key in theirs}
    dropped = dropped_keys(known, said.people)
    owners = await linking.owners(connection, tenant, wanted | dropped)
    concerned = {each.person for each in known.values()} | set(owners.values())
    return State(
        known,
        owners,
        await linking.used(connection, tenant, dropped | _of_others(known, owners, keys)),
        await matches.pairs(connection, tenant, concerned),
        await teams.all_of(connection, tenant),
    )


def _of_others(known: Mapping[str, Known], owners: Mapping[str, str], keys: Mapping[str, Any]) -> set[str]:
    """Return the identities that somebody else has than whom the reference means."""
    taken = {each.person for each in known.values()}
    found: set[str] = set()
    for reference, theirs in keys.items():
        have = {owners[key] for key in theirs if key in owners}
        entry = known.get(reference)
        if have and (have != {entry.person} if entry else len(have) > 1 or have & taken):
            found |= theirs.keys() & owners.keys()
    return found


async def _apply(parts: Parts, tx: Transaction, tenant: str, planned: Plan, progress: Progress) -> None:
    connection = tx.connection
    persons = {each.reference: each.person or parts.new_id() for each in planned.changes}
    new = sorted(
        (key, persons[each.reference], origin) for each in planned.changes for key, origin in each.link
    )  # fmt: skip
    if await linking.add(connection, tenant, new) < len(new):
        raise Overtaken
    made = {persons[each.reference] for each in planned.changes if each.person is None}
    await linking.make_persons(connection, tenant, made)
    changed = await _lock(connection, tenant, planned.changes, persons)
    await _reassign(connection, tenant, planned.changes, persons)
    await teams.put(connection, tenant, [change.team for change in planned.teams])
    for start in range(0, len(planned.changes), _PORTION):
        progress("writing", start, len(planned.changes))
        portion = planned.changes[start : start + _PORTION]
        await roster.write(connection, tenant, [(each, persons[each.reference]) for each in portion])
    await _propose(parts, connection, tenant, planned, persons)
    if not changed:
        return
    progress("publishing", 0, len(changed))
    await parts.publish(tx, sorted((tenant, person) for person in changed))


async def _lock(connection: Connection, tenant: str, changes: Collection[Change], persons: dict[str, str]) -> set[str]:
    """Lock everybody whose record changes, and who lose an identity; return whose record changes."""
    losing = [key for each in changes for key in each.move]
    others = await linking.owners(connection, tenant, losing)
    changed = set(persons.values()) | set(others.values())
    await linking.lock(connection, tenant, changed)
    given = [*losing, *(key for each in changes for key in each.unlink)]
    if await linking.used(connection, tenant, given) or await linking.owners(connection, tenant, losing) != others:
        raise Overtaken
    return changed


async def _reassign(connection: Connection, tenant: str, changes: Collection[Change], persons: dict[str, str]) -> None:
    """Take and give identities that were never used."""
    gone = [key for each in changes for key in each.unlink]
    if gone:
        await linking.remove(connection, tenant, gone)
    moves = {key: persons[each.reference] for each in changes for key in each.move}
    if moves:
        await linking.move(connection, tenant, moves)


async def _propose(parts: Parts, connection: Connection, tenant: str, planned: Plan, persons: dict[str, str]) -> None:
    """Keep the matches for a human to judge."""
    new = [
        (person, each.other, parts.new_id(), each.reason, each.kind, each.reference)
        for each in planned.proposed
        if (person := each.person or persons.get(each.reference)) is not None
    ]
    await matches.add(connection, tenant, new)
