-- 0210 (runs with 0210+): 事项的申请：问了什么、答了什么、办到哪一步、办成的结果
-- +goose Up
CREATE TABLE desk_application (
  region TEXT NOT NULL, case_id TEXT NOT NULL,     -- 受理号
  matter TEXT NOT NULL,                            -- 事项，政策包里的短名
  person TEXT NOT NULL,
  step TEXT NOT NULL, before TEXT NOT NULL,        -- 现在的环节；上一个决定以前的环节，撤回时用
  brought TEXT NOT NULL,                           -- 谁来办：self proxy clerk point institution
  institution TEXT NOT NULL,                       -- 代办的机构或站点
  consent TEXT NOT NULL,                           -- 本人怎样同意别人代办
  answers TEXT NOT NULL, asked TEXT NOT NULL,      -- 申请人的答案、经办人填的，加密的 JSON
  result TEXT NOT NULL,                            -- 办成了什么，一句话
  decision TEXT NOT NULL,                          -- 最后一个决定
  since TEXT NOT NULL, until TEXT NOT NULL,        -- 结果从哪天到哪天有效；没有结果时为空
  other TEXT NOT NULL,                             -- 别的地区的受理号（通办）
  other_region TEXT NOT NULL,
  PRIMARY KEY (region, case_id)
);
CREATE INDEX desk_application_person ON desk_application (region, person, matter);
ALTER TABLE desk_case ADD COLUMN topic TEXT NOT NULL DEFAULT '';   -- 政策包里的事项，matter 是领域
-- +goose Down
ALTER TABLE desk_case DROP COLUMN topic;
DROP TABLE desk_application;
