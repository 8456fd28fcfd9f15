-- 0120 (runs with 0100+): 一次性登录码、外部登录的绑定、重设密码和动态口令、短信次数
-- +goose Up
ALTER TABLE access_code ADD COLUMN sent_on TEXT NOT NULL DEFAULT '';     -- 哪一天
ALTER TABLE access_code ADD COLUMN sent BIGINT NOT NULL DEFAULT 0;       -- 这一天发了几次
ALTER TABLE access_session ADD COLUMN helper TEXT NOT NULL DEFAULT '';   -- 家人帮着登录的：那位家人（参保人编号）
CREATE TABLE access_pass (         -- 一次性登录码：家人出示的，或窗口给的纸条
  region TEXT NOT NULL, code TEXT NOT NULL,      -- 码的摘要
  kind TEXT NOT NULL,              -- family 家人 | window 窗口
  person TEXT NOT NULL, name TEXT NOT NULL,      -- 让谁登录
  maker TEXT NOT NULL,             -- 出码的账号
  helper TEXT NOT NULL, helper_name TEXT NOT NULL, -- 出码的家人（窗口为空、写经办人姓名）
  expires BIGINT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, code)
);
CREATE TABLE access_link (         -- 外部登录（微信、医保电子凭证）和账号的绑定
  region TEXT NOT NULL, provider TEXT NOT NULL,
  subject TEXT NOT NULL,           -- 对方编号的盲索引
  account TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, provider, subject)
);
CREATE TABLE access_reset (        -- 管理员发的重设码，用一次
  region TEXT NOT NULL, account TEXT NOT NULL,
  code TEXT NOT NULL,              -- 码的摘要
  what TEXT NOT NULL,              -- password | totp | both
  totp TEXT NOT NULL,              -- 新动态口令密钥（加密）
  expires BIGINT NOT NULL, tries BIGINT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, account)
);
CREATE INDEX access_account_person ON access_account (region, person);
-- +goose Down
DROP INDEX access_account_person;
DROP TABLE access_reset;
DROP TABLE access_link;
DROP TABLE access_pass;
ALTER TABLE access_session DROP COLUMN helper;
ALTER TABLE access_code DROP COLUMN sent;
ALTER TABLE access_code DROP COLUMN sent_on;
