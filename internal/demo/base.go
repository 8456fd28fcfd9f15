// Package demo fills a database with an invented city, through the same
// services that real work goes through: people, institutions, staff, logins,
// and cases that have come every part of the way. Only the calendar is
// simulated: the loader's clock walks from the first day to today.
package demo

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	mrand "math/rand/v2"
	"sync/atomic"
	"time"

	"yinling/internal/access"
	"yinling/internal/app"
	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/institution"
	"yinling/internal/money"
	"yinling/internal/person"
)

// Region is the pooling region of the demonstration: its pack has the
// structure of a published reply, and rates that are marked as assumed.
const Region = "320700"

// Agency signs pages and papers of the demonstration: the name of the region's
// pack, so that every page says the same, and a mark that nobody takes it for real.
const Agency = "连云港市医保局（演示）"

// Scale is how much there is of everything.
type Scale struct {
	Name                                string
	Insured, Severe                     int
	CareInst, Points, AssessInst, Halls int
	Insurers, Months                    int
}

// The two scales. City has the figures that the city of seed 002 published:
// 942 thousand insured (the seed says «over 940 thousand»), 931 severe, 142
// care institutions, 63 points, 10 assessment institutions, 8 halls, 6 insurers.
var (
	Small = Scale{"small", 600, 12, 4, 3, 3, 2, 6, 2}
	City  = Scale{"city", 942_000, 931, 142, 63, 10, 8, 6, 12}
)

// Clock is the loader's clock.
type Clock struct{ ms atomic.Int64 }

// Now is where the clock stands; a clock that was never set is the machine's.
func (c *Clock) Now() time.Time {
	if v := c.ms.Load(); v != 0 {
		return time.UnixMilli(v)
	}
	return time.Now()
}

// Set moves the clock; Live gives it back to the machine.
func (c *Clock) Set(t time.Time) { c.ms.Store(t.UnixMilli()) }

// Live: see Set.
func (c *Clock) Live() { c.ms.Store(0) }

// At moves the clock to an hour of a day in China.
func (c *Clock) At(d day.Day, hour, minute int) {
	y, m, dd := d.Date()
	c.Set(time.Date(y, time.Month(m), dd, hour, minute, 0, 0, day.Shanghai))
}

// maker is one filling of a database.
type maker struct {
	*app.App
	ctx   context.Context
	clock *Clock
	r     *mrand.Rand
	end   day.Day // the last day: today
	scale Scale
	say   func(format string, args ...any)

	care, assess []institution.Institution
	workers      map[string][]login // care workers by institution
	assessors    map[string]login   // by staff id
	experts      map[string]login
	insts        map[string]login
	clerk        login
	clerk2       login
	reviewer     login
	reviewer2    login
	treasurer    login
	photo        string         // city: the document that stands for every visit's evidence
	roster       []person.Entry // small: everybody of the roster, the elders of the cases first
	seq          map[string]int // demonstration numbers used, by birth and sex
}

// login is an account with what acts need.
type login struct {
	who   audit.Actor
	staff string
}

func (m *maker) key(parts ...any) string { return "demo:" + fmt.Sprint(parts...) }

var system = audit.System(Region)

func secret() string {
	var b [20]byte
	rand.Read(b[:])
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])
}

// account makes a login; name and say are shown on the demonstration's login page.
func (m *maker) account(id, name, role, inst, per, say string) (login, error) {
	n := access.NewAccount{Region: Region, Login: id, Name: name, Role: role, Institution: inst, Person: per}
	if role != "citizen" {
		n.Password, n.TOTP = app.DemoPassword, secret()
	}
	acc, err := m.Access.Create(m.ctx, system, n)
	if err != nil {
		return login{}, fmt.Errorf("account %s: %w", id, err)
	}
	if say != "" {
		m.Logins = append(m.Logins, app.Login{Login: id, Name: name, Role: access.RoleOf(role).Name, Say: say, Citizen: role == "citizen"})
	}
	return login{who: audit.Actor{ID: acc, Name: name, Role: role, Region: Region, Institution: inst, Person: per, Terminal: "demo"}}, nil
}

