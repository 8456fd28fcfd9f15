package desk

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/policy"
)

// Service reads for pages; writes are functions that take the transaction of
// the act they belong to.
type Service struct {
	Log     *audit.Log
	Files   *Files
	Packs   *policy.Set
	Persons *person.Service
	Peers   Peers                                                                       // other installations
	Acts    map[Deed]Act                                                                // what the deeds that packs name do
	Known   func(tx *db.Tx, region, person string, f *MatterFacts) error                // facts that other domains hold
	May     func(tx *db.Tx, who audit.Actor, m Matter) error                            // what is delegated to a service point
	Slots   func(tx *db.Tx, region, person, matter string) ([]Option, error)            // half days in which somebody can come
	Taken   func(tx *db.Tx, who audit.Actor, region, ticket string, r Receipt) error    // a case was taken from a ticket of the hall
	Order   func(v *policy.View, groups []string) (rank int64, first string, err error) // who comes first
}

// Sort orders of the worklist.
const (
	SortUrgent = "urgent" // key groups first, then what is due first
	SortDue    = "due"    // what is due first
	SortNew    = "new"    // what came last first
)

// Filter picks and orders cases of one matter. Empty fields do not filter.
type Filter struct {
	Region, Matter string
	Stage          string // the tab; needed unless Number or Persons is given
	Topic          string // matter of the pack
	District       string
	Channel        Channel
	Material       string // complete | missing
	Priority       bool   // key groups only
	Number         string // a case number, whole
	Persons        []string
	Sort           string
	After          string // the page after this cursor
	Size           int    // rows a page; 0 means 30
}

// Page is one page of the worklist.
type Page struct {
	Cases []Case
	Next  string // cursor of the next page; empty: none
	Total int    // cases under the filter, counted up to CountUpTo
}

// CountUpTo is where counting stops: nobody needs to know more than «1000+»,
// and counting a million rows would cost a clerk's click.
const CountUpTo = 1000

// Depth is how many cases of a tab a filter looks through.
const Depth = 5000

// Worklist reads one page.
func (s *Service) Worklist(ctx context.Context, f Filter) (p Page, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { p, err = Worklist(tx, f); return err })
	return p, err
}

// Worklist is the same inside a transaction.
func Worklist(tx *db.Tx, f Filter) (_ Page, err error) {
	defer fault.Wrap(&err, "desk.Worklist")
	if f.Size <= 0 || f.Size > 200 {
		f.Size = 30
	}
	args := []any{f.Region, f.Matter}
	arg := func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
	var where strings.Builder
	switch {
	case f.Number != "":
		where.WriteString(" AND id = " + arg(f.Number))
	case f.Persons != nil:
		if len(f.Persons) == 0 {
			return Page{}, nil
		}
		marks := make([]string, 0, len(f.Persons))
		for _, id := range f.Persons {
			marks = append(marks, arg(id))
		}
		where.WriteString(" AND person IN (" + strings.Join(marks, ",") + ")")
	default:
		where.WriteString(" AND stage = " + arg(f.Stage))
	}
	var filter strings.Builder
	if f.Topic != "" {
		filter.WriteString(" AND topic = " + arg(f.Topic))
	}
	if f.District != "" {
		filter.WriteString(" AND district = " + arg(f.District))
	}
	if f.Channel != "" {
		filter.WriteString(" AND channel = " + arg(string(f.Channel)))
	}
	switch f.Material {
	case "complete":
		filter.WriteString(" AND missing = 0")
	case "missing":
		filter.WriteString(" AND missing > 0")
	}
	if f.Priority {
		filter.WriteString(" AND priority <> ''")
	}
	order := " ORDER BY rank, due, id"
	switch f.Sort {
	case SortDue:
		order = " ORDER BY due, id"
	case SortNew:
		order = " ORDER BY id DESC"
	}
	// A filter looks at the first Depth cases of the tab: the rest of a tab of a
	// million closed cases is found by name or number.
	ask := func(plain, deep string) string {
		if filter.Len() == 0 {
			return plain + where.String()
		}
		return deep + where.String() + order + " LIMIT " + strconv.Itoa(Depth) + ") w WHERE TRUE" + filter.String()
	}
	var p Page
	p.Total, err = db.One(tx, db.Value[int], ask(countHead, countDeep)+" LIMIT "+strconv.Itoa(CountUpTo)+") x", args...)
	if err != nil {
		return p, err
	}
	if after, err := cursor(f.After); err != nil {
		return p, err
	} else if len(after) == 3 {
		switch f.Sort {
		case SortDue:
			fmt.Fprintf(&where, " AND (due, id) > (%s, %s)", arg(after[1]), arg(after[2]))
		case SortNew:
			fmt.Fprintf(&where, " AND id < %s", arg(after[2]))
		default:
			rank, _ := strconv.ParseInt(after[0], 10, 64)
			fmt.Fprintf(&where, " AND (rank, due, id) > (%s, %s, %s)", arg(rank), arg(after[1]), arg(after[2]))
		}
	}
	p.Cases, err = db.All(tx, scanCase, ask(listHead, listDeep)+order+" LIMIT "+strconv.Itoa(f.Size+1), args...)
	if err != nil {
		return p, err
	}
	if len(p.Cases) > f.Size {
		p.Cases = p.Cases[:f.Size]
		last := p.Cases[f.Size-1]
		p.Next = fmt.Sprintf("%d_%s_%s", last.Rank, last.Due, last.ID)
	}
	return p, nil
}

func cursor(s string) ([]string, error) {
	if s == "" {
		return nil, nil
	}
	parts := strings.Split(s, "_")
	if len(parts) == 3 {
		if _, err := strconv.ParseInt(parts[0], 10, 64); err == nil {
			return parts, nil
		}
	}
	return nil, fault.Field("after", "这一页的地址不完整，请回到第一页")
}

// Counts is how many cases stand in each stage and how many of them are due
// today or late, each counted up to CountUpTo.
func (s *Service) Counts(ctx context.Context, region, matter string, stages []string) (all, due map[string]int, err error) {
	all, due = map[string]int{}, map[string]int{}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		for _, stage := range stages {
			if all[stage], err = db.One(tx, db.Value[int], stageCount, region, matter, stage, CountUpTo); err != nil {
				return err
			}
			if due[stage], err = db.One(tx, db.Value[int], dueCount, region, matter, stage, tx.Today(), CountUpTo); err != nil {
				return err
			}
		}
		return nil
	})
	return all, due, err
}

// CountText writes a count, «1000+» where counting stopped.
func CountText(n int) string {
	if n >= CountUpTo {
		return strconv.Itoa(CountUpTo) + "+"
	}
	return strconv.Itoa(n)
}
