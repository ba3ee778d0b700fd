-- Who objected to figures about themselves: no service tells or publishes any while the row is there (law 9). It
-- stands in `access`, so that it holds in the very next answer of every service.
CREATE TABLE access.objections (
    tenant  text        NOT NULL,
    person  uuid        NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, person)
);
