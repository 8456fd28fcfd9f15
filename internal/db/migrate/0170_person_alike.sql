-- 0170 (runs with 0010+): 按姓名和出生日期找人：部门登记册没有号码、或号码对不上时用。拼音的索引加上出生日期，仍是一个索引
-- +goose Up
DROP INDEX person_person_pinyin;
CREATE INDEX person_person_pinyin ON person_person (region, pinyin, birth);
