package hall

import (
	"context"
	"slices"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// Busy is a place with its windows and how many wait there now.
type Busy struct {
	Place
	Windows []Window
	Waiting int64
}

// OpenWindows counts the windows that call now.
func (b Busy) OpenWindows() (n int) {
	for _, w := range b.Windows {
		if w.Status == "open" {
			n++
		}
	}
	return n
}

// Places lists the halls and points of a region with their queues.
func (s *Service) Places(ctx context.Context, region string) (out []Busy, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		places, err := db.All(tx, scanPlace, getPlaces, region)
		if err != nil {
			return err
		}
		windows, err := db.All(tx, scanWindow, allWindows, region)
		if err != nil {
			return err
		}
		n, err := queueCounts(tx, region, tx.Today().String())
		for _, p := range places {
			b := Busy{Place: p, Waiting: n[p.ID]}
			for _, w := range windows {
				if w.Place == p.ID {
					b.Windows = append(b.Windows, w)
				}
			}
			out = append(out, b)
		}
		return err
	})
	return out, err
}

// All lists the places of a region, for who sends people to them.
func All(tx *db.Tx, region string) ([]Place, error) {
	return db.All(tx, scanPlace, getPlaces, region)
}

// Get reads a place.
func (s *Service) Get(ctx context.Context, region, id string) (p Place, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { p, err = placeOf(tx, region, id); return err })
	return p, err
}

// Save enters a place (ID "") or changes it; a hall that closes stays for its
// record.
func (s *Service) Save(ctx context.Context, who audit.Actor, key string, p Place) (Place, error) {
	act := audit.Act{Region: p.Region, Verb: "hall.place", Object: p.ID, Key: key, Body: p}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Place, error) {
		p.Name, p.Facilities = strings.TrimSpace(p.Name), strings.TrimSpace(p.Facilities)
		if p.Name == "" {
			return p, fault.Field("name", "请填大厅或站点的名称")
		}
		if p.KindName() == p.Kind {
			return p, fault.Field("kind", "请选是大厅、服务站点还是养老机构")
		}
		if err := p.checkHours(); err != nil {
			return p, err
		}
		if p.ID != "" {
			if _, err := placeOf(tx, p.Region, p.ID); err != nil {
				return p, err
			}
			err := changePlace(tx, p)
			p.Version++
			return p, err
		}
		p.ID, p.Version = tx.NewID(), 1
		return p, putPlace(tx, p)
	})
}

// SaveWindow enters a window (ID "") or changes what it does.
func (s *Service) SaveWindow(ctx context.Context, who audit.Actor, key string, in Window) (Window, error) {
	act := audit.Act{Region: in.Region, Verb: "hall.window", Object: in.Place, Key: key, Body: in}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Window, error) {
		if _, err := placeOf(tx, in.Region, in.Place); err != nil {
			return in, err
		}
		known := s.ListMatters(in.Region)
		for _, m := range in.Matters {
			if !slices.ContainsFunc(known, func(n Named) bool { return n.ID == m }) {
				return in, fault.Field("matters", "没有事项 %s，请从列出的事项里选", m)
			}
		}
		if in.ID != "" {
			w, err := windowOf(tx, in.Region, in.ID)
			if err != nil {
				return w, err
			}
			w.Name, w.Matters, w.Priority, w.Version = in.Name, in.Matters, in.Priority, in.Version
			err = changeWindow(tx, w)
			w.Version++
			return w, err
		}
		if in.No < 1 || in.No > 99 {
			return in, fault.Field("no", "窗口号请填 1 到 99")
		}
		in.ID, in.Status, in.Version = tx.NewID(), "closed", 1
		ok, err := putWindow(tx, in)
		if err == nil && !ok {
			return in, fault.Field("no", "这里已经有 %d 号窗口，请换一个号", in.No)
		}
		return in, err
	})
}

// Turn opens, pauses or closes a window. Who opens it sits there.
func (s *Service) Turn(ctx context.Context, who audit.Actor, region, id, key, status, reason string) (Window, error) {
	act := audit.Act{Region: region, Verb: "hall.turn", Object: id, Key: key, Body: [2]string{status, reason}}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Window, error) {
		w, err := windowOf(tx, region, id)
		if err != nil {
			return w, err
		}
		reason = strings.TrimSpace(reason)
		switch status {
		case "open":
			w.Clerk, w.ClerkName, reason = who.ID, who.Name, ""
		case "paused":
			if reason == "" {
				return w, fault.Field("reason", "请写为什么暂停，大屏上会告诉等的人，例如“10:30 回来”")
			}
		case "closed":
			w.Clerk, w.ClerkName, reason = "", "", ""
		default:
			return w, fault.Field("status", "窗口可以打开、暂停或者关掉")
		}
		if status != "open" {
			at, err := db.All(tx, scanTicket, getAt, region, w.Place, tx.Today().String(), w.ID)
			if err != nil {
				return w, err
			}
			if len(at) > 0 {
				return w, fault.New(fault.Conflict, "窗口还有 %s 没有办完。请先办完或者转到别的窗口。", at[0].Label)
			}
			waiting, err := db.All(tx, scanTicket, getActive, region, w.Place, tx.Today().String())
			if err != nil {
				return w, err
			}
			for _, t := range waiting {
				if status == "closed" && t.Status == Waiting && t.ToWindow == w.ID {
					return w, fault.New(fault.Conflict, "%s 是转到这个窗口的，还在等。请先叫他，办完再关窗口。", t.Label)
				}
			}
		}
		w.Status, w.Reason = status, reason
		err = changeWindow(tx, w)
		w.Version++
		return w, err
	})
}
