package door

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/institution"
)

// Point (服务站点) is an institution where matters are handled near people.
type Point struct {
	Institution string
	Kind        desk.PointKind
	Weekdays    string // days of the week on which it opens: 12345
	Opens       string // 08:30-12:00,13:30-17:30
	Facilities  string
	Staff       int64
}

var hours = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d(,([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)*$`)

// SetPoint states when a point opens and what it has.
func (s *Service) SetPoint(ctx context.Context, who audit.Actor, region, key string, p Point) error {
	switch {
	case !p.Kind.Valid():
		return fault.Field("kind", "请选是哪一种站点")
	case p.Weekdays == "" || strings.Trim(p.Weekdays, "1234567") != "":
		return fault.Field("weekdays", "请选哪几天开门")
	case !hours.MatchString(p.Opens):
		return fault.Field("opens", "开门时间请写成 08:30-12:00,13:30-17:30 这样")
	}
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "door.point", Object: p.Institution, Key: key, Body: p}, func(tx *db.Tx) error {
		if _, err := institution.Get(tx, region, p.Institution); err != nil {
			return err
		}
		return putPoint(tx, region, p)
	})
}

// Open tells whether the point is open at a time, and when it opens or closes
// next in words. A public holiday closes it.
func (p Point) Open(cal *day.Calendar, at time.Time) (bool, string) {
	at = at.In(day.Shanghai)
	today, now := day.FromTime(at), at.Format("15:04")
	for i := range 8 {
		on := today + day.Day(i)
		if !p.openOn(cal, on) {
			continue
		}
		for span := range strings.SplitSeq(p.Opens, ",") {
			from, to, _ := strings.Cut(span, "-")
			switch {
			case i == 0 && from <= now && now < to:
				return true, "开着，到 " + to
			case i > 0 || now < from:
				return false, map[bool]string{true: "今天", false: on.Short()}[i == 0] + " " + from + " 开门"
			}
		}
	}
	return false, "请先打电话问"
}

func (p Point) openOn(cal *day.Calendar, on day.Day) bool {
	w := on.Weekday()
	if w == 0 {
		w = 7
	}
	if ok, err := cal.IsWorkday(on); err == nil && w <= 5 && !ok {
		return false
	}
	return strings.Contains(p.Weekdays, fmt.Sprint(w))
}

// Near is a point with how far it is and whether it is open.
type Near struct {
	Point
	Inst    institution.Institution
	Metres  int64 // -1: not known
	IsOpen  bool
	Hours   string
	Matters []string // names of what is delegated to it
}

// Nearest lists the points that do a matter ("" any), open ones first, then by
// distance from the place (0, 0: not known).
func (s *Service) Nearest(ctx context.Context, region, matter string, from Stop, at time.Time) (out []Near, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return err
		}
		points, err := pointsOf(tx, region)
		if err != nil {
			return err
		}
		insts, err := institution.List(tx, region, "", institution.Active, "")
		if err != nil {
			return err
		}
		all := desk.Matters(v)
		for _, p := range points {
			i := slices.IndexFunc(insts, func(x institution.Institution) bool { return x.ID == p.Institution })
			if i < 0 {
				continue
			}
			n := Near{Point: p, Inst: insts[i], Metres: -1}
			does := matter == ""
			for _, m := range all {
				if p.Kind == "hall" || m.Points.Has(p.Kind) {
					n.Matters = append(n.Matters, m.Name)
					does = does || m.ID == matter
				}
			}
			if !does {
				continue
			}
			if from.Lat != 0 && n.Inst.Lat != 0 {
				n.Metres = metres(from, Stop{n.Inst.Lat, n.Inst.Lng})
			}
			n.IsOpen, n.Hours = p.Open(v.Calendar(), at)
			out = append(out, n)
		}
		slices.SortStableFunc(out, func(a, b Near) int {
			if a.IsOpen != b.IsOpen {
				return map[bool]int{true: -1, false: 1}[a.IsOpen]
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
	points, err := pointsOf(tx, region)
	for _, p := range points {
		if p.Institution == inst {
			return p.Kind == "hall" || m.Points.Has(p.Kind), err
		}
	}
	return false, err
}
