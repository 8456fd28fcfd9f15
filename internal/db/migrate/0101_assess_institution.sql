-- +goose Up
-- 机构替住养老人提出的申请，机构自己要看进度
CREATE INDEX assess_application_inst ON assess_application (region, entered_inst, id) WHERE entered_inst <> '';
