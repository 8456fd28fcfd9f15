package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"yinling/internal/app"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// place is where the data lies; every command that opens the database has it.
type place struct {
	DB          string `name:"db" env:"YINLING_DB" help:"数据库地址：SQLite 文件，或 postgres://…（默认 DATA/yinling.db）"`
	Data        string `default:"data" env:"YINLING_DATA" help:"数据目录：数据库、密钥、材料文件、存档点"`
	Key         string `env:"YINLING_KEY" help:"密钥文件（默认 DATA/yinling.key）"`
	AllowUnsafe bool   `help:"数据库的设置可能丢数据也照样打开（会记入审计）"`
}

func (p place) config() app.Config {
	return app.Config{DB: p.DB, Data: p.Data, Key: p.Key, AllowUnsafe: p.AllowUnsafe}
}

func (p place) files() string         { return filepath.Join(p.Data, "files") }
func (p place) checkpoints() string   { return p.config().Checkpoints() }
func (p place) checkpointKey() string { return p.config().CheckpointKey() }

// open opens the database as it is, without bringing its schema up to date.
func (p place) open(ctx context.Context) (*db.DB, error) {
	if err := os.MkdirAll(p.Data, 0o700); err != nil {
		return nil, err
	}
	return db.Open(ctx, p.config().URL(), db.Options{AllowUnsafe: p.AllowUnsafe})
}

// existing opens a database that is already in use; an empty or missing one is
// bad input, and nothing is made.
func (p place) existing(ctx context.Context) (*db.DB, error) {
	none := fault.Field("db", "%s 里还没有数据。先运行 yinling migrate 或 yinling demo，或者用 --data、--db 指到别处。", p.config().URL())
	if file, ok := strings.CutPrefix(p.config().URL(), "sqlite:"); ok {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return nil, none
		}
	}
	d, err := p.open(ctx)
	if err != nil {
		return nil, err
	}
	if v, err := d.Schema(ctx); err != nil || v == 0 {
		d.Close()
		if err == nil {
			err = none
		}
		return nil, err
	}
	return d, nil
}
