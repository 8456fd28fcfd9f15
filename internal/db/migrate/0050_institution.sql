-- 0050 (runs with 0001+): 定点机构、人员、服务关系、接口令牌
-- +goose Up
CREATE TABLE institution_institution (   -- 定点机构
  region TEXT NOT NULL, id TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,                    -- medical 医疗 care 护理 assessment 评估 elder_home 养老 point 便民站点 insurer 商保
  grade TEXT NOT NULL,                   -- 等级，如 一级、二级；没有就空
  district TEXT NOT NULL, address TEXT NOT NULL, phone TEXT NOT NULL,
  lat BIGINT NOT NULL, lng BIGINT NOT NULL,          -- 百万分之一度，WGS84
  from_day TEXT NOT NULL, to_day TEXT NOT NULL,      -- 协议起止
  status TEXT NOT NULL,                  -- applied 申请中 active 有效 suspended 暂停 ended 终止
  reason TEXT NOT NULL,                  -- 暂停或终止的原因
  account_name TEXT NOT NULL, account_sealed TEXT NOT NULL, account_tail TEXT NOT NULL, -- 收款户名、账号密文、尾号
  decision TEXT NOT NULL,                -- 准入决定的编号
  version BIGINT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE TABLE institution_staff (         -- 机构人员，实名
  region TEXT NOT NULL, id TEXT NOT NULL,
  institution TEXT NOT NULL, name TEXT NOT NULL,
  role TEXT NOT NULL,                    -- care_worker 护理员 nurse 护士 assessor 评估员 expert 评估专家
  qualification TEXT NOT NULL,           -- 证书名称
  license_until TEXT NOT NULL,           -- 证书有效期止，空为长期
  status TEXT NOT NULL,                  -- active 在岗 suspended 暂停 left 离岗
  banned_until TEXT NOT NULL,            -- 停止支付资格或从业的截止日，空为没有
  reason TEXT NOT NULL,
  account TEXT NOT NULL,                 -- 登录账号
  phone TEXT NOT NULL,
  idno_sealed TEXT NOT NULL, idno_index TEXT NOT NULL,
  version BIGINT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX institution_staff_of ON institution_staff (region, institution);
CREATE INDEX institution_staff_account ON institution_staff (region, account) WHERE account <> '';
CREATE TABLE institution_relation (      -- 服务关系：谁由哪家机构服务
  region TEXT NOT NULL, person TEXT NOT NULL, from_day TEXT NOT NULL,
  institution TEXT NOT NULL, mode TEXT NOT NULL,
  to_day TEXT NOT NULL,                  -- 空为仍在服务
  chosen_by TEXT NOT NULL,               -- 谁选的：账号
  at BIGINT NOT NULL,
  PRIMARY KEY (region, person, from_day, institution)
);
CREATE INDEX institution_relation_of ON institution_relation (region, institution);
CREATE TABLE institution_token (         -- 机构接口令牌，只存摘要
  region TEXT NOT NULL, hash TEXT NOT NULL,
  institution TEXT NOT NULL, name TEXT NOT NULL,
  until_day TEXT NOT NULL, revoked BOOLEAN NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, hash)
);
-- +goose Down
DROP TABLE institution_token;
DROP TABLE institution_relation;
DROP TABLE institution_staff;
DROP TABLE institution_institution;
