-- 0264 (runs with 0261+): 上门派单：打开以后别人先派了，要看得出来
-- +goose Up
ALTER TABLE door_visit ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
-- +goose Down
ALTER TABLE door_visit DROP COLUMN version;
