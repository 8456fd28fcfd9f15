-- 0191 (runs with 0150+): 住养老人花名册
-- +goose Up
CREATE TABLE institution_resident ( -- 一次入住；同一人同时只能住在一家（until 为空的只有一行）
  region TEXT NOT NULL, id TEXT NOT NULL,
  institution TEXT NOT NULL, person TEXT NOT NULL,
  room TEXT NOT NULL,
  since TEXT NOT NULL,             -- 入住日
  until TEXT NOT NULL,             -- 离院日，空的还住着
  why TEXT NOT NULL,               -- 离院原因
  consent TEXT NOT NULL,           -- 谁、怎样同意机构和经办机构交换信息
  home TEXT NOT NULL,              -- 入住前登记的住处，离院时恢复，JSON
  actor TEXT NOT NULL, at BIGINT NOT NULL, version BIGINT NOT NULL,
  PRIMARY KEY (region, id),
  UNIQUE (region, person, until)
);
CREATE INDEX institution_resident_of ON institution_resident (region, institution, until);
-- +goose Down
DROP TABLE institution_resident;
