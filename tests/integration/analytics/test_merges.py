"""Two people made one and two again, with what they learned: a statement that names both counts once, then twice."""

from uuid import uuid4

from schemas.topics import RULINGS, STATEMENTS
from tests.integration.analytics.merging import Merging
from tests.integration.analytics.statements import agent, kept, record, statement, voided

BOTH = {"actor": {"objectType": "Group", "member": [agent("bob"), agent("anna"), agent("carl")]}}


async def told(group, *statements):
    group.append(STATEMENTS, 0, *map(record, statements))
    if not group.members:
        group.start()
    await group.caught_up()


async def test_a_statement_that_names_both_counts_once_while_they_are_one(group):
    merging = Merging(group)
    await told(group, statement("anna"), statement("bob", "2026-03-04T10:00:00Z"))
    before = await merging.everything()
    merge = await merging.merge(agent("anna"), agent("bob"))
    late = statement(at="2026-03-05T10:00:00Z", **BOTH)
    await told(group, late)
    thursday = {("anna", "2026-03-05", "formal", 30, 1), ("bob", "2026-03-05", "formal", 30, 1)}
    assert thursday <= await merging.figures("anna", "bob")
    rows = await group.rows("SELECT retracted FROM analytics.events WHERE statement = $1", late["id"])
    assert sorted(row["retracted"] for row in rows) == [False, False, True]
    await merging.undo(merge)
    assert thursday <= await merging.figures("anna", "bob")
    rows = await group.rows("SELECT retracted FROM analytics.events WHERE statement = $1", late["id"])
    assert [row["retracted"] for row in rows] == [False, False, False]
    group.append(RULINGS, 0, voided(late["id"], str(uuid4())))
    await group.caught_up()
    after = await merging.everything()
    assert [row for row in after if late["id"] not in row] == before


async def test_nothing_but_the_events_is_needed(group):
    """Here is no statement store at all."""
    merging = Merging(group)
    await told(group, *(statement(at=f"2026-03-0{day}T10:00:00Z", **BOTH) for day in (3, 4)), statement("bob"))
    before = await merging.everything()
    merge = await merging.merge(agent("anna"), agent("bob"))
    assert {row[1:] for row in await merging.figures("bob")} == {
        ("2026-03-02", "formal", 30, 1), ("2026-03-03", "formal", 30, 1), ("2026-03-04", "formal", 30, 1),
    }  # fmt: skip
    await merging.undo(merge)
    assert await merging.everything() == before


async def test_chains_of_merges_undone_in_any_order(group):
    for name in ("anna", "bob", "carl"):
        await told(group, statement(name))
    merging = Merging(group)
    for order in ((0, 1), (1, 0)):
        await told(group, statement(at=f"2026-03-1{order[0]}T10:00:00Z", **BOTH))
        before = await merging.everything()
        merges = [await merging.merge(agent("anna"), agent("bob")), await merging.merge(agent("carl"), agent("anna"))]
        assert len({row[1:] for row in await merging.figures("anna", "bob", "carl")}) == 2 + order[0]
        for place in order:
            await merging.undo(merges[place])
        assert await merging.everything() == before


async def test_somebody_of_whom_nothing_counts(group):
    merging = Merging(group)
    gone = statement("bob")
    await told(group, statement("anna"), gone)
    group.append(RULINGS, 0, voided(gone["id"], str(uuid4())))
    await group.caught_up()
    before = await merging.everything()
    merge = await merging.merge(agent("anna"), agent("bob"))
    rows = await group.rows("SELECT person::text FROM analytics.events WHERE statement = $1", gone["id"])
    assert rows[0]["person"] == await merging.person(agent("anna"))
    await merging.undo(merge)
    assert await merging.everything() == before


async def test_what_another_content_said_does_not_come_back(group):
    """A ruling replaces what was heard under an id: it named bob, and bob is somebody else again afterwards."""
    merging = Merging(group)
    await told(group, statement("anna"), statement("bob", "2026-03-04T10:00:00Z"))
    merge = await merging.merge(agent("anna"), agent("bob"))
    heard = statement(at="2026-03-05T10:00:00Z", **BOTH)
    await told(group, heard)
    group.append(RULINGS, 0, kept(statement("anna", "2026-03-05T10:00:00Z", "PT10M", id=heard["id"])))
    await group.caught_up()
    await merging.undo(merge)
    assert await merging.figures("anna", "bob", "carl") == {
        ("anna", "2026-03-02", "formal", 30, 1),
        ("bob", "2026-03-04", "formal", 30, 1),
        ("anna", "2026-03-05", "formal", 10, 1),
    }
