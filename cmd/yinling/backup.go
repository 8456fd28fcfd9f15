package main

import (
	"time"

	"yinling/internal/audit"
	"yinling/internal/backup"
	"yinling/internal/day"
	"yinling/internal/fund"
	"yinling/internal/seal"
)

// backupCmd writes everything into one encrypted file while the server runs.
type backupCmd struct {
	place
	File string `arg:"" help:"写到哪个文件（不会覆盖已有的文件）"`
}

type backupAnswer struct {
	backup.Summary
	File    string `json:"file"`
	Seconds int64  `json:"seconds"`
}

func (c *backupCmd) Run(e *env) error {
	d, err := c.existing(e.ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	keys, err := seal.Open(c.config().KeyPath())
	if err != nil {
		return err
	}
	begin := time.Now()
	s, err := backup.Write(e.ctx, d, keys, c.files(), c.File)
	if err != nil {
		return err
	}
	e.say("备份好了：%d 行，%d 个文件。请把 %s 和密钥文件分开存放。", s.Rows, s.Files, c.File)
	return e.print(backupAnswer{s, c.File, int64(time.Since(begin).Seconds())})
}

// restoreCmd puts a backup into an empty database, then proves the books.
type restoreCmd struct {
	place
	File string `arg:"" help:"备份文件"`
}

type restoreAnswer struct {
	backupAnswer
	Audit  []audit.Report `json:"audit"`
	Ledger fund.Report    `json:"ledger"`
}

func (c *restoreCmd) Run(e *env) error {
	keys, err := seal.Open(c.config().KeyPath())
	if err != nil {
		return err
	}
	begin := time.Now()
	if _, err := backup.Inspect(keys, c.File); err != nil { // before even an empty database is made
		return err
	}
	d, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	s, err := backup.Restore(e.ctx, d, keys, c.files(), c.File)
	if err != nil {
		return err
	}
	a := restoreAnswer{backupAnswer: backupAnswer{Summary: s, File: c.File}}
	l := &audit.Log{DB: d}
	regions, err := audit.Regions(e.ctx, l)
	if err != nil {
		return err
	}
	for _, r := range regions {
		rep, err := audit.Verify(e.ctx, l, r, nil)
		if err != nil {
			return err
		}
		a.Audit = append(a.Audit, rep)
	}
	if a.Ledger, err = fund.Verify(e.ctx, d, ""); err != nil {
		return err
	}
	a.Seconds = int64(time.Since(begin).Seconds())
	e.say("恢复好了：%d 行，%d 个文件，备份于 %s。所有人都要重新登录。", s.Rows, s.Files, day.FromTime(time.UnixMilli(s.At)).Chinese())
	return e.print(a)
}

// migrateCmd brings the schema up to date.
type migrateCmd struct{ place }

func (c *migrateCmd) Run(e *env) error {
	d, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	from, err := d.Schema(e.ctx)
	if err != nil {
		return err
	}
	if err := d.Migrate(e.ctx); err != nil {
		return err
	}
	to, err := d.Schema(e.ctx)
	if err != nil {
		return err
	}
	e.say("数据库版本：%d → %d。", from, to)
	return e.print(map[string]int64{"from": from, "to": to})
}
