package door

import (
	"context"
	"slices"
	"time"

	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/hall"
)

// Near is a hall or a service point with how far it is and whether it is open.
type Near struct {
	hall.Place
	Metres  int64 // -1: not known
	IsOpen  bool
	When    string   // open until, or opens at
	Matters []string // names of what is done there
}

// does tells whether a matter is done at a place: everything in a hall, what is
// delegated to its kind at a point.
func does(p hall.Place, m desk.Matter) bool {
	return p.Kind == "hall" || m.Points.Has(desk.PointKind(p.Kind))
}

// Nearest lists the halls and points that do a matter ("" any), open ones first, then by
// distance from the place (0, 0: not known).
func (s *Service) Nearest(ctx context.Context, region, matter string, from Stop, at time.Time) (out []Near, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return err
		}
		places, err := hall.All(tx, region)
		if err != nil {
			return err
		}
		all := desk.Matters(v)
		for _, p := range places {
			n := Near{Place: p, Metres: -1}
			fits := matter == ""
			for _, m := range all {
				if does(p, m) {
					n.Matters = append(n.Matters, m.Name)
					fits = fits || m.ID == matter
				}
			}
			if !fits || !p.Open {
				continue
			}
			if from.Lat != 0 && p.Lat != 0 {
				n.Metres = metres(from, Stop{p.Lat, p.Lng})
			}
			n.IsOpen, n.When = p.Now(v.Calendar(), at)
			out = append(out, n)
		}
		slices.SortStableFunc(out, func(a, b Near) int {
			if a.IsOpen != b.IsOpen {
				return map[bool]int{true: -1, false: 1}[a.IsOpen]
			}
			if (a.Metres < 0) != (b.Metres < 0) { // where it is not known, last
				return int(b.Metres - a.Metres)
			}
			return int(a.Metres - b.Metres)
		})
		return nil
	})
	return out, err
}

// Delegated tells whether a matter is delegated to the point at which an actor
// works; a point that has not been set up does nothing.
func (s *Service) Delegated(tx *db.Tx, region, inst string, m desk.Matter) (bool, error) {
	places, err := hall.All(tx, region)
	for _, p := range places {
		if p.Institution != "" && p.Institution == inst {
			return does(p, m), err
		}
	}
	return false, err
}
