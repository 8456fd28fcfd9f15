-- 0022 (runs with 0020+): 失能等级评估：申请、抽派、记分、意见、异议
-- +goose Up
CREATE TABLE assess_application (  -- 评估申请，编号与办件相同
  region TEXT NOT NULL, id TEXT NOT NULL,
  person TEXT NOT NULL,
  kind TEXT NOT NULL,                              -- first 首次 | renew 到期前 | change 状态复评
  state TEXT NOT NULL, round BIGINT NOT NULL,      -- 状态；第几轮（2 为争议复评）
  answers TEXT NOT NULL,                           -- 申请时回答的问题
  self_grade TEXT NOT NULL,                        -- 自评等级 A 到 G
  recorded_level BIGINT NOT NULL,                  -- 评估人员记分得出的等级，-1 未得
  final_level BIGINT NOT NULL,                     -- 专家结论等级，-1 未得
  final_name TEXT NOT NULL,
  visit_on TEXT NOT NULL, visit_slot TEXT NOT NULL,
  missing_what TEXT NOT NULL, supply_by TEXT NOT NULL,
  notice TEXT NOT NULL, concluded_on TEXT NOT NULL, delivered_on TEXT NOT NULL, object_by TEXT NOT NULL,
  valid_from TEXT NOT NULL, valid_to TEXT NOT NULL, renew_from TEXT NOT NULL,
  benefit TEXT NOT NULL, previous TEXT NOT NULL,
  d_apply TEXT NOT NULL, d_order TEXT NOT NULL, d_level TEXT NOT NULL, d_conclude TEXT NOT NULL, d_valid TEXT NOT NULL,
  accepted_by TEXT NOT NULL, entered_by TEXT NOT NULL, entered_inst TEXT NOT NULL,   -- 受理人；录入账号和机构
  created BIGINT NOT NULL, changed BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX assess_application_person ON assess_application (region, person);
CREATE INDEX assess_application_state ON assess_application (region, state, valid_to);
CREATE TABLE assess_draw (         -- 随机抽派：种子、名单、回避、结果，可重放
  region TEXT NOT NULL, case_id TEXT NOT NULL, seq BIGINT NOT NULL,
  round BIGINT NOT NULL, duty TEXT NOT NULL,
  seed TEXT NOT NULL, pool TEXT NOT NULL, recused TEXT NOT NULL, chosen TEXT NOT NULL,
  reason TEXT NOT NULL, actor TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, case_id, seq)
);
CREATE TABLE assess_member (       -- 参与这一件的评估员和专家
  region TEXT NOT NULL, case_id TEXT NOT NULL, staff TEXT NOT NULL,
  round BIGINT NOT NULL, duty TEXT NOT NULL,       -- visit 上门 | conclude 结论
  role TEXT NOT NULL, name TEXT NOT NULL, institution TEXT NOT NULL, account TEXT NOT NULL,
  status TEXT NOT NULL,                            -- on 在任 | off 已换下
  signed_at BIGINT NOT NULL,
  PRIMARY KEY (region, case_id, staff)
);
CREATE INDEX assess_member_staff ON assess_member (region, staff, status);
CREATE TABLE assess_score (        -- 逐项记分
  region TEXT NOT NULL, case_id TEXT NOT NULL, round BIGINT NOT NULL, item TEXT NOT NULL,
  score BIGINT NOT NULL, note TEXT NOT NULL, staff TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, case_id, round, item)
);
CREATE TABLE assess_visit (        -- 上门评估的现场情况
  region TEXT NOT NULL, case_id TEXT NOT NULL, round BIGINT NOT NULL,
  began BIGINT NOT NULL, ended BIGINT NOT NULL,
  guardian TEXT NOT NULL, relation TEXT NOT NULL, video TEXT NOT NULL, note TEXT NOT NULL,
  PRIMARY KEY (region, case_id, round)
);
CREATE TABLE assess_opinion (      -- 专家结论意见，各自独立
  region TEXT NOT NULL, case_id TEXT NOT NULL, round BIGINT NOT NULL, staff TEXT NOT NULL,
  level BIGINT NOT NULL, reason TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, case_id, round, staff)
);
CREATE TABLE assess_objection (    -- 异议，实名
  region TEXT NOT NULL, id TEXT NOT NULL, case_id TEXT NOT NULL,
  name TEXT NOT NULL, phone TEXT NOT NULL,         -- 电话加密
  reason TEXT NOT NULL, state TEXT NOT NULL,       -- 提出时的状态：公示中、送达后
  account TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX assess_objection_case ON assess_objection (region, case_id);
CREATE TABLE assess_tie (          -- 评估人员与参保人的亲属或利害关系，要回避
  region TEXT NOT NULL, staff TEXT NOT NULL, person TEXT NOT NULL,
  relation TEXT NOT NULL, actor TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, staff, person)
);
-- +goose Down
DROP TABLE assess_tie;
DROP TABLE assess_objection;
DROP TABLE assess_opinion;
DROP TABLE assess_visit;
DROP TABLE assess_score;
DROP TABLE assess_member;
DROP TABLE assess_draw;
DROP TABLE assess_application;
