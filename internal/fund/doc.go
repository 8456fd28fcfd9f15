// Package fund is the fund ledger (基金账): double entry in whole fen, append
// only, one book per scheme. The book of long-term care insurance (长护险) stands
// wholly apart from that of basic medical insurance: an account code belongs to
// the chart of one book and a voucher to one book, so no voucher can touch two.
//
//	Post ─ lock the lane's head ─ number without gap ─ postings chained by SM3
//	Reverse ─ a mirrored voucher that names the first; nothing is ever changed
//	Close ─ lock every lane ─ snapshot per account ─ later entries go to the open month
//	Verify ─ recompute chain, numbers and sums; name the first bad row
//
// Postings run in lanes, as the audit chain does, so that two committers never
// wait for one head. There are no balance rows to fight for: a balance is the
// last month's snapshot plus the sum of what came after.
package fund
