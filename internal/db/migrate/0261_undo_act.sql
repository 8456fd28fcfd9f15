-- 0261 (runs with 0261+): 十分钟内可以撤回的决定，各个队列放在一处（原来只有办件的 desk_undo）
-- +goose Up
CREATE TABLE undo_act (              -- 决定以前的样子：十分钟内撤回就照它恢复
  region TEXT NOT NULL,
  word TEXT NOT NULL, object TEXT NOT NULL,        -- 哪个队列的哪一件
  name TEXT NOT NULL,                              -- 做了什么
  account TEXT NOT NULL, version BIGINT NOT NULL,  -- 谁做的；做完以后的版本，之后有人动过就不能撤回
  until BIGINT NOT NULL,                           -- 到什么时刻可以撤回
  was TEXT NOT NULL,                               -- 以前的样子，JSON
  jobs TEXT NOT NULL,                              -- 还没有发出的通知，撤回时一起取消，JSON
  PRIMARY KEY (region, word, object)
);
DROP TABLE desk_undo;
-- +goose Down
CREATE TABLE desk_undo (
  region TEXT NOT NULL, case_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  account TEXT NOT NULL, until BIGINT NOT NULL,
  action TEXT NOT NULL,
  stage TEXT NOT NULL, status TEXT NOT NULL, due_from TEXT NOT NULL, due TEXT NOT NULL,
  due_days BIGINT NOT NULL, missing BIGINT NOT NULL,
  jobs TEXT NOT NULL,
  PRIMARY KEY (region, case_id)
);
DROP TABLE undo_act;
