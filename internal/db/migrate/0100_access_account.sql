-- 0100 (runs with 0001+): 账号、登录、会话
-- +goose Up
CREATE TABLE access_account (      -- 账号
  region TEXT NOT NULL, id TEXT NOT NULL,
  login TEXT NOT NULL,             -- 登录名；群众用手机号的盲索引
  name TEXT NOT NULL, role TEXT NOT NULL,
  institution TEXT NOT NULL,       -- 机构人员所在机构
  person TEXT NOT NULL,            -- 群众账号对应的人；护理员、评估员对应的人员编号
  password TEXT NOT NULL,          -- argon2id；群众没有密码
  totp TEXT NOT NULL,              -- 动态口令密钥（加密）；空=未绑定
  status TEXT NOT NULL,            -- active | disabled
  failed BIGINT NOT NULL, locked_until BIGINT NOT NULL,
  created BIGINT NOT NULL, updated BIGINT NOT NULL,
  PRIMARY KEY (region, id),
  UNIQUE (region, login)
);
CREATE TABLE access_session (      -- 会话，只存令牌的摘要
  region TEXT NOT NULL, token TEXT NOT NULL,
  account TEXT NOT NULL, csrf TEXT NOT NULL,
  created BIGINT NOT NULL, seen BIGINT NOT NULL,
  behalf TEXT NOT NULL,            -- 正在替谁办
  PRIMARY KEY (region, token)
);
CREATE INDEX access_session_account ON access_session (region, account);
CREATE TABLE access_code (         -- 短信验证码，十分钟有效
  region TEXT NOT NULL, phone TEXT NOT NULL, code TEXT NOT NULL,
  expires BIGINT NOT NULL, tries BIGINT NOT NULL,
  PRIMARY KEY (region, phone)
);
-- +goose Down
DROP TABLE access_code;
DROP TABLE access_session;
DROP TABLE access_account;
