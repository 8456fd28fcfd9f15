-- 0190 (runs with 0150+): 工作台账
-- +goose Up
CREATE TABLE measure_plan (        -- 本地对一项任务的安排
  region TEXT NOT NULL, duty TEXT NOT NULL,
  unit TEXT NOT NULL,              -- 承办处室
  owner TEXT NOT NULL,             -- 专人：谁负责
  phone TEXT NOT NULL,             -- 提醒发到这个号码，空的不发
  target TEXT NOT NULL,            -- 本地要做到什么
  set_on TEXT NOT NULL,            -- 文件没有写日子的，后来定的日子
  set_by TEXT NOT NULL,            -- 依据哪份文件、谁定的
  steps TEXT NOT NULL,             -- 阶段：名称、日子、完成日，JSON
  version BIGINT NOT NULL, actor TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, duty)
);
CREATE TABLE measure_report (      -- 进展报告，只增不改
  region TEXT NOT NULL, id TEXT NOT NULL,
  duty TEXT NOT NULL,
  on_day TEXT NOT NULL,            -- 说的是哪一天的情况
  done BOOLEAN NOT NULL,           -- 报完成
  step TEXT NOT NULL,              -- 完成的是哪个阶段，空的是整项
  say TEXT NOT NULL,
  proof BIGINT NOT NULL,           -- 几份佐证
  actor TEXT NOT NULL, actor_name TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX measure_report_of ON measure_report (region, duty, on_day);
CREATE TABLE measure_reminder (    -- 提醒，同一次只提一遍
  region TEXT NOT NULL, duty TEXT NOT NULL,
  kind TEXT NOT NULL,              -- before 到期前 · due 当天 · late 超期
  due TEXT NOT NULL, turn BIGINT NOT NULL,
  say TEXT NOT NULL, on_day TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, duty, kind, due, turn)
);
CREATE TABLE measure_filing (      -- 报上级的具体工作措施
  region TEXT NOT NULL, duty TEXT NOT NULL,
  said TEXT NOT NULL,              -- 正文
  writer TEXT NOT NULL, writer_name TEXT NOT NULL, written BIGINT NOT NULL,
  head TEXT NOT NULL,              -- 主要负责同志
  approver TEXT NOT NULL, approved_on TEXT NOT NULL,
  sent_on TEXT NOT NULL, sent_no TEXT NOT NULL, -- 省局OA系统的编号
  version BIGINT NOT NULL,
  PRIMARY KEY (region, duty)
);
-- +goose Down
DROP TABLE measure_filing;
DROP TABLE measure_reminder;
DROP TABLE measure_report;
DROP TABLE measure_plan;
