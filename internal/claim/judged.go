package claim

import (
	"context"

	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// Judged brings the bill of a visit up to what the office has decided about
// its record; it is the handler of job care.judged and may run any number of
// times. A visit that is not recognised voids its bill, or, where the bill was
// settled in the same moment, asks for its reversal, which another hand
// approves as always. Deducted minutes quote the bill anew, so that the person
// sees the new figures; an accepted record frees a bill that was held.
func (s *Service) Judged(ctx context.Context, region string, x care.Judged) error {
	again := false
	who := audit.System(region)
	err := audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "claim.judged", Object: x.Visit}, func(tx *db.Tx) error {
		again = false
		b, err := Get(tx, region, x.Visit)
		if fault.Is(err, fault.NotFound) {
			return nil // it is quoted from the record as it stands now
		}
		if err != nil {
			return err
		}
		v, err := care.GetVisit(tx, region, x.Visit)
		if err != nil {
			return err
		}
		// A day that was settled while it was taken back has to be reversed, too.
		gone := v.Status == care.Void || v.Status == care.Cancelled
		switch _, open := next(billFlow, string(b.Status), "quote"); {
		case gone && b.Status == Settled:
			b.AskedBy, b.Note = who.ID, "冲正：护理记录经核实不予认定（"+x.Reason+"）"
			if v.Status == care.Cancelled {
				b.Note = "冲正：" + x.Reason
			}
			if err := b.move("ask"); err != nil {
				return err
			}
			return b.put(tx)
		case v.Status == care.Cancelled && (b.Status == Quoted || b.Status == Confirmed || b.Status == Disputed):
			b.Note, b.Held = join(b.Note, x.Reason), false
			if err := b.move("withdraw"); err != nil {
				return err
			}
			return b.put(tx)
		case v.Status == care.Void && (b.Status == Quoted || b.Status == Confirmed || b.Status == Disputed):
			b.Note, b.Held = join(b.Note, "护理记录经核实不予认定，这次不结算："+x.Reason), false
			if err := b.move("void"); err != nil {
				return err
			}
			return b.put(tx)
		case v.Status != care.Done || !open || b.Status == Reversed:
			return nil
		case v.Minutes != b.Minutes || x.Action == "deduct":
			again = true
			return nil
		case b.Held && v.Suspects == 0:
			b.Held = false
			return b.put(tx)
		}
		return nil
	})
	if err != nil || !again {
		return err
	}
	_, err = s.QuoteVisit(ctx, who, region, x.Visit)
	return err
}

func join(note, more string) string {
	if note == "" {
		return more
	}
	return note + "\n" + more
}
