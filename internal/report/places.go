package report

import (
	"context"
	"sort"
	"sync"
	"time"

	"yinling/internal/day"
	"yinling/internal/db"
)

// Place is one district of the map (地图): who lives there, who has a benefit,
// who serves there, and how long a conclusion takes.
type Place struct {
	District     string
	People       int64 // in the roster, alive
	Benefits     int64 // with a benefit on the day
	Institutions int64 // that care under an agreement on the day
	Points       int64 // service points under an agreement on the day
	Concluded    int64 // applications concluded in the twelve months up to the day
	Days         int64 // from application to conclusion, all of them together
}

// PerThousand is benefits per thousand persons in hundredths, cut; 0 of nobody.
func (p Place) PerThousand() int64 {
	if p.People == 0 {
		return 0
	}
	return p.Benefits * 100_000 / p.People
}

// peopleFor is how long a count of the whole roster is used again: it reads
// every person, and a map need not know of yesterday's last import to the minute.
const peopleFor = 30 * time.Minute

type peopleCache struct {
	mu sync.Mutex
	of map[string]peopleCount
}

type peopleCount struct {
	at   time.Time
	list []Count
}

// Places reads the map of a day, most benefits per person first.
func (s *Service) Places(ctx context.Context, region string, on day.Day) (out []Place, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		by := map[string]*Place{}
		at := func(district string) *Place {
			if by[district] == nil {
				by[district] = &Place{District: district}
			}
			return by[district]
		}
		people, err := s.peopleBy(tx, region)
		if err != nil {
			return err
		}
		for _, c := range people {
			at(c.Name).People = c.N
		}
		for _, q := range []struct {
			query string
			to    func(*Place) *int64
		}{{peopleByDistrict, func(p *Place) *int64 { return &p.Benefits }}, {carersAt, func(p *Place) *int64 { return &p.Institutions }}, {pointsAt, func(p *Place) *int64 { return &p.Points }}} {
			list, err := counts(tx, q.query, region, on)
			if err != nil {
				return err
			}
			for _, c := range list {
				*q.to(at(c.Name)) = c.N
			}
		}
		if _, err := db.All(tx, func(r db.Row) (struct{}, error) {
			var district string
			var created int64
			var concluded day.Day
			err := r.Scan(&district, &created, &concluded)
			p := at(district)
			p.Concluded++
			p.Days += int64(concluded - dayOf(created))
			return struct{}{}, err
		}, concludeAt, region, on.AddMonths(-12), on, number(on.Month()-14)); err != nil {
			return err
		}
		for _, p := range by {
			out = append(out, *p)
		}
		sort.Slice(out, func(i, j int) bool {
			if a, b := out[i].PerThousand(), out[j].PerThousand(); a != b {
				return a > b
			}
			return out[i].District < out[j].District
		})
		return nil
	})
	return out, err
}

func (s *Service) peopleBy(tx *db.Tx, region string) ([]Count, error) {
	s.people.mu.Lock()
	c, ok := s.people.of[region]
	s.people.mu.Unlock()
	if age := tx.Now().Sub(c.at); ok && age >= 0 && age < peopleFor {
		return c.list, nil
	}
	list, err := counts(tx, peopleAt, region)
	if err != nil {
		return nil, err
	}
	s.people.mu.Lock()
	if s.people.of == nil {
		s.people.of = map[string]peopleCount{}
	}
	s.people.of[region] = peopleCount{tx.Now(), list}
	s.people.mu.Unlock()
	return list, nil
}
