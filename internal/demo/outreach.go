package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/desk"
	"yinling/internal/outreach"
)

// speakUp lets people complain, ask and propose, so that every stage of the
// worklist, the board of improvements and the publications have something.
func (m *maker) speakUp(a agenda, people []*elderCase, today day.Day) error {
	e := people[1]
	inst := m.care[e.inst%len(m.care)]
	say := func(d day.Day, who func() audit.Actor, in outreach.Said, then ...func(number string) error) error {
		on, err := m.workday(d)
		if err != nil {
			return err
		}
		on = min(on, today) // people speak up on a Sunday, too
		a[on] = append(a[on], func() error {
			out, err := m.Outreach.Speak(m.ctx, who(), Region, m.key("voice", in.Text), in)
			if err != nil {
				return err
			}
			for _, f := range then {
				if err := f(out.Number); err != nil {
					return err
				}
			}
			return nil
		})
		return nil
	}
	helper := func() audit.Actor { return e.helper }
	clerk := func() audit.Actor { return m.clerk.who }
	take := func(l *login) func(string) error {
		return func(no string) error {
			_, err := m.Outreach.Take(m.ctx, l.who, Region, no, m.key("take", no), 0, false)
			return err
		}
	}
	ask := func(no string) error {
		_, err := m.Outreach.Ask(m.ctx, m.clerk.who, Region, no, m.key("ask", no), 0, inst.ID, inst.Name)
		return err
	}
	explain := func(no string) error {
		_, err := m.Outreach.Explain(m.ctx, m.insts[inst.ID].who, Region, no, m.key("explain", no), "那天护理员的车坏在路上，晚到四十分钟，做完了全部项目，已经向老人道歉。")
		return err
	}
	answer := func(l *login, r outreach.Reply) func(string) error {
		return func(no string) error {
			_, err := m.Outreach.AnswerVoice(m.ctx, l.who, Region, no, m.key("answer", no), 0, r)
			return err
		}
	}
	about := func(kind, text string) outreach.Said {
		return outreach.Said{Kind: kind, Text: text, Channel: desk.Online, Person: e.id, Applicant: e.helper.Person, Relation: e.relation}
	}
	against := about("complaint", "说好九点来，等到快十点，也没有打电话说一声。")
	against.Against, against.AgainstName, against.AgainstInst = "staff", inst.Name, inst.ID
	open := against
	open.Text = "这个月换了三个护理员，老人认不得人，希望固定一个。"
	for _, f := range []func() error{
		func() error {
			return say(today-24, helper, against, take(&m.clerk), ask, explain, answer(&m.clerk, outreach.Reply{Finding: "founded", Text: "查了打卡记录，那天确实晚到四十分钟，没有提前告诉您。机构已经道歉，以后晚到十分钟以上要先打电话。", Improve: "护理员晚到十分钟以上先打电话", Owner: inst.Name}))
		},
		func() error {
			return say(today-13, clerk, outreach.Said{Kind: "complaint", Text: "打电话问评估的日子，占线了一上午。", Channel: desk.Phone, Name: "周先生", Phone: "19900017701", Against: "office"})
		},
		func() error { return say(today-5, helper, open, take(&m.clerk), ask) },
		func() error {
			return say(today-3, clerk, outreach.Said{Kind: "question", Text: "老人住在女儿家，上门护理能不能送到女儿家去？", Channel: desk.Phone, Name: "吴女士", Phone: "19900017702"}, take(&m.clerk))
		},
		func() error {
			return say(today-1, helper, about("suggestion", "账单上能不能写清楚每一项做了几分钟，字再大一点。"))
		},
		func() error {
			return say(today-1, clerk, outreach.Said{Kind: "complaint", Text: "有家机构让老人先签字，后上门。", Channel: desk.Online, Anonymous: true, Against: "institution"})
		},
		func() error { return m.on(a, today-40, m.publications) },
		func() error { return m.on(a, today-30, m.briefings) },
		func() error { return m.on(a, today-7, m.calls) },
		func() error { return m.on(a, today-2, m.lowRatings) },
	} {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// publications are three texts that explain values of the pack, and a draft.
func (m *maker) publications() error {
	for i, x := range []struct {
		audience, title, body, elder string
		keys                         []string
	}{
		{"citizen", "投诉以后多久有答复", "对护理、窗口、机构不满意，都可以说，不登录、不留名也行。\n被投诉的人不会办您的投诉。\n对答复不满意，可以要求换人重新办一次。", "不满意就说。\n不用登录。\n会有人答复您。", []string{"outreach.voice.terms", "outreach.voice.reopen_count", "outreach.voice.reopen_days"}},
		{"citizen", "家人怎样替老人办", "老人同意以后，家人用自己的手机就能替老人申请、看进度、付款。\n随时可以收回，收回马上生效。", "家人可以替您办。\n您同意就行。\n随时可以收回。", []string{"person.proxy_months", "person.proxy_max_count"}},
		{"doctor", "给医生的一页纸：失能评估怎样申请", "病人生活不能自理，看病时请告诉家属：可以申请长期护理保险失能等级评估。\n申请不收费，家属用手机、打 12393 或到窗口都能办。", "", []string{"assess.apply.conditions", "assess.accept_workdays", "assess.deliver_workdays"}},
		{"home", "给养老院的一页纸：入住老人的护理待遇", "入住的参保老人可以由养老院代为申请评估。\n评上等级以后，护理方式可以选，随时可以问。", "", []string{"benefit.free_choice", "benefit.start"}},
	} {
		p, err := m.Outreach.Write(m.ctx, m.clerk.who, Region, m.key("pub", i), outreach.Publication{Audience: x.audience, Title: x.title, Body: x.body, Elder: x.elder}, x.keys)
		if err != nil {
			return err
		}
		if i == 1 {
			if err := m.Outreach.Attach(m.ctx, m.clerk.who, Region, p.ID, m.key("picture"), m.media("代办三步.png", "示意图：老人点头同意，家人拿着手机，屏幕上是“代办”")); err != nil {
				return err
			}
		}
		if i < 3 {
			if _, err := m.Outreach.PublishText(m.ctx, m.reviewer.who, Region, p.ID, m.key("publish", i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// media saves a picture with its words; a disk that is full shows when it is kept.
func (m *maker) media(name, alt string) outreach.MediaIn {
	st, err := m.Files.Save(Region, name, bytes.NewReader(drawing()), m.clock.Now())
	if err != nil {
		return outreach.MediaIn{}
	}
	return outreach.MediaIn{Stored: st, Alt: alt}
}

// drawing is an invented picture: rows of people before somebody who speaks.
func drawing() []byte {
	paper, pine, gold := color.RGBA{0xF3, 0xED, 0xE1, 0xFF}, color.RGBA{0x0D, 0x5C, 0x52, 0xFF}, color.RGBA{0xE5, 0xA8, 0x2E, 0xFF}
	img := image.NewPaletted(image.Rect(0, 0, 640, 360), color.Palette{paper, pine, gold})
	disc := func(x, y, r int, c uint8) {
		for dy := -r; dy <= r; dy++ {
			for dx := -r; dx <= r; dx++ {
				if dx*dx+dy*dy <= r*r {
					img.SetColorIndex(x+dx, y+dy, c)
				}
			}
		}
	}
	disc(320, 80, 34, 2)
	for row := range 2 {
		for i := range 7 - row {
			x, y := 80+i*80+row*40, 190+row*80
			disc(x, y, 22, 1)
			disc(x, y+52, 30, 1)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // memory does not refuse
	}
	return b.Bytes()
}

// briefings are talks that were held, each with a survey before the doors.
func (m *maker) briefings() error {
	for i, x := range []outreach.Briefing{
		{Title: "长期护理保险怎么申请", Place: "新东社区活动室", District: "海州区", Audience: "citizen", Speaker: "刘晓", People: 46, Questions: "独居的怎么申请；要不要交钱"},
		{Title: "替住养老院的老人申请评估", Place: "市福利院", District: "连云区", Audience: "home", Speaker: "孟舒", People: 23, Questions: "养老院能不能代办"},
		{Title: "看病时怎样讲护理保险", Place: "社区卫生服务中心", District: "赣榆区", Audience: "doctor", Speaker: "刘晓", People: 18},
	} {
		x.Day = m.today() - day.Day(i)
		held, err := m.Outreach.Brief(m.ctx, m.clerk.who, Region, m.key("brief", i), x)
		if err == nil && i == 0 {
			err = m.Outreach.Photo(m.ctx, m.clerk.who, Region, held.ID, m.key("brief-photo"), m.media("现场.png", "活动室里坐了四十来位老人，前面有人在讲"))
		}
		if err != nil {
			return err
		}
	}
	return m.surveys(18)
}

// surveys answers sheets of the knowledge survey; most people know most of it.
func (m *maker) surveys(n int) error {
	qs := m.Outreach.Questions(Region, m.today())
	for i := range n {
		in := outreach.SurveySheet{Channel: []string{"paper", "phone", "online"}[i%5/2], District: []string{"海州区", "连云区", "赣榆区"}[i%3], Chosen: map[string]int64{}}
		for k, q := range qs {
			in.Chosen[q.ID] = q.Right
			if i%4 == 1 && k < 2 || (i+k)%6 == 0 {
				in.Chosen[q.ID] = int64(len(q.Options))
			}
		}
		if _, err := m.Outreach.Surveyed(m.ctx, m.clerk.who, Region, m.key("survey", m.today(), i), in); err != nil {
			return err
		}
	}
	return nil
}

// calls makes some of the calls that the Mondays have drawn.
func (m *maker) calls() error {
	if err := m.surveys(21); err != nil {
		return err
	}
	xs, err := m.Outreach.FollowUps(m.ctx, Region, "open", "")
	if err != nil {
		return err
	}
	for i, x := range xs {
		if i%4 == 3 {
			continue
		}
		c := outreach.Call{Reached: i%4 != 2, Came: true, Score: []int64{5, 4, 4, 2}[i%4]}
		if _, err := m.Outreach.Called(m.ctx, m.clerk.who, Region, x.Kind, x.Object, m.key("call", x.Kind, x.Object), c); err != nil {
			return err
		}
	}
	return nil
}

// rated lets every third visit of a day be rated by the family.
func (m *maker) rated(ctx context.Context, byID map[string]*elderCase, d day.Day, done []care.Visit) error {
	for i, v := range done {
		k := int(d)*7 + i
		fresh := d >= m.end-7 && i == 1 // a bad one waits for its answer
		if d > m.end-4 || k%3 != 0 && !fresh || byID[v.Person] == nil {
			continue // the last days are left to the families
		}
		score := []int64{5, 4, 5, 5, 3, 4, 5, 2, 5, 4, 5, 4, 5}[k/3%13]
		if fresh {
			score = 2
		}
		x := outreach.Rating{Kind: "visit", Object: v.ID, Score: score, Person: v.Person, Staff: v.Staff, Inst: v.Institution, Words: map[bool]string{true: []string{"来晚了，做得急", "没擦洗就走了", "换了人没有说"}[k/3%3]}[score == 2]}
		for _, inst := range m.care {
			if inst.ID == v.Institution {
				x.InstName = inst.Name
			}
		}
		for _, w := range m.workers[v.Institution] {
			if w.staff == v.Staff {
				x.StaffName = w.who.Name
			}
		}
		if _, err := m.Outreach.Rate(ctx, byID[v.Person].helper, Region, m.key("rate", v.ID), x); err != nil {
			return fmt.Errorf("rating of %s: %w", v.ID, err)
		}
	}
	return nil
}

// lowRatings answers the bad ratings of earlier weeks and closes what came of
// them; the newest wait.
func (m *maker) lowRatings() error {
	xs, err := m.Outreach.Ratings(m.ctx, Region, "low", "")
	if err != nil {
		return err
	}
	for _, x := range xs {
		if x.Day > m.today()-6 {
			continue
		}
		if _, err := m.Outreach.AnswerRating(m.ctx, m.clerk.who, Region, x.Kind, x.Object, m.key("low", x.Object), "给老人打了电话，机构下一次上门补做，并换了护理员。"); err != nil {
			return err
		}
	}
	items, _, err := m.Outreach.Improves(m.ctx, Region, "open", "")
	if err != nil {
		return err
	}
	for i, x := range items {
		if i%4 != 3 && x.Source == "rating" {
			if _, err := m.Outreach.CloseImprove(m.ctx, m.clerk.who, Region, x.ID, m.key("improve", x.ID), "done", "机构作了培训，后两周的回访都满意。", 0); err != nil {
				return err
			}
		}
	}
	return nil
}
