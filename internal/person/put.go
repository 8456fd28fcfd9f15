package person

import (
	"sort"
	"strconv"
	"strings"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/seal"
)

// Field says which facts an Entry brings; what it does not bring stays as it is.
type Field uint16

// The facts beside identity and name, which every entry brings.
const (
	HasPhone Field = 1 << iota
	HasDistrict
	HasCommunity
	HasAddress
	HasPlace // lat, lng
	HasResident
	HasDeceased
	HasCoverage
	HasGroups
	HasBase // Coverage.Base; only together with HasCoverage
	HasAll  = HasBase<<1 - 1
)

// Entry is one person as a roster brings them.
type Entry struct {
	Number             Number
	Name               string
	Sex                string // 男, 女
	Birth              day.Day
	Phone              string
	District           string
	Community, Address string
	Lat, Lng           int64
	Resident           bool
	Deceased           day.Day
	Coverage           Coverage // Scheme "" means LTCI
	Groups             []string
	Has                Field

	ready                                          bool
	idIndex, idSealed, phoneIndex, phoneSealed, py string
	digest                                         string
}

// RosterSource is the source of key groups that come with the roster itself.
const RosterSource = "名册"

// prepare seals and fingerprints an entry; it runs beside the writer.
func (e *Entry) prepare(k *seal.Keys, region string) {
	if e.ready {
		return
	}
	e.ready = true
	if e.Coverage.Scheme == "" {
		e.Coverage.Scheme = LTCI
	}
	if e.Coverage.Status == "" {
		e.Coverage.Status = "active"
	}
	if len(e.Groups) > 1 {
		sort.Strings(e.Groups)
	}
	e.py = pinyinOf(e.Name)
	e.idIndex = k.Index(region, fieldID, e.Number.Text)
	e.idSealed = k.Seal(region, fieldID, e.Number.Text)
	e.phoneIndex = k.Index(region, fieldPhone, e.Phone)
	e.phoneSealed = k.Seal(region, fieldPhone, e.Phone)
	c := &e.Coverage
	var b strings.Builder
	b.Grow(256)
	for _, s := range []string{e.Number.Text, e.Name, e.Sex, e.Birth.String(), e.Phone, e.District, e.Community, e.Address,
		num(e.Lat), num(e.Lng), num(int64(e.Has)), flag(e.Resident), e.Deceased.String(),
		c.Scheme, c.Kind, c.Since.String(), c.Until.String(), c.Status, c.Paid.String()} {
		b.WriteString(s)
		b.WriteByte(0)
	}
	for _, g := range e.Groups {
		b.WriteString(g)
		b.WriteByte(0)
	}
	if e.Has&HasBase != 0 {
		b.WriteString(num(int64(c.Base)))
	}
	e.digest = k.Index(region, fieldRow, b.String())
}

// Count is what a Put did.
type Count struct{ New, Changed, Same int }

// Add sums two counts.
func (c Count) Add(d Count) Count {
	return Count{c.New + d.New, c.Changed + d.Changed, c.Same + d.Same}
}

// Put writes entries, no two of one number: who is not known is added, what
// differs is changed, the rest is left alone. It returns the ids in order.
func (s *Service) Put(tx *db.Tx, region string, entries []Entry) ([]string, Count, error) {
	return s.put(tx, region, entries, false)
}

// put is Put; fresh promises that none of the numbers is known, so that a first
// import need not look (a wrong promise fails the transaction on the unique key).
func (s *Service) put(tx *db.Tx, region string, entries []Entry, fresh bool) ([]string, Count, error) {
	var n Count
	ids := make([]string, len(entries))
	for i := range entries {
		entries[i].prepare(s.Keys, region)
	}
	var added, differ []int
	if fresh {
		added = make([]int, len(entries))
		for i := range entries {
			added[i] = i
		}
	} else {
		known, err := s.known(tx, region, entries)
		if err != nil {
			return nil, n, err
		}
		for i := range entries {
			switch k, ok := known[entries[i].idIndex]; {
			case !ok:
				added = append(added, i)
			case k.digest == entries[i].digest:
				ids[i] = k.id
				n.Same++
			default:
				ids[i] = k.id
				differ = append(differ, i)
			}
		}
	}
	if err := s.add(tx, region, entries, added, ids); err != nil {
		return nil, n, err
	}
	if len(added)+len(differ) > 0 {
		if err := keepDistricts(tx, region, entries); err != nil {
			return nil, n, err
		}
	}
	n.New = len(added)
	for len(differ) > 0 { // one person under two numbers comes twice: one after the other
		var now, later []int
		seen := map[string]bool{}
		for _, i := range differ {
			if seen[ids[i]] {
				later = append(later, i)
			} else {
				now = append(now, i)
			}
			seen[ids[i]] = true
		}
		changed, err := s.change(tx, region, entries, now, ids)
		if err != nil {
			return nil, n, err
		}
		n.Changed, n.Same, differ = n.Changed+changed, n.Same+len(now)-changed, later
	}
	return ids, n, nil
}

