package assess

import (
	"context"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
)

// ApplyFor files an application that an institution makes for a resident, whom
// it names by the full identity number and the name together: so it cannot find
// out by trying who is insured. Errors as Apply's; Invalid at field id when the
// two do not belong together.
func (s *Service) ApplyFor(ctx context.Context, who audit.Actor, idno, name string, in ApplyInput) (Receipt, error) {
	if who.Role != roleInstitution || who.Institution == "" {
		return Receipt{}, fault.New(fault.Forbidden, "您的账号没有连着机构，不能替老人申请。请找系统管理员连上。")
	}
	err := s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		p, err := s.Persons.Match(tx, who.Region, idno, name)
		in.Person = p.ID
		return err
	})
	if fault.Is(err, fault.Invalid) {
		return Receipt{}, fault.Field("id", "%s", fault.As(err).Say)
	}
	if err != nil {
		return Receipt{}, err
	}
	in.Channel, in.Draft = desk.Institution, false
	return s.Apply(ctx, who, in)
}

// OfInstitution lists what the actor's institution applied for, newest first,
// from before the number before (empty: the newest).
func (s *Service) OfInstitution(ctx context.Context, who audit.Actor, before string, limit int) (list []Entry, err error) {
	if who.Role != roleInstitution || who.Institution == "" {
		return nil, nil
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		apps, err := db.All(tx, scanApp, selectInst, who.Region, who.Institution, before, limit)
		if err != nil || len(apps) == 0 {
			return err
		}
		ids := make([]string, len(apps))
		for i, a := range apps {
			ids[i] = a.Person
		}
		people, err := s.Persons.GetMany(tx, who.Region, ids)
		for _, a := range apps {
			list = append(list, Entry{Person: people[a.Person], App: a})
		}
		return err
	})
	return list, err
}
