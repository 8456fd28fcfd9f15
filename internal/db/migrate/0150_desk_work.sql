-- 0150 (runs with 0150+): 谁在看哪一件、十分钟内可撤回的决定、一次办了哪些、账号的习惯
-- +goose Up
CREATE TABLE desk_hold (           -- 谁打开了哪一件：几分钟没有动作自动放开
  region TEXT NOT NULL, queue TEXT NOT NULL, object TEXT NOT NULL,
  account TEXT NOT NULL, name TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, queue, object)
);
CREATE INDEX desk_hold_account ON desk_hold (region, account);
CREATE TABLE desk_undo (           -- 决定以前的样子：十分钟内撤回就照它恢复
  region TEXT NOT NULL, case_id TEXT NOT NULL,
  version BIGINT NOT NULL,                         -- 决定以后的版本；之后有人动过就不能撤回
  account TEXT NOT NULL, until BIGINT NOT NULL,    -- 谁、到什么时刻可以撤回
  action TEXT NOT NULL,
  stage TEXT NOT NULL, status TEXT NOT NULL, due_from TEXT NOT NULL, due TEXT NOT NULL,
  due_days BIGINT NOT NULL, missing BIGINT NOT NULL,
  jobs TEXT NOT NULL,                              -- 还没有发出的通知，撤回时一起取消
  PRIMARY KEY (region, case_id)
);
CREATE TABLE desk_batch (          -- 一次办了哪些，每一件的结果（只给办的人看）
  region TEXT NOT NULL, id TEXT NOT NULL,
  account TEXT NOT NULL, queue TEXT NOT NULL, act TEXT NOT NULL,
  until BIGINT NOT NULL,                           -- 能撤回到什么时刻，0 是不能
  items TEXT NOT NULL,                             -- 每一件的结果，JSON
  at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX desk_batch_account ON desk_batch (region, account, id);
CREATE TABLE desk_setting (        -- 账号自己的习惯，如不用快捷键
  region TEXT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (region, account, name)
);
ALTER TABLE desk_case DROP COLUMN holder;
ALTER TABLE desk_case DROP COLUMN holder_name;
ALTER TABLE desk_case DROP COLUMN held_at;
-- +goose Down
ALTER TABLE desk_case ADD COLUMN holder TEXT NOT NULL DEFAULT '';
ALTER TABLE desk_case ADD COLUMN holder_name TEXT NOT NULL DEFAULT '';
ALTER TABLE desk_case ADD COLUMN held_at BIGINT NOT NULL DEFAULT 0;
DROP TABLE desk_setting;
DROP TABLE desk_batch;
DROP TABLE desk_undo;
DROP TABLE desk_hold;
