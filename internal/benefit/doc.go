// Package benefit holds the benefit (待遇): what a person is entitled to, from
// which day, in which mode of care (护理方式), and how much of each cap (限额) is
// used. It is the narrow waist between granting (assess) and using (care, claim).
//
//	assess ──Grant──▶ Benefit ──On──▶ care, claim
//	                    │  Choice (方式和机构), Pause (住院暂停), End
//	claim ──TakeMany──▶ accumulators: used ≤ max, always, by the database itself
//
// The terms (待遇条款) of a region are five tables of its pack; each is read from
// the top and the first row whose conditions all hold decides:
//
//	benefit.levels  who is entitled      benefit.exclude  whom another payer serves
//	benefit.prices  price to reckon by   benefit.terms    how the fund pays
//	benefit.caps    the caps: for each cap id the first row that holds
//	benefit.uplift  points added for groups, benefit.bonus  extra hours
//
// docs/packs.md says the same to those who write packs.
package benefit
