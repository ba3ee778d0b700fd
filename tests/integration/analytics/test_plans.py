"""The hot reads find what they need by an index, whatever else the tables hold."""

from datetime import date

import pytest

from services.analytics.store import claims, days, people

_FILL = """
    INSERT INTO analytics.persons (tenant, person, longest_us)
        SELECT 'default', md5(p::text)::uuid, 3600000000 FROM generate_series(1, 5000) p;
    INSERT INTO analytics.identities SELECT 'default', 'key' || p, md5(p::text)::uuid FROM generate_series(1, 5000) p;
    INSERT INTO analytics.statements (tenant, id, basis)
        SELECT 'default', md5(s::text)::uuid, 'record' FROM generate_series(1, 20000) s;
    INSERT INTO analytics.claims
        SELECT 'default', md5((s % 200 + 1)::text)::uuid, md5(s::text)::uuid, 'r', 0, 'formal', 'r', 'key', 'app',
               s * 1000000000::bigint, s * 1000000000::bigint - 60000000, s * 1000000000::bigint, 'reported', '{}', 1,
               false
        FROM generate_series(1, 20000) s;
    INSERT INTO analytics.person_days
        SELECT 'default', md5(p::text)::uuid, date '2026-01-01' + d, 'formal', 1, 1
        FROM generate_series(1, 200) p, generate_series(1, 100) d;
    ANALYZE analytics.claims; ANALYZE analytics.persons; ANALYZE analytics.person_days; ANALYZE analytics.statements;
"""
ONE = "c4ca4238-a0b9-2382-0dcc-509a6f75849b"  # md5 of 1


@pytest.mark.parametrize(
    ("query", "arguments", "table"),
    [
        (claims._TOUCHING, (["default"], [ONE], [0], [10**15]), "claims"),
        (claims._AFTER, ("default", ONE, 10**18), "claims"),
        (claims._OF_STATEMENTS, (["default"], [ONE]), "claims"),
        (days._BETWEEN, (["default"], [ONE], [date(2026, 2, 1)], [date(2026, 2, 28)]), "person_days"),
        (people._OF, ("default", "key1"), "identities"),
        (people._EXISTS, ("default", ONE), "persons"),
    ],
    ids=["touching", "after", "of statements", "days", "of an identity", "exists"],
)
@pytest.mark.parametrize("analyzed", [True, False])
async def test_an_index_finds_it(group, query, arguments, table, analyzed):
    async with group.database.connection() as connection:
        await connection.execute(_FILL if analyzed else _FILL.split("ANALYZE")[0])
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {query}", *arguments))
    assert "Seq Scan" not in plan, plan
    assert f"on {table}" in plan
    assert "Index" in plan


async def test_what_a_table_was_when_it_was_last_looked_at_does_not_lead_astray(group):
    """A group of 20,000 in the first week: what PostgreSQL knows of the table is from when it held one row."""
    everybody = "SELECT 'default', md5(p::text)::uuid, date '2026-02-03', 'formal', 1, 1 FROM generate_series(1, {}) p"
    arguments = (["default"], [ONE], [date(2026, 2, 1)], [date(2026, 2, 28)])
    async with group.database.connection() as connection:
        await connection.execute(f"INSERT INTO analytics.person_days {everybody.format(1)}")
        await connection.execute("ANALYZE analytics.person_days")
        await connection.execute(f"INSERT INTO analytics.person_days {everybody.format(20000)} OFFSET 1")
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {days._BETWEEN}", *arguments))
    assert "person_days_pkey" in plan, plan


async def test_a_month_of_everybody_is_found_by_its_days(group):
    async with group.database.connection() as connection:
        await connection.execute(_FILL)
        for query, more in ((days._POOLED, ()), (days._PEOPLE, (["formal"],))):
            month = ("default", date(2026, 2, 1), date(2026, 2, 2), *more)
            plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {query}", *month))
            assert "person_days_of_a_month" in plan, plan
