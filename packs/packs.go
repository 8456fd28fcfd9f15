// Package packs holds the policy packs (政策包) as data: one folder per pooling
// region. There is no code here; package policy reads and checks the folders.
package packs

import "embed"

// FS holds every region folder that ships with the program.
//
//go:embed all:*-*
var FS embed.FS
