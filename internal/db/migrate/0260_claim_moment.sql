-- 0260: 同一人同一机构同一时刻结算过的项目，一次护理一行（原来一个项目一行）
-- +goose Up
CREATE TABLE claim_moment (
  region TEXT NOT NULL, person TEXT NOT NULL, minute BIGINT NOT NULL, institution TEXT NOT NULL,
  part BIGINT NOT NULL,                            -- 0；同一时刻还有别的护理、项目不同时 1、2 ……
  visit TEXT NOT NULL,
  items TEXT NOT NULL,                             -- 项目编号，用换行隔开
  PRIMARY KEY (region, person, minute, institution, part)
);
INSERT INTO claim_moment (region, person, minute, institution, part, visit, items)
  SELECT region, person, minute, institution, ROW_NUMBER() OVER (PARTITION BY region, person, minute, institution ORDER BY item) - 1, visit, item FROM claim_item;
DROP TABLE claim_item;
-- +goose Down
CREATE TABLE claim_item (
  region TEXT NOT NULL, person TEXT NOT NULL, item TEXT NOT NULL, minute BIGINT NOT NULL, institution TEXT NOT NULL,
  visit TEXT NOT NULL,
  PRIMARY KEY (region, person, item, minute, institution)
);
DROP TABLE claim_moment;
