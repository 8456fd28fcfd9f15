package main

import (
	"errors"

	"yinling/internal/app"
	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/share"
)

// shareCmd is about the registers of other departments (部门名单).
type shareCmd struct {
	Import  shareImport  `cmd:"" help:"导入部门名单（CSV 或 XLSX），和参保名册核对。"`
	Example shareExample `cmd:"" help:"写一份虚构的名单到标准输出，对应 roster example 里的人，供试用和测速。"`
}

type shareImport struct {
	place
	Packs   string `env:"YINLING_PACKS" help:"叠加在内置政策包上的目录"`
	File    string `arg:"" help:"名单文件"`
	Region  string `required:"" help:"统筹区代码，六位"`
	Source  string `required:"" help:"政策包 share.registers 里的编号，例如 tekun"`
	AsOf    string `required:"" name:"as-of" help:"名单截至哪一天，写成 2024-06-30 的样子"`
	Rejects string `help:"读不了的行写到这个 xlsx 文件"`
}

// Run prints the report: matched, doubtful, unmatched, rejected.
func (c *shareImport) Run(e *env) error {
	conf := c.config()
	conf.Packs = c.Packs
	on, err := day.Parse(c.AsOf)
	if err != nil {
		return fault.Field("as-of", "截至的日子要写成 2024-06-30 的样子")
	}
	a, err := app.Open(e.ctx, conf)
	if err != nil {
		return err
	}
	defer a.Close()
	if a.Packs.Pack(c.Region) == nil {
		return fault.Field("region", "没有统筹区 %s 的政策包。看有哪些：yinling pack list", c.Region)
	}
	show, done := rosterProgress(e.stderr)
	who := audit.System(c.Region)
	_, r, err := a.Share.Import(e.ctx, who, c.Region, c.Source, c.File, on, share.ImportOptions{Rejects: c.Rejects, Progress: show})
	done()
	if err != nil {
		return err
	}
	e.say("读了 %d 行：认出 %d，认不准 %d，没有找到 %d，读不了 %d。新增 %d，改动 %d，没变 %d，名单上没有了 %d。", r.Rows, r.Matched, r.Doubtful, r.Unmatched, r.Rejected, r.New, r.Changed, r.Same, r.Ended)
	if r.Doubtful > 0 {
		e.say("认不准的请经办人在“部门名单”里认定：/o/share/doubt")
	}
	if err := a.Share.Refresh(e.ctx, who, c.Region); err != nil {
		return err
	}
	return e.print(r)
}

type shareExample struct {
	Rows int    `default:"1000" help:"多少行"`
	Seed uint64 `default:"1" help:"和 roster example 用同一个数"`
}

// Run writes the invented register.
func (c *shareExample) Run(e *env) error {
	if c.Rows < 0 || c.Rows > 3000000 {
		return fault.Field("rows", "行数要在 0 到 3000000 之间")
	}
	if err := share.Generate(e.stdout, c.Rows, c.Seed); err != nil {
		return errors.Join(fault.New(fault.Internal, "写不出去"), err)
	}
	return nil
}