// office makes the agency's desks.
func (m *maker) office() (err error) {
	for _, a := range []struct {
		to                  *login
		id, name, role, say string
	}{
		{&m.clerk, "clerk", "刘晓", "clerk", "受理申请、抽派评估、公示、审批计划"},
		{&m.clerk2, "clerk2", "孟舒", "clerk", ""},
		{&m.reviewer, "reviewer", "方正", "reviewer", "月度结算初审、疑点处理"},
		{&m.reviewer2, "reviewer2", "严明", "reviewer", "月度结算复核（另一只手）"},
		{&m.treasurer, "treasurer", "钱允", "treasurer", "审签、拨付、基金账"},
		{new(login), "insurer", "陶然", "insurer", "商保经办岗，受理和抽派"},
		{new(login), "auditor", "史鉴", "auditor", "审计管理员：看审计记录和账"},
		{new(login), "admin", "管宁", "admin", "系统管理员：任务、设置、体检"},
		{new(login), "security", "安平", "security", "安全管理员：账号、重设密码"},
	} {
		if *a.to, err = m.account(a.id, a.name, a.role, "", "", a.say); err != nil {
			return err
		}
	}
	return nil
}

// institutions makes every institution with its agreement and its staff.
func (m *maker) institutions() error {
	m.workers, m.assessors, m.experts, m.insts = map[string][]login{}, map[string]login{}, map[string]login{}, map[string]login{}
	kinds := []struct {
		kind institution.Kind
		n    int
		name string
	}{
		{institution.Care, m.scale.CareInst, "护理服务中心"},
		{institution.Assessment, m.scale.AssessInst, "失能评估中心"},
		{institution.Point, m.scale.Points, "便民服务站"},
		{institution.Insurer, m.scale.Insurers, "保险公司"},
	}
	first := []string{"松鹤", "银杏", "康宁", "福寿", "安和", "春晖", "颐年", "同心", "仁爱", "和顺", "长青", "慈安"}
	for _, k := range kinds {
		for i := range k.n {
			name := first[i%len(first)] + k.name
			if i >= len(first) {
				name = districts[i%len(districts)] + first[i%len(first)] + k.name + itoa(i/len(first)+1) + "部"
			}
			d, community, address, lat, lng := place(m.r, i%len(districts))
			kind := k.kind
			if k.kind == institution.Care && i%5 == 4 {
				kind, name = institution.ElderHome, name+"（养老院）"
			}
			inst, err := m.Institution.Enter(m.ctx, m.clerk.who, Region, m.key("inst", k.kind, i), institution.New{Name: name, Kind: kind, District: d,
				Address: community + address, Lat: lat, Lng: lng, AccountName: name, Account: fmt.Sprintf("990100%013d", i+1000*len(k.name))})
			if err != nil {
				return err
			}
			from := day.FromTime(m.clock.Now())
			if err := m.Institution.Act(m.ctx, m.clerk2.who, Region, inst.ID, institution.Change{Action: "agree", From: from, To: from.AddMonths(24), Version: inst.Version}); err != nil {
				return err
			}
			inst.Status = institution.Active
			switch k.kind {
			case institution.Care:
				m.care = append(m.care, inst)
			case institution.Assessment:
				m.assess = append(m.assess, inst)
			}
			if err := m.staff(inst, i); err != nil {
				return err
			}
		}
	}
	return nil
}

// logins is how many institutions of a kind have logins.
const logins = 10

