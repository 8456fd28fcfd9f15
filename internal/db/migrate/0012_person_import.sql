-- 0012 (runs with 0010+): 在页面上传的名册：谁、什么时候、结果
-- +goose Up
CREATE TABLE person_import (
  region TEXT NOT NULL, id TEXT NOT NULL,
  file TEXT NOT NULL,                                -- 上传时的文件名
  actor TEXT NOT NULL, actor_name TEXT NOT NULL,
  begun BIGINT NOT NULL, ended BIGINT NOT NULL,      -- ended 为 0：还在导入，或程序中途停了
  say TEXT NOT NULL,                                 -- 整个文件读不了的原因，空为读完了
  report TEXT NOT NULL,                              -- 结果（JSON，不查询）
  PRIMARY KEY (region, id)
);
