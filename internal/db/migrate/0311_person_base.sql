-- 0311 (runs with 0310+): 名册里本人的缴费基数；应收测算里有多少人用了本人的基数
-- +goose Up
ALTER TABLE person_coverage ADD COLUMN base BIGINT NOT NULL DEFAULT 0;       -- 月缴费基数（分），0 为名册没有
ALTER TABLE fund_due ADD COLUMN own_heads BIGINT NOT NULL DEFAULT 0;         -- 其中按本人基数算的人数
ALTER TABLE fund_due ADD COLUMN own_base BIGINT NOT NULL DEFAULT 0;          -- 这些人一个月的基数合计（分）
-- +goose Down
ALTER TABLE fund_due DROP COLUMN own_base;
ALTER TABLE fund_due DROP COLUMN own_heads;
ALTER TABLE person_coverage DROP COLUMN base;
