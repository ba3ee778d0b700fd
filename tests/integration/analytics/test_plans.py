"""The hot reads find what they need by an index, whatever else the tables hold."""

from datetime import date

import pytest

from services.analytics.store import days, events, people

_FILL = """
    INSERT INTO analytics.rule_sets (version, rules) VALUES ('r', '{}');
    INSERT INTO analytics.derivations (tenant, derivation, rule_set, registry, time_zone, state, reason)
        VALUES ('default', 1, 'r', 0, 'UTC', 'active', 'a test');
    INSERT INTO analytics.persons (tenant, person, longest_us)
        SELECT 'default', md5(p::text)::uuid, 3600000000 FROM generate_series(1, 5000) p;
    INSERT INTO analytics.identities SELECT 'default', 'key' || p, md5(p::text)::uuid FROM generate_series(1, 5000) p;
    INSERT INTO analytics.statements (tenant, id, basis)
        SELECT 'default', md5(s::text)::uuid, 'record' FROM generate_series(1, 20000) s;
    INSERT INTO analytics.events
        SELECT 'default', md5(s::text)::uuid, 1, 0, md5((s % 200 + 1)::text)::uuid, 'key', 'learner', 'formal', 'r',
               NULL, 'app', s * 1000000000::bigint, '', 60000000, 0, '', 0, s % 17, s % 17, 'other', false, '',
               s * 1000000000::bigint - 60000000, s * 1000000000::bigint, 'reported', NULL, true, 1, false
        FROM generate_series(1, 20000) s;
    INSERT INTO analytics.person_days
        SELECT 'default', 1, md5(p::text)::uuid, date '2026-01-01' + d, 'formal',
               1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0
        FROM generate_series(1, 200) p, generate_series(1, 100) d;
    ANALYZE analytics.events; ANALYZE analytics.persons; ANALYZE analytics.person_days; ANALYZE analytics.statements;
"""
ONE = "c4ca4238-a0b9-2382-0dcc-509a6f75849b"  # md5 of 1


@pytest.mark.parametrize(
    ("query", "arguments", "index"),
    [
        (events._AROUND, (["default"], [1], [ONE], [0], [10**15], [3_600_000_000]), "events_in_time"),
        (events._FOOTPRINTS, (["default"], [1], [ONE], [0], [10**15], [3_600_000_000]), "events_in_time"),
        (events._THREADS, (["default"], [1], [ONE], [7]), "events_of_a_thread"),
        (events._OF_STATEMENTS, (["default"], [ONE], [1]), "events_pkey"),
        (events._OF_PERSONS, ("default", [ONE]), "events_in_time"),
        (days._BETWEEN, (["default"], [1], [ONE], [date(2026, 2, 1)], [date(2026, 2, 28)]), "person_days_pkey"),
        (days._SUMMED, ("default", 1, ONE, date(2026, 2, 1), date(2026, 2, 28), 10**18), "person_days_pkey"),
        (people._OF, ("default", "key1"), "identities_pkey"),
        (people._EXISTS, ("default", ONE), "persons_pkey"),
    ],
    ids=[
        "around",
        "footprints",
        "threads",
        "of statements",
        "of persons",
        "days",
        "summed",
        "of an identity",
        "exists",
    ],
)
@pytest.mark.parametrize("analyzed", [True, False])
async def test_an_index_finds_it(group, query, arguments, index, analyzed):
    async with group.database.connection() as connection:
        await connection.execute(_FILL if analyzed else _FILL.split("ANALYZE")[0])
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {query}", *arguments))
    assert "Seq Scan" not in plan, plan
    assert index in plan, plan
    if query in (events._AROUND, events._FOOTPRINTS, events._THREADS, events._OF_STATEMENTS):
        assert not ({"events_in_time", "events_of_a_thread", "events_pkey"} - {index}) & set(plan.split()), plan


async def test_what_a_table_was_when_it_was_last_looked_at_does_not_lead_astray(group):
    """A group of 20,000 in the first week: what PostgreSQL knows of the table is from when it held one row."""
    everybody = (
        "SELECT 'default', 1, md5(p::text)::uuid, date '2026-02-03', 'formal', "
        "1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0 FROM generate_series(1, {}) p"
    )
    arguments = (["default"], [1], [ONE], [date(2026, 2, 1)], [date(2026, 2, 28)])
    async with group.database.connection() as connection:
        await connection.execute(f"INSERT INTO analytics.person_days {everybody.format(1)}")
        await connection.execute("ANALYZE analytics.person_days")
        await connection.execute(f"INSERT INTO analytics.person_days {everybody.format(20000)} OFFSET 1")
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {days._BETWEEN}", *arguments))
    assert "person_days_pkey" in plan, plan
