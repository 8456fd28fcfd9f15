package claim

import (
	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// quoteNew makes the bills of visits that a settle group asks for and nobody
// has quoted yet: done, confirmed at the door, without suspicion. They are
// quoted by set, in the order of the group, each counting what those before it
// take, and their decisions are kept; the bills themselves are written with
// the settlements. What cannot be quoted is answered in refused.
func (s *Service) quoteNew(tx *db.Tx, region string, batch []audit.Request[SettleRequest], known map[string]*Bill, found map[string]care.Visit) (fresh map[*Bill]bool, refused map[string]error, err error) {
	var ids []string
	asked := map[string]bool{}
	for _, r := range batch {
		if id := r.In.Visit; known[id] == nil && r.In.Version == 0 && !asked[id] {
			asked[id] = true
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil, nil
	}
	var vs []care.Visit
	for _, id := range ids {
		if v, ok := found[id]; ok && v.Status == care.Done && v.Confirmed != "" {
			vs = append(vs, v)
		}
	}
	if len(vs) == 0 {
		return nil, nil, nil
	}
	var f *facts
	if err := tx.Together(func() (err error) { f, err = s.gather(tx, region, vs); return err }); err != nil {
		return nil, nil, err
	}
	fresh, refused = map[*Bill]bool{}, map[string]error{}
	var decs []policy.Decision
	var objects []string
	var bs []*Bill
	for _, v := range vs {
		b := &Bill{Region: region, Visit: v.ID}
		dec, err := s.quote(b, v, f)
		if k := fault.As(err).Kind; err != nil && (k == fault.Internal || k == fault.Busy) {
			return nil, nil, err
		} else if err != nil {
			refused[v.ID] = err
			continue
		}
		f.spend(b)
		b.QuotedAt = tx.Millis()
		bs, decs, objects = append(bs, b), append(decs, dec), append(objects, v.ID)
	}
	if len(bs) == 0 {
		return fresh, refused, nil
	}
	made, err := audit.Decide(tx, region, decs, objects)
	for i, b := range bs {
		if err == nil {
			b.Decision = made[i]
		}
		known[b.Visit], fresh[b] = b, true
	}
	return fresh, refused, err
}

// writeSettled writes bills that have just been settled: new ones whole, the
// others by what has changed.
func writeSettled(tx *db.Tx, region string, bs []*Bill, fresh map[*Bill]bool) error {
	var whole, moved []*Bill
	for _, b := range bs {
		if fresh[b] {
			whole = append(whole, b)
		} else {
			moved = append(moved, b)
		}
	}
	if len(whole) > 0 {
		if err := newBills(tx, whole); err != nil {
			return err
		}
	}
	if len(moved) == 0 {
		return nil
	}
	return markSettled(tx, region, moved, until(tx))
}
