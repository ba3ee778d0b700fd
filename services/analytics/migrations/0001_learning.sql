-- What analytics knows: which content of a statement counts, who learned by it, and what that adds up to.
-- Keys lead with (tenant, statement) or (tenant, person). Times are microseconds since 1970 UTC: exact and orderless.

-- Per statement id: what its claims come from. `basis` is null while only a void has been heard; a ruling beats every
-- record, whenever either comes (laws 3 and 4). A voiding statement cannot be voided.
CREATE TABLE analytics.statements (
    tenant  text    NOT NULL,
    id      uuid    NOT NULL,
    basis   text    CHECK (basis IN ('record', 'ruling')),
    voiding boolean NOT NULL DEFAULT false,
    voided  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant, id)
) WITH (fillfactor = 80);

-- version: that of the last record about the person on the log. longest_us: the longest claim there ever was; it
-- bounds how far after a window a claim can end that still reaches into it.
CREATE TABLE analytics.persons (
    tenant     text        NOT NULL,
    person     uuid        NOT NULL,
    version    bigint      NOT NULL DEFAULT 1,
    longest_us bigint      NOT NULL DEFAULT 0,
    created    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, person)
) WITH (fillfactor = 80);

CREATE TABLE analytics.identities (
    tenant    text NOT NULL,
    actor_key text NOT NULL,
    person    uuid NOT NULL,
    PRIMARY KEY (tenant, actor_key)
);
CREATE INDEX identities_of_a_person ON analytics.identities (tenant, person);

-- Learning events. One that is taken back stays, marked, so that its number and version are never used again.
CREATE TABLE analytics.claims (
    tenant    text    NOT NULL,
    person    uuid    NOT NULL,
    statement uuid    NOT NULL,
    rule_set  text    NOT NULL,
    event     integer NOT NULL,
    class     text    NOT NULL,
    rule      text    NOT NULL,
    learner   text    NOT NULL,
    source    text    NOT NULL,
    t_us      bigint  NOT NULL,
    start_us  bigint  NOT NULL,
    end_us    bigint  NOT NULL,
    known     text    NOT NULL,
    flags     text[]  NOT NULL,
    version   bigint  NOT NULL,
    retracted boolean NOT NULL,
    PRIMARY KEY (tenant, person, statement, rule_set)
);
CREATE INDEX claims_of_a_statement ON analytics.claims (tenant, statement);
CREATE INDEX claims_in_time ON analytics.claims (tenant, person, t_us) WHERE NOT retracted;

-- A person's local days, folded: no minute counts twice (law 5). Classes with neither minutes nor events have no row.
CREATE TABLE analytics.person_days (
    tenant       text    NOT NULL,
    person       uuid    NOT NULL,
    day          date    NOT NULL,
    class        text    NOT NULL,
    microseconds bigint  NOT NULL,
    events       integer NOT NULL,
    PRIMARY KEY (tenant, person, day, class)
);
-- Not (tenant, day): with figures from when the table was small, the planner would take that for the days of one person,
-- and read all people's days for each of thousands.
CREATE INDEX person_days_of_a_month ON analytics.person_days ((day - date '2000-01-01'), tenant);
