package db

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

//go:embed migrate/*.sql
var migrations embed.FS

// SchemaHash names the schema that Migrate makes: equal texts, equal hash.
func SchemaHash() string {
	h := sha256.New()
	files, _ := fs.Glob(migrations, "migrate/*.sql") // in order of name
	for _, f := range files {
		b, _ := migrations.ReadFile(f)
		fmt.Fprintf(h, "%s %d\n%s", f, len(b), b)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// Migrate brings the schema to the newest version and refuses a database that
// a newer program has already changed.
func (d *DB) Migrate(ctx context.Context) error {
	p, err := d.provider()
	if err != nil {
		return err
	}
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("db: read schema version: %w", err)
	}
	sources := p.ListSources()
	if newest := sources[len(sources)-1].Version; have > newest {
		return fmt.Errorf("db: 数据库的版本是 %d，比这个程序认识的 %d 新，请换新的程序", have, newest)
	}
	_, err = p.Up(ctx)
	return err
}

func (d *DB) provider() (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrate")
	if err != nil {
		return nil, err
	}
	dialect := database.DialectSQLite3
	if d.Dialect == Postgres {
		dialect = database.DialectPostgres
	}
	return goose.NewProvider(dialect, d.w, dir)
}
