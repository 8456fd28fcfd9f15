package assess

import (
	"context"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
)

// Undo takes the last decision of the desk back (accepted, asked for papers,
// refused): by who made it, within ten minutes, while nothing else happened.
// The application waits for acceptance again, with the limit that it had.
func (s *Service) Undo(ctx context.Context, who audit.Actor, c Cmd) error {
	act := audit.Act{Region: c.Region, Verb: "assess." + string(ActUndo), Object: c.ID, Key: c.Key, Body: c.ID}
	return audit.Run(ctx, s.Log, who, act, func(tx *db.Tx) error {
		app, err := get(tx, c.Region, c.ID)
		if err != nil {
			return err
		}
		if who.Region != c.Region {
			return fault.New(fault.Forbidden, "这件不在您的统筹区，请由参保地经办机构办理。")
		}
		arrow, err := next(app.State, ActUndo, who.Role)
		if err != nil {
			return err
		}
		if app.State == StateRefused { // the person may have applied anew
			earlier, err := appsOf(tx, c.Region, app.Person)
			if err != nil {
				return err
			}
			for _, e := range earlier {
				if e.ID != app.ID && !statusOf(e.State).Closed() {
					return fault.New(fault.Conflict, "申请人已经另外申请了一件（%s），不能撤回。请办新的那一件。", e.ID)
				}
			}
		}
		b, err := desk.Restore(tx, c.Region, c.ID, who, func(action string) string {
			return who.Name + "撤回了刚才的「" + Action(action).Name() + "」，通知没有发出"
		})
		if err != nil {
			return err
		}
		if err := desk.TakeBack(tx, c.Region, c.ID, letterOf(Action(b.Action))); err != nil {
			return err
		}
		from := app.State
		app.State, app.AcceptedBy, app.MissingWhat, app.SupplyBy = arrow.To, "", "", 0
		return put(tx, app, from)
	})
}
