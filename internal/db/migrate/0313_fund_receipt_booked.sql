-- 0313 (runs with 0313+): 一年已入账的回单按来源合计，只读这一年的
-- +goose Up
CREATE INDEX fund_receipt_booked ON fund_receipt (region, year, source, fen) WHERE status = 'booked';
-- +goose Down
DROP INDEX fund_receipt_booked;
