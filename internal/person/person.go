package person

import (
	"context"
	"errors"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/policy"
	"yinling/internal/seal"
)

// Person is an insured person (参保人).
type Person struct {
	Region, ID string
	Name       string
	Sex        string // 男 or 女
	Birth      day.Day
	IDTail     string // last four characters of the identity number
	Phone      string // opened only by Get and GetMany; "" elsewhere
	District   string // 区县
	Community  string // 社区、村
	Address    string
	Lat, Lng   int64 // millionths of a degree; 0,0 unknown
	Groups     []string
	Resident   bool    // lives in the region
	Deceased   day.Day // 0: alive
}

// Age is the age in full years on a day.
func (p Person) Age(on day.Day) int { return on.Age(p.Birth) }

// In tells whether p belongs to a key group.
func (p Person) In(group string) bool {
	for _, g := range p.Groups {
		if g == group {
			return true
		}
	}
	return false
}

// Service answers for persons. Packs may be nil where no proxy is authorised.
type Service struct {
	Log   *audit.Log
	Keys  *seal.Keys
	Packs *policy.Set
	Dir   string // for uploaded rosters and rejects files; "" the machine's temporary folder

	// Held names what other domains keep under a person's id, "" for nothing; nil
	// where there is no other domain.
	Held func(tx *db.Tx, region, person string) (string, error)

	uploads Behind
}

// Fields of the seal.
const (
	fieldID    = "person.id"
	fieldPhone = "person.phone"
	fieldRow   = "person.row"
)

// ErrNone is what Get and FindByID say for nobody.
func errNone() error {
	return fault.New(fault.NotFound, "参保名册里没有这个人。请核对号码，或先办理参保登记。")
}

// Get reads one person with telephone and groups; nobody is fault.NotFound.
func (s *Service) Get(tx *db.Tx, region, id string) (Person, error) {
	m, err := s.GetMany(tx, region, []string{id})
	if err != nil {
		return Person{}, err
	}
	p, ok := m[id]
	if !ok {
		return Person{}, errNone()
	}
	return p, nil
}

// GetMany reads persons by id in few statements; who does not exist is not in the map.
func (s *Service) GetMany(tx *db.Tx, region string, ids []string) (map[string]Person, error) {
	rows, err := db.All(tx, scanPerson, getPersons, region, ids)
	if err != nil {
		return nil, err
	}
	groups, err := db.All(tx, scanGroup, getGroups, region, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Person, len(rows))
	for _, r := range rows {
		p := r.Person
		if p.Phone, err = s.Keys.Open(region, fieldPhone, r.phone); err != nil {
			return nil, err
		}
		out[p.ID] = p
	}
	for _, g := range groups {
		if p, ok := out[g.person]; ok {
			p.Groups = append(p.Groups, g.Name)
			out[g.person] = p
		}
	}
	return out, nil
}

// FindByID finds a person by the full identity number, also by one that has
// since been corrected; nobody is fault.NotFound, a wrong number fault.Invalid.
func (s *Service) FindByID(tx *db.Tx, region, idno string) (Person, error) {
	n, err := ParseID(idno, tx.Today())
	if err != nil {
		return Person{}, err
	}
	id, err := s.findNumber(tx, region, n)
	if err != nil {
		return Person{}, err
	}
	return s.Get(tx, region, id)
}

func (s *Service) findNumber(tx *db.Tx, region string, n Number) (string, error) {
	index := s.Keys.Index(region, fieldID, n.Text)
	id, err := db.One(tx, db.Value[string], findIndex, region, index)
	if errors.Is(err, db.ErrNone) {
		id, err = db.One(tx, db.Value[string], findFormer, region, index)
	}
	if errors.Is(err, db.ErrNone) {
		return "", errNone()
	}
	return id, err
}

// IDNumber opens a person's full identity number. The caller stands behind a
// permission and records the look in the audit log.
func (s *Service) IDNumber(tx *db.Tx, region, id string) (string, error) {
	sealed, err := db.One(tx, db.Value[string], getSealed, region, id)
	if errors.Is(err, db.ErrNone) {
		return "", errNone()
	}
	if err != nil {
		return "", err
	}
	return s.Keys.Open(region, fieldID, sealed)
}

// Search finds up to limit people by full identity number, by the beginning of
// the name or of its pinyin, and by name with the last four of the number («王桂 0023»).
func (s *Service) Search(ctx context.Context, region, q string, limit int) (out []Person, err error) {
	q = strings.TrimSpace(q)
	if q == "" {
		return nil, nil
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		ids, err := s.search(tx, region, q, limit)
		if err != nil || len(ids) == 0 {
			return err
		}
		m, err := s.GetMany(tx, region, ids)
		for _, id := range ids {
			out = append(out, m[id])
		}
		return err
	})
	return out, err
}

func (s *Service) search(tx *db.Tx, region, q string, limit int) ([]string, error) {
	if id := normalID(q); len(id) >= 15 && digits(id[3:len(id)-1]) {
		n, err := ParseID(id, tx.Today())
		if err != nil {
			return nil, err
		}
		found, err := s.findNumber(tx, region, n)
		if fault.Is(err, fault.NotFound) {
			return nil, nil
		}
		return []string{found}, err
	}
	name, last, _ := strings.Cut(strings.Join(strings.Fields(q), " "), " ")
	last = normalID(last)
	py := pinyinOf(name)
	if py == "" {
		return nil, fault.Field("q", "请填姓名、拼音或者完整的证件号码；只知道后四位时，请在前面加上姓名，例如「王桂兰 0023」")
	}
	if py == strings.ToLower(name) {
		name = "" // typed in pinyin
	}
	return db.All(tx, db.Value[string], searchName, region, py, py+"~", name, last, limit)
}

// Any tells whether a region's roster holds anybody.
func Any(tx *db.Tx, region string) (bool, error) {
	ids, err := db.All(tx, db.Value[string], anyPerson, region)
	return len(ids) > 0, err
}

// Oldest lists the living by age, the oldest first, from after the mark that
// OldestAfter makes of the last one of the page before (empty: from the start).
// It reads an index of those born before 1970 only, which a roster of a million
// can carry: who is owed anything by age is among them.
func (s *Service) Oldest(tx *db.Tx, region, after string, limit int) ([]Person, error) {
	birth, id, _ := strings.Cut(after, "/")
	ids, err := db.All(tx, db.Value[string], selectOldest, region, birth, id, limit)
	if err != nil {
		return nil, err
	}
	m, err := s.GetMany(tx, region, ids)
	out := make([]Person, len(ids))
	for i, id := range ids {
		out[i] = m[id]
	}
	return out, err
}

// OldestAfter is the mark of a person for the next page of Oldest.
func OldestAfter(p Person) string { return p.Birth.String() + "/" + p.ID }

// Districts are the districts (区县) that the roster names, for filters.
func (s *Service) Districts(ctx context.Context, region string) (out []string, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		out, err = db.All(tx, db.Value[string], getDistricts, region)
		return err
	})
	return out, err
}

// Count is the number of persons of a region.
func (s *Service) Count(tx *db.Tx, region string) (int64, error) {
	return db.One(tx, db.Value[int64], countPersons, region)
}
