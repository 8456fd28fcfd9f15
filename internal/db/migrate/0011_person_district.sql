-- 0011 (runs with 0010+): 名册里出现过的区县，供页面筛选，不必扫一遍全部参保人
-- +goose Up
CREATE TABLE person_district (
  region TEXT NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY (region, name)
);
INSERT INTO person_district (region, name)
  SELECT region, district FROM person_person WHERE district <> '' GROUP BY region, district;
