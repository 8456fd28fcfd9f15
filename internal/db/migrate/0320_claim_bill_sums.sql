-- 0320 (runs with 0320+): 对账按机构合计所有账单，只读索引，不读账单全文
-- +goose Up
DROP INDEX claim_bill_institution;
CREATE INDEX claim_bill_institution ON claim_bill (region, institution, on_day, status, fund);
-- +goose Down
DROP INDEX claim_bill_institution;
CREATE INDEX claim_bill_institution ON claim_bill (region, institution, on_day);
