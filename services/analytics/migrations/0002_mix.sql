-- The actual mix: derivations of all history beside each other, learning events with what their thread gives them,
-- and the days that they fold into. What the first version derived is dropped: it is derived anew from the store.

DROP TABLE analytics.claims;
DROP TABLE analytics.person_days;

-- Rule sets by version, each as it was when it was first used: an older derivation goes on by its own.
CREATE TABLE analytics.rule_sets (
    version text        PRIMARY KEY,
    rules   jsonb       NOT NULL,
    created timestamptz NOT NULL DEFAULT now()
);

-- An organisation's registry, one row for each version that ever held: the audit trail. 0 is the empty one.
CREATE TABLE analytics.registries (
    tenant  text        NOT NULL,
    version integer     NOT NULL CHECK (version > 0),
    entries jsonb       NOT NULL,              -- the whole file: registry, things, places
    change  jsonb       NOT NULL,              -- what was asked, and the entries that came and went
    author  text        NOT NULL,              -- the source of the credential, never a name
    created timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, version)
);

-- One reading of all history: rules, registry, zone. `building` is a replay on its way, `complete` can be switched to,
-- `active` is served. All but `dropped` are kept current by every new statement, so a switch back is one command.
CREATE TABLE analytics.derivations (
    tenant     text        NOT NULL,
    derivation integer     NOT NULL,
    rule_set   text        NOT NULL REFERENCES analytics.rule_sets,
    registry   integer     NOT NULL,
    time_zone  text        NOT NULL,
    state      text        NOT NULL CHECK (state IN ('building', 'complete', 'active', 'dropped')),
    -- Whether it becomes the active one as soon as it is complete.
    switch     boolean     NOT NULL DEFAULT true,
    reason     text        NOT NULL,
    created    timestamptz NOT NULL DEFAULT now(),
    -- A transaction since it was made, or since it was switched to: when all that were under way then have ended, nobody
    -- goes on without knowing of it, and the replay begins, or the publishing of mixes.
    noticed    xid8,
    -- How far the replay is: the statement it read last, how many it read, of about how many.
    at_stored  timestamptz,
    at_id      uuid,
    done       bigint      NOT NULL DEFAULT 0,
    total      bigint      NOT NULL DEFAULT 0,
    completed  timestamptz,
    activated  timestamptz,
    stood_down timestamptz,                    -- when it was last switched away from
    announced  timestamptz,                    -- when every person's mix had been published by it
    PRIMARY KEY (tenant, derivation)
);
CREATE UNIQUE INDEX one_active_derivation ON analytics.derivations (tenant) WHERE state = 'active';

-- merged_into: this person's identities are the other's now. stale_from: the first day whose figures changed since the
-- months were last summed up; it is null when none did.
ALTER TABLE analytics.persons ADD merged_into uuid, ADD stale_from date;
CREATE INDEX stale_persons ON analytics.persons (tenant, person) WHERE stale_from IS NOT NULL;
CREATE INDEX merged_persons ON analytics.persons (tenant, merged_into) WHERE merged_into IS NOT NULL;

-- origin: how an identity came to its person: a statement, the sha1 of an mbox, an import, a confirmed match.
ALTER TABLE analytics.identities ADD origin text NOT NULL DEFAULT 'statement';

-- Learning events: what one statement says about one learner under one derivation, and what its thread gives it
-- (start_us … moment). One that is taken back stays, marked, so that its number and version are never used again.
CREATE TABLE analytics.events (
    tenant       text     NOT NULL,
    statement    uuid     NOT NULL,
    derivation   integer  NOT NULL,
    number       integer  NOT NULL,
    person       uuid     NOT NULL,
    learner      text     NOT NULL,
    role         text     NOT NULL,
    class        text     NOT NULL,
    rule         text     NOT NULL,
    entry        text,
    source       text     NOT NULL,
    t_us         bigint   NOT NULL,
    flags        text     NOT NULL,            -- words, with spaces between
    duration_us  bigint   NOT NULL,
    default_us   bigint   NOT NULL,
    default_from text     NOT NULL,
    session_us   bigint   NOT NULL,
    thread       bigint   NOT NULL,
    object       bigint   NOT NULL,
    part         text     NOT NULL,
    discrete     boolean  NOT NULL,
    tags         text     NOT NULL,            -- lines
    start_us     bigint   NOT NULL,
    end_us       bigint   NOT NULL,
    known        text     NOT NULL,
    since_us     bigint,
    moment       boolean  NOT NULL,
    version      bigint   NOT NULL,
    retracted    boolean  NOT NULL DEFAULT false,
    PRIMARY KEY (tenant, statement, derivation, number)
) WITH (fillfactor = 90);
CREATE INDEX events_of_a_thread ON analytics.events (tenant, derivation, person, thread) WHERE NOT retracted;
CREATE INDEX events_in_time ON analytics.events (tenant, derivation, person, end_us) WHERE NOT retracted;
-- Few: they move with their identities (domain/moving.py).
CREATE INDEX events_taken_back ON analytics.events (tenant, derivation, person) WHERE retracted;
-- Those of which an organisation could say more: its vocabulary is ranked from the newest.
CREATE INDEX unclear_events ON analytics.events (tenant, derivation, t_us)
    WHERE NOT retracted AND (class = 'unclassified' OR rule LIKE 'kind:%');

