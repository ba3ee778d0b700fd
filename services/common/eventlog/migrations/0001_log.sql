-- The event log in PostgreSQL. A position is handed out under the lock of its partition's row, which is held until
-- commit: whoever sees position n therefore sees all before it, and no reader can skip a record. A sequence would
-- not do: its numbers become visible out of order.

CREATE TABLE {schema}.partition (
    id     int    GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic  text   NOT NULL,
    number int    NOT NULL,
    next   bigint NOT NULL DEFAULT 0,  -- the position of the next record
    start  bigint NOT NULL DEFAULT 0,  -- what stood before was trimmed
    sparse bigint NOT NULL DEFAULT 0,  -- compaction may have left holes before this position, and nowhere else
    UNIQUE (topic, number)
) WITH (fillfactor = 50);

CREATE TABLE {schema}.record (
    partition int         NOT NULL REFERENCES {schema}.partition,
    position  bigint      NOT NULL,
    last      bigint      NOT NULL,  -- the position of the last record of the same append
    appended  timestamptz NOT NULL,
    key       bytea,
    value     bytea,
    headers   bytea       NOT NULL,
    PRIMARY KEY (partition, position)
);
-- Statements are small and live for days: trying to compress the larger ones costs more than it gives.
ALTER TABLE {schema}.record ALTER COLUMN value SET STORAGE EXTERNAL;

-- The one who writes under a publisher's name: the highest term; a predecessor can write no more.
CREATE TABLE {schema}.publisher (
    name text   PRIMARY KEY,
    term bigint NOT NULL
);

-- Append records to several partitions and return the first position of each, in the order of `partitions`, which
-- must be sorted. The counter rows are locked in that order and kept until the transaction ends, so this belongs at
-- its end. Record i goes to partitions[slots[i]], `nths[i]` places after its first new position; `lasts[i]` is the
-- place of the last record of the same append.
CREATE FUNCTION {schema}.append(
    partitions int[], totals int[],
    slots int[], nths int[], lasts int[], keys bytea[], bodies bytea[], headings bytea[]
) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    firsts bigint[] := '{}';
    first  bigint;
BEGIN
    FOR slot IN 1 .. cardinality(partitions) LOOP
        UPDATE {schema}.partition SET next = next + totals[slot]
        WHERE id = partitions[slot]
        RETURNING next - totals[slot] INTO STRICT first;
        firsts := firsts || first;
    END LOOP;

    INSERT INTO {schema}.record (partition, position, last, appended, key, value, headers)
    SELECT partitions[r.slot], firsts[r.slot] + r.nth, firsts[r.slot] + r.last, clock_timestamp(),
           r.key, r.value, r.headers
    FROM unnest(slots, nths, lasts, keys, bodies, headings) AS r (slot, nth, last, key, value, headers);

    RETURN firsts;
END
$$;
