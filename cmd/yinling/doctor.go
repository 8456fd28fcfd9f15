package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fund"
	"yinling/internal/job"
	"yinling/internal/policy"
	"yinling/internal/report"
	"yinling/internal/seal"
)

// doctorCmd looks at everything that must be right and says what is not.
type doctorCmd struct {
	place
	Packs string `help:"另外的政策包文件夹"`
}

type finding struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Say   string `json:"say"`
}

type doctor struct{ found []finding }

func (d *doctor) look(check string, err error, say string, args ...any) {
	f := finding{check, err == nil, fmt.Sprintf(say, args...)}
	if err != nil {
		f.Say = err.Error()
	}
	d.found = append(d.found, f)
}

func wrong(cond bool, say string, args ...any) error {
	if cond {
		return fmt.Errorf(say, args...)
	}
	return nil
}

// Run prints every check; one that fails is exit 1.
func (c *doctorCmd) Run(e *env) error {
	x := &doctor{}
	if bi, ok := debug.ReadBuildInfo(); ok {
		x.look("program", nil, "%s，%s", bi.Main.Version, bi.GoVersion)
	}
	_, err := policy.Load(c.Packs)
	x.look("packs", err, "政策包都读得懂")
	_, err = seal.Open(c.config().KeyPath())
	x.look("key", err, "密钥文件在，别人读不到")
	x.disk(c.Data)
	c.AllowUnsafe = true // to say what is unsafe is the point
	d, err := c.existing(e.ctx)
	x.look("database", err, "连得上")
	if err == nil {
		defer d.Close()
		x.database(e.ctx, d)
		x.books(e.ctx, d, c.place)
	}
	bad := 0
	for _, f := range x.found {
		word := "好"
		if !f.OK {
			word = "不好"
			bad++
		}
		e.say("%-10s %s  %s", f.Check, word, f.Say)
	}
	if err := e.print(map[string]any{"ok": bad == 0, "checks": x.found}); err != nil {
		return err
	}
	return wrong(bad > 0, "有 %d 项不好，见上面", bad)
}

func (x *doctor) disk(dir string) {
	os.MkdirAll(dir, 0o700)
	var s syscall.Statfs_t
	err := syscall.Statfs(dir, &s)
	free := int64(s.Bavail) * int64(s.Bsize)
	if err == nil {
		err = wrong(free < 2<<30, "数据目录所在的盘只剩 %d MB，请腾出空间（至少 2 GB）", free>>20)
	}
	x.look("disk", err, "还有 %d GB", free>>30)
}

func (x *doctor) database(ctx context.Context, d *db.DB) {
	v, err := d.EngineVersion(ctx)
	x.look("engine", err, "%s", v)
	unsafe, err := d.Unsafe(ctx)
	if err == nil {
		err = wrong(len(unsafe) > 0, "%s", strings.Join(unsafe, "；"))
	}
	x.look("settings", err, "已经确认的数据不会丢")
	bad, err := d.Check(ctx)
	if err == nil {
		err = wrong(len(bad) > 0, "%s", strings.Join(bad, "；"))
	}
	x.look("files", err, "数据库文件完好")
	have, err := d.Schema(ctx)
	if err == nil {
		err = wrong(have != db.Newest(), "数据库版本 %d，程序要 %d：请执行 yinling migrate，或换程序", have, db.Newest())
	}
	x.look("schema", err, "版本 %d", have)
	offset, err := d.ClockOffset(ctx)
	if err == nil {
		err = wrong(offset.Abs() > 2*time.Second, "和数据库服务器的时钟差 %v，请校时", offset)
	}
	x.look("clock", err, "和数据库差 %v", offset)
}

func (x *doctor) books(ctx context.Context, d *db.DB, p place) {
	l := &audit.Log{DB: d}
	regions, err := audit.Regions(ctx, l)
	if err != nil {
		x.look("audit", err, "")
		return
	}
	marks, err := audit.Checkpoints(p.checkpoints(), p.checkpointKey())
	x.look("checkpoints", err, "%d 个，签名都对", len(marks))
	for _, r := range regions {
		rep, err := audit.Verify(ctx, l, r, marks)
		for _, b := range rep.Damage {
			err = wrong(true, "第 %d 道：%s", b.Lane, b.Say)
		}
		x.look("audit "+r, err, "%d 条，链完好", rep.Rows)
		var st job.State
		var last int64
		var lonely []report.Orphan
		err = d.Read(ctx, func(tx *db.Tx) error {
			var err error
			if st, err = job.Look(tx, r); err != nil {
				return err
			}
			if last, err = audit.Last(tx, r); err != nil {
				return err
			}
			lonely, err = report.Orphans(tx, r)
			return err
		})
		if err != nil {
			x.look("region "+r, err, "")
			continue
		}
		ahead := time.Duration(last-d.Now().UnixMilli()) * time.Millisecond
		x.look("time "+r, wrong(ahead > time.Minute, "审计记录里有 %v 以后的时刻：时钟曾经走快，或现在走慢", ahead), "没有将来的记录")
		x.look("jobs "+r, wrong(st.GivenUp > 0, "%d 件后台任务试了很多次都没办成", st.GivenUp), "%d 件在排队", st.Waiting)
		var words []string
		for _, o := range lonely {
			words = append(words, fmt.Sprintf("%s：%d 件，如 %s", o.Say, o.Count, o.Example))
		}
		x.look("orphans "+r, wrong(len(words) > 0, "%s", strings.Join(words, "；")), "没有缺另一半的数据")
	}
	rep, err := fund.Verify(ctx, d, "")
	if err == nil && !rep.OK {
		err = fmt.Errorf("第一处：%s", rep.Faults[0].Say)
	}
	x.look("ledger", err, "%d 张凭证，借 %d 分 = 贷 %d 分", rep.Vouchers, rep.Debit, rep.Credit)
}
