// Package institution keeps the designated institutions (定点机构), their
// staff and whom they serve.
//
//	applied ──agree──→ active ──suspend──→ suspended
//	   │                 ↑ └────resume───────┘ │
//	   └──refuse─→ ended ←────────end──────────┘   (end also from active)
//
// An institution may serve only while it is active and inside the dates of its
// agreement; a member of staff only while active, licensed and not banned. The
// texts: 医保发〔2024〕13号 for assessment institutions, 医保办发〔2024〕21号 for
// care institutions, 医保办发〔2024〕22号 for bans of persons (§36).
package institution
