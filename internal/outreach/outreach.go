// Package outreach tells the public and hears it: public notices (公示) with
// masked names; complaints, questions and suggestions (投诉、咨询、建议); ratings
// (好差评), follow-up calls (回访), and what is improved because of them; what is
// published to explain the policy (宣传), and how much of it people know.
//
//	voice: received ─take→ handling ─answer→ answered ─close→ done
//	          ↑                                 │
//	          └────────── again (once) ─────────┘
package outreach

import (
	"context"
	"fmt"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/seal"
)

// Notice is one line on the public notice (公示).
type Notice struct {
	Region, ID   string
	Kind, Object string // «assess» and the case number
	Shown        string // masked name, 陈*福
	Place        string // street or community
	What         string // 重度失能Ⅱ级
	Begins, Ends day.Day
	Status       string // running | objected | closed
	Decision     string
}

// The statuses of a notice.
const (
	Running  = "running"
	Objected = "objected"
	Closed   = "closed"
)

// Over tells whether the last day of the notice has passed.
func (n Notice) Over(today day.Day) bool { return today > n.Ends }

// Service answers for pages. Notices need the Log only.
type Service struct {
	Log     *audit.Log
	Packs   *policy.Set
	Persons *person.Service
	Keys    *seal.Keys
	Files   *desk.Files

	// Pool lists what ended between two days and may be followed up, by kind.
	Pool func(ctx context.Context, region, kind string, from, to day.Day) ([]Candidate, error)
}

// Publish puts a notice up; the days are those that the domain's rule gave, both
// within the notice.
func Publish(tx *db.Tx, n Notice) (Notice, error) {
	if n.Begins.IsZero() || n.Ends < n.Begins {
		return n, fmt.Errorf("outreach: a notice from %q to %q", n.Begins, n.Ends)
	}
	n.ID, n.Status = tx.NewID(), Running
	return n, insert(tx, n)
}

// SetStatus ends a notice: objected or closed.
func SetStatus(tx *db.Tx, region, id, status string) error {
	_, err := tx.Exec(updateStatus, region, id, status)
	return err
}

// Get reads a notice.
func Get(tx *db.Tx, region, id string) (Notice, error) { return get(tx, region, id) }

// Current lists what is on notice on the day, what ends first first.
func (s *Service) Current(ctx context.Context, region string, limit int) (list []Notice, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		list, err = current(tx, region, tx.Today(), limit)
		return err
	})
	return list, err
}

// One reads a notice for a page.
func (s *Service) One(ctx context.Context, region, id string) (n Notice, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { n, err = get(tx, region, id); return err })
	return n, err
}

// MaskName hides the middle of a name (陈*福), of two characters the second
// (李*), of a name with a dot all but the first part's first character.
func MaskName(name string) string {
	r := []rune(strings.TrimSpace(name))
	for i := 1; i < len(r); i++ {
		if r[i] == '·' || r[i] == '•' {
			return string(r[:1]) + strings.Repeat("*", i-1) + "·" + strings.Repeat("*", len(r)-i-1)
		}
	}
	switch n := len(r); n {
	case 0:
		return ""
	case 1:
		return "*"
	case 2:
		return string(r[:1]) + "*"
	default:
		return string(r[:1]) + strings.Repeat("*", n-2) + string(r[n-1:])
	}
}
