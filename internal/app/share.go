package app

import (
	"context"
	"path/filepath"

	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
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

// died stops the plans of care of somebody whose benefit ended by a death, with
// their visits to come. What was paid for later days is taken back by two hands
// (claim.AskRecover): the page of the person lists it.
func (a *App) died(ctx context.Context, region string, x share.Died) error {
	var plans []care.Plan
	err := a.DB.Read(ctx, func(tx *db.Tx) (err error) { plans, err = care.PlansOfPerson(tx, region, x.Person); return err })
	if err != nil {
		return err
	}
	for _, p := range plans {
		_, err := a.Care.Act(ctx, audit.System(region), region, p.ID, "died "+p.ID, care.PlanAct{Action: "end", Last: x.On, Note: "部门登记本人已经身故"})
		if err != nil && !fault.Is(err, fault.Conflict) { // a plan that has ended stays as it is
			return err
		}
	}
	return nil
}
