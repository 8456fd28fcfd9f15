-- 0220 (runs with 0220+): 上门办：帮办员、上门；就近办：服务站点的时间和设施
-- +goose Up
CREATE TABLE door_helper (         -- 帮办员：谁、会办什么、从哪里出发
  region TEXT NOT NULL, id TEXT NOT NULL,
  account TEXT NOT NULL, name TEXT NOT NULL, district TEXT NOT NULL,
  lat BIGINT NOT NULL, lng BIGINT NOT NULL,
  skills TEXT NOT NULL,                            -- 会办的事，JSON
  active BOOLEAN NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE TABLE door_visit (          -- 一次上门：约的时段、谁去、到没到、办了什么
  region TEXT NOT NULL, id TEXT NOT NULL,
  case_id TEXT NOT NULL,                           -- 办件；每年该有的上门没有办件
  duty TEXT NOT NULL,                              -- 每年该有的哪一种；空是申请的
  person TEXT NOT NULL, district TEXT NOT NULL, address TEXT NOT NULL,
  lat BIGINT NOT NULL, lng BIGINT NOT NULL,
  what TEXT NOT NULL,
  on_day TEXT NOT NULL, slot TEXT NOT NULL,        -- am 上午 | pm 下午
  helper TEXT NOT NULL, status TEXT NOT NULL,      -- planned 约好 | done 办了 | missed 没见到人 | off 取消
  arrived BIGINT NOT NULL, metres BIGINT NOT NULL, -- 到达的时刻、离登记住址多远，-1 没有定位
  result TEXT NOT NULL, decision TEXT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX door_visit_day ON door_visit (region, on_day, helper);
CREATE INDEX door_visit_person ON door_visit (region, person);
CREATE TABLE door_point (          -- 服务站点：什么时候开门，有什么设施
  region TEXT NOT NULL, institution TEXT NOT NULL,
  kind TEXT NOT NULL,                              -- hall township village hospital home
  weekdays TEXT NOT NULL,                          -- 开门的日子，12345 是周一到周五
  opens TEXT NOT NULL,                             -- 08:30-12:00,13:30-17:30
  facilities TEXT NOT NULL, staff BIGINT NOT NULL,
  PRIMARY KEY (region, institution)
);
-- +goose Down
DROP TABLE door_point;
DROP TABLE door_visit;
DROP TABLE door_helper;
