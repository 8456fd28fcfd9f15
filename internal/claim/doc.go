// Package claim is the way from a visit to money (申报与结算). A visit becomes a
// Bill, and the bills of a month become a Month of the institution:
//
//	quote 试算 ─→ confirm 确认 ─→ settle 结算 ─(10 min)─→ final ─→ intake into a Month
//	   │             │               └─ undo 撤回 ─→ quoted
//	   └─ dispute 有问题 ─→ answer    └─ ask + approve by another hand 冲正 ─→ reversed
//
//	Month: draft ─→ submitted ─→ first review ─→ second review (another hand)
//	       ─→ signed (third hand; deposit withheld) ─→ filed (payment file) ─→ paid / failed
//
// A settlement is one transaction: state, natural key of each charged item,
// caps, voucher, the person's charge, audit event and receipt. It runs through
// the group committer, and Batch runs the same function over a whole month.
// Rules are in rule_*.go; how a level was found is not asked here, only what
// benefit holds on the day.
package claim
