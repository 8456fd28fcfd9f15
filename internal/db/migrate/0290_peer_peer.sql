-- 0290 (runs with 0290+): 对接的另一套系统（通办），每个对方统筹区一行；收到过的消息编号，防重放
-- +goose Up
CREATE TABLE peer_peer (
  region TEXT NOT NULL, there TEXT NOT NULL,       -- 这里的统筹区、对方的统筹区
  name TEXT NOT NULL, address TEXT NOT NULL,       -- https 地址，不带末尾的斜杠
  secret TEXT NOT NULL,                            -- 两边约定的密钥，加密
  off BOOLEAN NOT NULL, maker TEXT NOT NULL, at BIGINT NOT NULL,
  sent BIGINT NOT NULL, failed BIGINT NOT NULL,    -- 最近一次送到、没送到
  error TEXT NOT NULL,                             -- 没送到的原因
  heard BIGINT NOT NULL,                           -- 最近一次收到对方的
  PRIMARY KEY (region, there)
);
CREATE TABLE peer_nonce (
  region TEXT NOT NULL, there TEXT NOT NULL, nonce TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, there, nonce)
);
CREATE INDEX peer_nonce_at ON peer_nonce (region, at);
-- +goose Down
DROP TABLE peer_nonce;
DROP TABLE peer_peer;
