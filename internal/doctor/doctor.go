// Package doctor looks at everything that must be right and says what is not:
// disk, database, chains, queue, books. The command line prints what it found,
// the system administrator's page shows it.
package doctor

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fund"
	"yinling/internal/job"
	"yinling/internal/report"
)

// Finding is one thing that was looked at.
type Finding struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Say   string `json:"say"`
}

// Doctor collects findings.
type Doctor struct{ Found []Finding }

// Look notes one finding; say is what there is to tell when err is nil.
func (d *Doctor) Look(check string, err error, say string, args ...any) {
	f := Finding{check, err == nil, fmt.Sprintf(say, args...)}
	if err != nil {
		f.Say = err.Error()
	}
	d.Found = append(d.Found, f)
}

// Bad counts the findings that are not well.
func (d *Doctor) Bad() (n int) {
	for _, f := range d.Found {
		if !f.OK {
			n++
		}
	}
	return n
}

func wrong(cond bool, say string, args ...any) error {
	if cond {
		return fmt.Errorf(say, args...)
	}
	return nil
}

// Disk looks at the room on the disk of the data folder.
func (d *Doctor) Disk(dir string) {
	os.MkdirAll(dir, 0o700)
	var s syscall.Statfs_t
	err := syscall.Statfs(dir, &s)
	free := int64(s.Bavail) * int64(s.Bsize)
	if err == nil {
		err = wrong(free < 2<<30, "数据目录所在的盘只剩 %d MB，请腾出空间（至少 2 GB）", free>>20)
	}
	d.Look("disk", err, "还有 %d GB", free>>30)
}

// Database looks at engine, settings, schema and clock.
func (d *Doctor) Database(ctx context.Context, x *db.DB) {
	v, err := x.EngineVersion(ctx)
	d.Look("engine", err, "%s", v)
	unsafe, err := x.Unsafe(ctx)
	if err == nil {
		err = wrong(len(unsafe) > 0, "%s", strings.Join(unsafe, "；"))
	}
	d.Look("settings", err, "已经确认的数据不会丢")
	have, err := x.Schema(ctx)
	if err == nil {
		err = wrong(have != db.Newest(), "数据库版本 %d，程序要 %d：请执行 yinling migrate，或换程序", have, db.Newest())
	}
	d.Look("schema", err, "版本 %d", have)
	offset, err := x.ClockOffset(ctx)
	if err == nil {
		err = wrong(offset.Abs() > 2*time.Second, "和数据库服务器的时钟差 %v，请校时", offset)
	}
	d.Look("clock", err, "和数据库差 %v", offset)
}

// Files reads the whole database for damage.
func (d *Doctor) Files(ctx context.Context, x *db.DB) {
	bad, err := x.Check(ctx)
	if err == nil {
		err = wrong(len(bad) > 0, "%s", strings.Join(bad, "；"))
	}
	d.Look("files", err, "数据库文件完好")
}

// Chain verifies the record of a region against its checkpoints.
func (d *Doctor) Chain(ctx context.Context, x *db.DB, region string, marks []audit.Checkpoint) {
	rep, err := audit.Verify(ctx, &audit.Log{DB: x}, region, marks)
	for _, b := range rep.Damage {
		err = wrong(true, "第 %d 道：%s", b.Lane, b.Say)
	}
	d.Look("audit "+region, err, "%d 条，链完好", rep.Rows)
}

// Region looks at the clock of the record, the queue, and rows without their
// other half.
func (d *Doctor) Region(ctx context.Context, x *db.DB, region string) {
	var st job.State
	var last int64
	var lonely []report.Orphan
	err := x.Read(ctx, func(tx *db.Tx) error {
		var err error
		if st, err = job.Look(tx, region); err != nil {
			return err
		}
		if last, err = audit.Last(tx, region); err != nil {
			return err
		}
		lonely, err = report.Orphans(tx, region)
		return err
	})
	if err != nil {
		d.Look("region "+region, err, "")
		return
	}
	ahead := time.Duration(last-x.Now().UnixMilli()) * time.Millisecond
	d.Look("time "+region, wrong(ahead > time.Minute, "审计记录里有 %v 以后的时刻：时钟曾经走快，或现在走慢", ahead), "没有将来的记录")
	d.Look("jobs "+region, wrong(st.GivenUp > 0, "%d 件后台任务试了很多次都没办成", st.GivenUp), "%d 件在排队", st.Waiting)
	var words []string
	for _, o := range lonely {
		words = append(words, fmt.Sprintf("%s：%d 件，如 %s", o.Say, o.Count, o.Example))
	}
	d.Look("orphans "+region, wrong(len(words) > 0, "%s", strings.Join(words, "；")), "没有缺另一半的数据")
}

// Ledger verifies every voucher of every book.
func (d *Doctor) Ledger(ctx context.Context, x *db.DB) {
	rep, err := fund.Verify(ctx, x, "")
	if err == nil && !rep.OK {
		err = fmt.Errorf("第一处：%s", rep.Faults[0].Say)
	}
	d.Look("ledger", err, "%d 张凭证，借 %d 分 = 贷 %d 分", rep.Vouchers, rep.Debit, rep.Credit)
}
