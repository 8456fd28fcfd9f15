-- 0233 (runs with 0001+): 谁替某人办过什么，本人要能看、能听
-- +goose Up
CREATE INDEX audit_event_behalf ON audit_event (region, behalf, at) WHERE behalf <> '';
-- +goose Down
DROP INDEX audit_event_behalf;
