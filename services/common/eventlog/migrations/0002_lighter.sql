-- What an append costs: less, for the same promises.

-- A record is only ever written by `append`, which has just locked the row of its partition, and partitions are never
-- taken away: asking for each record whether its partition exists finds nothing, and costs as much as writing it.
ALTER TABLE {schema}.record DROP CONSTRAINT record_partition_fkey;

-- A statement with its headers is often just too large for what PostgreSQL keeps in one place by default; a second
-- table that is written and read beside the first costs more than larger rows do.
ALTER TABLE {schema}.record SET (toast_tuple_target = 8160);
