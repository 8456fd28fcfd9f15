-- 0131 (runs with 0050+): 违规违约的处理
-- +goose Up
CREATE TABLE institution_sanction (
  region TEXT NOT NULL, id TEXT NOT NULL,
  institution TEXT NOT NULL,
  subject TEXT NOT NULL,           -- institution 机构 · responsible 责任人员 · staff 服务人员
  staff TEXT NOT NULL,             -- 服务人员的编号，对机构和责任人员为空
  name TEXT NOT NULL,              -- 被处理的机构或人
  serious BOOLEAN NOT NULL, months BIGINT NOT NULL,
  measure TEXT NOT NULL, reason TEXT NOT NULL,
  from_day TEXT NOT NULL, to_day TEXT NOT NULL,
  decision TEXT NOT NULL, maker TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX institution_sanction_of ON institution_sanction (region, institution, at);
-- +goose Down
DROP TABLE institution_sanction;
