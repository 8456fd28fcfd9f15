-- 0010 (runs with 0010+): 参保人名册、参保关系、重点人群、授权代办、住院期间
-- +goose Up
CREATE TABLE person_person (       -- 参保人；证件号码和电话只存密文与盲索引
  region TEXT NOT NULL, id TEXT NOT NULL,
  name TEXT NOT NULL, pinyin TEXT NOT NULL,          -- 姓名；全拼小写，供查找
  sex TEXT NOT NULL, birth TEXT NOT NULL,            -- 男/女；出生日期是日历上的一天，从不是时刻
  id_index TEXT NOT NULL, id_sealed TEXT NOT NULL,   -- 证件号码的盲索引、密文
  id_tail TEXT NOT NULL,                             -- 证件号码后四位
  phone_index TEXT NOT NULL, phone_sealed TEXT NOT NULL,
  district TEXT NOT NULL, community TEXT NOT NULL, address TEXT NOT NULL,
  lat BIGINT NOT NULL, lng BIGINT NOT NULL,          -- 百万分之一度，0 为不知道
  resident BOOLEAN NOT NULL,                         -- 是否在统筹区内居住
  deceased TEXT NOT NULL,                            -- 去世日期，空为健在
  digest TEXT NOT NULL,                              -- 上次名册那一行的带密钥指纹，用来跳过没变的行
  updated BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE UNIQUE INDEX person_person_id_index ON person_person (region, id_index);
CREATE INDEX person_person_pinyin ON person_person (region, pinyin);
CREATE TABLE person_coverage (     -- 参保关系：人 × 险种 × 起始日
  region TEXT NOT NULL, person TEXT NOT NULL,
  scheme TEXT NOT NULL,                              -- ltci 长期护理保险
  since TEXT NOT NULL, until TEXT NOT NULL,          -- 起、止（止含当天，空为至今）
  kind TEXT NOT NULL,                                -- employee 职工 / resident 居民
  status TEXT NOT NULL,                              -- active 正常 / paused 暂停 / ended 终止
  paid TEXT NOT NULL,                                -- 已缴费的月份段：2023-01~2024-05,2024-07~2024-12
  PRIMARY KEY (region, person, scheme, since)
);
CREATE TABLE person_group (        -- 重点人群：特困、重残……，来自哪个部门，从哪天起
  region TEXT NOT NULL, person TEXT NOT NULL, name TEXT NOT NULL,
  source TEXT NOT NULL, since TEXT NOT NULL,
  PRIMARY KEY (region, person, name)
);
CREATE TABLE person_proxy (        -- 授权代办：谁可以替谁办什么，到哪天
  region TEXT NOT NULL, id TEXT NOT NULL,
  proxy TEXT NOT NULL, person TEXT NOT NULL,         -- 代办人、本人，都是参保人编号
  relation TEXT NOT NULL,                            -- 子女、配偶……
  scope TEXT NOT NULL,                               -- see 只看 / act 代办 / pay 代办并付款
  since TEXT NOT NULL, until TEXT NOT NULL,          -- 起、止，都含当天
  consent TEXT NOT NULL,                             -- 本人怎样同意：face 当面 / sms 短信 / door 上门
  decision TEXT NOT NULL,                            -- 依据的决定
  created BIGINT NOT NULL,
  revoked BIGINT NOT NULL,                           -- 收回的时刻，0 为有效
  PRIMARY KEY (region, id)
);
CREATE INDEX person_proxy_proxy ON person_proxy (region, proxy);
CREATE INDEX person_proxy_person ON person_proxy (region, person);
CREATE TABLE person_stay (         -- 住院期间：护理与申报都要看
  region TEXT NOT NULL, person TEXT NOT NULL, since TEXT NOT NULL,
  until TEXT NOT NULL,                               -- 出院日，空为还在住
  source TEXT NOT NULL, updated BIGINT NOT NULL,
  PRIMARY KEY (region, person, since)
);
CREATE TABLE person_number (       -- 用过的证件号码：更正号码、合并重复的人之后，旧号码仍找得到人
  region TEXT NOT NULL, id_index TEXT NOT NULL,
  person TEXT NOT NULL, at BIGINT NOT NULL, why TEXT NOT NULL,
  PRIMARY KEY (region, id_index)
);
