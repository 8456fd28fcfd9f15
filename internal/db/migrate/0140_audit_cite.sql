-- 0140: 依据原文只存一次，决定里只记编号
-- +goose Up
CREATE TABLE audit_cite (          -- 解释步骤引用的键、取值和条文，多个决定共用
  region TEXT NOT NULL, id TEXT NOT NULL, -- 编号是原文 SM3 的前 16 位，原文被改过就对不上
  text TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
-- +goose Down
DROP TABLE audit_cite;
