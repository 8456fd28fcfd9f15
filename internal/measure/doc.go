// Package measure is the work ledger of measures (工作台账): every duty that a
// policy document lays on regions, with its units, stages, reports and
// evidence, and how it stands on any day.
//
//	pack of the province: units, duties, deadlines ──┐
//	own plan: who, stages, a day set later ──────────┼─ measure.state ─→ 没到期 · 进行中 · 快到期 · 超期 N 天 · 完成
//	own reports with evidence ───────────────────────┘        └─ job: reminders before, on and after the day
//
// A region writes only its own rows; the region whose pack names the units
// (下级) reads theirs. A deadline that the document does not name is never
// invented: it is told as open, or set later by the region with its source.
//
// Words: Duty 任务或措施, Unit 责任地区, Plan 本地安排, Stage 阶段, Report
// 进展报告, Filing 具体工作措施 (the text that the head of the agency approves
// and that is sent to the superior, 鲁医保发〔2021〕1号 closing paragraph).
package measure