-- A person's local days, folded (MIX.md 1.12–1.14). A class with nothing on a day has no row, or one of zeros.
CREATE TABLE analytics.person_days (
    tenant      text    NOT NULL,
    derivation  integer NOT NULL,
    person      uuid    NOT NULL,
    day         date    NOT NULL,
    class       text    NOT NULL,
    minutes_us  bigint  NOT NULL,
    measured_us bigint  NOT NULL,
    reported_us bigint  NOT NULL,
    session_us  bigint  NOT NULL,
    default_us  bigint  NOT NULL,
    halved_us   bigint  NOT NULL,
    doubled_us  bigint  NOT NULL,
    given_us    bigint  NOT NULL,
    events      integer NOT NULL,
    moments     integer NOT NULL,
    arrival     integer NOT NULL,
    disbelieved integer NOT NULL,
    defaults    integer NOT NULL,
    untimed      integer NOT NULL,
    given_events integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, derivation, person, day, class)
) WITH (fillfactor = 80);

-- The person's own word on a statement: null keeps what the statement said. Marks of an identity, so that they
-- survive a replay and follow a merge.
CREATE TABLE analytics.corrections (
    tenant     text        NOT NULL,
    statement  uuid        NOT NULL,
    learner    text        NOT NULL,
    class      text,
    minutes_us bigint,
    created    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, statement, learner)
);

-- What a person added, or somebody else recorded about that person; it counts once `confirmed` is set and `withdrawn`
-- is not.
CREATE TABLE analytics.additions (
    tenant     text        NOT NULL,
    id         uuid        NOT NULL,
    learner    text        NOT NULL,
    class      text        NOT NULL,
    t_us       bigint      NOT NULL,           -- when it ended
    minutes_us bigint      NOT NULL,
    recorder   text        NOT NULL,           -- 'self' or the person id of who recorded it
    created    timestamptz NOT NULL DEFAULT now(),
    confirmed  timestamptz,
    withdrawn  timestamptz,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX additions_of_a_learner ON analytics.additions (tenant, learner);

-- Periods in which nothing about a person is derived. until: null while it lasts.
CREATE TABLE analytics.pauses (
    tenant text        NOT NULL,
    person uuid        NOT NULL,
    since  timestamptz NOT NULL,
    until  timestamptz,
    PRIMARY KEY (tenant, person, since)
);

-- The roster: who belongs to the organisation, by the organisation's own reference. The only table with personal data
-- in clear: identities (canonical IFIs) as they are told, and resource, what SCIM said; of who has left neither.
-- id: how SCIM names the entry; it stays when persons are merged.
CREATE TABLE analytics.roster (
    tenant     text        NOT NULL,
    reference  text        NOT NULL,
    id         uuid        NOT NULL DEFAULT gen_random_uuid(),
    person     uuid        NOT NULL,
    active     boolean     NOT NULL DEFAULT true,
    identities text[]      NOT NULL DEFAULT '{}',
    resource   jsonb       NOT NULL DEFAULT '{}',
    created    timestamptz NOT NULL DEFAULT now(),
    changed    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, reference)
);
CREATE INDEX roster_of_a_person ON analytics.roster (tenant, person);
CREATE UNIQUE INDEX roster_by_id ON analytics.roster (tenant, id);
CREATE UNIQUE INDEX roster_by_user_name ON analytics.roster (tenant, lower(resource ->> 'userName'));
CREATE INDEX roster_by_external_id ON analytics.roster (tenant, (resource ->> 'externalId'));

-- removed: it has no members from now on, and its past stays where it is.
CREATE TABLE analytics.teams (
    tenant  text    NOT NULL,
    team    text    NOT NULL,
    name    text    NOT NULL,
    parent  text,
    removed boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant, team)
);

-- Who was where, when; until: exclusive, null while it lasts. team '': of the organisation, without a team. reference:
-- the entry of the roster that tells it; a merge takes the memberships along with the entry.
CREATE TABLE analytics.memberships (
    tenant    text NOT NULL,
    person    uuid NOT NULL,
    team      text NOT NULL,
    role      text,
    location  text,
    relation  text,                             -- employee, student, intern, flex, …
    since     date NOT NULL,
    until     date,
    reference text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, person, team, since, reference)
);
CREATE INDEX memberships_of_a_team ON analytics.memberships (tenant, team);
CREATE INDEX memberships_of_a_reference ON analytics.memberships (tenant, reference);

