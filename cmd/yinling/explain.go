package main

import (
	"encoding/json"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

type explainCmd struct {
	place
	ID     string `arg:"" optional:"" help:"决定的编号"`
	Replay bool   `help:"用当时的政策包重算一遍，和存档逐字比对"`
	All    bool   `help:"所有存档的决定（和 --replay 一起用）"`
}

// explained is a stored decision as programs read it.
type explained struct {
	Rule    string          `json:"rule"`
	Version int64           `json:"rule_version"`
	Region  string          `json:"region"`
	ID      string          `json:"id"`
	Object  string          `json:"object"`
	On      string          `json:"on"`
	Pack    policy.PackRef  `json:"pack"`
	In      json.RawMessage `json:"in"`
	Out     json.RawMessage `json:"out"`
	Explain json.RawMessage `json:"explain"`
	Same    *bool           `json:"replay_equal,omitempty"`
	Verdict string          `json:"replay,omitempty"` // in one sentence
}

func (c explainCmd) Run(e *env) error {
	d, err := c.existing(e.ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	log := &audit.Log{DB: d}
	regions, err := audit.Regions(e.ctx, log)
	if err != nil {
		return err
	}
	if c.All {
		return c.all(e, log, regions)
	}
	if c.ID == "" {
		return fault.Field("id", "请写决定的编号，或者用 --all --replay 重算全部")
	}
	for _, region := range regions {
		s, err := log.Decision(e.ctx, region, c.ID)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		var again policy.Replayed
		x := explained{s.Rule, s.Version, s.Region, s.ID, s.Object, s.On.String(), s.Pack, json.RawMessage(s.In), json.RawMessage(s.Out), json.RawMessage(s.Explain), nil, ""}
		if c.Replay {
			if again, err = log.Replay(e.ctx, s); err != nil {
				return err
			}
			x.Same, x.Verdict = &again.Same, again.Say()
		}
		if err := e.print(x); err != nil {
			return err
		}
		if x.Same != nil && !*x.Same && !again.Moved() {
			return fault.New(fault.Internal, "决定 %s 重算的结果和存档不同", c.ID)
		}
		return nil
	}
	return fault.Field("id", "没有编号 %s 的决定。请核对编号。", c.ID)
}

// all replays every stored decision and counts.
func (c explainCmd) all(e *env, log *audit.Log, regions []string) error {
	sum := struct {
		Decisions int            `json:"decisions"`
		Equal     int            `json:"replay_equal"`
		Moved     int            `json:"rule_changed"` // decided by another version of the rule's program and not equal any more
		NoClause  int            `json:"without_clause"`
		ByRule    map[string]int `json:"by_rule"`
		Different []string       `json:"different,omitempty"`
	}{ByRule: map[string]int{}}
	for _, region := range regions {
		var ids []string
		err := log.DB.Read(e.ctx, func(tx *db.Tx) (err error) { ids, err = audit.DecisionIDs(tx, region); return err })
		if err != nil {
			return err
		}
		for i, id := range ids {
			s, err := log.Decision(e.ctx, region, id)
			if err != nil {
				return err
			}
			sum.Decisions++
			sum.ByRule[s.Rule]++
			if !s.Cites() {
				sum.NoClause++
			}
			switch again, err := log.Replay(e.ctx, s); {
			case err != nil:
				return err
			case again.Same:
				sum.Equal++
			case again.Moved():
				sum.Moved++
			default:
				sum.Different = append(sum.Different, id)
			}
			if i%10000 == 9999 {
				e.say("%s：%d / %d", region, i+1, len(ids))
			}
		}
	}
	if err := e.print(sum); err != nil {
		return err
	}
	if len(sum.Different) > 0 || sum.NoClause > 0 {
		return fault.New(fault.Internal, "有 %d 个决定重算不同，%d 个没有条款", len(sum.Different), sum.NoClause)
	}
	return nil
}
