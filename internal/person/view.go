package person

import (
	"context"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// View is a person with everything that person keeps, for a page.
type View struct {
	Person
	Coverages []Coverage
	KeyGroups []Group
	Stays     []Stay
	Family
}

// Family are the authorisations in which a person takes part.
type Family struct {
	Given []ProxyView // may act for the person
	Held  []ProxyView // whom the person may act for
}

// ProxyView is an authorisation with the name of the other one.
type ProxyView struct {
	Proxy
	Other string // name
}

// See reads a person for a page; the look is audited unless it is one's own.
func (s *Service) See(ctx context.Context, who audit.Actor, region, id string) (v View, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if v.Person, err = s.Get(tx, region, id); err != nil {
			return err
		}
		if v.Coverages, err = s.Coverages(tx, region, id); err != nil {
			return err
		}
		if v.KeyGroups, err = s.Groups(tx, region, id); err != nil {
			return err
		}
		stays, err := s.Stays(tx, region, []string{id}, tx.Today().AddMonths(-24), tx.Today())
		if err != nil {
			return err
		}
		v.Stays = stays[id]
		v.Family, err = s.family(tx, region, id)
		return err
	})
	if err != nil || who.Person == id {
		return v, err
	}
	return v, audit.Seen(ctx, s.Log, who, region, "person.see", id)
}

// FamilyOf reads who may act for a person, and for whom the person may act.
func (s *Service) FamilyOf(ctx context.Context, region, id string) (f Family, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		f, err = s.family(tx, region, id)
		return err
	})
	return f, err
}

func (s *Service) family(tx *db.Tx, region, id string) (f Family, err error) {
	given, err := s.ProxiesOf(tx, region, id)
	if err != nil {
		return f, err
	}
	held, err := s.ProxiesBy(tx, region, id)
	if err != nil {
		return f, err
	}
	var ids []string
	for _, p := range given {
		ids = append(ids, p.Proxy)
	}
	for _, p := range held {
		ids = append(ids, p.Person)
	}
	names, err := s.GetMany(tx, region, ids)
	for _, p := range given {
		f.Given = append(f.Given, ProxyView{p, names[p.Proxy].Name})
	}
	for _, p := range held {
		f.Held = append(f.Held, ProxyView{p, names[p.Person].Name})
	}
	return f, err
}

// Reveal opens a person's full number for a clerk; the look is audited.
func (s *Service) Reveal(ctx context.Context, who audit.Actor, region, id string) (no string, err error) {
	err = audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "person.reveal", Object: id}, func(tx *db.Tx) error {
		no, err = s.IDNumber(tx, region, id)
		return err
	})
	return no, err
}

// Match finds a person by number and name together. Which of the two is wrong
// is not said: nobody shall find out by trying who is insured.
func (s *Service) Match(tx *db.Tx, region, idno, name string) (Person, error) {
	p, err := s.FindByID(tx, region, idno)
	if fault.Is(err, fault.Invalid) {
		return p, err
	}
	if fault.Is(err, fault.NotFound) || err == nil && p.Name != name {
		return Person{}, fault.Field("id", "姓名和证件号码在参保名册里对不上。请核对；没有在本地参保的亲友，请本人到窗口办理")
	}
	return p, err
}

// Consent is a wish to authorise somebody who is named by number and name.
type Consent struct {
	Authorisation
	Name, IDNo string // of the proxy; used when Authorisation.Proxy is empty
}

// Allow authorises in one audited act.
func (s *Service) Allow(ctx context.Context, who audit.Actor, key string, c Consent) (Proxy, error) {
	act := audit.Act{Region: c.Region, Verb: "person.authorise", Object: c.Person, Key: key, Body: [4]string{c.Person, c.Proxy, s.Keys.Index(c.Region, fieldID, normalID(c.IDNo)), c.Scope}}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Proxy, error) { return s.AllowTx(tx, c) })
}

// AllowTx is Allow inside the transaction of another act.
func (s *Service) AllowTx(tx *db.Tx, c Consent) (Proxy, error) {
	a := c.Authorisation
	if a.Proxy == "" {
		p, err := s.Match(tx, c.Region, c.IDNo, c.Name)
		if err != nil {
			return Proxy{}, err
		}
		a.Proxy = p.ID
	}
	return s.Authorise(tx, a)
}

// Recall revokes in one audited act; by as in Revoke.
func (s *Service) Recall(ctx context.Context, who audit.Actor, region, id, by string) (Proxy, error) {
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "person.revoke", Object: id}, func(tx *db.Tx) (Proxy, error) {
		return s.Revoke(tx, region, id, by)
	})
}

// MayActFor is the scope in which proxy may act for person today.
func (s *Service) MayActFor(ctx context.Context, region, proxy, person string) (scope string, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		scope, _, err = s.ProxyScope(tx, region, proxy, person, tx.Today())
		return err
	})
	return scope, err
}
