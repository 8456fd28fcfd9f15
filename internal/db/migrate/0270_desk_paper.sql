-- 0270 (runs with 0210+): 文书出给了谁，怎样送到的，凭什么说送到了
-- +goose Up
CREATE TABLE desk_paper (
  region TEXT NOT NULL, object TEXT NOT NULL, kind TEXT NOT NULL, issued TEXT NOT NULL,  -- 校验码里的三样：哪一件、哪一种、哪天
  title TEXT NOT NULL,
  person TEXT NOT NULL,            -- 出给谁；名册里还没有的人为空
  due TEXT NOT NULL,               -- 最晚哪天送到，没有定为空
  state TEXT NOT NULL,             -- open 还没送到 · delivered 送到了 · void 撤回了或另出了新的
  way TEXT NOT NULL,               -- window 当面 · post 邮寄 · door 上门 · portal 网上打开 · sms 短信后本人确认
  proof TEXT NOT NULL,             -- 谁签收的、邮件号、怎样确认的
  delivered TEXT NOT NULL,         -- 哪天送到的
  noted_by TEXT NOT NULL, noted_name TEXT NOT NULL, noted_at BIGINT NOT NULL,
  read_at BIGINT NOT NULL,         -- 本人或代办人第一次在网上打开
  prints BIGINT NOT NULL,          -- 印过几次
  at BIGINT NOT NULL,
  PRIMARY KEY (region, object, kind, issued)
);
CREATE INDEX desk_paper_work ON desk_paper (region, state, due, object);
CREATE INDEX desk_paper_person ON desk_paper (region, person);
-- +goose Down
DROP TABLE desk_paper;
