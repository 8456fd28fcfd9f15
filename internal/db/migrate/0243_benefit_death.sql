-- 0243 (runs with 0243+): 身故停止待遇：留下依据，登记错了能照原来的恢复
-- +goose Up
ALTER TABLE benefit_benefit ADD COLUMN granted_to TEXT NOT NULL DEFAULT '';    -- 本来到哪天
ALTER TABLE benefit_benefit ADD COLUMN end_decision TEXT NOT NULL DEFAULT '';  -- 提前结束的决定编号
UPDATE benefit_benefit SET granted_to = to_day WHERE ended_by = '';
-- +goose Down
ALTER TABLE benefit_benefit DROP COLUMN end_decision;
ALTER TABLE benefit_benefit DROP COLUMN granted_to;
