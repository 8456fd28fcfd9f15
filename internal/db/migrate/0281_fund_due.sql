-- 0281 (runs with 0280+): 年度筹资：按名册和政策包算应收，到账回单，一人登记、另一人核对
-- +goose Up
CREATE TABLE fund_year (             -- 一年的筹资应收
  region TEXT NOT NULL, year BIGINT NOT NULL,
  status TEXT NOT NULL,              -- counted 算好了 booked 核对后记了应收
  counted_on TEXT NOT NULL,          -- 名册数人的日子
  maker TEXT NOT NULL, checker TEXT NOT NULL,
  voucher TEXT NOT NULL,             -- 记应收的凭证
  at BIGINT NOT NULL, version BIGINT NOT NULL,
  PRIMARY KEY (region, year)
);
CREATE TABLE fund_due (              -- 一年应收：每类参保人、每种资助人群一行
  region TEXT NOT NULL, year BIGINT NOT NULL, kind TEXT NOT NULL, relief TEXT NOT NULL,
  heads BIGINT NOT NULL,             -- 人数
  person BIGINT NOT NULL, employer BIGINT NOT NULL, medical BIGINT NOT NULL, government BIGINT NOT NULL,   -- 全类一年的应收（分）：个人、单位、医保划转、财政
  say TEXT NOT NULL,                 -- 没有算的原因，空为算了
  decision TEXT NOT NULL,
  PRIMARY KEY (region, year, kind, relief)
);
CREATE TABLE fund_receipt (          -- 筹资到账：银行、税务、财政的回单，同一张只记一次
  region TEXT NOT NULL, slip TEXT NOT NULL,
  year BIGINT NOT NULL, source TEXT NOT NULL,   -- person employer medical government
  fen BIGINT NOT NULL CHECK (fen > 0),
  on_day TEXT NOT NULL, memo TEXT NOT NULL,
  status TEXT NOT NULL,              -- asked 等核对 booked 已入账 refused 核对不符 reversed 已冲销
  maker TEXT NOT NULL, checker TEXT NOT NULL, voucher TEXT NOT NULL,
  at BIGINT NOT NULL, version BIGINT NOT NULL,
  PRIMARY KEY (region, slip)
);
CREATE INDEX fund_receipt_year ON fund_receipt (region, year, status);
-- +goose Down
DROP TABLE fund_receipt;
DROP TABLE fund_due;
DROP TABLE fund_year;
