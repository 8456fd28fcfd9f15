-- 0180 (runs with 0150+): 投诉、咨询、建议
-- +goose Up
CREATE TABLE outreach_voice (      -- 投诉、咨询、建议：编号就是办件的受理号
  region TEXT NOT NULL, id TEXT NOT NULL,
  kind TEXT NOT NULL,                              -- complaint 投诉 | question 咨询 | suggestion 建议
  stage TEXT NOT NULL,                             -- received | handling | answered | done
  channel TEXT NOT NULL,
  person TEXT NOT NULL, account TEXT NOT NULL,     -- 哪位参保人；谁在网上提的；不留名的都为空
  name TEXT NOT NULL, phone_sealed TEXT NOT NULL,  -- 留下的称呼和电话（加密）
  anonymous BOOLEAN NOT NULL, code TEXT NOT NULL,  -- 不留名的凭受理号和查询码查答复，只存摘要
  say TEXT NOT NULL,                               -- 说了什么
  about TEXT NOT NULL,                             -- 关于哪一件、哪一次上门
  against TEXT NOT NULL,                           -- institution | staff | office | insurer | 空
  against_id TEXT NOT NULL, against_name TEXT NOT NULL, against_inst TEXT NOT NULL,
  handler TEXT NOT NULL, handler_name TEXT NOT NULL,
  earlier TEXT NOT NULL,                           -- 前几次答复的人，空格分开
  round BIGINT NOT NULL, due TEXT NOT NULL,
  late BOOLEAN NOT NULL,                           -- 超过时限，已报督办
  asked TEXT NOT NULL, explanation TEXT NOT NULL, explained TEXT NOT NULL,  -- 请机构说明
  finding TEXT NOT NULL,                           -- founded 属实 | partly 部分属实 | unfounded 不属实 | 空
  answer TEXT NOT NULL, answered TEXT NOT NULL, reopen_by TEXT NOT NULL,
  decision TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX outreach_voice_stage ON outreach_voice (region, stage, due);
CREATE INDEX outreach_voice_person ON outreach_voice (region, person);
CREATE INDEX outreach_voice_account ON outreach_voice (region, account);
CREATE INDEX outreach_voice_inst ON outreach_voice (region, against_inst);
-- +goose Down
DROP TABLE outreach_voice;
