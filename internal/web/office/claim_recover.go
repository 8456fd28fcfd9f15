package office

import (
	"net/http"

	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/web/ui"
)

var recoverWays = []ui.Option{{Value: "offset", Label: "从下个月的拨付里抵扣"}, {Value: "direct", Label: "对方缴回，凭银行回单入账"}}

func wayName(way string) string {
	for _, o := range recoverWays {
		if o.Value == way {
			return o.Label
		}
	}
	return way
}

func recoverTone(st claim.RecoveryStatus) string {
	switch st {
	case claim.RecoveryOffset, claim.RecoveryReceived:
		return "ok"
	case claim.RecoveryRefused, claim.RecoveryCancelled:
		return "mute"
	}
	return "wait"
}

// partyNames names institutions and persons from whom money is recovered.
func (s *Server) partyNames(r *http.Request, xs []claim.Recovery) (map[string]string, error) {
	var insts, persons []string
	for _, x := range xs {
		if x.Family {
			persons = append(persons, x.Party)
		} else {
			insts = append(insts, x.Party)
		}
	}
	region := ui.Actor(r).Region
	names, err := s.Claim.Names(r.Context(), region, insts)
	if err != nil {
		return nil, err
	}
	people, err := s.Claim.PersonNames(r.Context(), region, persons)
	for id, name := range people {
		names[id] = name + "（亲情护理）"
	}
	return names, err
}

// reasonName is the name of a deduction reason of the region.
func (s *Server) reasonName(region string, m day.Month, code string) string {
	if v, err := s.Packs.At(region, m.Last()); err == nil {
		for _, x := range claim.Reasons(v) {
			if x.Code == code {
				return x.Name
			}
		}
	}
	return code
}

// recoverAsk asks for a recovery from the page of a bill.
func (s *Server) recoverAsk(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	in := claim.RecoverIn{Visit: id, Reason: f.Raw("reason"), Way: f.Raw("way"), Note: f.Raw("why"), Fen: f.Fen("fen", "金额")}
	if in.Reason == "" {
		f.Bad("reason", "请选追回的理由")
	}
	err := f.Err()
	if err == nil {
		var x claim.Recovery
		if x, err = s.Claim.AskRecover(r.Context(), who, who.Region, f.Once(), in); err == nil {
			return ui.Redirect(w, r, "/o/claim/recover?see="+x.ID+"#"+anchor(x.ID))
		}
	}
	p, perr := s.billPage(r, id)
	if perr != nil {
		return perr
	}
	p.Recover.Reason, p.Recover.Way, p.Recover.Why, p.Recover.Fen = in.Reason, in.Way, in.Note, f.Raw("fen")
	return billTmpl.Again(w, r, p, err)
}
