-- 0241 (runs with 0241+): 从年纪最大的起一页一页看（每年应上门），百万人也只读这一页
-- +goose Up
CREATE INDEX person_person_oldest ON person_person (region, birth, id) WHERE deceased = '' AND birth < '1970-01-01';
-- +goose Down
DROP INDEX person_person_oldest;
