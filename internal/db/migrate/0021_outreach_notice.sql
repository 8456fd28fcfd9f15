-- 0021 (runs with 0020+): 公示
-- +goose Up
CREATE TABLE outreach_notice (     -- 公示：只登遮掩后的姓名
  region TEXT NOT NULL, id TEXT NOT NULL,
  kind TEXT NOT NULL, object TEXT NOT NULL,        -- 什么公示、哪一件
  shown TEXT NOT NULL, place TEXT NOT NULL, what TEXT NOT NULL,   -- 陈*福 · 东湖街道 · 重度失能Ⅱ级
  begins TEXT NOT NULL, ends TEXT NOT NULL,        -- 首日、末日（含）
  status TEXT NOT NULL,                            -- running 公示中 | objected 有异议 | closed 期满
  decision TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX outreach_notice_running ON outreach_notice (region, status, ends);
CREATE INDEX outreach_notice_object ON outreach_notice (region, object);
-- +goose Down
DROP TABLE outreach_notice;
