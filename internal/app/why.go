package app

import (
	"context"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// mayWhy tells who may see the explanation of a decision about an object: the
// agency in its region; the person, a proxy, the institution, the assessor when
// the object's own page would show itself to them.
func (a *App) mayWhy(ctx context.Context, who audit.Actor, region, object string) error {
	no := fault.New(fault.NotFound, "没有找到这个决定。")
	if region != who.Region {
		return no
	}
	role := access.RoleOf(who.Role)
	if role.Allows(access.DeskSee) || role.Allows(access.FundSee) || role.Allows(access.AuditSee) {
		return nil
	}
	mine := func(person string) bool { return person != "" && (person == who.Person || person == who.Behalf) }
	if mine(object) || who.Institution != "" && object == who.Institution {
		return nil
	}
	for _, see := range []func() error{
		func() error { _, err := a.Assess.Detail(ctx, who, region, object); return err },
		func() error { _, _, err := a.Desk.See(ctx, who, region, object); return err },
		func() error { _, err := a.Care.See(ctx, who, region, object); return err },
		func() error { _, _, err := a.Care.SeePlan(ctx, who, region, object); return err },
		func() error { _, _, err := a.Claim.See(ctx, who, region, object); return err },
		func() error {
			sheet, err := a.Claim.ReadMonth(ctx, who, region, object)
			if err == nil && (who.Institution == "" || sheet.Institution != who.Institution) {
				return no
			}
			return err
		},
		func() error {
			return a.DB.Read(ctx, func(tx *db.Tx) error {
				b, err := benefit.Get(tx, region, object)
				if err == nil && !mine(b.Person) {
					return no
				}
				return err
			})
		},
	} {
		err := see()
		if err == nil {
			return nil
		}
		if k := fault.As(err).Kind; k == fault.Internal && ctx.Err() != nil {
			return err
		}
	}
	return no
}
