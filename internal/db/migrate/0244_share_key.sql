-- 0244 (runs with 0244+): 部门名单的接口密钥，只存摘要
-- +goose Up
CREATE TABLE share_key (
  region TEXT NOT NULL, hash TEXT NOT NULL,
  source TEXT NOT NULL, name TEXT NOT NULL,        -- 哪一份名单、谁在用
  until_day TEXT NOT NULL,                         -- 用到哪天（含），空为一直
  revoked BOOLEAN NOT NULL, maker TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, hash)
);
-- +goose Down
DROP TABLE share_key;
