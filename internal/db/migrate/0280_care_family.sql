-- 0280 (runs with 0280+): 亲情护理：谁来照护、每月抽查
-- +goose Up
CREATE TABLE care_carer (                -- 亲情照护人，一份计划一位；证件号码和电话只存密文
  region TEXT NOT NULL, plan TEXT NOT NULL,
  name TEXT NOT NULL, relation TEXT NOT NULL,
  id_index TEXT NOT NULL,                -- 证件号码的盲索引：同一个人照护几位参保人
  id_sealed TEXT NOT NULL, id_tail TEXT NOT NULL, phone_sealed TEXT NOT NULL,
  birth TEXT NOT NULL,
  trained TEXT NOT NULL,                 -- 哪天培训合格，空为没有
  certificate TEXT NOT NULL,             -- 在哪里培训、证书号
  agreed TEXT NOT NULL,                  -- 哪天当面同意来照护
  decision TEXT NOT NULL,                -- 规则 care.family 的决定
  at BIGINT NOT NULL,
  PRIMARY KEY (region, plan)
);
CREATE INDEX care_carer_who ON care_carer (region, id_index);
CREATE TABLE care_spot (                 -- 亲情护理抽查：每月随机抽几户，打电话或上门
  region TEXT NOT NULL, month TEXT NOT NULL, plan TEXT NOT NULL,
  seed TEXT NOT NULL,                    -- 抽取用的种子，任何人可以重抽一遍
  decision TEXT NOT NULL,                -- 规则 care.spot 的决定：抽几户
  drawn_by TEXT NOT NULL, drawn_at BIGINT NOT NULL,
  status TEXT NOT NULL,                  -- due 等抽查 ok 属实 doubt 有疑点
  way TEXT NOT NULL,                     -- phone 电话 door 上门
  note TEXT NOT NULL, days TEXT NOT NULL,  -- 看到的情况；有疑点的日子（JSON，不查询）
  checked_by TEXT NOT NULL, checked_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (region, month, plan)
);
-- +goose Down
DROP TABLE care_spot;
DROP TABLE care_carer;
