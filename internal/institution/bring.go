package institution

import (
	"context"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
)

// Bring files a matter for a resident (代办): only a home in force, only for who
// lives there now, with the person's consent to this very matter. The rest is
// the matter's own rule.
func (s *Service) Bring(ctx context.Context, who audit.Actor, d *desk.Service, resident string, in desk.ApplyInput) (desk.Receipt, error) {
	err := s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		i, err := home(tx, who)
		if err != nil {
			return err
		}
		r, err := ownResident(tx, who, resident)
		if err != nil {
			return err
		}
		if !r.Until.IsZero() {
			return fault.New(fault.Conflict, "这位老人%s已经离院，不能再替他办。请他本人或家属办。", r.Until.Chinese())
		}
		in.Person, in.Relation = r.Person, i.Kind.Name()
		return Living(tx, who, r.Person)
	})
	if err != nil {
		return desk.Receipt{}, err
	}
	in.Region, in.Channel = who.Region, desk.Institution
	return d.Apply(ctx, who, in)
}
