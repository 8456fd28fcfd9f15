-- 0130 (runs with 0075+): 亲情护理补助按人拨付、收款账户、追回
-- +goose Up
CREATE TABLE claim_account (       -- 个人收款账户；一人至多一个在用、一个等核对
  region TEXT NOT NULL, person TEXT NOT NULL,
  status TEXT NOT NULL,            -- asked 等核对 · live 在用
  holder TEXT NOT NULL, relation TEXT NOT NULL, bank TEXT NOT NULL,
  sealed TEXT NOT NULL,            -- 账号密文，只在生成和下载拨付文件时打开
  tail TEXT NOT NULL,              -- 后四位，页面只显示这个
  maker TEXT NOT NULL, checker TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, person, status)
);
CREATE INDEX claim_account_asked ON claim_account (region, at) WHERE status = 'asked';
CREATE TABLE claim_payee (         -- 亲情护理月结里的一个人
  region TEXT NOT NULL, claim TEXT NOT NULL, person TEXT NOT NULL,
  fund BIGINT NOT NULL, offsets BIGINT NOT NULL, deducted BIGINT NOT NULL, recovered BIGINT NOT NULL,
  payable BIGINT NOT NULL CHECK (payable = fund - offsets - deducted - recovered AND payable >= 0),
  status TEXT NOT NULL,            -- due 等拨付 · filed 已报送 · paid 已到账 · failed 银行退回
  reason TEXT NOT NULL,
  PRIMARY KEY (region, claim, person)
);
CREATE INDEX claim_payee_person ON claim_payee (region, person);
CREATE TABLE claim_recovery (      -- 已经拨付的钱的追回
  region TEXT NOT NULL, id TEXT NOT NULL,
  party TEXT NOT NULL,             -- 机构，或亲情护理的参保人
  family BOOLEAN NOT NULL,         -- 是不是亲情护理
  visit TEXT NOT NULL, reason TEXT NOT NULL, note TEXT NOT NULL,
  fen BIGINT NOT NULL CHECK (fen > 0),
  status TEXT NOT NULL,            -- asked 等复核 · refused 不追回 · open 待追回 · offset 已抵扣 · received 已缴回 · cancelled 已撤销
  way TEXT NOT NULL,               -- offset 抵下月 · direct 缴回
  month TEXT NOT NULL,             -- 抵在哪一份月结
  slip TEXT NOT NULL,              -- 缴回的银行回单号
  decision TEXT NOT NULL, voucher TEXT NOT NULL,
  maker TEXT NOT NULL, checker TEXT NOT NULL, at BIGINT NOT NULL, version BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX claim_recovery_party ON claim_recovery (region, party, status);
CREATE INDEX claim_recovery_visit ON claim_recovery (region, visit);
ALTER TABLE claim_month ADD COLUMN recovered BIGINT NOT NULL DEFAULT 0;
ALTER TABLE claim_payment ADD COLUMN bank TEXT NOT NULL DEFAULT '';
ALTER TABLE claim_payment ADD COLUMN sealed TEXT NOT NULL DEFAULT '';
ALTER TABLE claim_payment ADD COLUMN tail TEXT NOT NULL DEFAULT '';
-- +goose Down
ALTER TABLE claim_payment DROP COLUMN tail;
ALTER TABLE claim_payment DROP COLUMN sealed;
ALTER TABLE claim_payment DROP COLUMN bank;
ALTER TABLE claim_month DROP COLUMN recovered;
DROP TABLE claim_recovery;
DROP TABLE claim_payee;
DROP TABLE claim_account;
