-- 0262 (runs with 0261+): 回访和改进事项：打开以后别人先办了，要看得出来
-- +goose Up
ALTER TABLE outreach_followup ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE outreach_improve ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
-- +goose Down
ALTER TABLE outreach_improve DROP COLUMN version;
ALTER TABLE outreach_followup DROP COLUMN version;
