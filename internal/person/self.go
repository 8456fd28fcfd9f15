package person

import (
	"context"

	"yinling/internal/db"
	"yinling/internal/fault"
)

// Self is a person with today's coverage for their own page (我的); without a
// coverage it is empty.
func (s *Service) Self(ctx context.Context, region, id string) (p Person, c Coverage, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if p, err = s.Get(tx, region, id); err != nil {
			return err
		}
		c, err = s.CoverageOn(tx, region, id, tx.Today())
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		return err
	})
	return p, c, err
}
