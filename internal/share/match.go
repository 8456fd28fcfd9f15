package share

import (
	"sort"
	"strings"

	"yinling/internal/db"
	"yinling/internal/person"
)

// matches is what became of a chunk.
type matches struct {
	facts                       []Fact
	rows                        []Doubt
	twice                       []*entry
	linked, doubtful, unmatched int
	added, changed, same        int
}

// match finds the persons of a chunk by set: numbers first, then what clerks
// have decided before, then names with birth dates. Only a number together with
// its name is a match; everything else waits for a clerk.
func (im *importer) match(tx *db.Tx) (*matches, error) {
	rows := im.pending
	index := make([]string, 0, len(rows))
	for i := range rows {
		if rows[i].index != "" {
			index = append(index, rows[i].index)
		}
	}
	sort.Strings(index) // the tree is walked once, not at random
	byNumber, err := im.s.Persons.FindNumbers(tx, im.region, index)
	if err != nil {
		return nil, err
	}
	m := &matches{facts: make([]Fact, 0, len(rows))}
	mine := map[string]int32{} // person and item → line, within the chunk
	settle := func(e *entry, p string) bool {
		var k [24]byte
		copy(k[:], p)
		line, again := mine[p+e.fact.Item]
		if !again && e.fact.Item == "" {
			line = im.seen[k]
			again = line != 0
		}
		if again {
			twice(e, line)
			m.twice = append(m.twice, e)
			return false
		}
		mine[p+e.fact.Item] = int32(e.row.Line)
		f := e.fact
		f.Person = p
		m.facts = append(m.facts, f)
		return true
	}
	var open []*entry
	var keys []string
	for i := range rows {
		e := &rows[i]
		if k, ok := byNumber[e.index]; e.index != "" && ok && (e.name == "" || e.name == cleanName(k.Name)) {
			settle(e, k.ID)
			continue
		}
		open, keys = append(open, e), append(keys, e.key)
	}
	decided, err := links(tx, im.region, keys)
	if err != nil {
		return nil, err
	}
	var left []*entry
	var alike []person.Alike
	for _, e := range open {
		switch l, ok := decided[e.key]; {
		case ok && l.person != "":
			if settle(e, l.person) {
				m.linked++
			}
		case ok:
			m.row(im, e, Unmatched, "经办核对过：不在参保名册里", nil)
		default:
			left = append(left, e)
			alike = append(alike, person.Alike{Name: e.name, Birth: e.birth})
		}
	}
	byName, err := im.s.Persons.FindAlike(tx, im.region, alike)
	if err != nil {
		return nil, err
	}
	for i, e := range left {
		var ids []string
		reason := ""
		if k, ok := byNumber[e.index]; e.index != "" && ok {
			ids, reason = append(ids, k.ID), "号码对上了，姓名不一样"
		}
		for _, k := range byName[alike[i]] {
			if len(ids) < mostCandidates && !has(ids, k.ID) {
				ids = append(ids, k.ID)
			}
		}
		switch {
		case reason != "":
		case len(ids) > 0 && e.badID != "":
			reason = "姓名和出生日期对上了，" + e.badID
		case len(ids) > 0 && e.index != "":
			reason = "姓名和出生日期对上了，号码不一样"
		case len(ids) > 0:
			reason = "姓名和出生日期对上了，名单上没有号码"
		}
		if len(ids) > 0 {
			m.row(im, e, Doubtful, reason, ids)
			continue
		}
		reason = "参保名册里没有这个人"
		if e.badID != "" {
			reason += "；" + e.badID
		}
		m.row(im, e, Unmatched, reason, nil)
	}
	return m, nil
}

// mostCandidates is how many people a clerk is shown for one row.
const mostCandidates = 5

func (m *matches) row(im *importer, e *entry, state, reason string, ids []string) {
	if state == Doubtful {
		m.doubtful++
	} else {
		m.unmatched++
	}
	f := e.fact
	m.rows = append(m.rows, Doubt{Batch: im.batch, Source: im.src.ID, State: state, Line: f.Line, Name: e.name, Birth: e.birth, IDMask: e.mask(), Address: e.address,
		Reason: reason, Candidates: ids, Key: e.key, Value: f.Value, Document: f.Document, Issuer: f.Issuer, Since: f.Since, Until: f.Until})
}

// write stores facts that are new or differ, and lets the roster know.
func (im *importer) write(tx *db.Tx, m *matches) error {
	if err := putRows(tx, im.region, m.rows); err != nil {
		return err
	}
	put := m.facts
	m.added, m.changed, m.same = len(put), 0, 0
	if im.fresh {
		sort.Slice(m.facts, func(i, j int) bool {
			a, b := &m.facts[i], &m.facts[j]
			return a.Person < b.Person || a.Person == b.Person && a.Item < b.Item
		})
		var buf [14]any
		if err := tx.Bulk("share_fact", colsFact, len(put), func(i int) []any { return put[i].values(buf[:0], im.region) }); err != nil {
			return err
		}
	} else {
		ids := make([]string, len(m.facts))
		for i := range m.facts {
			ids[i] = m.facts[i].Person
		}
		have, err := db.All(tx, scanFact, factsMany, im.region, im.src.ID, ids)
		if err != nil {
			return err
		}
		type key struct{ person, item string }
		old := make(map[key]Fact, len(have))
		for _, f := range have {
			old[key{f.Person, f.Item}] = f
		}
		put, m.added = nil, 0
		for _, f := range m.facts {
			switch o, ok := old[key{f.Person, f.Item}]; {
			case !ok:
				m.added++
			case (o.EndedOn == 0 || strings.HasPrefix(o.EndedBy, retracted)) && o.Value == f.Value && o.Document == f.Document && o.Issuer == f.Issuer && o.Since == f.Since && o.Until == f.Until:
				m.same++
				continue
			default:
				m.changed++
			}
			put = append(put, f)
		}
		if err := putFacts(tx, im.region, put); err != nil {
			return err
		}
	}
	return im.s.effect(tx, im.region, im.src, put)
}
