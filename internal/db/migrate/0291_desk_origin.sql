-- 0291 (runs with 0291+): 按外地的受理号找这里的件（通办重送时不重复收）
-- +goose Up
CREATE INDEX desk_application_other ON desk_application (region, other_region, other) WHERE other <> '';
-- +goose Down
DROP INDEX desk_application_other;
