package portal

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/outreach"
	"yinling/internal/web/ui"
)

type voicesPage struct {
	ui.Page
	Kinds  ui.Rows
	Mine   ui.Lines
	Signed bool
}

// voiceNewPage asks at most three things: what kind, what happened, how to
// reach you. The kind comes first, for what happened is chosen by it; in elder
// mode each stands on its own page.
type voiceNewPage struct {
	ui.Page
	Step             string // kind, text, contact; "" for text and contact on one page
	Title1           string // of the page with more than one question
	Kinds            []ui.Option
	Samples          []ui.Option // sentences to choose from
	Kind, Said, Text string
	Phone            string
	Name, Anon       string
	Visit, Case      string // what it is about
	About            string // the same in words
	Signed           bool
	Contacts         []ui.Option
}

type voicePage struct {
	ui.Page
	X        outreach.Whole
	Chip     ui.Chip
	Say      string
	Facts    ui.Summary
	Timeline ui.Timeline
	Open     bool // the answer may be taken or sent back
	Rate     bool
	Why      string
}

type voiceFindPage struct {
	ui.Page
	Number, Code string
}

var (
	voicesTmpl    = ui.MustParse[voicesPage](ui.Portal, files, "voice/list.html")
	voiceNewTmpl  = ui.MustParse[voiceNewPage](ui.Portal, files, "voice/new.html")
	voiceTmpl     = ui.MustParse[voicePage](ui.Portal, files, "voice/one.html")
	voiceSentTmpl = ui.MustParse[voiceSentPage](ui.Portal, files, "voice/sent.html")
	voiceFindTmpl = ui.MustParse[voiceFindPage](ui.Portal, files, "voice/find.html")
)

type voiceSentPage struct {
	ui.Page
	Done ui.Done
	Code string
}

// voices is where people speak up: what they may say, and what they said.
func (s *Server) voices(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	p := &voicesPage{Page: ui.Page{Title: "投诉和建议", Back: "/", Nav: "/help"}, Signed: who.ID != ""}
	for i, k := range outreach.Kinds {
		p.Kinds.Items = append(p.Kinds.Items, ui.Link{Href: "/voice/new?kind=" + k.ID, Label: "我要" + k.Name, Icon: []string{"warn", "book", "chat"}[i]})
	}
	p.Mine = ui.Lines{Title: "我说过的", Empty: "还没有说过。"}
	if p.Signed {
		xs, err := s.Outreach.Mine(r.Context(), who.Region, who.ID, subject(who))
		if err != nil {
			return err
		}
		for _, x := range xs {
			p.Mine.Items = append(p.Mine.Items, ui.LineItem{Href: "/voice/" + x.ID, Label: outreach.KindName(x.Kind) + "：" + x.Brief(), Note: outreach.StageName(x.Stage)})
		}
	}
	return voicesTmpl.Render(w, r, p)
}

func voiceKinds() (out []ui.Option) {
	for _, k := range outreach.Kinds {
		out = append(out, ui.Option{Value: k.ID, Label: k.Name, Hint: k.Hint})
	}
	return out
}

// voiceNewPage reads what has been said so far, and what it is about.
func (s *Server) voiceNewPage(r *http.Request) (*voiceNewPage, outreach.Said, error) {
	f, who := ui.ParseForm(r), ui.Actor(r)
	p := &voiceNewPage{Page: ui.Page{Title: "说一说", Back: "/voice", Nav: "/help"}, Kinds: voiceKinds(), Kind: f.Raw("kind"), Said: f.Raw("said"), Text: f.Raw("text"), Name: f.Raw("name"), Phone: f.Raw("phone"),
		Anon: f.Raw("anon"), Visit: f.Raw("visit"), Case: f.Raw("case"), Signed: who.ID != "" && subject(who) != "",
		Contacts: []ui.Option{{Value: "no", Label: "留下称呼和电话", Hint: "答复发短信给您"}, {Value: "yes", Label: "不留名", Hint: "给您一个查询码，凭它看答复"}}}
	if p.Signed {
		p.Contacts[0] = ui.Option{Value: "no", Label: "用我的名字", Hint: "答复在这里看，也发短信给您"}
	}
	in := outreach.Said{Kind: p.Kind, Channel: desk.Online, Name: p.Name, Phone: f.Digits("phone", ""), Anonymous: p.Anon == "yes"}
	if p.Signed {
		in.Person = subject(who)
		if who.Behalf != "" {
			in.Applicant, in.Relation = who.Person, "代办人"
		}
	}
	switch {
	case p.Visit != "":
		x, err := s.Care.See(r.Context(), who, who.Region, p.Visit)
		if err != nil {
			return nil, in, err
		}
		p.About = fmt.Sprintf("%s%s的上门护理，%s", x.On.Short(), x.StaffName, x.Institution.Name)
		in.About, in.Against, in.AgainstID, in.AgainstName, in.AgainstInst = x.ID, "staff", x.Staff, x.Institution.Name, x.Institution.ID
		if p.Kind == "" {
			p.Kind, in.Kind = "complaint", "complaint"
		}
	case p.Case != "":
		d, err := s.Assess.Detail(r.Context(), who, who.Region, p.Case)
		if err != nil {
			return nil, in, err
		}
		p.About, in.About, in.Against = "受理号 "+d.App.ID+" 的申请", d.App.ID, "office"
	}
	p.Title1 = "我要" + outreach.KindName(p.Kind)
	p.Samples, in.Text = samples(p.Kind), allSaid(p.Kind, p.Said, p.Text)
	return p, in, nil
}

