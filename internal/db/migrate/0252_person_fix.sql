-- 0252 (runs with 0250+): 更正证件号码、合并一人两号，一人申请、另一人核准
-- +goose Up
CREATE TABLE person_fix (
  region TEXT NOT NULL, id TEXT NOT NULL,
  kind TEXT NOT NULL,                -- renumber 改号码 merge 合并
  person TEXT NOT NULL,              -- 留下的登记
  other TEXT NOT NULL,               -- 并进来的登记，改号码的为空
  sealed TEXT NOT NULL,              -- 新号码，加密
  tail TEXT NOT NULL,                -- 新号码的后四位
  why TEXT NOT NULL, state TEXT NOT NULL,  -- asked 等核准 done 办了 refused 不办
  maker TEXT NOT NULL, checker TEXT NOT NULL,
  at BIGINT NOT NULL, version BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX person_fix_state ON person_fix (region, state, at);
-- +goose Down
DROP TABLE person_fix;
