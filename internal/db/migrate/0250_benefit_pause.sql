-- 0250 (runs with 0250+): 同一天可以既住院又暂停结算，两种暂停分开记
-- +goose Up
CREATE TABLE benefit_pause_two (     -- 暂停：住院、违规暂停联网结算，暂停期间的处理由政策包决定
  region TEXT NOT NULL, person TEXT NOT NULL, from_day TEXT NOT NULL,
  to_day TEXT NOT NULL,              -- 最后一天（含），空为还没有恢复
  reason TEXT NOT NULL,              -- hospital 住院 breach 违规 other 其他
  note TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, person, from_day, reason)
);
INSERT INTO benefit_pause_two (region, person, from_day, to_day, reason, note, at)
  SELECT region, person, from_day, to_day, reason, note, at FROM benefit_pause;
DROP TABLE benefit_pause;
ALTER TABLE benefit_pause_two RENAME TO benefit_pause;
-- +goose Down
CREATE TABLE benefit_pause_one (
  region TEXT NOT NULL, person TEXT NOT NULL, from_day TEXT NOT NULL,
  to_day TEXT NOT NULL, reason TEXT NOT NULL, note TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (region, person, from_day)
);
INSERT INTO benefit_pause_one (region, person, from_day, to_day, reason, note, at)
  SELECT region, person, from_day, MAX(to_day), MIN(reason), MIN(note), MAX(at) FROM benefit_pause GROUP BY region, person, from_day;
DROP TABLE benefit_pause;
ALTER TABLE benefit_pause_one RENAME TO benefit_pause;