// voiceNew asks the first question that has no answer yet.
func (s *Server) voiceNew(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.voiceNewPage(r)
	if err != nil {
		return err
	}
	switch {
	case outreach.KindName(p.Kind) == "":
		p.Step = "kind"
	case ui.Elder(r):
		p.Step = "text"
	}
	return voiceNewTmpl.Render(w, r, p)
}

// voiceSend takes the answers; in elder mode the next question comes until all
// are there.
func (s *Server) voiceSend(w http.ResponseWriter, r *http.Request) error {
	p, in, err := s.voiceNewPage(r)
	if err != nil {
		return err
	}
	f, who := ui.ParseForm(r), ui.Actor(r)
	step := f.Raw("step")
	if outreach.KindName(p.Kind) == "" {
		p.Step = "kind"
		return voiceNewTmpl.Again(w, r, p, fault.Field("kind", "请选是投诉、咨询还是建议"))
	}
	if step == "kind" {
		if ui.Elder(r) {
			p.Step = "text"
		}
		return voiceNewTmpl.Render(w, r, p)
	}
	if ui.Elder(r) {
		p.Step = step
		switch {
		case step == "text" && in.Text == "":
			return voiceNewTmpl.Again(w, r, p, fault.Field("said", "请选一样是什么事，或者写一两句"))
		case step == "text":
			p.Step = "contact"
			return voiceNewTmpl.Render(w, r, p)
		}
	}
	switch {
	case in.Text == "":
		return voiceNewTmpl.Again(w, r, p, fault.Field("said", "请选一样是什么事，或者写一两句"))
	case p.Anon == "":
		return voiceNewTmpl.Again(w, r, p, fault.Field("anon", "请选要不要留名"))
	case in.Anonymous && p.Said == callMe:
		return voiceNewTmpl.Again(w, r, p, fault.Field("anon", "不留名，我们就不知道打给谁。要我们打电话，请选上面一样"))
	}
	region := s.region(r)
	if who.ID == "" {
		if err := s.checks.Try(who.Terminal, ui.Now(r)); err != nil {
			return voiceNewTmpl.Again(w, r, p, err)
		}
		who = audit.Actor{ID: "visitor", Name: "没有登录的群众", Role: "public", Region: region, Terminal: who.Terminal}
	}
	if p.Said == callMe {
		return s.voiceCall(w, r, p, who)
	}
	if in.Files, err = s.voicePhoto(r, region); err != nil {
		return voiceNewTmpl.Again(w, r, p, err)
	}
	out, err := s.Outreach.Speak(r.Context(), who, region, f.Once(), in)
	if err != nil {
		if p.Step != "" && fault.As(err).Field == "text" {
			p.Step = "text"
		}
		return voiceNewTmpl.Again(w, r, p, err)
	}
	done := &voiceSentPage{Page: ui.Page{Title: "收到了", Nav: "/help"}, Code: out.Code, Done: ui.Done{Title: "您说的事收到了", Number: out.Number,
		Say:  []string{fmt.Sprintf("%d 个工作日内受理，受理后 %d 个工作日内答复您。被投诉的人不会办这件事。", out.Accept, out.Answer)},
		Acts: []ui.Link{{Href: "/voice/" + out.Number, Label: "看办到哪一步"}}}}
	if out.Code != "" {
		done.Done.Acts = []ui.Link{{Href: "/voice/find?number=" + url.QueryEscape(out.Number), Label: "凭码查答复", Tone: "line"}}
	}
	return voiceSentTmpl.Render(w, r, done)
}