func keepDistricts(tx *db.Tx, region string, entries []Entry) error {
	seen := map[string]bool{"": true}
	var rows [][]any
	for i := range entries {
		if d := entries[i].District; !seen[d] {
			seen[d] = true
			rows = append(rows, []any{region, d})
		}
	}
	sort.Slice(rows, func(i, j int) bool { return rows[i][1].(string) < rows[j][1].(string) }) // two writers lock in one order
	_, err := tx.Insert("person_district", []string{"region", "name"}, rows, "ON CONFLICT (region, name) DO NOTHING")
	return err
}

func (s *Service) known(tx *db.Tx, region string, entries []Entry) (map[string]knownRow, error) {
	out := make(map[string]knownRow, len(entries))
	index := make([]string, len(entries))
	for i := range entries {
		index[i] = entries[i].idIndex
	}
	former, err := db.All(tx, scanFormer, formerOf, region, index)
	if err != nil {
		return nil, err
	}
	for _, r := range former {
		out[r.index] = r
	}
	rows, err := db.All(tx, scanKnown, knownRows, region, index)
	for _, r := range rows {
		out[r.index] = r
	}
	return out, err
}

const digits32 = "0123456789abcdefghjkmnpqrstvwxyz"

// add writes new people. Their ids share a beginning and count upwards: keys
// that grow keep the table's tree full and its insertions in one place.
func (s *Service) add(tx *db.Tx, region string, entries []Entry, which []int, ids []string) error {
	if len(which) == 0 {
		return nil
	}
	// In the order of the blind index its tree is walked once, not at random.
	sort.Slice(which, func(a, b int) bool { return entries[which[a]].idIndex < entries[which[b]].idIndex })
	base := tx.NewID()
	for n, i := range which {
		if n > 0 && n%(1<<20) == 0 {
			base = tx.NewID()
		}
		id := []byte(base)
		for p, v := len(id)-1, n%(1<<20); p >= len(id)-4; p, v = p-1, v/32 {
			id[p] = digits32[v%32]
		}
		ids[i] = string(id)
	}
	at := tx.Millis()
	var buf [20]any
	err := tx.Bulk("person_person", colsPerson, len(which), func(n int) []any {
		return entries[which[n]].values(buf[:0], region, ids[which[n]], at)
	})
	if err != nil {
		return err
	}
	var covered []int
	groups := [][2]string{}
	for _, i := range which {
		if entries[i].Has&HasCoverage != 0 {
			covered = append(covered, i)
		}
		for _, g := range entries[i].Groups {
			groups = append(groups, [2]string{ids[i], g})
		}
	}
	if err := tx.Bulk("person_coverage", colsCover, len(covered), func(n int) []any {
		return coverValues(buf[:0], region, ids[covered[n]], entries[covered[n]].Coverage)
	}); err != nil {
		return err
	}
	today := tx.Today()
	return tx.Bulk("person_group", colsGroup, len(groups), func(n int) []any {
		return append(buf[:0], region, groups[n][0], groups[n][1], RosterSource, today.String())
	})
}

func (e *Entry) values(b []any, region, id string, at int64) []any {
	resident := e.Resident || e.Has&HasResident == 0
	return append(b, region, id, e.Name, e.py, e.Sex, e.Birth.String(), e.idIndex, e.idSealed, e.Number.Tail(), e.phoneIndex, e.phoneSealed,
		e.District, e.Community, e.Address, e.Lat, e.Lng, resident, e.Deceased.String(), e.digest, at)
}

func coverValues(b []any, region, id string, c Coverage) []any {
	return append(b, region, id, c.Scheme, c.Since.String(), c.Until.String(), c.Kind, c.Status, c.Paid.String(), int64(c.Base))
}

// fullRow is a stored person as far as a roster may change it.
type fullRow struct {
	id, name, idIndex, phoneIndex, phoneSealed, idSealed, tail, sex string
	birth, deceased                                                 day.Day
	district, community, address                                    string
	lat, lng                                                        int64
	resident                                                        bool
}

// over fills what e does not bring from the stored row and tells whether
// anything that it brings differs.
func (e *Entry) over(r fullRow) bool {
	if e.idIndex != r.idIndex { // found by a former number: the present one stays
		e.idIndex, e.idSealed, e.Number.Text = r.idIndex, r.idSealed, r.tail
		e.Sex, e.Birth = r.sex, r.birth
	}
	if e.phoneIndex == r.phoneIndex || e.Has&HasPhone == 0 {
		e.phoneIndex, e.phoneSealed = r.phoneIndex, r.phoneSealed
	}
	diff := e.Name != r.name || e.Sex != r.sex || e.Birth != r.birth || e.phoneIndex != r.phoneIndex
	keep(e.Has&HasDistrict, &e.District, r.district, &diff)
	keep(e.Has&HasCommunity, &e.Community, r.community, &diff)
	keep(e.Has&HasAddress, &e.Address, r.address, &diff)
	keep(e.Has&HasPlace, &e.Lat, r.lat, &diff)
	keep(e.Has&HasPlace, &e.Lng, r.lng, &diff)
	keep(e.Has&HasResident, &e.Resident, r.resident, &diff)
	keep(e.Has&HasDeceased, &e.Deceased, r.deceased, &diff)
	return diff
}

