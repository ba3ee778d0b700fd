-- What is told of a month says under which rules and registry it is: of what was told before, those of its last release.
UPDATE analytics.release_rows r
SET figures = r.figures || jsonb_build_object('read_by', jsonb_build_array(m.rule_set, m.registry))
FROM analytics.group_months m
WHERE m.tenant = r.tenant AND m.month = r.month;
UPDATE analytics.group_months
SET whole = whole || jsonb_build_object('read_by', jsonb_build_array(jsonb_build_array(rule_set, registry)))
WHERE whole IS NOT NULL;
