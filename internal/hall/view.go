package hall

import (
	"context"

	"yinling/internal/db"
)

// Floor is a place as it is now: its windows and everybody who is there.
type Floor struct {
	Place
	Windows []Window
	Tickets []Ticket // booked, waiting, called, serving, missed; by the time of taking
	Now     int64
}

// Floor reads a place as it is now.
func (s *Service) Floor(ctx context.Context, region, place string) (f Floor, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if f.Place, err = placeOf(tx, region, place); err != nil {
			return err
		}
		f.Now = tx.Millis()
		if f.Windows, err = db.All(tx, scanWindow, getWindows, region, place); err != nil {
			return err
		}
		f.Tickets, err = db.All(tx, scanTicket, getActive, region, place, tx.Today().String())
		return err
	})
	return f, err
}

// Window finds a window of the floor.
func (f Floor) Window(id string) Window {
	for _, w := range f.Windows {
		if w.ID == id {
			return w
		}
	}
	return Window{}
}

// At is the ticket that a window has called or serves.
func (f Floor) At(window string) (t Ticket, ok bool) {
	for _, t := range f.Tickets {
		if t.Window == window && (t.Status == Called || t.Status == Serving) {
			return t, true
		}
	}
	return t, false
}

// With lists the tickets of some statuses.
func (f Floor) With(of ...Status) (out []Ticket) {
	for _, t := range f.Tickets {
		for _, s := range of {
			if t.Status == s {
				out = append(out, t)
			}
		}
	}
	return out
}

// Next is the order in which a window would call, as far as it goes now.
func (s *Service) Next(region string, f Floor, w Window, most int) (out []Ticket, err error) {
	waiting := f.With(Waiting)
	v, err := s.Packs.At(region, dayOf(f.Now))
	if err != nil {
		return nil, err
	}
	for len(out) < most {
		t, _, err := Choose(v, w, waiting, f.Now)
		if err != nil || t.ID == "" {
			return out, nil // nobody is left
		}
		out = append(out, t)
		for i := range waiting {
			if waiting[i].ID == t.ID {
				waiting[i].Status = Called
			}
		}
	}
	return out, nil
}

// WindowAt reads a window and the floor around it.
func (s *Service) WindowAt(ctx context.Context, region, id string) (w Window, f Floor, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { w, err = windowOf(tx, region, id); return err })
	if err != nil {
		return w, f, err
	}
	f, err = s.Floor(ctx, region, w.Place)
	return f.Window(id), f, err
}

// Ticket reads a ticket with its log.
func (s *Service) Ticket(ctx context.Context, region, id string) (t Ticket, steps []Step, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if t, err = ticketOf(tx, region, id); err != nil {
			return err
		}
		steps, err = stepsOf(tx, region, id)
		return err
	})
	return t, steps, err
}

// Mine lists a person's tickets of today.
func (s *Service) Mine(ctx context.Context, region, person string) (out []Ticket, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		out, err = db.All(tx, scanTicket, getOf, region, person, tx.Today().String())
		return err
	})
	return out, err
}

// Find reads a ticket of today by its number at a place.
func (s *Service) Find(ctx context.Context, region, place, label string) (t Ticket, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		t, err = one(tx, scanTicket, "今天没有这个号，请核对后再填。", getLabel, region, place, tx.Today().String(), label)
		return err
	})
	return t, err
}
