-- 0001 (runs with 0001+): 审计链、幂等回执、决定及其依据、政策包存档、任务队列
-- +goose Up
CREATE TABLE audit_head (          -- 每条审计链的链头
  region TEXT NOT NULL, lane BIGINT NOT NULL,
  seq BIGINT NOT NULL, hash TEXT NOT NULL,
  at BIGINT NOT NULL,              -- 最后一条记录的时刻；时钟往回走时据此另记一条
  PRIMARY KEY (region, lane)
);
CREATE TABLE audit_event (         -- 审计记录，只增不改
  region TEXT NOT NULL, lane BIGINT NOT NULL, seq BIGINT NOT NULL,
  at BIGINT NOT NULL, zone TEXT NOT NULL,
  actor TEXT NOT NULL, role TEXT NOT NULL, behalf TEXT NOT NULL, terminal TEXT NOT NULL,
  verb TEXT NOT NULL, object TEXT NOT NULL, result TEXT NOT NULL, detail TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (region, lane, seq)
);
CREATE INDEX audit_event_object ON audit_event (region, object);
CREATE TABLE audit_receipt (       -- 幂等回执，永久保存
  region TEXT NOT NULL, actor TEXT NOT NULL, key TEXT NOT NULL,
  verb TEXT NOT NULL, digest TEXT NOT NULL, receipt TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, key, actor)  -- key 在前：一组请求的回执按 key 一次查出
);
CREATE TABLE audit_decision (      -- 决定：规则、输入、结果、依据
  region TEXT NOT NULL, id TEXT NOT NULL,
  rule TEXT NOT NULL, object TEXT NOT NULL, on_day TEXT NOT NULL,
  pack_version TEXT NOT NULL, pack_hash TEXT NOT NULL,
  input TEXT NOT NULL, output TEXT NOT NULL, explain TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX audit_decision_object ON audit_decision (region, object);
CREATE TABLE audit_pack (          -- 作出决定时所用政策包的原文，重放时用
  region TEXT NOT NULL, hash TEXT NOT NULL, version TEXT NOT NULL,
  bundle TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, hash)
);
CREATE TABLE job_job (             -- 发件箱和任务
  region TEXT NOT NULL, id TEXT NOT NULL,
  kind TEXT NOT NULL, key TEXT NOT NULL, args TEXT NOT NULL,
  due BIGINT NOT NULL, lease BIGINT NOT NULL, tries BIGINT NOT NULL,
  done BIGINT NOT NULL, error TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id),
  UNIQUE (region, kind, key)
);
CREATE INDEX job_job_due ON job_job (region, due) WHERE done = 0;
-- +goose Down
DROP TABLE job_job;
DROP TABLE audit_pack;
DROP TABLE audit_decision;
DROP TABLE audit_receipt;
DROP TABLE audit_event;
DROP TABLE audit_head;
