-- 0182 (runs with 0181+): 宣传材料、宣讲、知晓调查、回访
-- +goose Up
CREATE TABLE outreach_publication (  -- 宣传材料：和它讲的政策值绑在一起
  region TEXT NOT NULL, id TEXT NOT NULL,
  audience TEXT NOT NULL,                          -- citizen 群众 | doctor 医生 | home 养老院
  title TEXT NOT NULL, body TEXT NOT NULL, elder TEXT NOT NULL,  -- 正文、长辈版
  cites TEXT NOT NULL,                             -- 讲到的政策值：名称、当时的值、条款，JSON
  hash TEXT NOT NULL,                              -- 当时的政策包
  state TEXT NOT NULL,                             -- draft | published | revise | withdrawn
  diff TEXT NOT NULL,                              -- 哪些值变了，JSON
  owner TEXT NOT NULL, owner_name TEXT NOT NULL, publisher TEXT NOT NULL, published TEXT NOT NULL,
  version BIGINT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE TABLE outreach_briefing (     -- 宣讲
  region TEXT NOT NULL, id TEXT NOT NULL,
  title TEXT NOT NULL, place TEXT NOT NULL, district TEXT NOT NULL, day TEXT NOT NULL,
  audience TEXT NOT NULL, speaker TEXT NOT NULL, people BIGINT NOT NULL, questions TEXT NOT NULL,
  maker TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE TABLE outreach_survey (       -- 政策知晓调查的一份答卷，不记姓名
  region TEXT NOT NULL, id TEXT NOT NULL,
  day TEXT NOT NULL, month TEXT NOT NULL, channel TEXT NOT NULL, district TEXT NOT NULL,
  chosen TEXT NOT NULL, right_count BIGINT NOT NULL, knows BOOLEAN NOT NULL, decision TEXT NOT NULL,
  maker TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX outreach_survey_month ON outreach_survey (region, month);
CREATE TABLE outreach_draw (         -- 回访抽样：一周一种一次，种子记下来，可以重算
  region TEXT NOT NULL, week TEXT NOT NULL, kind TEXT NOT NULL,
  seed BIGINT NOT NULL, pool_key BIGINT NOT NULL, pool_other BIGINT NOT NULL, drawn BIGINT NOT NULL,
  decision TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, week, kind)
);
CREATE TABLE outreach_followup (     -- 回访
  region TEXT NOT NULL, kind TEXT NOT NULL, object TEXT NOT NULL, week TEXT NOT NULL,
  person TEXT NOT NULL, name TEXT NOT NULL, what TEXT NOT NULL, key_group BOOLEAN NOT NULL,
  state TEXT NOT NULL,                             -- open 待回访 | done 回访了 | lost 打不通
  tries BIGINT NOT NULL, again TEXT NOT NULL,      -- 打了几次、约在哪天再打
  came BOOLEAN NOT NULL, score BIGINT NOT NULL, words TEXT NOT NULL,  -- 服务有没有来、满意程度、说了什么
  caller TEXT NOT NULL, caller_name TEXT NOT NULL, day TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, kind, object)
);
CREATE INDEX outreach_followup_state ON outreach_followup (region, state, again);
-- +goose Down
DROP TABLE outreach_followup;
DROP TABLE outreach_draw;
DROP TABLE outreach_survey;
DROP TABLE outreach_briefing;
DROP TABLE outreach_publication;
