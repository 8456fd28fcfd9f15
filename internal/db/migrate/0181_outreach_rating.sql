-- 0181 (runs with 0180+): 好差评和改进事项
-- +goose Up
CREATE TABLE outreach_rating (     -- 好差评：一件事一个评价
  region TEXT NOT NULL, kind TEXT NOT NULL, object TEXT NOT NULL,  -- visit | case | voice，哪一件
  score BIGINT NOT NULL,                           -- 1 很不满意 … 5 很满意
  words TEXT NOT NULL,
  person TEXT NOT NULL, account TEXT NOT NULL,
  desk TEXT NOT NULL, desk_name TEXT NOT NULL,     -- 窗口：经办的人
  staff TEXT NOT NULL, staff_name TEXT NOT NULL,   -- 护理员
  inst TEXT NOT NULL, inst_name TEXT NOT NULL,     -- 机构
  insurer TEXT NOT NULL,                           -- 商保经办
  day TEXT NOT NULL,
  low BOOLEAN NOT NULL, due TEXT NOT NULL,         -- 差评要在哪天以前答复
  answer TEXT NOT NULL, answered TEXT NOT NULL, answered_by TEXT NOT NULL,
  decision TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, kind, object)
);
CREATE INDEX outreach_rating_low ON outreach_rating (region, low, answered, due);
CREATE INDEX outreach_rating_inst ON outreach_rating (region, inst, day);
CREATE TABLE outreach_improve (    -- 改进事项：从投诉、差评、回访、知晓调查来
  region TEXT NOT NULL, id TEXT NOT NULL,
  source TEXT NOT NULL, object TEXT NOT NULL,      -- voice | rating | followup | survey，哪一件
  title TEXT NOT NULL, what TEXT NOT NULL,
  owner TEXT NOT NULL, due TEXT NOT NULL,          -- 谁负责、哪天以前
  state TEXT NOT NULL,                             -- open | done | dropped
  result TEXT NOT NULL, closed TEXT NOT NULL,
  maker TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX outreach_improve_state ON outreach_improve (region, state, due);
-- +goose Down
DROP TABLE outreach_improve;
DROP TABLE outreach_rating;
