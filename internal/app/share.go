package app

import (
	"path/filepath"

	"yinling/internal/assess"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/policy"
	"yinling/internal/share"
)

// shares makes the service of other departments' registers, and lets the
// automatic checks of an application read them.
func (a *App) shares() {
	a.Share = &share.Service{Log: a.Log, Packs: a.Packs, Persons: a.Person, Dir: filepath.Join(a.Config.Data, "share")}
	a.Assess.Others = func(tx *db.Tx, v *policy.View, region, person string, declared []string) (assess.OtherCare, error) {
		out, dec, err := a.Share.Double(tx, v, region, person, declared)
		return assess.OtherCare{Payers: out.Payers, Links: out.Links, Source: map[string]string{"register": "部门登记册", "declared": "申请人填报", "both": "部门登记册，没有登记册的按申请人填报"}[out.Source], Decision: dec}, err
	}
}

// watchDaily works the watch list of the key population out anew every night.
type watchDaily struct {
	On day.Day `json:"on"`
}

// Kind names the job.
func (watchDaily) Kind() string { return "share.watch" }