func keep[T comparable](has Field, mine *T, stored T, diff *bool) {
	if has == 0 {
		*mine = stored
	} else if *mine != stored {
		*diff = true
	}
}

// change compares entries with what is stored and writes the differences; it
// returns how many people really differ.
func (s *Service) change(tx *db.Tx, region string, entries []Entry, which []int, ids []string) (int, error) {
	if len(which) == 0 {
		return 0, nil
	}
	want := make([]string, len(which))
	for n, i := range which {
		want[n] = ids[i]
	}
	stored := map[string]fullRow{}
	covers, groups := map[string][]Coverage{}, map[string][]Group{}
	rows, err := db.All(tx, scanFull, fullRows, region, want)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		stored[r.id] = r
	}
	cs, err := db.All(tx, scanCoverage, getCoverages, region, want)
	if err != nil {
		return 0, err
	}
	for _, c := range cs {
		covers[c.person] = append(covers[c.person], c.Coverage)
	}
	gs, err := db.All(tx, scanGroup, getGroups, region, want)
	if err != nil {
		return 0, err
	}
	for _, g := range gs {
		groups[g.person] = append(groups[g.person], g.Group)
	}
	var people, cover, newGroups [][]any
	changed, at, today := 0, tx.Millis(), tx.Today().String()
	for _, i := range which {
		e, id := &entries[i], ids[i]
		diff := e.over(stored[id])
		e.Has |= HasResident // over has filled it
		if e.Has&HasCoverage != 0 {
			drop, put := coverChange(covers[id], &e.Coverage, e.Has&HasBase != 0)
			for _, c := range drop {
				if _, err := tx.Exec(dropCoverage, region, id, c.Scheme, c.Since); err != nil {
					return 0, err
				}
			}
			if put {
				cover = append(cover, coverValues(nil, region, id, e.Coverage))
			}
			diff = diff || put || len(drop) > 0
		}
		if e.Has&HasGroups != 0 {
			drop, put := groupChange(groups[id], e.Groups)
			for _, g := range drop {
				if _, err := tx.Exec(dropGroup, region, id, g); err != nil {
					return 0, err
				}
			}
			for _, g := range put {
				newGroups = append(newGroups, []any{region, id, g, RosterSource, today})
			}
			diff = diff || len(put)+len(drop) > 0
		}
		if diff {
			changed++
		}
		people = append(people, e.values(nil, region, id, at)) // the fingerprint is new even when nothing differs
	}
	if _, err := tx.Insert("person_person", colsPerson, people, upsertPerson); err != nil {
		return 0, err
	}
	if _, err := tx.Insert("person_coverage", colsCover, cover, upsertCoverage); err != nil {
		return 0, err
	}
	_, err = tx.Insert("person_group", colsGroup, newGroups, "ON CONFLICT (region, person, name) DO NOTHING")
	return changed, err
}

// coverChange: the roster states one coverage; stored ones of its scheme that
// overlap it under another first day are what it corrects, earlier ones are history.
// A roster without a base leaves the base that is stored, also under a corrected day.
func coverChange(stored []Coverage, c *Coverage, hasBase bool) (drop []Coverage, put bool) {
	put = true
	same := false
	for _, o := range stored {
		if o.Scheme != c.Scheme {
			continue
		}
		if o.Since == c.Since {
			if same = true; !hasBase {
				c.Base = o.Base
			}
			put = o.Base != c.Base || o.Kind != c.Kind || o.Until != c.Until || o.Status != c.Status || o.Paid.String() != c.Paid.String()
			continue
		}
		if (o.Until == 0 || o.Until >= c.Since) && (c.Until == 0 || o.Since <= c.Until) {
			if drop = append(drop, o); !hasBase && !same {
				c.Base = o.Base // stored ones come oldest first
			}
		}
	}
	return drop, put
}

// groupChange: of the stored groups only those that a roster brought are its own to take back.
func groupChange(stored []Group, want []string) (drop, put []string) {
	have := map[string]bool{}
	wanted := map[string]bool{}
	for _, g := range want {
		wanted[g] = true
	}
	for _, g := range stored {
		have[g.Name] = true
		if g.Source == RosterSource && !wanted[g.Name] {
			drop = append(drop, g.Name)
		}
	}
	for _, g := range want {
		if !have[g] {
			put = append(put, g)
		}
	}
	return drop, put
}

func num(v int64) string { return strconv.FormatInt(v, 10) }

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}
