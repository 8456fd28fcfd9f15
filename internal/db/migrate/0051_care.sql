-- 0051 (runs with 0050+): 护理计划、上门、离线上传、疑点
-- +goose Up
CREATE TABLE care_plan (                 -- 护理计划
  region TEXT NOT NULL, id TEXT NOT NULL,
  person TEXT NOT NULL, institution TEXT NOT NULL, mode TEXT NOT NULL,
  level BIGINT NOT NULL,
  status TEXT NOT NULL,                  -- draft 编制中 offered 待本人确认 confirmed 待经办审批 active 执行中 returned 退回 refused 本人不同意 ended 已停 
  from_day TEXT NOT NULL, to_day TEXT NOT NULL,
  items TEXT NOT NULL,                   -- JSON：项目、每周次数、每次分钟、资质
  slots TEXT NOT NULL,                   -- JSON：每周哪天几点谁去
  limits TEXT NOT NULL,                  -- JSON：编制时核对的结果
  note TEXT NOT NULL,                    -- 退回、不同意、停止的原因
  secret TEXT NOT NULL,                  -- 生成每次上门确认码的种子
  pin TEXT NOT NULL,                     -- 家属口令的摘要，空为没设
  written_by TEXT NOT NULL, confirmed_by TEXT NOT NULL, approved_by TEXT NOT NULL,
  confirmed_at BIGINT NOT NULL,          -- 本人确认的时刻，十分钟内可以撤回
  until_day TEXT NOT NULL,               -- 上门已排到哪一天
  decision TEXT NOT NULL,
  version BIGINT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX care_plan_person ON care_plan (region, person);
CREATE INDEX care_plan_of ON care_plan (region, institution, status);
CREATE TABLE care_visit (                -- 上门护理记录（六要素），由 care_sync 的事件推得
  region TEXT NOT NULL, id TEXT NOT NULL,
  plan TEXT NOT NULL, person TEXT NOT NULL, institution TEXT NOT NULL, staff TEXT NOT NULL,
  on_day TEXT NOT NULL, mode TEXT NOT NULL,
  planned_at BIGINT NOT NULL, planned_minutes BIGINT NOT NULL, planned_items TEXT NOT NULL,
  status TEXT NOT NULL,                  -- planned started done trouble cancelled void
  begin_at BIGINT NOT NULL, end_at BIGINT NOT NULL,  -- 到达、离开，毫秒，以设备记下的时刻为准
  minutes BIGINT NOT NULL,
  place TEXT NOT NULL,                   -- JSON：到达和离开的位置、误差、离家距离、设备和服务器时间
  items TEXT NOT NULL, evidence TEXT NOT NULL,
  confirmed TEXT NOT NULL,               -- 家属确认方式 code pin sign，空为没有确认
  trouble TEXT NOT NULL,                 -- 有情况：没在家、不接受、住院、受伤、不安全
  lines TEXT NOT NULL,                   -- JSON：费用明细
  bill_decision TEXT NOT NULL, suspect_decision TEXT NOT NULL,
  suspects BIGINT NOT NULL,              -- 还没了结的疑点数
  note TEXT NOT NULL,
  version BIGINT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX care_visit_staff ON care_visit (region, staff, on_day);
CREATE INDEX care_visit_person ON care_visit (region, person, on_day);
CREATE INDEX care_visit_of ON care_visit (region, institution, on_day);
CREATE TABLE care_sync (                 -- 上门的事件，设备给的编号，同一编号只收一次
  region TEXT NOT NULL, client_id TEXT NOT NULL,
  visit TEXT NOT NULL, kind TEXT NOT NULL,
  device_at BIGINT NOT NULL, received_at BIGINT NOT NULL,
  actor TEXT NOT NULL, digest TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (region, client_id)
);
CREATE INDEX care_sync_visit ON care_sync (region, visit);
CREATE INDEX care_sync_actor ON care_sync (region, actor, received_at);
CREATE TABLE care_exception (            -- 疑点：不挡服务，限时说明，经办处理
  region TEXT NOT NULL, visit TEXT NOT NULL, kind TEXT NOT NULL,
  institution TEXT NOT NULL, person TEXT NOT NULL, staff TEXT NOT NULL, on_day TEXT NOT NULL,
  say TEXT NOT NULL, clause TEXT NOT NULL,
  status TEXT NOT NULL,                  -- open 待说明 answered 待处理 accepted 情况属实 deducted 扣减 void 不予认定
  answer_due TEXT NOT NULL, answer TEXT NOT NULL, answered_by TEXT NOT NULL, evidence TEXT NOT NULL,
  decide_due TEXT NOT NULL, reason TEXT NOT NULL, decided_by TEXT NOT NULL, deduct_minutes BIGINT NOT NULL,
  version BIGINT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, visit, kind)
);
CREATE INDEX care_exception_of ON care_exception (region, institution, status);
CREATE INDEX care_exception_status ON care_exception (region, status, on_day);
-- +goose Down
DROP TABLE care_exception;
DROP TABLE care_sync;
DROP TABLE care_visit;
DROP TABLE care_plan;
