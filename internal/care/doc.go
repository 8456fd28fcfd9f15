// Package care plans care and keeps the record of visits (护理计划与上门护理记录).
//
// A plan is written by the institution and checked against the limits while it
// is written, confirmed by the person or a proxy before any service (医保办发
// 〔2024〕22号 §16), approved by the agency where the pack says so, and then
// makes the visits of the coming weeks.
//
//	draft ─offer→ offered ─confirm→ confirmed ─approve→ active ─end→ ended
//	  ↑             │ refuse             │ return
//	  └───save── refused, returned ←─────┘   (undo of a confirmation: 10 minutes)
//
// A visit (electronic visit verification) is what its events say: check-in,
// items, evidence, check-out, confirmation, trouble. Events carry an id given
// by the device and the device's time; every one is stored once (care_sync) and
// the visit row is a function of the set of its events in the order of device
// time. So a queue recorded offline may be sent again, in halves and in any
// order, and ends in the same rows; the online pages make the same events.
//
//	planned ─checkin→ started ─checkout→ done ─(office)→ void
//	   └─ trouble (not at home, refused, hospital …)    └─ cancelled with its plan
//
// Suspicion (疑点) never blocks care: rule care.suspect looks at a finished
// visit and its neighbours and what it finds becomes exceptions with a deadline
// to answer and a decision with reason and clause.
package care
