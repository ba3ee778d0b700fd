-- How often an operator has let the group go on (`leermix groups reset` and `resume`). A member that has stopped looks
-- at it, wherever it runs: no process needs to be started again.
ALTER TABLE {schema}.positions ADD COLUMN resumes bigint NOT NULL DEFAULT 0;
