package db

import "context"

// DownTo takes the schema back, which the program itself never does.
func (d *DB) DownTo(ctx context.Context, v int64) error {
	p, err := d.provider()
	if err != nil {
		return err
	}
	_, err = p.DownTo(ctx, v)
	return err
}
