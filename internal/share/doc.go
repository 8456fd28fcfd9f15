// Package share keeps what other departments' registers say about insured
// persons (部门数据共享): 特困, 低保, 重残, 伤残军人, deaths, stays in hospital,
// care subsidies, other departments' assessments of disability.
//
//	register file ─ sheet ─→ rows ─ check, blind index ─→ by number ──────────→ fact ─→ key group, deceased, stay (person)
//	                                        │              number, other name ─┐
//	                                        │              name + birth date ──┴→ doubtful ─ clerk ─→ same person: fact
//	                                        │                                               └────→ another, unknown
//	                                        └ unreadable ─→ rejects file           nobody ─→ unmatched list
//
// Nothing is guessed: only a number with the same name makes a fact by itself.
// What a clerk has decided about a row is kept for the batches that follow.
// A fact says where it comes from: source, batch, row, and the day to which the
// list speaks. A newer full list ends what it no longer holds; an increment adds.
//
// From roster, facts, applications and benefits comes the watch list of the key
// population (重点人群排查): who has not applied, was refused, is due; by
// district, with a follower, so that 户不漏人 is shown by numbers.
//
// Words: Source a register as the pack describes it, Batch one import of it,
// Fact what it says of a person, Doubt a row that a clerk looks at, Watched a
// person on the watch list.
package share
