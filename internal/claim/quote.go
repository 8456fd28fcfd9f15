package claim

import (
	"context"
	"strconv"

	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/institution"
	"yinling/internal/money"
	"yinling/internal/person"
	"yinling/internal/policy"
)

// QuoteVisit makes the bill of a visit that is done, or makes it anew while
// nobody has settled it: lines of the visit, benefit on its day, caps used so
// far, rule claim.quote, decision kept. A bill that is settled, disputed or
// reversing is given back as it stands.
func (s *Service) QuoteVisit(ctx context.Context, who audit.Actor, region, visit string) (Bill, error) {
	act := audit.Act{Region: region, Verb: "claim.quote", Object: visit}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Bill, error) {
		v, err := care.VisitDone(tx, region, visit)
		if err != nil {
			return Bill{}, err
		}
		known, err := bills(tx, region, []string{visit})
		if err != nil {
			return Bill{}, err
		}
		b := known[visit]
		if b == nil {
			b = &Bill{Region: region, Visit: visit}
		}
		if _, ok := next(billFlow, string(b.Status), "quote"); !ok {
			return *b, nil
		}
		f, err := s.gather(tx, region, []care.Visit{v})
		if err != nil {
			return *b, err
		}
		dec, err := s.quote(b, v, f)
		if err != nil {
			return *b, err
		}
		ids, err := audit.Decide(tx, region, []policy.Decision{dec}, []string{visit})
		if err != nil {
			return *b, err
		}
		b.Decision, b.QuotedAt = ids[0], tx.Millis()
		return *b, b.put(tx)
	})
}

// facts is what the rule needs to know about many visits, read by set.
type facts struct {
	persons   map[string]person.Person
	coverages map[day.Day]map[string]person.Coverage
	benefits  map[string][]benefit.Benefit
	used      map[string]map[string]int64
	pauses    map[string][]benefit.Pause
	choices   map[string][]benefit.Choice
	places    map[string]institution.Institution
	views     map[day.Day]*policy.View
}

func (s *Service) gather(tx *db.Tx, region string, vs []care.Visit) (*facts, error) {
	f := &facts{views: map[day.Day]*policy.View{}, coverages: map[day.Day]map[string]person.Coverage{}}
	var persons, places []string
	seen := map[string]bool{}
	add := func(list *[]string, id string) {
		if id != "" && !seen[id] {
			seen[id] = true
			*list = append(*list, id)
		}
	}
	since, till := vs[0].On, vs[0].On
	for _, v := range vs {
		add(&persons, v.Person)
		add(&places, v.Institution)
		since, till = min(since, v.On), max(till, v.On)
	}
	var err error
	if f.persons, err = s.Persons.GetMany(tx, region, persons); err != nil {
		return nil, err
	}
	there := map[day.Day][]string{}
	for _, v := range vs {
		there[v.On] = append(there[v.On], v.Person)
	}
	for on, ids := range there {
		if f.coverages[on], err = s.Persons.CoveragesOn(tx, region, ids, on); err != nil {
			return nil, err
		}
	}
	if f.benefits, err = benefit.OfMany(tx, region, persons); err != nil {
		return nil, err
	}
	year, _ := day.Of(since.Month().Year(), 1, 1)
	if f.used, err = benefit.UsedMany(tx, region, persons, year); err != nil {
		return nil, err
	}
	if f.pauses, err = benefit.PausesMany(tx, region, persons, since.Month().First(), till); err != nil {
		return nil, err
	}
	if f.choices, err = benefit.ChoicesMany(tx, region, persons); err != nil {
		return nil, err
	}
	if f.places, err = institution.GetMany(tx, region, places); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *facts) view(s *Service, region string, on day.Day) (*policy.View, error) {
	if v := f.views[on]; v != nil {
		return v, nil
	}
	v, err := s.Packs.At(region, on)
	if err == nil {
		f.views[on] = v
	}
	return v, err
}

