"""The SQL of the log, by name."""

ADD_PARTITIONS = """
-- Partitions are added and never taken away; those of a keyed topic are fixed, which the caller sees to.
INSERT INTO log.partition (topic, number)
SELECT topic, generate_series(0, partitions - 1) FROM unnest($1::text[], $2::int[]) AS t (topic, partitions)
ON CONFLICT DO NOTHING
"""

COUNTS = """
-- How many partitions each topic has.
SELECT topic, count(*)::int AS partitions FROM log.partition GROUP BY topic
"""

PARTITIONS = """
-- Every partition there is.
SELECT id, topic, number FROM log.partition ORDER BY topic, number
"""

APPEND = """
-- Append records; the first position in each of the partitions $1 (which are sorted).
SELECT log.append($1, $2, $3, $4, $5, $6, $7, $8)
"""

ENDS = """
-- Where every partition ends: a reader that compares it with what it knew has missed no notification.
SELECT id, next FROM log.partition
"""

ENDS_OF = """
-- Where some partitions end.
SELECT id, next FROM log.partition WHERE id = ANY($1)
"""

RANGE_OF = """
-- What one partition holds.
SELECT start, next FROM log.partition WHERE id = $1
"""

RANGES = """
-- What each partition of a topic holds.
SELECT number, start, next FROM log.partition WHERE topic = $1
"""

READ = """
-- The records of partition $1 from position $2 on: at most $3 of them and about $4 bytes, but whole appends and at
-- least one. The partition's own row comes along in any case: start, next and sparse, in the same snapshot.
WITH page AS (
    SELECT position, last,
           sum(coalesce(octet_length(value), 0)) OVER (ORDER BY position ROWS UNBOUNDED PRECEDING) AS bytes
    FROM (
        SELECT position, last, value FROM log.record
        WHERE partition = $1 AND position >= $2 ORDER BY position LIMIT $3
    ) AS nearest
), stop AS (
    SELECT coalesce(max(last) FILTER (WHERE last = position AND bytes <= $4), min(last)) AS last FROM page
)
SELECT p.start, p.next, p.sparse, r.position, r.key, r.value, r.headers
FROM log.partition AS p
LEFT JOIN log.record AS r
    ON r.partition = p.id AND r.position >= $2 AND r.position <= (SELECT last FROM stop)
WHERE p.id = $1
ORDER BY r.position
"""

NOTIFY = """
-- Tell the other processes; a hint, sent outside every writing transaction, since inside one it serialises commits.
SELECT pg_notify($1, $2)
"""

JOIN = """
-- Become a member of a group, for as long as this connection lasts.
SELECT pg_advisory_lock_shared($1)
"""

LEAVE = """
-- Give everything back, and say so.
SELECT pg_advisory_unlock_all(), pg_notify($1, $2)
"""

MEMBERS = """
-- The members of a group: the connections that hold its lock, each in shared mode.
SELECT pid FROM pg_locks
WHERE locktype = 'advisory' AND granted AND mode = 'ShareLock' AND objsubid = 1
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (classid::bigint << 32 | objid::bigint) = $1
ORDER BY pid
"""

TAKE = """
-- Take what is free of these locks.
SELECT key FROM unnest($1::bigint[]) AS key WHERE pg_try_advisory_lock(key)
"""

RELEASE = """
-- Give these locks back.
SELECT pg_advisory_unlock(key) FROM unnest($1::bigint[]) AS key
"""

NEW_TERM = """
-- Begin the term of a new publisher of that name.
INSERT INTO log.publisher AS p (name, term) VALUES ($1, 1)
ON CONFLICT (name) DO UPDATE SET term = p.term + 1
RETURNING term
"""

IN_TERM = """
-- Tell whether the term has not ended, and keep it from ending before the commit.
SELECT true FROM log.publisher WHERE name = $1 AND term = $2 FOR SHARE
"""

TRIM = """
-- Drop what of partition $1 was appended before $2, whole appends from the start on, and then move the start.
WITH young AS (
    SELECT coalesce(
        (SELECT position FROM log.record WHERE partition = $1 AND appended >= $2 ORDER BY position LIMIT 1),
        (SELECT next FROM log.partition WHERE id = $1)
    ) AS first
), dropped AS (
    DELETE FROM log.record WHERE partition = $1 AND position < (SELECT first FROM young) RETURNING 1
)
UPDATE log.partition SET start = (SELECT first FROM young)
WHERE id = $1 AND (SELECT count(*) FROM dropped) > 0
"""

COMPACT = """
-- Keep the last record of each key of partition $1; a tombstone appended before $2 goes too. Holes may follow, up to
-- where the partition ended when this began.
WITH latest AS (
    SELECT key, max(position) AS position FROM log.record WHERE partition = $1 AND key IS NOT NULL GROUP BY key
), dropped AS (
    DELETE FROM log.record AS r USING latest
    WHERE r.partition = $1 AND r.key = latest.key
      AND (r.position < latest.position OR (r.value IS NULL AND r.appended < $2))
    RETURNING 1
)
UPDATE log.partition SET sparse = (SELECT next FROM log.partition WHERE id = $1)
WHERE id = $1 AND (SELECT count(*) FROM dropped) > 0
"""
