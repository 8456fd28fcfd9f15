-- 0232 (runs with 0210+): 回电：谁要我们打电话，到哪天以前，谁打的，说了什么
-- +goose Up
CREATE TABLE desk_call (
  region TEXT NOT NULL, id TEXT NOT NULL,
  person TEXT NOT NULL,            -- 打给谁；名册里没有的为空
  account TEXT NOT NULL,           -- 谁提出的：本人或代办家人的账号，接电话的经办
  name TEXT NOT NULL,              -- 怎么称呼
  phone TEXT NOT NULL,             -- 加密
  about TEXT NOT NULL,             -- 要问什么
  case_id TEXT NOT NULL,           -- 哪一件，没有为空
  state TEXT NOT NULL,             -- open 等着打 · taken 有人在打 · done 打过了
  due TEXT NOT NULL,               -- 最晚哪天打
  clerk TEXT NOT NULL, clerk_name TEXT NOT NULL,
  tries BIGINT NOT NULL,           -- 没打通的次数
  result TEXT NOT NULL, done BIGINT NOT NULL,
  at BIGINT NOT NULL, version BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX desk_call_state ON desk_call (region, state, due, id);
CREATE INDEX desk_call_account ON desk_call (region, account, id);
-- +goose Down
DROP TABLE desk_call;
