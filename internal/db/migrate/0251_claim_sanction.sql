-- 0251 (runs with 0250+): 参保人违规，暂停联网结算
-- +goose Up
CREATE TABLE claim_sanction (        -- 对参保人的处理，十分钟内可以撤回
  region TEXT NOT NULL, id TEXT NOT NULL, person TEXT NOT NULL,
  months BIGINT NOT NULL, measure TEXT NOT NULL, reason TEXT NOT NULL,
  from_day TEXT NOT NULL, to_day TEXT NOT NULL,  -- 都含
  decision TEXT NOT NULL, maker TEXT NOT NULL, at BIGINT NOT NULL,
  undone_by TEXT NOT NULL, undone_at BIGINT NOT NULL,
  PRIMARY KEY (region, id)
);
CREATE INDEX claim_sanction_person ON claim_sanction (region, person);
-- +goose Down
DROP TABLE claim_sanction;
