-- Who may do what: read by all services, owned by services/common.

CREATE TABLE access.tenants (
    tenant    text        PRIMARY KEY,
    time_zone text,                            -- null: the installation's
    created   timestamptz NOT NULL DEFAULT now()
);
INSERT INTO access.tenants (tenant) VALUES ('default');

CREATE TABLE access.sources (
    tenant  text        NOT NULL REFERENCES access.tenants,
    source  text        NOT NULL,
    kind    text        NOT NULL CHECK (kind IN ('lms', 'job_aid', 'coaching', 'social', 'work_system', 'other')),
    created timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, source)
);

-- digest = HMAC-SHA256(salt, secret); the secret is 256 random bits, so a slow hash would protect nothing more.
CREATE TABLE access.credentials (
    tenant  text        NOT NULL,
    key     text        NOT NULL UNIQUE,
    source  text        NOT NULL,
    salt    bytea       NOT NULL,
    digest  bytea       NOT NULL,
    scopes  text[]      NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    revoked timestamptz,
    PRIMARY KEY (tenant, key),
    FOREIGN KEY (tenant, source) REFERENCES access.sources
);

-- A person lets another person look (law 9). Removing the row takes effect in the very next answer.
CREATE TABLE access.shares (
    tenant  text        NOT NULL,
    person  uuid        NOT NULL,
    viewer  uuid        NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, person, viewer)
);

-- Every look at one person's figures, to be shown to that person.
CREATE TABLE access.looks (
    tenant text        NOT NULL,
    person uuid        NOT NULL,
    at     timestamptz NOT NULL DEFAULT now(),
    viewer text        NOT NULL,               -- 'self' or the viewer's person id
    source text        NOT NULL,               -- through which app
    what   text        NOT NULL
);
CREATE INDEX looks_of_a_person ON access.looks (tenant, person, at DESC);
