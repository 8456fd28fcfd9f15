package main

import (
	"fmt"
	"runtime/debug"

	"yinling/internal/audit"
	"yinling/internal/doctor"
	"yinling/internal/fault"
	"yinling/internal/policy"
	"yinling/internal/seal"
)

// doctorCmd looks at everything that must be right and says what is not.
type doctorCmd struct {
	place
	Packs string `help:"另外的政策包文件夹"`
}

// Run prints every check; one that fails is exit 1.
func (c *doctorCmd) Run(e *env) error {
	x := &doctor.Doctor{}
	if bi, ok := debug.ReadBuildInfo(); ok {
		x.Look("program", nil, "%s，%s", bi.Main.Version, bi.GoVersion)
	}
	_, err := policy.Load(c.Packs)
	x.Look("packs", err, "政策包都读得懂")
	_, keyErr := seal.Open(c.config().KeyPath())
	key := func(empty bool) {
		if empty && fault.Is(keyErr, fault.NotFound) {
			x.Look("key", nil, "还没有密钥文件，库里也还没有数据；第一次启动时生成")
			return
		}
		x.Look("key", keyErr, "密钥文件在，别人读不到")
	}
	x.Disk(c.Data)
	c.AllowUnsafe = true // to say what is unsafe is the point
	d, err := c.existing(e.ctx)
	if err != nil {
		key(fault.Is(err, fault.Invalid)) // there is no database yet
	}
	x.Look("database", err, "连得上")
	if err == nil {
		defer d.Close()
		x.Database(e.ctx, d)
		x.Files(e.ctx, d)
		regions, err := audit.Regions(e.ctx, &audit.Log{DB: d})
		if err != nil {
			x.Look("audit", err, "")
		}
		key(err == nil && len(regions) == 0)
		marks, err := audit.Checkpoints(c.checkpoints(), c.checkpointKey())
		x.Look("checkpoints", err, "%d 个，签名都对", len(marks))
		for _, r := range regions {
			x.Chain(e.ctx, d, r, marks)
			x.Region(e.ctx, d, r)
		}
		x.Ledger(e.ctx, d)
	}
	for _, f := range x.Found {
		word := "好"
		if !f.OK {
			word = "不好"
		}
		e.say("%-10s %s  %s", f.Check, word, f.Say)
	}
	if err := e.print(map[string]any{"ok": x.Bad() == 0, "checks": x.Found}); err != nil {
		return err
	}
	if n := x.Bad(); n > 0 {
		return fmt.Errorf("有 %d 项不好，见上面", n)
	}
	return nil
}