// voiceCall is for who would rather tell than write: the same call that one asks
// for at /call, by who calls the clerk hears what it is and enters it.
func (s *Server) voiceCall(w http.ResponseWriter, r *http.Request, p *voiceNewPage, who audit.Actor) error {
	in := desk.Ask{Name: p.Name, Phone: ui.ParseForm(r).Digits("phone", ""), About: "我要" + outreach.KindName(p.Kind), Case: p.Case}
	for _, more := range []string{p.About, p.Text} {
		if more != "" {
			in.About += "。" + more
		}
	}
	if p.Signed {
		_, me, err := s.Desk.MyCalls(r.Context(), who)
		if err != nil {
			return err
		}
		if in.Name, in.Phone = me.Name, me.Phone; in.Phone == "" { // the number is asked for there
			return ui.Redirect(w, r, atCall+"?"+url.Values{"about": {in.About}, "case": {in.Case}}.Encode())
		}
	}
	c, err := s.Desk.AskCall(r.Context(), who, ui.ParseForm(r).Once(), in)
	say := c.Promise() + "。"
	if fault.Is(err, fault.Conflict) { // asked for before: it holds, nothing is missing
		say = fault.As(err).Say
	} else if err != nil {
		return voiceNewTmpl.Again(w, r, p, err)
	}
	done := ui.Done{Title: "我们打给您", Say: []string{say + "您在电话里慢慢说，我们来记。打给您不收费，也不会问验证码和银行卡密码。"}}
	if p.Signed {
		done.Acts = []ui.Link{{Href: atCall, Label: "看打了没有"}}
	}
	return voiceSentTmpl.Render(w, r, &voiceSentPage{Page: ui.Page{Title: "记下了", Nav: "/help"}, Done: done})
}

// maxVoicePhoto is the largest photograph that comes with a voice, in bytes.
const maxVoicePhoto = 8 << 20

// voicePhoto takes the photograph of a form in, none for an empty field.
func (s *Server) voicePhoto(r *http.Request, region string) ([]desk.Stored, error) {
	if r.MultipartForm == nil || len(r.MultipartForm.File["file"]) == 0 {
		return nil, nil
	}
	h := r.MultipartForm.File["file"][0]
	if h.Size > maxVoicePhoto {
		return nil, fault.Field("file", "照片最大 %d MB，请换一张小一点的", maxVoicePhoto>>20)
	}
	in, err := h.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	st, err := s.Desk.Files.Save(region, h.Filename, in, ui.Now(r))
	if err != nil {
		return nil, err
	}
	return []desk.Stored{st}, nil
}

// voiceFile shows a photograph to who handed it in.
func (s *Server) voiceFile(w http.ResponseWriter, r *http.Request) error {
	x, err := s.Outreach.Own(r.Context(), ui.Actor(r), ui.Actor(r).Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(x.Files, func(d desk.Document) bool { return d.ID == r.PathValue("doc") })
	if i < 0 {
		return fault.New(fault.NotFound, "没有找到这张照片。")
	}
	f, err := s.Desk.Files.Open(x.Files[i])
	if err != nil {
		return err
	}
	defer f.Close()
	return ui.SendFile(w, r, x.Files[i].Mime, x.Files[i].At, f)
}

// voicePageOf puts a voice into words for who spoke.
func voicePageOf(r *http.Request, x outreach.Whole) *voicePage {
	kind := outreach.KindName(x.Kind)
	p := &voicePage{Page: ui.Page{Title: "我的" + kind, Back: "/voice", Nav: "/help"}, X: x, Chip: ui.Chip{Tone: map[string]string{outreach.Received: "wait", outreach.Handling: "wait", outreach.Answered: "ok", outreach.Done: "ok"}[x.Stage], Say: outreach.StageName(x.Stage)}}
	switch x.Stage {
	case outreach.Received:
		p.Say = "正在等人受理。"
		if !x.Due.IsZero() {
			p.Say = x.Due.Chinese() + "前受理。"
		}
	case outreach.Handling:
		p.Say = x.HandlerName + "正在办。"
		if !x.Due.IsZero() {
			p.Say = x.HandlerName + "正在办，" + x.Due.Chinese() + "前答复您。"
		}
	case outreach.Answered:
		p.Say = "答复在下面。没解决的，" + x.ReopenBy.Chinese() + "前可以要求换人重新办。"
	case outreach.Done:
		p.Say = "办完了。"
	}
	if x.Late {
		p.Say += "已经过了时限，上级正在督办。"
	}
	p.Facts = ui.Summary{Rows: []ui.Fact{{Label: "受理号", Value: x.ID}, {Label: "您说的", Value: x.Say}}}
	if x.AgainstName != "" {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "说的是谁", Value: x.AgainstName})
	}
	for _, d := range x.Files {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "您交的照片", Value: ui.Link{Href: "/voice/" + x.ID + "/file/" + d.ID, Label: d.Name, Tone: "ghost"}})
	}
	for _, st := range x.Steps {
		m := ui.Moment{State: "done", Title: st.Say, When: ui.Instant(st.At.UnixMilli()), Who: st.ActorName}
		p.Timeline.Items = append(p.Timeline.Items, m)
	}
	if next := map[string]string{outreach.Received: "受理", outreach.Handling: "答复您"}[x.Stage]; next != "" {
		m := ui.Moment{State: "now", Title: next}
		if !x.Due.IsZero() {
			m.When = x.Due.Short() + "前"
		}
		p.Timeline.Items = append(p.Timeline.Items, m)
	}
	return p
}

