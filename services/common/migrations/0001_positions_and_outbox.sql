-- What every service has, in its own schema: where each of its groups stands, and what it has yet to publish.

-- One row per group and partition. The position moves in the handler's transaction, by compare-and-set (law 2).
-- watermark: everything this group kept from this partition so far is stored at or before it, and whatever it will
-- keep is stored after it; only ingest's store uses it.
CREATE TABLE {schema}.positions (
    group_name text        NOT NULL,
    topic      text        NOT NULL,
    partition  integer     NOT NULL,
    position   bigint      NOT NULL,
    watermark  timestamptz NOT NULL,
    moved      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (group_name, topic, partition)
);

-- One row for all that a transaction publishes; the relay appends it to the log and deletes it.
CREATE TABLE {schema}.outbox (
    id      bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topics  text[]  NOT NULL,
    keys    bytea[] NOT NULL,
    bodies  bytea[] NOT NULL,
    headers text[]  NOT NULL
);
