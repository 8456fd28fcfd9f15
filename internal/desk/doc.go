// Package desk is the service desk (服务台): every application of every domain
// is a Case (办件) with one readable number from start to end, a channel, a
// place in the queue, a working-day clock, a timeline in words, evidence on
// disk, and a draft while the person is still filling it in.
//
// A domain owns the stages of its matter and says in which one a case stands;
// desk keeps the clock, the order, the versions and the worklist.
//
//	Open ──→ open ⇄ waiting (for the applicant; the clock stands still)
//	           │
//	           └──→ done | refused | withdrawn
package desk
