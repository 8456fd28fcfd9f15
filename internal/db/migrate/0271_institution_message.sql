-- 0271 (runs with 0050+): 给机构的消息；稽核问询、拟处理告知和机构的说明
-- +goose Up
CREATE TABLE institution_message (
  region TEXT NOT NULL, institution TEXT NOT NULL, id TEXT NOT NULL,   -- id 按时间排
  kind TEXT NOT NULL,              -- case 代办的事 · plan 护理计划 · money 结算 · inquiry 问询和申辩 · sanction 违规处理 · agreement 协议
  title TEXT NOT NULL, say TEXT NOT NULL,
  href TEXT NOT NULL,              -- 机构端里看这件事的地址
  paper TEXT NOT NULL,             -- 文书的地址，没有为空
  due TEXT NOT NULL,               -- 最晚哪天要回应，不用为空
  at BIGINT NOT NULL,
  read_at BIGINT NOT NULL, read_by TEXT NOT NULL, read_name TEXT NOT NULL,  -- 谁第一次打开
  PRIMARY KEY (region, institution, id)
);
CREATE TABLE institution_inquiry (
  region TEXT NOT NULL, id TEXT NOT NULL, institution TEXT NOT NULL,
  kind TEXT NOT NULL,              -- question 问询 · plan 拟处理告知
  say TEXT NOT NULL,               -- 查到什么、要说明什么
  subject TEXT NOT NULL, staff TEXT NOT NULL, name TEXT NOT NULL,      -- 拟处理谁；问询为空
  serious BOOLEAN NOT NULL, months BIGINT NOT NULL, measure TEXT NOT NULL,
  state TEXT NOT NULL,             -- open 等机构说明 · answered 说明了 · closed 定了
  asked TEXT NOT NULL, due TEXT NOT NULL,                              -- 哪天问的、最晚哪天说明
  asker TEXT NOT NULL, asker_name TEXT NOT NULL,
  answer TEXT NOT NULL, answered BIGINT NOT NULL, answerer TEXT NOT NULL,
  result TEXT NOT NULL,            -- punish 作出处理 · drop 不处理 · noted 核实完了
  result_say TEXT NOT NULL, sanction TEXT NOT NULL, closed BIGINT NOT NULL, closer TEXT NOT NULL,
  version BIGINT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX institution_inquiry_work ON institution_inquiry (region, state, due, id);
CREATE INDEX institution_inquiry_of ON institution_inquiry (region, institution, at);
-- +goose Down
DROP TABLE institution_inquiry;
DROP TABLE institution_message;
