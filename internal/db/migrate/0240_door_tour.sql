-- 0240 (runs with 0240+): 帮办员手机：出发、到了、记结果各是什么时候
-- +goose Up
ALTER TABLE door_visit ADD COLUMN set_out BIGINT NOT NULL DEFAULT 0;
ALTER TABLE door_visit ADD COLUMN ended BIGINT NOT NULL DEFAULT 0;
UPDATE door_visit SET ended = arrived;
-- +goose Down
ALTER TABLE door_visit DROP COLUMN ended;
ALTER TABLE door_visit DROP COLUMN set_out;
