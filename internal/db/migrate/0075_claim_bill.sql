-- 0075 (runs with 0070+): 账单、费用明细防重、收款、月结、扣减、保证金、拨付
-- +goose Up
CREATE TABLE claim_bill (          -- 一次护理一张账单
  region TEXT NOT NULL, visit TEXT NOT NULL,
  person TEXT NOT NULL, institution TEXT NOT NULL, staff TEXT NOT NULL,
  on_day TEXT NOT NULL, mode TEXT NOT NULL, minutes BIGINT NOT NULL,
  started BIGINT NOT NULL,         -- 开始服务的时刻
  held BOOLEAN NOT NULL,           -- 有疑点未处理，暂不结算
  status TEXT NOT NULL, version BIGINT NOT NULL,
  round BIGINT NOT NULL,           -- 第几次结算，撤销后重结加一
  total BIGINT NOT NULL, fund BIGINT NOT NULL, person_fen BIGINT NOT NULL,
  funds TEXT NOT NULL,             -- 各基金分担（JSON）
  lines TEXT NOT NULL, takes TEXT NOT NULL,
  decision TEXT NOT NULL,          -- 待遇核定的决定
  note TEXT NOT NULL,              -- 有问题的说明、答复
  quoted_at BIGINT NOT NULL,
  confirmed_by TEXT NOT NULL, confirmed_at BIGINT NOT NULL,
  settled_at BIGINT NOT NULL, pending_until BIGINT NOT NULL,
  asked_by TEXT NOT NULL,          -- 谁申请冲正
  month TEXT NOT NULL,             -- 进了哪一份月结
  offset_month TEXT NOT NULL,      -- 月结后冲正的，在哪一份月结里抵回
  PRIMARY KEY (region, visit),
  CHECK (total = fund + person_fen AND fund >= 0 AND person_fen >= 0)
);
CREATE INDEX claim_bill_person ON claim_bill (region, person, on_day);
CREATE INDEX claim_bill_institution ON claim_bill (region, institution, on_day);
CREATE INDEX claim_bill_month ON claim_bill (region, month) WHERE month <> '';
CREATE INDEX claim_bill_open ON claim_bill (region, status, on_day) WHERE status IN ('disputed', 'reversing');
CREATE TABLE claim_item (          -- 同一人同一项目同一时刻同一机构只结一次
  region TEXT NOT NULL, person TEXT NOT NULL, item TEXT NOT NULL, minute BIGINT NOT NULL, institution TEXT NOT NULL,
  visit TEXT NOT NULL,
  PRIMARY KEY (region, person, item, minute, institution)
);
CREATE TABLE claim_charge (        -- 个人自付部分的收款
  region TEXT NOT NULL, id TEXT NOT NULL,
  visit TEXT NOT NULL, round BIGINT NOT NULL, person TEXT NOT NULL, institution TEXT NOT NULL,
  fen BIGINT NOT NULL CHECK (fen > 0),
  status TEXT NOT NULL,            -- open 待付 · paid 已付 · void 不用付了 · refunding 退款中 · refunded 已退
  channel TEXT NOT NULL, code TEXT NOT NULL, trade TEXT NOT NULL,
  at BIGINT NOT NULL, paid_at BIGINT NOT NULL,
  PRIMARY KEY (region, id),
  UNIQUE (region, visit, round)
);
CREATE TABLE claim_month (         -- 机构月结
  region TEXT NOT NULL, id TEXT NOT NULL,
  institution TEXT NOT NULL, month TEXT NOT NULL,
  status TEXT NOT NULL, version BIGINT NOT NULL,
  bills BIGINT NOT NULL, total BIGINT NOT NULL, fund BIGINT NOT NULL, person_fen BIGINT NOT NULL,
  offsets BIGINT NOT NULL,         -- 抵回以前月份冲正的金额
  deducted BIGINT NOT NULL, deposit BIGINT NOT NULL, payable BIGINT NOT NULL,
  submitted_by TEXT NOT NULL, first_by TEXT NOT NULL, second_by TEXT NOT NULL, signed_by TEXT NOT NULL,
  note TEXT NOT NULL, decision TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id),
  UNIQUE (region, institution, month)
);
CREATE INDEX claim_month_status ON claim_month (region, month, status);
CREATE TABLE claim_deduction (     -- 审核扣减，理由取自政策包的字典
  region TEXT NOT NULL, id TEXT NOT NULL, claim TEXT NOT NULL, visit TEXT NOT NULL,
  reason TEXT NOT NULL, fen BIGINT NOT NULL CHECK (fen > 0), note TEXT NOT NULL,
  maker TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id),
  UNIQUE (region, claim, visit)
);
CREATE TABLE claim_deposit (       -- 质量保证金
  region TEXT NOT NULL, claim TEXT NOT NULL, institution TEXT NOT NULL, month TEXT NOT NULL,
  fen BIGINT NOT NULL CHECK (fen > 0), released BIGINT NOT NULL, kept BIGINT NOT NULL,
  status TEXT NOT NULL,            -- held 扣留中 · released 已核返 · paid 已付
  score BIGINT NOT NULL, decision TEXT NOT NULL, asked_by TEXT NOT NULL,
  PRIMARY KEY (region, claim),
  CHECK (released >= 0 AND kept >= 0 AND released + kept <= fen)
);
CREATE TABLE claim_payfile (       -- 拨付文件
  region TEXT NOT NULL, id TEXT NOT NULL, month TEXT NOT NULL,
  lines BIGINT NOT NULL, fen BIGINT NOT NULL, digest TEXT NOT NULL,
  maker TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE TABLE claim_payment (       -- 拨付文件的一行
  region TEXT NOT NULL, file TEXT NOT NULL, no BIGINT NOT NULL,
  kind TEXT NOT NULL, claim TEXT NOT NULL, institution TEXT NOT NULL, name TEXT NOT NULL, fen BIGINT NOT NULL CHECK (fen > 0),
  status TEXT NOT NULL,            -- sent 已报送 · paid 已到账 · failed 退回
  reason TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, file, no)
);
CREATE INDEX claim_payment_claim ON claim_payment (region, claim);
-- +goose Down
DROP TABLE claim_payment;
DROP TABLE claim_payfile;
DROP TABLE claim_deposit;
DROP TABLE claim_deduction;
DROP TABLE claim_month;
DROP TABLE claim_charge;
DROP TABLE claim_item;
DROP TABLE claim_bill;