// quote fills the bill of a visit; the caller stores bill and decision. The
// bill's takes count as used for the next bill of the same facts only when the
// caller says so with spend.
func (s *Service) quote(b *Bill, v care.Visit, f *facts) (policy.Decision, error) {
	view, err := f.view(s, v.Region, v.On)
	if err != nil {
		return policy.Decision{}, err
	}
	c, err := f.claim(view, v)
	if err != nil {
		return policy.Decision{}, err
	}
	q, dec, err := Quote.Decide(view, c)
	if fault.Is(err, fault.Refused) {
		// The fund pays nothing; the bill still says so line by line.
		q, _ = QuoteLines(view, c)
		if len(q.Lines) != len(c.Lines) {
			return dec, err
		}
	} else if err != nil {
		return dec, err
	}
	if b.Status == "" {
		b.Region, b.Visit = v.Region, v.ID
	}
	if err := b.move("quote"); err != nil {
		return dec, err
	}
	b.Person, b.Institution, b.Staff, b.On, b.Mode = v.Person, v.Institution, v.Staff, v.On, v.Mode
	b.Minutes, b.Begin, b.Held = v.Minutes, v.Begin, v.Suspects > 0
	b.Total, b.Fund, b.PersonFen = q.Sum.Total, 0, q.Sum.Person
	b.Funds, b.Takes, b.Lines = map[string]money.Fen{}, q.Takes, b.Lines[:0:0]
	b.ConfirmedBy, b.ConfirmedAt, b.SettledAt, b.PendingUntil, b.AskedBy = "", 0, 0, 0, ""
	for payer, fen := range q.Sum.Fund {
		if fen != 0 {
			b.Funds[payer] = fen
			b.Fund += fen
		}
	}
	for i, l := range v.Lines {
		line := BillLine{Item: l.Item, Name: l.Name, Kind: l.Kind, Unit: l.Unit, Qty: l.Qty, Price: l.PriceFen, Staff: l.Staff, On: l.On,
			Total: q.Lines[i].Total, Person: q.Lines[i].Person}
		line.Fund = line.Total - line.Person
		if r := q.Lines[i].Refused; r != nil {
			line.Refused = r.Say
		}
		b.Lines = append(b.Lines, line)
	}
	return dec, nil
}

// spend counts a bill's takes as used for the bills that are quoted after it.
func (f *facts) spend(b *Bill) {
	m := f.used[b.Person]
	if m == nil {
		m = map[string]int64{}
		f.used[b.Person] = m
	}
	for _, t := range b.Takes {
		m[benefit.Key(t.Cap, t.Period)] += t.Amount
	}
}

// claim is the question to the rule, made from what the other domains know.
func (f *facts) claim(view *policy.View, v care.Visit) (Claim, error) {
	p, ok := f.persons[v.Person]
	if !ok {
		return Claim{}, fault.New(fault.NotFound, "参保名册里没有这张账单的本人，请经办核对。")
	}
	resident := p.Resident
	c := Claim{Scheme: "ltci", Mode: v.Mode, Month: v.On.Month(),
		Person: Insured{Coverage: f.coverages[v.On][v.Person].Kind, Groups: p.Groups, Resident: &resident}}
	if p.Deceased != 0 && v.On > p.Deceased {
		c.Died = p.Deceased
	}
	if c.Person.Coverage == "" {
		return Claim{}, fault.New(fault.Refused, "%s 这一天没有参加长期护理保险，这次护理由个人付费。", v.On.Chinese())
	}
	for _, b := range f.benefits[v.Person] {
		if b.From <= v.On && v.On <= b.To {
			c.Person.Level = b.Level
		}
	}
	c.Also = benefit.AlsoOn(f.choices[v.Person], v.Mode, v.On)
	if v.Mode == "home" {
		c.ContinuousMonths = benefit.HomeMonths(f.choices[v.Person], v.On)
	}
	if i, ok := f.places[v.Institution]; ok {
		c.Institution = &Provider{Kind: string(i.Kind), Grade: i.Grade}
	}
	for _, pause := range f.pauses[v.Person] {
		if pause.Reason == "breach" && pause.From <= v.On && v.On <= pause.To {
			c.StoppedUntil = max(c.StoppedUntil, pause.To)
		}
		if pause.Reason != "hospital" {
			continue
		}
		for d := max(pause.From, v.On.Month().First()); d <= v.On && (pause.To.IsZero() || d <= pause.To); d++ {
			c.HospitalDays = append(c.HospitalDays, d)
		}
	}
	for i, l := range v.Lines {
		c.Lines = append(c.Lines, Line{ID: strconv.Itoa(i + 1), Item: l.Item, Kind: l.Kind, Unit: l.Unit, Qty: Qty(l.Qty), PriceFen: l.PriceFen, Staff: l.Staff, On: l.On})
	}
	if len(c.Lines) == 0 {
		return Claim{}, fault.New(fault.Conflict, "这次护理没有可以收费的项目，不用结算。")
	}
	used, err := KnownUsed(view, f.used[v.Person])
	c.Used = used
	return c, err
}
