-- What other services may see of the statement store, and nothing else (DESIGN.md): a replay reads history here.

CREATE SCHEMA IF NOT EXISTS ingest_api;

-- One row for each kept statement. `statement` is the body as bytes of JSON; `arrived` stands in for an absent
-- timestamp. Read it forward by (stored, id).
CREATE VIEW ingest_api.statements_v1 AS
SELECT s.tenant, s.id, s.stored, s.arrived, s.timestamp_sent, s.source, s.kind, s.body AS statement,
       i.voided_by IS NOT NULL AND i.voids IS NULL AS voided
FROM ingest.statements s JOIN ingest.statement_ids i USING (tenant, id);
