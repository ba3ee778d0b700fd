-- How many people were on the roster of a month, by unit ('' people without a team), whether anybody there learned or
-- not. It stood with the blocks, which teams of nobody are not in. Months that were released are counted anew.
ALTER TABLE analytics.group_months ADD COLUMN roster jsonb NOT NULL DEFAULT '{}';
ALTER TABLE analytics.releases DROP COLUMN roster;
UPDATE analytics.group_months SET news = true WHERE released IS NOT NULL;
