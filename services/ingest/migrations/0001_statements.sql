-- The statement store. Ids stand in a table of their own that age does not shrink: a retry after years must still be
-- recognised. Bodies are partitioned by the month in which they were stored, and may leave.

-- digest: null while the id is only known as the target of a voiding statement.
-- fingerprint: differs as soon as a reader of the log may have counted something else than what is kept.
-- A statement is voided when voided_by is set and it is not itself a voiding statement (voids is null).
CREATE TABLE ingest.statement_ids (
    tenant      text NOT NULL,
    id          uuid NOT NULL,
    digest      bytea,
    fingerprint bytea,
    stored      timestamptz,
    voids       uuid,
    voided_by   uuid,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE ingest.statements (
    tenant         text        NOT NULL,
    id             uuid        NOT NULL,
    stored         timestamptz NOT NULL,
    arrived        timestamptz NOT NULL,
    timestamp_sent boolean     NOT NULL,
    source         text        NOT NULL,
    kind           text        NOT NULL,
    credential     text        NOT NULL,
    body           bytea       NOT NULL,
    PRIMARY KEY (tenant, id, stored)
) PARTITION BY RANGE (stored);
CREATE INDEX statements_newest_first ON ingest.statements (tenant, stored DESC, id DESC);
