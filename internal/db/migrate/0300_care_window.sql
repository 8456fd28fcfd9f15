-- 0300 (runs with 0300+): 亲情护理的日子，家里没有手机的到窗口确认或收回：谁来的、出示了什么证件、谁办的
-- +goose Up
CREATE TABLE care_window (
  region TEXT NOT NULL, id TEXT NOT NULL,
  plan TEXT NOT NULL,
  back BOOLEAN NOT NULL,                 -- 收回；否则是确认
  days TEXT NOT NULL,                    -- 哪几天（JSON，不查询）
  came TEXT NOT NULL, came_as TEXT NOT NULL,   -- 来的人和他是谁：本人、照护人、本人授权的人
  shown TEXT NOT NULL,                   -- 出示的证件；号码后四位当场核对，不留存
  clerk TEXT NOT NULL, clerk_name TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX care_window_plan ON care_window (region, plan);
-- +goose Down
DROP TABLE care_window;
