-- When a source sent last, and on which days: one look for each, also of a source that has long been silent. Read
-- backwards, by (source, stored) as a row.

CREATE INDEX statements_of_a_source ON ingest.statements (tenant, source, stored);
