-- 0070 (runs with 0001+): 基金账：链头、凭证、分录、月结
-- +goose Up
CREATE TABLE fund_head (           -- 每本账每条账道的链头：凭证号、分录号、哈希、已结月份
  region TEXT NOT NULL, book TEXT NOT NULL, lane BIGINT NOT NULL,
  no BIGINT NOT NULL, seq BIGINT NOT NULL, hash TEXT NOT NULL,
  closed TEXT NOT NULL,            -- 已结账到哪个月，空为没有结过
  PRIMARY KEY (region, book, lane)
);
CREATE TABLE fund_voucher (        -- 记账凭证，只增不改；号码在账道内连续
  region TEXT NOT NULL, book TEXT NOT NULL, lane BIGINT NOT NULL, no BIGINT NOT NULL,
  month TEXT NOT NULL,             -- 记账月份
  late_of TEXT NOT NULL,           -- 业务所属月份已结账时写原月份，否则空
  on_day TEXT NOT NULL,            -- 业务日期
  kind TEXT NOT NULL,              -- 凭证种类
  key TEXT NOT NULL,               -- 业务唯一键，同一笔业务只记一次
  ref TEXT NOT NULL,               -- 对应的业务对象
  reverses TEXT NOT NULL,          -- 冲销的是哪张凭证
  memo TEXT NOT NULL, maker TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, book, lane, no),
  UNIQUE (region, key)
);
CREATE INDEX fund_voucher_month ON fund_voucher (region, book, month, lane, no);
CREATE INDEX fund_voucher_ref ON fund_voucher (region, ref);
CREATE TABLE fund_posting (        -- 分录，借正贷负，每张凭证合计为零；逐条成链
  region TEXT NOT NULL, book TEXT NOT NULL, lane BIGINT NOT NULL, seq BIGINT NOT NULL,
  no BIGINT NOT NULL, month TEXT NOT NULL, kind TEXT NOT NULL, account TEXT NOT NULL,
  party TEXT NOT NULL,             -- 辅助核算：机构或个人
  fen BIGINT NOT NULL CHECK (fen <> 0),
  prev TEXT NOT NULL,              -- 上一条哈希的前 16 位，用来分清改的是哪一条
  hash TEXT NOT NULL,
  PRIMARY KEY (region, book, lane, seq)
);
CREATE INDEX fund_posting_month ON fund_posting (region, book, month, account, fen);
CREATE TABLE fund_month (          -- 月结：每个科目的期初、本月借贷、期末，结后不变
  region TEXT NOT NULL, book TEXT NOT NULL, month TEXT NOT NULL, account TEXT NOT NULL,
  opening BIGINT NOT NULL, debit BIGINT NOT NULL, credit BIGINT NOT NULL, closing BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (region, book, month, account),
  CHECK (opening + debit - credit = closing)
);
-- +goose Down
DROP TABLE fund_month;
DROP TABLE fund_posting;
DROP TABLE fund_voucher;
DROP TABLE fund_head;
