package assess

import (
	"context"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/person"
)

// Draft is an application that an account has not sent yet. It is kept for
// desk.KeepDraft after the last change, so that people can find their papers.
type Draft struct {
	Person string `json:"person"`
	Told   Told   `json:"told"`
	Later  bool   `json:"later"` // the evidence will come later
}

func draftCase(who audit.Actor) string { return "draft:" + who.ID }

// Draft reads the account's draft with its evidence; at is zero when there is none.
func (s *Service) Draft(ctx context.Context, who audit.Actor) (d Draft, docs []desk.Document, at time.Time, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if at, _, err = desk.LoadDraft(tx, who.Region, who.ID, Matter, &d); err != nil {
			return err
		}
		docs, err = desk.Documents(tx, who.Region, draftCase(who))
		return err
	})
	d.Told.Documents = nil
	for _, doc := range docs {
		d.Told.Documents = append(d.Told.Documents, doc.ID)
	}
	return d, docs, at, err
}

// SaveDraft keeps the answers so far, and a file when one came with them.
func (s *Service) SaveDraft(ctx context.Context, who audit.Actor, d Draft, file *desk.Stored) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: who.Region, Verb: "assess.draft", Object: who.ID}, func(tx *db.Tx) error {
		if file != nil {
			if _, err := desk.Attach(tx, who.Region, draftCase(who), "record", *file, who); err != nil {
				return err
			}
		}
		return desk.SaveDraft(tx, who.Region, who.ID, Matter, d)
	})
}

// Ward is somebody for whom the account may apply.
type Ward struct {
	Person   person.Person
	Relation string // 本人, 女儿 …
	Act      bool   // may act, not only see
	Open     string // number of an application on its way; empty: none
	State    State
}

// Wards lists the account's own person and those who gave it a proxy.
func (s *Service) Wards(ctx context.Context, who audit.Actor) (out []Ward, err error) {
	if who.Person == "" {
		return nil, fault.New(fault.Forbidden, "您的登录没有连着参保人，请带身份证到窗口办理。")
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		proxies, err := s.Persons.ProxiesBy(tx, who.Region, who.Person)
		if err != nil {
			return err
		}
		ids, seen := []string{who.Person}, map[string]bool{who.Person: true}
		list := []Ward{{Relation: "本人", Act: true}}
		for _, p := range proxies {
			if p.On(tx.Today()) && !seen[p.Person] {
				seen[p.Person] = true
				ids = append(ids, p.Person)
				list = append(list, Ward{Relation: p.Relation, Act: p.Scope != person.ScopeSee})
			}
		}
		people, err := s.Persons.GetMany(tx, who.Region, ids)
		if err != nil {
			return err
		}
		for i, id := range ids {
			var ok bool
			if list[i].Person, ok = people[id]; !ok {
				continue
			}
			apps, err := appsOf(tx, who.Region, id)
			if err != nil {
				return err
			}
			for _, a := range apps {
				if !statusOf(a.State).Closed() {
					list[i].Open, list[i].State = a.ID, a.State
				}
			}
			out = append(out, list[i])
		}
		return nil
	})
	return out, err
}

// Screen tells what the self-screen says to the answers so far, for the page.
func (s *Service) Screen(region string, at time.Time, items map[string]string) (Screen, error) {
	v, err := s.Packs.At(region, day.FromTime(at))
	if err != nil {
		return Screen{}, err
	}
	out, _, err := SelfScreenRule.Decide(v, ScreenAnswers{Items: items})
	return out, err
}