-- Joinings of two persons; identities, entries (of the roster): what moved, so that undoing gives it back. objection:
-- whether the merged person's objection became the kept one's by it.
CREATE TABLE analytics.merges (
    tenant     text        NOT NULL,
    merge      uuid        NOT NULL,
    kept       uuid        NOT NULL,
    merged     uuid        NOT NULL,
    identities text[]      NOT NULL,
    entries    text[]      NOT NULL DEFAULT '{}',
    objection  boolean     NOT NULL DEFAULT false,
    author     text        NOT NULL,
    created    timestamptz NOT NULL DEFAULT now(),
    undone     timestamptz,
    PRIMARY KEY (tenant, merge)
);

-- Pairs of persons who may be one, one < other: proposed once, then a human's word. Who rejected a pair is not asked
-- again.
CREATE TABLE analytics.matches (
    tenant    text        NOT NULL,
    one       uuid        NOT NULL,
    other     uuid        NOT NULL CHECK (one < other),
    match     uuid        NOT NULL,
    reason    text        NOT NULL,
    kind      text        NOT NULL,            -- of the identity: mbox, account, …
    reference text        NOT NULL,
    state     text        NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'confirmed', 'rejected')),
    created   timestamptz NOT NULL DEFAULT now(),
    decided   timestamptz,
    author    text,
    PRIMARY KEY (tenant, one, other)
);
CREATE UNIQUE INDEX matches_by_id ON analytics.matches (tenant, match);

-- Targets: bands with an owner and an end (MIX.md 4). scope: organisation, team, role or person; `of` is which one.
CREATE TABLE analytics.targets (
    tenant  text        NOT NULL,
    target  uuid        NOT NULL,
    scope   text        NOT NULL CHECK (scope IN ('organisation', 'team', 'role', 'person')),
    of      text        NOT NULL DEFAULT '',
    bands   jsonb       NOT NULL,              -- {mode: {low, high}}, percentages
    theme   text        NOT NULL,
    reason  text        NOT NULL,
    owner   text        NOT NULL,
    since   date        NOT NULL,
    until   date        NOT NULL,              -- exclusive
    author  text        NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    removed timestamptz,
    PRIMARY KEY (tenant, target)
);
CREATE INDEX targets_in_force ON analytics.targets (tenant, scope, of) WHERE removed IS NULL;

-- A person's calendar month as it is now, derived from the events of the active derivation: what group figures are
-- made of. sums: see domain/groups.
CREATE TABLE analytics.person_months (
    tenant     text    NOT NULL,
    derivation integer NOT NULL,
    month      date    NOT NULL,
    person     uuid    NOT NULL,
    sums       jsonb   NOT NULL,
    PRIMARY KEY (tenant, derivation, month, person)
);

-- Of which derivation the months are summed up: `summed` completely, `marked` so that every person is, or is stale.
CREATE TABLE analytics.month_sums (
    tenant text    NOT NULL PRIMARY KEY,
    marked integer NOT NULL,
    summed integer
);

-- Months with figures of groups. news: something changed since `released`. basis: what else a release rests on (who is
-- where, who objected). told: when anybody was first told anything of the month; until then a release begins anew.
-- whole: what is told of the organisation.
CREATE TABLE analytics.group_months (
    tenant    text        NOT NULL,
    month     date        NOT NULL,
    news      boolean     NOT NULL DEFAULT true,
    basis     text        NOT NULL DEFAULT '',
    rule_set  text        NOT NULL DEFAULT '',
    registry  integer     NOT NULL DEFAULT 0,
    time_zone text        NOT NULL DEFAULT '',
    released  timestamptz,
    told      timestamptz,
    whole     jsonb,
    PRIMARY KEY (tenant, month)
);

-- What is published of a month (domain/groups): its blocks, the row of each kind in blocks, and of each person what
-- stands in them and what ever stood.
CREATE TABLE analytics.releases (
    tenant text    NOT NULL,
    month  date    NOT NULL,
    block  text    NOT NULL,
    units  text[]  NOT NULL,                   -- teams, each its direct members; '' people without a team
    roster integer NOT NULL,
    PRIMARY KEY (tenant, month, block)
);
CREATE INDEX blocks_of_units ON analytics.releases USING gin (units);
CREATE TABLE analytics.release_rows (
    tenant  text   NOT NULL,
    month   date   NOT NULL,
    kind    text   NOT NULL,
    first   text   NOT NULL,                   -- the least of its blocks
    blocks  text[] NOT NULL,
    figures jsonb  NOT NULL,
    PRIMARY KEY (tenant, month, first, kind)
);
-- Rows of several blocks, which another one than their first may lead to: a few in a month.
CREATE INDEX rows_of_several_blocks ON analytics.release_rows (tenant, month) WHERE cardinality(blocks) > 1;
CREATE TABLE analytics.release_people (
    tenant text  NOT NULL,
    month  date  NOT NULL,
    person uuid  NOT NULL,
    sums   jsonb NOT NULL,
    PRIMARY KEY (tenant, month, person)
);
