package main

import (
	"errors"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"yinling/internal/app"
	"yinling/internal/audit"
	"yinling/internal/fault"
	"yinling/internal/person"
)

// rosterCmd is about the roster of insured people (参保名册).
type rosterCmd struct {
	Import  rosterImport  `cmd:"" help:"导入参保名册（CSV 或 XLSX）；可以重复导入，只改有变化的人。"`
	Example rosterExample `cmd:"" help:"写一份虚构的名册到标准输出，供试用和测速。"`
}

type rosterImport struct {
	place
	Packs   string `env:"YINLING_PACKS" help:"叠加在内置政策包上的目录"`
	File    string `arg:"" help:"名册文件"`
	Region  string `required:"" help:"统筹区代码，六位"`
	Rejects string `help:"退回的行写到这个文件（.csv 或 .xlsx），改好后可以直接再导入"`
}

// Run prints the report. Rejected rows are part of a good answer: exit 2 only
// when the file as a whole cannot be read.
func (c *rosterImport) Run(e *env) error {
	conf := c.config()
	conf.Packs = c.Packs
	a, err := app.Open(e.ctx, conf)
	if err != nil {
		return err
	}
	defer a.Close()
	if a.Packs.Pack(c.Region) == nil {
		return fault.Field("region", "没有统筹区 %s 的政策包。看有哪些：yinling pack list", c.Region)
	}
	show, done := rosterProgress(e.stderr)
	r, err := a.Person.Import(e.ctx, audit.System(c.Region), c.Region, c.File, person.ImportOptions{Rejects: c.Rejects, Progress: show})
	done()
	if err != nil {
		return err
	}
	e.say("读了 %d 行：新增 %d，改动 %d，没有变化 %d，退回 %d；空行 %d。", r.Rows, r.New, r.Changed, r.Same, r.Rejected, r.Blank)
	for _, n := range r.Notes {
		e.say("注意：%s。", n)
	}
	for i, p := range r.Problems {
		if i == 10 {
			e.say("…… 其余的在退回文件里。")
			break
		}
		where := ""
		if p.Sheet != "" {
			where = "「" + p.Sheet + "」"
		}
		e.say("退回：%s第 %d 行 %s %s：%s", where, p.Row, p.Column, p.Value, p.Reason)
	}
	if r.Rejected > 0 && c.Rejects == "" {
		e.say("加上 --rejects 文件名，可以把退回的行写成文件，改好后再导入。")
	}
	return e.print(r)
}

// rosterProgress is a bar on a terminal, else a line every 100,000 rows.
func rosterProgress(w io.Writer) (show func(person.Progress), done func()) {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		bar := progressbar.NewOptions64(1, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription("导入名册"),
			progressbar.OptionShowBytes(true), progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionClearOnFinish())
		return func(p person.Progress) {
			bar.ChangeMax64(max(1, p.Total))
			bar.Set64(p.Done)
		}, func() { bar.Finish() }
	}
	next := 100000
	return func(p person.Progress) {
		if p.Rows >= next {
			next = p.Rows/100000*100000 + 100000
			io.WriteString(w, person.ProgressLine(p)+"\n")
		}
	}, func() {}
}

type rosterExample struct {
	Rows int    `default:"1000" help:"多少人"`
	Seed uint64 `default:"1" help:"换一个数，人就不同"`
}

// Run writes the invented roster.
func (c *rosterExample) Run(e *env) error {
	if c.Rows < 0 || c.Rows > 3000000 {
		return fault.Field("rows", "人数要在 0 到 3000000 之间")
	}
	if err := person.Generate(e.stdout, c.Rows, c.Seed); err != nil {
		return errors.Join(fault.New(fault.Internal, "写不出去"), err)
	}
	return nil
}
