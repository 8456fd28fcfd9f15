// Package door brings the desk to people: helpers who come to the door
// (上门办、帮代办) and service points near by (就近办).
//
// Words: Helper (帮办员) somebody who goes out, with skills and a place to start
// from; Visit one appointment at a door; Slot half a day; what is near is a
// place of package hall, with its opening hours.
//
//	request ─→ three offered slots ─→ dispatch (skill, nearness, load) ─→
//	route of the day ─→ arrival and proof ─→ result of the case
//
// Visits that are owed every year (应上门) are planned and counted from the rule
// door.owed.
package door
