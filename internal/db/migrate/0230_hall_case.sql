-- 0230 (runs with 0160+): 从一张号上收下的件
-- +goose Up
CREATE TABLE hall_case (           -- 一张号可以收几件
  region TEXT NOT NULL, ticket TEXT NOT NULL, case_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (region, ticket, case_id)
);
CREATE INDEX hall_case_of ON hall_case (region, case_id);
-- +goose Down
DROP TABLE hall_case;
