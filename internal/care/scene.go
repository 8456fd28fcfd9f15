package care

import (
	"cmp"
	"slices"

	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/institution"
)

// scene is what the look for suspicion knows around some visits, read once: the
// done visits of the same workers and persons on the days about them, plans,
// workers, stays in hospital.
type scene struct {
	*Service
	tx     *db.Tx
	region string

	from, to day.Day
	staff    map[string]bool // whose visits are loaded
	persons  map[string]bool
	visits   map[string]Visit
	byStaff  map[string][]string
	byPerson map[string][]string
	plans    map[string]Plan
	members  map[string]institution.Staff
	hospital map[string]map[day.Day]bool
}

func newScene(s *Service, tx *db.Tx, region string) *scene {
	return &scene{Service: s, tx: tx, region: region, staff: map[string]bool{}, persons: map[string]bool{}, visits: map[string]Visit{}, byStaff: map[string][]string{},
		byPerson: map[string][]string{}, plans: map[string]Plan{}, members: map[string]institution.Staff{}, hospital: map[string]map[day.Day]bool{}}
}

// load reads what stands around visits and is not there yet. The days reach
// two beyond the first visits: one for their neighbours, one for theirs.
func (c *scene) load(visits []Visit) error {
	if c.from.IsZero() {
		c.from, c.to = visits[0].On, visits[0].On
		for _, v := range visits {
			c.from, c.to = min(c.from, v.On), max(c.to, v.On)
		}
		c.from, c.to = c.from-2, c.to+2
	}
	var staff, persons []string
	for _, v := range visits {
		if v.Staff != "" && !c.staff[v.Staff] {
			c.staff[v.Staff] = true
			staff = append(staff, v.Staff)
		}
		if !c.persons[v.Person] {
			c.persons[v.Person] = true
			persons = append(persons, v.Person)
		}
		c.keep(v)
	}
	for _, q := range []struct {
		text string
		ids  []string
	}{{doneOfStaff, staff}, {doneOfPersons, persons}} {
		if len(q.ids) == 0 {
			continue
		}
		list, err := db.All(c.tx, scanVisit, q.text, c.region, q.ids, c.from, c.to)
		if err != nil {
			return err
		}
		for _, v := range list {
			c.keep(v)
		}
	}
	return c.inHospital(persons)
}

func (c *scene) keep(v Visit) {
	if _, ok := c.visits[v.ID]; ok || v.Status != Done {
		return
	}
	c.visits[v.ID] = v
	c.byStaff[v.Staff] = append(c.byStaff[v.Staff], v.ID)
	c.byPerson[v.Person] = append(c.byPerson[v.Person], v.ID)
}

func (c *scene) inHospital(persons []string) error {
	if len(persons) == 0 {
		return nil
	}
	stays, err := c.People.Stays(c.tx, c.region, persons, c.from, c.to)
	if err != nil {
		return err
	}
	for _, p := range persons {
		days := map[day.Day]bool{}
		for d := c.from; d <= c.to; d++ {
			for _, st := range stays[p] {
				if st.In(d) {
					days[d] = true
				}
			}
		}
		paused, err := benefit.HospitalDays(c.tx, c.region, p, c.from, c.to)
		if err != nil {
			return err
		}
		for _, d := range paused {
			days[d] = true
		}
		c.hospital[p] = days
	}
	return nil
}

// around is the other done visits of the same worker or to the same person on
// the day and its neighbours.
func (c *scene) around(v Visit) (out []Visit) {
	seen := map[string]bool{v.ID: true}
	add := func(ids []string) {
		for _, id := range ids {
			if o := c.visits[id]; !seen[id] && o.On >= v.On-1 && o.On <= v.On+1 {
				seen[id] = true
				out = append(out, o)
			}
		}
	}
	add(c.byPerson[v.Person])
	if v.Staff != "" {
		add(c.byStaff[v.Staff])
	}
	return out
}

func (c *scene) plan(id string) (Plan, error) {
	p, ok := c.plans[id]
	if !ok {
		var err error
		if p, err = GetPlan(c.tx, c.region, id); err != nil && !fault.Is(err, fault.NotFound) {
			return p, err
		}
		c.plans[id] = p
	}
	return p, nil
}

// input gathers what the rule sees of a visit.
func (c *scene) input(v Visit) (in SuspectIn, err error) {
	p, err := c.plan(v.Plan)
	if err != nil {
		return in, err
	}
	in = SuspectIn{Mode: v.Mode, Begin: v.Begin, End: v.End, Minutes: v.Minutes, PlanMinutes: v.PlannedMinutes, PlanItems: v.PlannedItems, Items: v.Items,
		Scheduled: (v.PlannedAt > 0 || v.Mode != "home") && v.On >= p.From && v.On <= p.To, Evidence: int64(len(v.Evidence)), Confirmed: v.Confirmed != "",
		In: spot(v.Place.In), Out: spot(v.Place.Out), Home: 1, LateMinutes: v.Place.Late, AheadMinutes: v.Place.Ahead, BehindMinutes: max(0, v.Place.Behind), InHospital: c.hospital[v.Person][v.On]}
	if in.Staff, in.Unfit, err = c.worker(c.tx, v, c.members); err != nil {
		return in, err
	}
	if v.Mode != "home" {
		return in, nil
	}
	homes := map[string]bool{v.Person: true}
	for _, o := range c.around(v) {
		same := v.Staff != "" && o.Staff == v.Staff
		if same && o.On == v.On && (o.Begin < v.Begin || (o.Begin == v.Begin && o.ID < v.ID)) {
			homes[o.Person] = true
		}
		if near(v, o) {
			in.Near = append(in.Near, Near{Visit: o.ID, SameStaff: same, SamePerson: o.Person == v.Person, Begin: o.Begin, End: o.End, Metres: between(v, o)})
		}
	}
	// The order in which rows were read must not change the explanation.
	slices.SortFunc(in.Near, func(a, b Near) int { return cmp.Or(cmp.Compare(a.Begin, b.Begin), cmp.Compare(a.Visit, b.Visit)) })
	in.Home = int64(len(homes))
	return in, nil
}
