package claim

import (
	"context"

	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/fund"
	"yinling/internal/institution"
	"yinling/internal/person"
)

// Sight is a bill with the names that a page shows.
type Sight struct {
	Bill
	Charge    Charge
	Who       person.Person
	Place     institution.Institution
	StaffName string
	Vouchers  []fund.Voucher // of all its rounds, oldest first
}

// Look reads a bill for a page; the look is audited unless the bill is one's
// own. A visit that is done and has no bill yet is quoted on the way.
func (s *Service) Look(ctx context.Context, who audit.Actor, region, visit string) (x Sight, err error) {
	for range 2 {
		x.Bill, x.Charge, err = s.See(ctx, who, region, visit)
		if !fault.Is(err, fault.NotFound) {
			break
		}
		if _, qerr := s.QuoteVisit(ctx, audit.System(region), region, visit); qerr != nil {
			if fault.Is(qerr, fault.NotFound) {
				qerr = err
			}
			return x, qerr
		}
	}
	if err != nil {
		return x, err
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if x.Who, err = s.Persons.Get(tx, region, x.Person); err != nil {
			return err
		}
		if x.Institution != "" {
			if x.Place, err = institution.Get(tx, region, x.Institution); err != nil {
				return err
			}
		}
		if m, err := institution.GetStaff(tx, region, x.Staff); err == nil {
			x.StaffName = m.Name
		} else if !fault.Is(err, fault.NotFound) {
			return err
		}
		x.Vouchers, err = fund.Of(tx, region, visit)
		return err
	})
	if err != nil || who.Person == x.Person {
		return x, err
	}
	return x, audit.Seen(ctx, s.Log, who, region, "claim.see", visit)
}

// Payer is what the cashier page shows: the charge and the name of the
// institution; no name of the person, because whoever scans may see it.
func (s *Service) Payer(ctx context.Context, c Charge) (place string, v care.Visit, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if v, err = care.GetVisit(tx, c.Region, c.Visit); err != nil {
			return err
		}
		i, err := institution.Get(tx, c.Region, c.Institution)
		place = i.Name
		return err
	})
	return place, v, err
}

// PersonNames reads the names of persons for lists of the office and of
// institutions.
func (s *Service) PersonNames(ctx context.Context, region string, ids []string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	err := s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		m, err := s.Persons.GetMany(tx, region, ids)
		for id, p := range m {
			out[id] = p.Name
		}
		return err
	})
	return out, err
}
