-- 0160 (runs with 0150+): 服务大厅：排队叫号、设施检查、应急
-- +goose Up
CREATE TABLE hall_place (          -- 大厅和服务站点
  region TEXT NOT NULL, id TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,              -- hall 大厅 · point 服务站点 · home 养老机构
  district TEXT NOT NULL, address TEXT NOT NULL,
  hours TEXT NOT NULL,             -- 开放时间，给人看的话
  institution TEXT NOT NULL,       -- 站点对应的定点机构编号，大厅为空
  open BOOLEAN NOT NULL, version BIGINT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE TABLE hall_window (         -- 窗口
  region TEXT NOT NULL, id TEXT NOT NULL,
  place TEXT NOT NULL, no BIGINT NOT NULL, name TEXT NOT NULL,
  matters TEXT NOT NULL,           -- 能办的事项，逗号隔开；空的什么都办
  priority BOOLEAN NOT NULL,       -- 老年人优先窗口
  status TEXT NOT NULL,            -- open 开着 · paused 暂停 · closed 关着
  reason TEXT NOT NULL, clerk TEXT NOT NULL, clerk_name TEXT NOT NULL,
  version BIGINT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id), UNIQUE (region, place, no)
);
CREATE TABLE hall_count (          -- 每个地方每天发到第几号
  region TEXT NOT NULL, place TEXT NOT NULL, day TEXT NOT NULL, n BIGINT NOT NULL,
  PRIMARY KEY (region, place, day)
);
CREATE TABLE hall_ticket (         -- 号
  region TEXT NOT NULL, id TEXT NOT NULL,
  place TEXT NOT NULL, day TEXT NOT NULL, label TEXT NOT NULL,   -- L012
  lane TEXT NOT NULL, why TEXT NOT NULL,                         -- 通道和原因
  source TEXT NOT NULL,            -- machine 取号机 · guide 引导员 · online 网上
  matter TEXT NOT NULL, person TEXT NOT NULL, shown TEXT NOT NULL, -- 隐去一部分的姓名
  status TEXT NOT NULL,            -- booked 网上取了还没到 · waiting · called · serving · done · missed · left
  window_id TEXT NOT NULL, to_window TEXT NOT NULL,              -- 叫它的窗口；转去的窗口
  calls BIGINT NOT NULL,
  taken BIGINT NOT NULL, arrived BIGINT NOT NULL, called BIGINT NOT NULL,
  started BIGINT NOT NULL, accepted BIGINT NOT NULL, ended BIGINT NOT NULL,
  rating BIGINT NOT NULL, remark TEXT NOT NULL,                  -- 好差评 1 到 5，0 没有评
  decision TEXT NOT NULL, call_decision TEXT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX hall_ticket_day ON hall_ticket (region, place, day, status);
CREATE INDEX hall_ticket_person ON hall_ticket (region, person, day);
CREATE TABLE hall_step (           -- 一张号上的接待、答疑、陪同、填表、受理、办理、反馈
  region TEXT NOT NULL, ticket TEXT NOT NULL, seq BIGINT NOT NULL,
  step TEXT NOT NULL, say TEXT NOT NULL, actor TEXT NOT NULL, actor_name TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, ticket, seq)
);
CREATE TABLE hall_facility (       -- 每样设施现在怎样
  region TEXT NOT NULL, place TEXT NOT NULL, item TEXT NOT NULL,
  state TEXT NOT NULL,             -- good 好的 · broken 坏了 · missing 没有
  checked TEXT NOT NULL, due TEXT NOT NULL, note TEXT NOT NULL, photo TEXT NOT NULL,
  by_name TEXT NOT NULL, decision TEXT NOT NULL,
  PRIMARY KEY (region, place, item)
);
CREATE INDEX hall_facility_due ON hall_facility (region, due);
CREATE TABLE hall_check (          -- 每一次检查
  region TEXT NOT NULL, id TEXT NOT NULL,
  place TEXT NOT NULL, item TEXT NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL, photo TEXT NOT NULL,
  checked TEXT NOT NULL, due TEXT NOT NULL, by_id TEXT NOT NULL, by_name TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX hall_check_of ON hall_check (region, place, at);
CREATE TABLE hall_plan (           -- 应急预案的每一版
  region TEXT NOT NULL, version BIGINT NOT NULL,
  title TEXT NOT NULL, roles TEXT NOT NULL, steps TEXT NOT NULL,  -- JSON
  from_day TEXT NOT NULL, by_id TEXT NOT NULL, by_name TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, version)
);
CREATE TABLE hall_drill (          -- 演练和培训
  region TEXT NOT NULL, id TEXT NOT NULL,
  place TEXT NOT NULL, kind TEXT NOT NULL,      -- drill 演练 · training 培训
  held_on TEXT NOT NULL, topic TEXT NOT NULL, people BIGINT NOT NULL, note TEXT NOT NULL,
  plan BIGINT NOT NULL, by_name TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX hall_drill_of ON hall_drill (region, place, held_on);
CREATE TABLE hall_incident (       -- 突发事件
  region TEXT NOT NULL, id TEXT NOT NULL,
  place TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, plan BIGINT NOT NULL,
  status TEXT NOT NULL,            -- open 正在处理 · ended 已结束
  started BIGINT NOT NULL, ended BIGINT NOT NULL, result TEXT NOT NULL,
  by_id TEXT NOT NULL, by_name TEXT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX hall_incident_of ON hall_incident (region, status, started);
CREATE TABLE hall_incident_step (  -- 处理的经过
  region TEXT NOT NULL, incident TEXT NOT NULL, seq BIGINT NOT NULL,
  say TEXT NOT NULL, actor TEXT NOT NULL, actor_name TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, incident, seq)
);
-- +goose Down
DROP TABLE hall_incident_step;
DROP TABLE hall_incident;
DROP TABLE hall_drill;
DROP TABLE hall_plan;
DROP TABLE hall_check;
DROP TABLE hall_facility;
DROP TABLE hall_step;
DROP TABLE hall_ticket;
DROP TABLE hall_count;
DROP TABLE hall_window;
DROP TABLE hall_place;
