-- What recommend knows of a person, in one row: it is what handlers and requests lock.
-- version: of the newest record on learning.people.v1; null while only a mix has come.
-- erased: the newest record was a tombstone. The row stays, so that a replay does not undo the erasure.
-- mix: the newest record on learning.mixes.v1, as it came; null before the first and after a tombstone.
CREATE TABLE recommend.people (
    tenant      text    NOT NULL,
    person      uuid    NOT NULL,
    version     bigint,
    known_since timestamptz,
    erased      boolean NOT NULL DEFAULT false,
    mix_version bigint,
    mix         bytea,
    PRIMARY KEY (tenant, person)
);

-- Each suggestion ever made. situation: what the choice was made with, so that its propensity can be checked later.
-- shown: the entry, the reasons and the questions as the person saw them; a later catalogue does not rewrite them.
CREATE TABLE recommend.suggestions (
    tenant       text             NOT NULL,
    person       uuid             NOT NULL,
    suggestion   uuid             NOT NULL,
    intervention text             NOT NULL,
    mode         text             NOT NULL,
    policy       text             NOT NULL,
    catalogue    text             NOT NULL,
    propensity   double precision NOT NULL CHECK (propensity > 0 AND propensity <= 1),
    situation    jsonb            NOT NULL,
    shown        jsonb            NOT NULL,
    offered_at   timestamptz      NOT NULL,
    outcome      text,
    outcome_at   timestamptz,
    PRIMARY KEY (tenant, person, suggestion),
    CHECK ((outcome IS NULL) = (outcome_at IS NULL))
);
CREATE INDEX suggestions_newest_first ON recommend.suggestions (tenant, person, offered_at DESC);
