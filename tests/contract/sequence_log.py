"""The wrong way to hand out positions, kept to show that the contract suite sees it.

A sequence gives each writer a number at once, but the records become visible in the order of the commits. A reader
that asks for what is greater than the last it saw skips those whose writers commit later.
"""

from services.common.eventlog.postgres import PostgresEventLog

_SEQUENCE = """
CREATE SEQUENCE IF NOT EXISTS log.positions MINVALUE 0;

-- A reader that trusts positions: no end is known, and a gap is nothing unusual.
UPDATE log.partition SET next = 1000000000, sparse = {sparse};

CREATE OR REPLACE FUNCTION log.append(
    partitions int[], totals int[],
    slots int[], nths int[], lasts int[], keys bytea[], bodies bytea[], headings bytea[]
) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    first bigint := nextval('log.positions');
BEGIN
    INSERT INTO log.record (partition, position, last, appended, key, value, headers)
    VALUES (partitions[1], first, first, clock_timestamp(), keys[1], bodies[1], headings[1]);
    PERFORM pg_sleep(random() / 1000);  -- commits are not all equally quick
    RETURN ARRAY[first];
END
$$;
"""


async def use_a_sequence(log: PostgresEventLog, *, trusting: bool) -> None:
    """Replace the locked counter row by a sequence; a `trusting` reader takes a gap for a hole of compaction."""
    async with log._database.connection() as connection:
        await connection.execute(_SEQUENCE.format(sparse=1_000_000_000 if trusting else 0))