func (s *Server) voicePage(r *http.Request) (*voicePage, error) {
	x, err := s.Outreach.Own(r.Context(), ui.Actor(r), ui.Actor(r).Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	p := voicePageOf(r, x)
	p.Open, p.Rate = x.Stage == outreach.Answered, x.Stage == outreach.Answered || x.Stage == outreach.Done
	return p, nil
}

func (s *Server) voice(w http.ResponseWriter, r *http.Request) error {
	p, err := s.voicePage(r)
	if err != nil {
		return err
	}
	return voiceTmpl.Render(w, r, p)
}

// voiceAccept says that it is settled; voiceAgain wants it looked at once more.
func (s *Server) voiceAccept(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	if _, err := s.Outreach.Accept(r.Context(), who, who.Region, id, f.Once()); err != nil {
		return s.voiceRefused(w, r, "", err)
	}
	return ui.Redirect(w, r, "/rate/voice/"+id)
}

func (s *Server) voiceAgain(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	if _, err := s.Outreach.SpeakAgain(r.Context(), who, who.Region, id, f.Once(), f.Raw("why")); err != nil {
		return s.voiceRefused(w, r, f.Raw("why"), err)
	}
	return ui.Redirect(w, r, "/voice/"+id)
}

func (s *Server) voiceRefused(w http.ResponseWriter, r *http.Request, why string, err error) error {
	p, perr := s.voicePage(r)
	if perr != nil {
		return perr
	}
	p.Why = why
	return voiceTmpl.Again(w, r, p, err)
}

// voiceFind shows the answer to who left no name, by number and code.
func (s *Server) voiceFind(w http.ResponseWriter, r *http.Request) error {
	return voiceFindTmpl.Render(w, r, &voiceFindPage{Page: ui.Page{Title: "凭码查答复", Back: "/voice", Nav: "/help"}, Number: r.FormValue("number")})
}

func (s *Server) voiceFound(w http.ResponseWriter, r *http.Request) error {
	f := ui.ParseForm(r)
	p := &voiceFindPage{Page: ui.Page{Title: "凭码查答复", Back: "/voice", Nav: "/help"}, Number: f.Raw("number"), Code: f.Digits("code", "查询码")}
	err := f.Err()
	if err == nil {
		err = s.checks.Try(ui.Actor(r).Terminal, ui.Now(r))
	}
	var number string
	if err == nil {
		number, err = desk.CleanNumber(p.Number)
	}
	var x outreach.Whole
	if err == nil {
		x, err = s.Outreach.Find(r.Context(), s.region(r), number, p.Code)
	}
	if err != nil {
		return voiceFindTmpl.Again(w, r, p, err)
	}
	return voiceTmpl.Render(w, r, voicePageOf(r, x))
}

// voicePaper is the answer on one sheet of A4.
func (s *Server) voicePaper(w http.ResponseWriter, r *http.Request) error {
	x, err := s.Outreach.Own(r.Context(), ui.Actor(r), ui.Actor(r).Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := s.Desk.Opened(r.Context(), ui.Actor(r), x.Sheet()); err != nil {
		return err
	}
	return ui.ShowPaper(w, r, "/voice/"+x.ID, x.Sheet())
}

type ratePage struct {
	ui.Page
	What, Back1 string
	Action      string
	Steps       []ui.Option // five, best first
	Was         outreach.Rating
	Rated       bool
	May         bool // still today: the words may be added
	ScoreSay    string
	Words       string
}

var rateTmpl = ui.MustParse[ratePage](ui.Portal, files, "voice/rate.html")

// rateTarget finds what is to be rated, that the visitor may, and who was part
// of it.
func (s *Server) rateTarget(r *http.Request) (x outreach.Rating, p *ratePage, err error) {
	ctx, who, kind, id := r.Context(), ui.Actor(r), r.PathValue("kind"), r.PathValue("id")
	p = &ratePage{Page: ui.Page{Title: "评一评"}, Action: "/rate/" + kind + "/" + id}
	x = outreach.Rating{Kind: kind, Object: id, Person: subject(who)}
	switch kind {
	case "visit":
		v, err := s.Care.See(ctx, who, who.Region, id)
		if err != nil {
			return x, p, err
		}
		if v.Status != care.Done {
			return x, p, fault.New(fault.Conflict, "护理做完以后再评。")
		}
		p.What, p.Page.Back = fmt.Sprintf("%s%s的上门护理", v.On.Short(), v.StaffName), "/care/visit/"+id
		x.Person, x.Staff, x.StaffName, x.Inst, x.InstName = v.Person, v.Staff, v.StaffName, v.Institution.ID, v.Institution.Name
	case "ticket":
		t, err := s.Hall.Served(ctx, who.Region, id)
		if err != nil {
			return x, p, err
		}
		if t.Person == "" || t.Person != x.Person {
			return x, p, fault.New(fault.NotFound, "没有找到这个号。")
		}
		p.What, p.Page.Back = t.Where+"办的事", "/hall"
		x.Desk, x.DeskName, x.Window, x.WindowName = t.Clerk, t.ClerkName, t.Ticket.Window, t.Where
	case "voice":
		v, err := s.Outreach.Own(ctx, who, who.Region, id)
		if err != nil {
			return x, p, err
		}
		if v.Answered.IsZero() {
			return x, p, fault.New(fault.Conflict, "答复以后再评。")
		}
		p.What, p.Page.Back = "对"+outreach.KindName(v.Kind)+"的答复", "/voice/"+id
		x.Desk, x.DeskName = v.Handler, v.HandlerName
	case "case":
		d, err := s.Assess.Detail(ctx, who, who.Region, id)
		if err != nil {
			return x, p, err
		}
		if x.Desk, x.DeskName, _, err = s.Outreach.Handled(ctx, who.Region, id); err != nil {
			return x, p, err
		}
		if !d.Case.Status.Closed() && x.Desk == "" {
			return x, p, fault.New(fault.Conflict, "办完以后再评。")
		}
		p.What, p.Page.Back, x.Person = d.Person.Name+"的护理申请", "/case/"+id, d.Person.ID
	default:
		return x, p, fault.New(fault.NotFound, "没有这种可以评的事。")
	}
	if x.Desk != "" {
		if a, err := s.Access.Account(ctx, who.Region, x.Desk); err == nil && a.Role.ID == "insurer" {
			x.Insurer = a.Name
		}
	}
	for i := len(outreach.Scores); i >= 1; i-- {
		p.Steps = append(p.Steps, ui.Option{Value: fmt.Sprint(i), Label: outreach.Scores[i-1]})
	}
	was, err := s.Outreach.RatingOf(ctx, who.Region, kind, id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return x, p, err
	}
	if err == nil {
		p.Was, p.Rated, p.May, p.ScoreSay, p.Words = was, true, was.Day == ui.Today(r) && was.Answered.IsZero(), outreach.Scores[was.Score-1], was.Words
	}
	return x, p, nil
}

func (s *Server) rate(w http.ResponseWriter, r *http.Request) error {
	_, p, err := s.rateTarget(r)
	if err != nil {
		return err
	}
	return rateTmpl.Render(w, r, p)
}

// rateSend keeps the rating; one tap is enough, words may follow.
func (s *Server) rateSend(w http.ResponseWriter, r *http.Request) error {
	x, p, err := s.rateTarget(r)
	if err != nil {
		return err
	}
	f, who := ui.ParseForm(r), ui.Actor(r)
	x.Score, x.Words = f.Int("score", "评价", 1, 5), f.Raw("words")
	if err = f.Err(); err == nil {
		_, err = s.Outreach.Rate(r.Context(), who, who.Region, f.Once(), x)
	}
	if err != nil {
		p.Words = x.Words
		return rateTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, p.Action)
}
