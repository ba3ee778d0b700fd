-- Who objected to figures about themselves: no service tells or publishes any while the row is there (law 9). It
-- stands in `access`, so that it holds in the very next answer of every service.
CREATE TABLE access.objections (
    tenant  text        NOT NULL,
    person  uuid        NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, person)
);

-- The sources that may send statements: what they record can be seen. An app that only reads shows nothing.
CREATE VIEW access.senders AS
SELECT s.tenant, s.source, s.kind FROM access.sources s
WHERE EXISTS (
    SELECT FROM access.credentials c
    WHERE c.tenant = s.tenant AND c.source = s.source AND c.revoked IS NULL
      AND c.scopes && ARRAY['all', 'statements/write']
);
