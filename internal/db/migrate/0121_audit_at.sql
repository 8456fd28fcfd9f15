-- 0121 (runs with 0001+): 审计记录按时间查
-- +goose Up
CREATE INDEX audit_event_at ON audit_event (region, at);
-- +goose Down
DROP INDEX audit_event_at;
