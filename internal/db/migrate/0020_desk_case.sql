-- 0020 (runs with 0020+): 办件、办理过程、材料、办件编号、草稿
-- +goose Up
CREATE TABLE desk_counter (        -- 办件编号的每日流水
  region TEXT NOT NULL, day TEXT NOT NULL,
  last BIGINT NOT NULL,
  PRIMARY KEY (region, day)
);
CREATE TABLE desk_case (           -- 办件：一个编号从头到尾
  region TEXT NOT NULL, id TEXT NOT NULL,          -- id 就是受理号
  matter TEXT NOT NULL,                            -- 事项，如 assess
  stage TEXT NOT NULL,                             -- 环节，由事项定义
  status TEXT NOT NULL,                            -- open 在办 | waiting 等申请人 | done 办结 | refused 不予 | withdrawn 撤回
  channel TEXT NOT NULL,                           -- 方式：window online video doorstep point institution phone
  person TEXT NOT NULL,                            -- 参保人
  applicant TEXT NOT NULL,                         -- 代办人（本人办时为空）
  relation TEXT NOT NULL,                          -- 代办人与参保人的关系
  district TEXT NOT NULL,
  rank BIGINT NOT NULL,                            -- 优先次序，0 最先
  priority TEXT NOT NULL,                          -- 优先的理由，如 特困
  opened TEXT NOT NULL, due_from TEXT NOT NULL, due TEXT NOT NULL,   -- 收件日、计时起日、到期日
  due_days BIGINT NOT NULL,                        -- 时限（工作日）
  missing BIGINT NOT NULL,                         -- 还差几样材料
  checks_ok BIGINT NOT NULL, checks_all BIGINT NOT NULL,             -- 自动核验通过几项、共几项
  holder TEXT NOT NULL, holder_name TEXT NOT NULL, held_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created BIGINT NOT NULL, changed BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX desk_case_work ON desk_case (region, matter, stage, rank, due, id);
CREATE INDEX desk_case_due ON desk_case (region, matter, stage, due, id);
CREATE INDEX desk_case_new ON desk_case (region, matter, stage, id);
CREATE INDEX desk_case_person ON desk_case (region, person);
CREATE TABLE desk_step (           -- 办理过程，只增不改
  region TEXT NOT NULL, case_id TEXT NOT NULL, seq BIGINT NOT NULL,
  stage TEXT NOT NULL, action TEXT NOT NULL, say TEXT NOT NULL,      -- say: 给人看的一句话
  actor TEXT NOT NULL, actor_name TEXT NOT NULL, at BIGINT NOT NULL,
  decision TEXT NOT NULL,                                            -- 决定编号，可查依据
  PRIMARY KEY (region, case_id, seq)
);
CREATE TABLE desk_document (       -- 材料和证据：文件在磁盘上，这里是登记
  region TEXT NOT NULL, id TEXT NOT NULL,
  case_id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
  mime TEXT NOT NULL, size BIGINT NOT NULL,
  sha256 TEXT NOT NULL, sm3 TEXT NOT NULL,
  actor TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX desk_document_case ON desk_document (region, case_id);
CREATE TABLE desk_draft (          -- 没填完的申请，至少留 30 天
  region TEXT NOT NULL, account TEXT NOT NULL, matter TEXT NOT NULL,
  answers TEXT NOT NULL, changed BIGINT NOT NULL,
  PRIMARY KEY (region, account, matter)
);
CREATE INDEX desk_draft_old ON desk_draft (region, changed);
-- +goose Down
DROP TABLE desk_draft;
DROP TABLE desk_document;
DROP TABLE desk_step;
DROP TABLE desk_case;
DROP TABLE desk_counter;
