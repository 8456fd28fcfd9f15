package main

import (
	"fmt"

	"yinling/internal/audit"
)

// auditCmd is about the record of who did what (审计记录).
type auditCmd struct {
	Verify auditVerify `cmd:"" help:"重算审计链，找出第一条被改、被删、被换、被插的记录。"`
}

type auditVerify struct {
	place
	Region      string `help:"只查一个统筹区；不写就全查"`
	Checkpoints string `help:"存档点文件（默认 DATA/checkpoints.jsonl；用拷到别处的那份更好）"`
}

type auditAnswer struct {
	OK      bool           `json:"ok"`
	Rows    int64          `json:"rows"`
	Regions []audit.Report `json:"regions"`
}

// Run prints the report; damage is exit 1.
func (c *auditVerify) Run(e *env) error {
	d, err := c.existing(e.ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	file := c.Checkpoints
	if file == "" {
		file = c.checkpoints()
	}
	marks, err := audit.Checkpoints(file, c.checkpointKey())
	if err != nil {
		return err
	}
	l := &audit.Log{DB: d}
	regions := []string{c.Region}
	if c.Region == "" {
		if regions, err = audit.Regions(e.ctx, l); err != nil {
			return err
		}
		for _, m := range marks { // a region whose record is wholly gone still has its checkpoints
			regions = append(regions, m.Region)
		}
	}
	a := auditAnswer{OK: true, Regions: []audit.Report{}}
	seen := map[string]bool{}
	first := ""
	for _, r := range regions {
		if seen[r] {
			continue
		}
		seen[r] = true
		rep, err := audit.Verify(e.ctx, l, r, marks)
		if err != nil {
			return err
		}
		a.Rows += rep.Rows
		a.Regions = append(a.Regions, rep)
		for _, b := range rep.Damage {
			a.OK = false
			if first == "" {
				first = fmt.Sprintf("审计记录对不上：统筹区 %s 第 %d 道：%s", b.Region, b.Lane, b.Say)
			}
			e.say("统筹区 %s 第 %d 道：%s", b.Region, b.Lane, b.Say)
		}
	}
	if err := e.print(a); err != nil {
		return err
	}
	if !a.OK {
		return fmt.Errorf("%s", first)
	}
	e.say("审计记录完好：%d 条，存档点 %d 个。", a.Rows, len(marks))
	return nil
}
