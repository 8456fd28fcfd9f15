-- 0231 (runs with 0210+): 还不在名册里的人来办参保登记；办成了才进名册
-- +goose Up
ALTER TABLE desk_application ADD COLUMN newcomer TEXT NOT NULL DEFAULT '';   -- 证件号码的盲索引；名册里有的人为空
-- +goose Down
ALTER TABLE desk_application DROP COLUMN newcomer;
