package app

import (
	"yinling/internal/day"
	"yinling/internal/desk"
	"yinling/internal/hall"
)

// Hall is the service hall: its windows do the matters that the region's pack
// has, and each place has a secret for its ticket machine.
func (a *App) Hall() *hall.Service {
	return &hall.Service{Log: a.Log, Packs: a.Packs, Persons: a.Person, Files: a.Files,
		Matters: func(region string) (out []hall.Named) {
			v, err := a.Packs.At(region, day.FromTime(a.DB.Now()))
			if err != nil {
				return nil // no pack today: windows do everything
			}
			for _, m := range desk.Matters(v) {
				out = append(out, hall.Named{ID: m.ID, Name: m.Name})
			}
			return out
		},
		Key: func(region, place string) string { return a.Keys.Index(region, "hall.machine", place) }}
}
