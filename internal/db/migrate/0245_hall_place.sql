-- 0245 (runs with 0245+): 大厅和服务站点只有一本账：开门的日子和时间、设施、人手、位置
-- +goose Up
ALTER TABLE hall_place ADD COLUMN weekdays TEXT NOT NULL DEFAULT '';   -- 开门的日子，12345 是周一到周五
ALTER TABLE hall_place ADD COLUMN opens TEXT NOT NULL DEFAULT '';      -- 08:30-12:00,13:30-17:30；空的看 hours
ALTER TABLE hall_place ADD COLUMN facilities TEXT NOT NULL DEFAULT '';
ALTER TABLE hall_place ADD COLUMN staff BIGINT NOT NULL DEFAULT 0;
ALTER TABLE hall_place ADD COLUMN lat BIGINT NOT NULL DEFAULT 0;
ALTER TABLE hall_place ADD COLUMN lng BIGINT NOT NULL DEFAULT 0;
UPDATE hall_place SET kind = 'township' WHERE kind = 'point';
UPDATE hall_place SET
  kind = (SELECT p.kind FROM door_point AS p WHERE p.region = hall_place.region AND p.institution = hall_place.institution),
  weekdays = (SELECT p.weekdays FROM door_point AS p WHERE p.region = hall_place.region AND p.institution = hall_place.institution),
  opens = (SELECT p.opens FROM door_point AS p WHERE p.region = hall_place.region AND p.institution = hall_place.institution),
  facilities = (SELECT p.facilities FROM door_point AS p WHERE p.region = hall_place.region AND p.institution = hall_place.institution),
  staff = (SELECT p.staff FROM door_point AS p WHERE p.region = hall_place.region AND p.institution = hall_place.institution)
  WHERE institution <> '' AND EXISTS (SELECT 1 FROM door_point AS p WHERE p.region = hall_place.region AND p.institution = hall_place.institution);
INSERT INTO hall_place (region, id, name, kind, district, address, hours, institution, open, version, at, weekdays, opens, facilities, staff, lat, lng)
  SELECT p.region, p.institution, i.name, p.kind, i.district, i.address, '', p.institution, TRUE, 1, 0, p.weekdays, p.opens, p.facilities, p.staff, i.lat, i.lng
  FROM door_point AS p JOIN institution_institution AS i ON i.region = p.region AND i.id = p.institution
  WHERE NOT EXISTS (SELECT 1 FROM hall_place AS h WHERE h.region = p.region AND h.institution = p.institution);
UPDATE hall_place SET
  lat = (SELECT i.lat FROM institution_institution AS i WHERE i.region = hall_place.region AND i.id = hall_place.institution),
  lng = (SELECT i.lng FROM institution_institution AS i WHERE i.region = hall_place.region AND i.id = hall_place.institution)
  WHERE EXISTS (SELECT 1 FROM institution_institution AS i WHERE i.region = hall_place.region AND i.id = hall_place.institution);
DROP TABLE door_point;
-- +goose Down
CREATE TABLE door_point (
  region TEXT NOT NULL, institution TEXT NOT NULL,
  kind TEXT NOT NULL, weekdays TEXT NOT NULL, opens TEXT NOT NULL,
  facilities TEXT NOT NULL, staff BIGINT NOT NULL,
  PRIMARY KEY (region, institution)
);
INSERT INTO door_point (region, institution, kind, weekdays, opens, facilities, staff)
  SELECT region, institution, MAX(kind), MAX(weekdays), MAX(opens), MAX(facilities), MAX(staff) FROM hall_place WHERE institution <> '' AND opens <> '' GROUP BY region, institution;
UPDATE hall_place SET kind = 'point' WHERE kind IN ('township', 'village', 'hospital');
ALTER TABLE hall_place DROP COLUMN lng;
ALTER TABLE hall_place DROP COLUMN lat;
ALTER TABLE hall_place DROP COLUMN staff;
ALTER TABLE hall_place DROP COLUMN facilities;
ALTER TABLE hall_place DROP COLUMN opens;
ALTER TABLE hall_place DROP COLUMN weekdays;
