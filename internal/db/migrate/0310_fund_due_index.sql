-- 0310 (runs with 0310+): 年度筹资到了全市规模：应收科目一年的分录、回单一页一页看，都不用翻整本账
-- +goose Up
CREATE INDEX fund_posting_owed ON fund_posting (region, book, party, account, kind, fen) WHERE account >= '1301' AND account <= '1304';  -- 只有应收筹资科目，结算的分录不进来
DROP INDEX fund_receipt_year;
CREATE INDEX fund_receipt_day ON fund_receipt (region, year, on_day, slip);
CREATE INDEX fund_receipt_asked ON fund_receipt (region, year, on_day, slip) WHERE status = 'asked';
-- +goose Down
DROP INDEX fund_receipt_asked;
DROP INDEX fund_receipt_day;
CREATE INDEX fund_receipt_year ON fund_receipt (region, year, status);
DROP INDEX fund_posting_owed;
