package assess

import (
	"encoding/json"
	"slices"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// Check is one automatic check of an application as it was done: what it says,
// which register it rests on, and when.
type Check struct {
	OK          bool
	Say, Source string
	At          time.Time
	Clause      *fault.Clause
}

// sources names the register behind a condition; the packs name conditions freely,
// so others are known only as done by the system.
var sources = map[string]string{"covered": "参保名册", "waiting": "参保名册", "payer": "申请人填报", "months": "申请人填报，以病历为准",
	"again": "评估档案", "screen": "自评表", "honest": "材料核对"}

// checksOf reads the checks back from the stored decision, with the conditions
// of its own day.
func (s *Service) checksOf(tx *db.Tx, app Application) ([]Check, error) {
	if app.DApply == "" {
		return nil, nil
	}
	d, err := audit.GetDecision(tx, app.Region, app.DApply)
	if err != nil {
		return nil, err
	}
	var in ApplyFacts
	if err := json.Unmarshal([]byte(d.In), &in); err != nil {
		return nil, err
	}
	v, err := s.Packs.At(app.Region, d.On)
	if err != nil {
		return nil, err
	}
	rows, _ := applyConditions.Peek(v)
	mark := v.Mark()
	failed, err := applyConditions.Check(v, in)
	if err != nil {
		return nil, err
	}
	var out []Check
	for i, step := range v.Since(mark) {
		if i >= len(rows) {
			break
		}
		c := Check{OK: true, Say: step.Say(), Source: sources[rows[i].ID], At: d.At, Clause: step.Clause()}
		for _, f := range failed {
			c.OK = c.OK && f.ID != rows[i].ID
		}
		if rows[i].ID == "payer" && in.PayerSource != "" {
			c.Source = in.PayerSource
		}
		if c.Source == "" {
			c.Source = "系统核对"
		}
		out = append(out, c)
	}
	return out, nil
}

// Failed tells whether any check did not pass.
func Failed(list []Check) bool {
	return slices.ContainsFunc(list, func(c Check) bool { return !c.OK })
}
