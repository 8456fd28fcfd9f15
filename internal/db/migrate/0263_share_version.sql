-- 0263 (runs with 0261+): 排查名单：打开以后别人先分了、先联系了，要看得出来
-- +goose Up
ALTER TABLE share_watch ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
-- +goose Down
ALTER TABLE share_watch DROP COLUMN version;
