-- 0171 (runs with 0170+): 部门数据共享：登记册的批次、得出的事实、认不准的行、经办人认定过的人
-- +goose Up
CREATE TABLE share_batch (         -- 一次导入：哪个来源、截至哪天、结果
  region TEXT NOT NULL, id TEXT NOT NULL,
  source TEXT NOT NULL,                              -- 政策包 share.registers 里的编号
  file TEXT NOT NULL, as_of TEXT NOT NULL,           -- 文件名；名单截至哪一天
  actor TEXT NOT NULL, actor_name TEXT NOT NULL,
  begun BIGINT NOT NULL, ended BIGINT NOT NULL,      -- ended 为 0：还在导入，或程序中途停了
  say TEXT NOT NULL,                                 -- 整个文件读不了的原因，空为读完了
  report TEXT NOT NULL,                              -- 结果（JSON，不查询）
  PRIMARY KEY (region, id)
);
CREATE TABLE share_fact (          -- 登记册说的一件事：谁、什么、从哪天到哪天，来自哪一批的哪一行
  region TEXT NOT NULL, source TEXT NOT NULL, person TEXT NOT NULL,
  item TEXT NOT NULL,                                -- 同一来源同一人的第几件：住院、评估用日期，其余为空
  value TEXT NOT NULL,                               -- 原样的说法：一级、重度……
  document TEXT NOT NULL, issuer TEXT NOT NULL,      -- 证书或文书号；出具单位
  since TEXT NOT NULL, until TEXT NOT NULL,          -- 起、止（止含当天，空为没有写）
  batch TEXT NOT NULL, line BIGINT NOT NULL,         -- 来自哪一批哪一行；手工登记为空和 0
  as_of TEXT NOT NULL,                               -- 说这话的名单截至哪一天
  ended_on TEXT NOT NULL, ended_by TEXT NOT NULL,    -- 后来的全量名单里没有了：哪天、哪一批；空为仍然有效
  PRIMARY KEY (region, source, person, item)
);
CREATE TABLE share_row (           -- 没有直接认出来的行：认不准的等人看，没有找到的留名单；不存完整号码
  region TEXT NOT NULL, batch TEXT NOT NULL, line BIGINT NOT NULL,
  source TEXT NOT NULL,
  state TEXT NOT NULL,                               -- doubtful 认不准 / unmatched 没有找到 / same 是同一个人 / another 不是 / unknown 查不清
  name TEXT NOT NULL, birth TEXT NOT NULL, id_mask TEXT NOT NULL, address TEXT NOT NULL,
  reason TEXT NOT NULL,                              -- 为什么认不准或没有找到
  candidates TEXT NOT NULL,                          -- 可能的人（编号的 JSON 列表，不查询）
  row_key TEXT NOT NULL,                             -- 来源、号码、姓名、生日的盲索引：下一批同一行不再问
  value TEXT NOT NULL, document TEXT NOT NULL, issuer TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL,
  person TEXT NOT NULL, note TEXT NOT NULL,          -- 认定是谁；怎样核对的
  actor TEXT NOT NULL, actor_name TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, batch, line)
);
CREATE INDEX share_row_state ON share_row (region, state, batch);
CREATE TABLE share_link (          -- 经办人认定过的：这样写的一行是谁；person 为空是认定不在名册里
  region TEXT NOT NULL, row_key TEXT NOT NULL,
  person TEXT NOT NULL, actor TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, row_key)
);
CREATE TABLE share_watch (         -- 重点人群排查名单：一人一行，由名册、登记册、评估和待遇算出
  region TEXT NOT NULL, person TEXT NOT NULL,
  name TEXT NOT NULL, district TEXT NOT NULL, community TEXT NOT NULL, key_groups TEXT NOT NULL,
  state TEXT NOT NULL,                               -- none 没有申请 / open 正在办 / refused 没有受理 / below 不够等级 / due 该复评 / granted 已评够级 / enjoy 已享受
  should BOOLEAN NOT NULL, assessed BOOLEAN NOT NULL, enjoying BOOLEAN NOT NULL,
  app TEXT NOT NULL, due TEXT NOT NULL,              -- 最近的评估申请；复评的日子
  follower TEXT NOT NULL, follower_name TEXT NOT NULL, -- 跟踪人
  contacted TEXT NOT NULL, result TEXT NOT NULL,     -- 最近一次联系的日子、结果
  next_on TEXT NOT NULL,                             -- 下次联系的日子
  updated BIGINT NOT NULL,
  PRIMARY KEY (region, person)
);
CREATE INDEX share_watch_place ON share_watch (region, district, community, person);
CREATE TABLE share_contact (       -- 每一次联系：谁、什么时候、结果
  region TEXT NOT NULL, person TEXT NOT NULL, at BIGINT NOT NULL,
  on_day TEXT NOT NULL, result TEXT NOT NULL, note TEXT NOT NULL, next_on TEXT NOT NULL,
  actor TEXT NOT NULL, actor_name TEXT NOT NULL,
  PRIMARY KEY (region, person, at)
);
