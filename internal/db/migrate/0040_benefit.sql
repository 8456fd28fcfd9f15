-- 0040 (runs with 0001+): 待遇、护理方式、暂停、限额累计
-- +goose Up
CREATE TABLE benefit_benefit (       -- 待遇：一个人在一段时间里按哪一级享受
  region TEXT NOT NULL, id TEXT NOT NULL,
  person TEXT NOT NULL,
  level BIGINT NOT NULL CHECK (level >= 0 AND level <= 5),   -- 全国的失能等级 0 至 5
  case_id TEXT NOT NULL,             -- 办件编号
  decision TEXT NOT NULL,            -- 等级结论的决定编号
  decided_on TEXT NOT NULL,          -- 作出结论的日子
  from_day TEXT NOT NULL,            -- 从这一天起享受（含）
  to_day TEXT NOT NULL,              -- 到这一天为止（含）
  ended_by TEXT NOT NULL,            -- 提前结束的原因，空为没有提前结束
  version BIGINT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX benefit_benefit_person ON benefit_benefit (region, person, from_day);
CREATE TABLE benefit_mode (          -- 护理方式和机构的历次选择，只增不改
  region TEXT NOT NULL, person TEXT NOT NULL, seq BIGINT NOT NULL,
  benefit TEXT NOT NULL,
  mode TEXT NOT NULL,                -- home、family、institution、community，组合用加号连接
  institution TEXT NOT NULL,         -- 自由选择的定点机构，亲情护理可以为空
  from_day TEXT NOT NULL,            -- 从这一天起按这个方式
  counts BOOLEAN NOT NULL,           -- 算不算一次变更（第一次选择不算）
  chosen_by TEXT NOT NULL,           -- 谁选的：账号
  decision TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, person, seq)
);
CREATE TABLE benefit_pause (         -- 暂停：住院等，暂停期间的处理由政策包决定
  region TEXT NOT NULL, person TEXT NOT NULL, from_day TEXT NOT NULL,
  to_day TEXT NOT NULL,              -- 最后一天（含），空为还没有恢复
  reason TEXT NOT NULL,              -- hospital 住院 breach 违规 other 其他
  note TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, person, from_day)
);
CREATE TABLE benefit_used (          -- 限额累计：用了多少、最多多少，永远不超
  region TEXT NOT NULL, person TEXT NOT NULL,
  cap TEXT NOT NULL,                 -- 政策包里限额的编号
  period TEXT NOT NULL,              -- 2024、2024-06、2024-W23 或 2024-06-03
  until_day TEXT NOT NULL,           -- 这一期的最后一天，过了就不用再看
  used BIGINT NOT NULL,              -- 金额为分，数量为百万分之一
  max BIGINT NOT NULL,
  PRIMARY KEY (region, person, cap, period),
  CHECK (used >= 0 AND used <= max)
);
-- +goose Down
DROP TABLE benefit_used;
DROP TABLE benefit_pause;
DROP TABLE benefit_mode;
DROP TABLE benefit_benefit;
