// Package person keeps the people that a pooling region insures (参保人): who
// they are, their coverage and paid months (参保关系、缴费月份), the key groups
// they belong to (重点人群), who may act for them (授权代办), and when they lay
// in hospital (住院期间).
//
//	roster file ─ sheet ─→ rows ─ check, seal ─→ entries ─ Put ─→ person_*
//	                          └─ each bad row: sheet, row, column, reason ─→ rejects file ─→ corrected ─→ again
//
// An identity number follows GB 11643 (civil id, also 15-digit) or is that of a
// residence permit for Hong Kong, Macao, Taiwan (81, 82, 83) or of a foreigner's
// permanent residence card. It is stored sealed (package seal); a blind index
// finds it, its last four characters are shown.
//
// A birth date is a civil day, never an instant: in Asia/Shanghai eight
// midnights of 1919–1949 do not exist.
package person