func (m *maker) staff(inst institution.Institution, i int) error {
	hire := func(n int, role institution.Role, prefix, qualification, say string) ([]login, error) {
		var out []login
		for k := range n {
			name := young(m.r)
			accRole := string(role)
			if role == institution.Nurse {
				accRole = "care_worker"
			}
			id := fmt.Sprintf("%s%d", prefix, i*n+k+1)
			show := ""
			if i == 0 && k == 0 {
				show = say
			}
			var l login
			var err error
			if i < logins {
				l, err = m.account(id, name, accRole, inst.ID, "", show)
			} else { // thousands of logins that nobody uses would only cost time
				l, err = login{who: audit.Actor{ID: "demo:" + id, Name: name, Role: accRole, Region: Region, Institution: inst.ID, Terminal: "demo"}}, nil
			}
			if err != nil {
				return nil, err
			}
			st, err := m.Institution.Hire(m.ctx, m.clerk.who, Region, m.key("staff", id), institution.NewStaff{Institution: inst.ID, Name: name, Role: role,
				Qualification: qualification, LicenseUntil: day.FromTime(m.clock.Now()).AddMonths(30), Account: l.who.ID})
			if err != nil {
				return nil, err
			}
			l.staff = st.ID
			out = append(out, l)
		}
		return out, nil
	}
	switch inst.Kind {
	case institution.Care, institution.ElderHome:
		a, err := hire(3, institution.CareWorker, "carer", "长期照护师证", "上门护理：打卡、记录、签退")
		if err != nil {
			return err
		}
		b, err := hire(1, institution.Nurse, "nurse", "护士执业证书", "上门护理（护士）")
		if err != nil {
			return err
		}
		m.workers[inst.ID] = append(a, b...)
		id := fmt.Sprintf("inst%d", i+1)
		l := login{who: audit.Actor{ID: "demo:" + id, Name: inst.Name, Role: "institution", Region: Region, Institution: inst.ID, Terminal: "demo"}}
		if i < logins {
			if l, err = m.account(id, inst.Name, "institution", inst.ID, "", map[bool]string{true: "护理机构：计划、上门记录、月度申报"}[i == 0]); err != nil {
				return err
			}
		}
		m.insts[inst.ID] = l
	case institution.Assessment:
		a, err := hire(4, institution.Assessor, "assessor", "失能评估员证", "上门评估、逐项记分")
		if err != nil {
			return err
		}
		b, err := hire(3, institution.Expert, "expert", "失能评估专家证", "上门评估、下结论")
		if err != nil {
			return err
		}
		for _, l := range a {
			m.assessors[l.staff] = l
		}
		for _, l := range b {
			m.experts[l.staff] = l
		}
	}
	return nil
}

// someone is one invented elder as a roster brings them, of a given age.
func (m *maker) someone(i, age int) person.Entry {
	f := elder(m.r)
	today := day.FromTime(m.clock.Now())
	birth := today.AddMonths(-12 * age).AddDays(-m.r.IntN(360))
	d, community, address, lat, lng := place(m.r, i%len(districts))
	k := birth.String() + f.sex
	n, err := person.ParseID(person.DemoID(m.seq[k], birth, f.sex), today)
	if err != nil {
		panic(err) // our own generator
	}
	m.seq[k]++
	kind := "employee"
	from := day.MustParse("2023-07-01")
	var base money.Fen // the roster does not know everybody's
	if i%5 != 0 {
		base = money.Fen(4000_00 + i*37%80*100_00)
	}
	return person.Entry{Number: n, Name: f.name, Sex: f.sex, Birth: birth, Phone: fmt.Sprintf("199%08d", i), District: d, Community: community,
		Address: address, Lat: lat, Lng: lng, Resident: true, Has: person.HasAll,
		Coverage: person.Coverage{Scheme: person.LTCI, Kind: kind, Since: from, Status: "active", Base: base, Paid: person.Runs{{From: from.Month(), To: m.end.Month()}}}}
}

func (m *maker) put(entries []person.Entry) (ids []string, err error) {
	err = audit.Run(m.ctx, m.Log, m.clerk.who, audit.Act{Region: Region, Verb: "person.import", Object: "roster"}, func(tx *db.Tx) error {
		ids, _, err = m.Person.Put(tx, Region, entries)
		return err
	})
	return ids, err
}
