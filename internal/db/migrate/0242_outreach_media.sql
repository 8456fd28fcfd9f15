-- 0242 (runs with 0242+): 宣传和宣讲的图片、录音、视频都有文字；大厅的好差评和别的评价放在一起
-- +goose Up
CREATE TABLE outreach_media (        -- 一个附件配的文字
  region TEXT NOT NULL, object TEXT NOT NULL,      -- publication:编号 | briefing:编号
  doc TEXT NOT NULL,                               -- 附件，desk_document 的编号
  alt TEXT NOT NULL,                               -- 图里是什么，或这段录音、视频讲什么
  words TEXT NOT NULL,                             -- 录音、视频里说的话；行首写了时间的也是字幕
  at BIGINT NOT NULL,
  PRIMARY KEY (region, object, doc)
);
CREATE INDEX outreach_improve_object ON outreach_improve (region, object);
ALTER TABLE outreach_rating ADD COLUMN desk_window TEXT NOT NULL DEFAULT '';
ALTER TABLE outreach_rating ADD COLUMN window_name TEXT NOT NULL DEFAULT '';
INSERT INTO outreach_media (region, object, doc, alt, words, at)
  SELECT region, case_id, id, name, '', at FROM desk_document WHERE kind = 'publication';
INSERT INTO outreach_rating (region, kind, object, score, words, person, account, desk, desk_name, staff, staff_name, inst, inst_name, insurer, day, low, due, answer, answered, answered_by, decision, at, desk_window, window_name)
  SELECT t.region, 'ticket', t.id, t.rating, t.remark, t.person, '', '', '', '', '', '', '', '', t.day, FALSE, '', '', '', '', '', t.ended, t.window_id, p.name || ' ' || w.no || ' 号窗口'
  FROM hall_ticket t JOIN hall_window w ON w.region = t.region AND w.id = t.window_id JOIN hall_place p ON p.region = t.region AND p.id = t.place WHERE t.rating > 0;
ALTER TABLE hall_ticket DROP COLUMN rating;
ALTER TABLE hall_ticket DROP COLUMN remark;
-- +goose Down
ALTER TABLE hall_ticket ADD COLUMN remark TEXT NOT NULL DEFAULT '';
ALTER TABLE hall_ticket ADD COLUMN rating BIGINT NOT NULL DEFAULT 0;
UPDATE hall_ticket SET
  rating = (SELECT r.score FROM outreach_rating AS r WHERE r.region = hall_ticket.region AND r.kind = 'ticket' AND r.object = hall_ticket.id),
  remark = (SELECT r.words FROM outreach_rating AS r WHERE r.region = hall_ticket.region AND r.kind = 'ticket' AND r.object = hall_ticket.id)
  WHERE EXISTS (SELECT 1 FROM outreach_rating AS r WHERE r.region = hall_ticket.region AND r.kind = 'ticket' AND r.object = hall_ticket.id);
DELETE FROM outreach_rating WHERE kind = 'ticket';
ALTER TABLE outreach_rating DROP COLUMN window_name;
ALTER TABLE outreach_rating DROP COLUMN desk_window;
DROP INDEX outreach_improve_object;
DROP TABLE outreach_media;
