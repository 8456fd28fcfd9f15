package care

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"yinling/internal/access"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

type todayPage struct {
	ui.Page
	On   day.Day
	Name string
	Rows []care.Row
	Left int
}

var todayTmpl = ui.MustParse[todayPage](ui.Care, files, "visit/today.html")

func (s *Server) today(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	if who.Role != "care_worker" {
		return ui.Redirect(w, r, access.RoleOf(who.Role).Home)
	}
	on := ui.Today(r)
	m, rows, err := s.Care.Mine(r.Context(), who, who.Region, on)
	if err != nil {
		return err
	}
	p := &todayPage{Page: ui.Page{Title: "今天"}, On: on, Name: m.Name, Rows: rows}
	for _, x := range rows {
		if x.Status == care.Planned || x.Status == care.Started {
			p.Left++
		}
	}
	return todayTmpl.Render(w, r, p)
}

// Tone is the chip's look for a visit's state.
func tone(st care.VisitStatus) string {
	switch st {
	case care.Done:
		return "ok"
	case care.Started:
		return "wait"
	case care.Trouble, care.Void:
		return "bad"
	case care.Cancelled:
		return "mute"
	}
	return "info"
}

// Chip is the state of a row in words, for the template.
func (p *todayPage) Chip(x care.Row) ui.Chip {
	if x.Status == care.Done && x.Suspects > 0 {
		return ui.Chip{Tone: "hot", Say: "要说明"}
	}
	return ui.Chip{Tone: tone(x.Status), Say: x.Status.Name()}
}

type visitPage struct {
	ui.Page
	X       care.Sight
	Age     int
	Minutes int64 // so far
	Bar     int   // percent of the planned minutes
	Done    int
	Whys    []ui.Option
	Method  string
	Methods []ui.Option
	Code    string
	Trouble string
	Reasons []ui.Option
	Note    string

	catalogue []care.Item
}

var (
	visitTmpl   = ui.MustParse[visitPage](ui.Care, files, "visit/visit.html")
	outTmpl     = ui.MustParse[visitPage](ui.Care, files, "visit/out.html")
	confirmTmpl = ui.MustParse[visitPage](ui.Care, files, "visit/confirm.html")
	troubleTmpl = ui.MustParse[visitPage](ui.Care, files, "visit/trouble.html")
)

var whys, farWhys = options(care.Whys), options(care.FarWhys)

func options(list []struct{ ID, Say string }) (out []ui.Option) {
	for _, x := range list {
		out = append(out, ui.Option{Value: x.ID, Label: x.Say})
	}
	return out
}

var methods = []ui.Option{
	{Value: "code", Label: "家属念确认码", Hint: "6 位数字，在家属手机的“护理”页里"},
	{Value: "pin", Label: "家属输上门口令", Hint: "确认计划时家里自己定的 4 到 6 位数字"},
	{Value: "sign", Label: "家属签字", Hint: "在屏幕上用手指签，或签在纸上拍下来"},
}

func (s *Server) sight(r *http.Request) (*visitPage, error) {
	who := ui.Actor(r)
	x, err := s.Care.See(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	p := &visitPage{Page: ui.Page{Title: x.Status.Name() + "：" + x.Who.Name, Back: "/v/", Nav: "/v/"}, X: x, Age: x.Who.Age(ui.Today(r)),
		Minutes: x.Minutes, Whys: whys, Methods: methods, Reasons: options(care.Troubles),
		catalogue: s.Care.Items(who.Region, x.On)}
	if x.Status == care.Started {
		p.Minutes = max(0, (ui.Now(r).UnixMilli()-x.Begin)/60000)
	}
	if x.PlannedMinutes > 0 {
		p.Bar = int(min(100, p.Minutes*100/x.PlannedMinutes))
	}
	for _, it := range x.Items {
		if it.Done >= 0 {
			p.Done++
		}
	}
	return p, nil
}

// show makes the handler of a page about one visit.
func (s *Server) show(t *ui.Template[visitPage], title string) ui.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := s.sight(r)
		if err != nil {
			return err
		}
		if title != "" {
			p.Title, p.Back = title+"："+p.X.Who.Name, "/v/visit/"+p.X.ID
		}
		return t.Render(w, r, p)
	}
}

// act records an act and goes back to the visit, or shows the form again.
func (s *Server) act(w http.ResponseWriter, r *http.Request, t *ui.Template[visitPage], to string, f *ui.Form, stored []desk.Stored, e care.Event) error {
	who, err := ui.Actor(r), f.Err()
	if err == nil {
		_, err = s.Care.DoWith(r.Context(), who, who.Region, r.PathValue("id"), f.Once(), stored, e)
	}
	if err == nil {
		return ui.Redirect(w, r, "/v/visit/"+r.PathValue("id")+to)
	}
	p, serr := s.sight(r)
	if serr != nil {
		return serr
	}
	p.Method, p.Trouble, p.Note = f.Raw("method"), f.Raw("trouble"), f.Raw("note")
	return t.Again(w, r, p, err)
}

// place reads where the phone is. A phone that gives no place says why; that
// never stops the visit.
func place(f *ui.Form) *care.Fix {
	lat, err1 := strconv.ParseInt(f.Raw("lat"), 10, 64)
	lng, err2 := strconv.ParseInt(f.Raw("lng"), 10, 64)
	if err1 != nil || err2 != nil || lat < -90e6 || lat > 90e6 || lng < -180e6 || lng > 180e6 {
		why := f.Raw("why")
		if !slices.ContainsFunc(whys, func(o ui.Option) bool { return o.Value == why }) {
			why = "no_signal"
		}
		return &care.Fix{Off: true, Why: why}
	}
	acc, err := strconv.ParseInt(f.Raw("accuracy"), 10, 64)
	if err != nil || acc < 0 {
		acc = 1 << 20 // unknown
	}
	fix := &care.Fix{Lat: lat, Lng: lng, Accuracy: acc}
	if why := f.Raw("far"); slices.ContainsFunc(farWhys, func(o ui.Option) bool { return o.Value == why }) {
		fix.Why = why
	}
	return fix
}

func (s *Server) checkin(w http.ResponseWriter, r *http.Request) error {
	f := ui.ParseForm(r)
	return s.act(w, r, visitTmpl, "", f, nil, care.Event{Kind: "checkin", Place: place(f)})
}

// ticked reads the items that were done with their minutes; an empty field
// takes the planned minutes.
func ticked(f *ui.Form) (out []care.DoneItem) {
	out = []care.DoneItem{}
	for _, code := range f.All("item") {
		n := f.Int("minutes-"+code, "", 0, 600)
		if n == 0 {
			n, _ = strconv.ParseInt(f.Raw("plan-"+code), 10, 64)
		}
		out = append(out, care.DoneItem{Item: code, Minutes: max(0, min(n, 600))})
	}
	return out
}

func (s *Server) items(w http.ResponseWriter, r *http.Request) error {
	f := ui.ParseForm(r)
	to := ""
	if f.Raw("then") == "out" {
		to = "/out"
	}
	return s.act(w, r, visitTmpl, to, f, nil, care.Event{Kind: "items", Items: ticked(f)})
}

func (s *Server) photo(w http.ResponseWriter, r *http.Request) error {
	f := ui.ParseForm(r)
	stored := s.save(f, r, "photo", true)
	return s.act(w, r, visitTmpl, "", f, stored, care.Event{Kind: "evidence"})
}

// save keeps the uploaded files of a field on disk.
func (s *Server) save(f *ui.Form, r *http.Request, field string, needed bool) (out []desk.Stored) {
	if r.MultipartForm != nil {
		for _, h := range r.MultipartForm.File[field] {
			if h.Size == 0 {
				continue
			}
			in, err := h.Open()
			if err == nil {
				var st desk.Stored
				st, err = s.Files.Save(ui.Actor(r).Region, h.Filename, in, ui.Now(r))
				in.Close()
				out = append(out, st)
			}
			if err != nil {
				f.Bad(field, "%s", fault.As(err).Say)
				return nil
			}
		}
	}
	if needed && len(out) == 0 {
		f.Bad(field, "请先拍一张照片，再点保存。")
	}
	return out
}

func (s *Server) checkout(w http.ResponseWriter, r *http.Request) error {
	f := ui.ParseForm(r)
	e := care.Event{Kind: "checkout", Place: place(f), Items: ticked(f), Note: f.Text("note", "")}
	if len(e.Items) == 0 && e.Note == "" {
		f.Bad("note", "一项也没有做的话，请写明原因。")
	}
	return s.act(w, r, outTmpl, "/confirm", f, nil, e)
}

func (s *Server) confirm(w http.ResponseWriter, r *http.Request) error {
	f := ui.ParseForm(r)
	e := care.Event{Kind: "confirm", Method: f.Choice("method", "确认的方式", methods)}
	var stored []desk.Stored
	switch e.Method {
	case "sign":
		stored = s.save(f, r, "photo", true)
	case "code", "pin":
		e.Code = f.Digits("code", "确认码或口令")
	}
	return s.act(w, r, confirmTmpl, "", f, stored, e)
}

func (s *Server) trouble(w http.ResponseWriter, r *http.Request) error {
	f := ui.ParseForm(r)
	e := care.Event{Kind: "trouble", Trouble: f.Choice("trouble", "发生了什么情况", options(care.Troubles)), Note: f.Text("note", ""), Place: place(f)}
	if e.Trouble == "other" && e.Note == "" {
		f.Bad("note", "请写明是什么情况。")
	}
	return s.act(w, r, troubleTmpl, "", f, nil, e)
}

// sync takes a queue recorded offline: {"events":[…]}; see care.Sync. The page
// with the queue sends it with the form token in X-Form-Token.
func (s *Server) sync(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Events []care.Event `json:"events"`
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return fault.New(fault.Invalid, "传来的记录读不懂，手机里的记录还在。请更新页面后再传。")
	}
	who := ui.Actor(r)
	out, err := s.Care.Sync(r.Context(), who, who.Region, in.Events)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	return json.NewEncoder(w).Encode(map[string]any{"results": out, "at": ui.Now(r).UnixMilli()})
}

type queuePage struct {
	ui.Page
	Recent []care.Received
	Last   string
}

var queueTmpl = ui.MustParse[queuePage](ui.Care, files, "visit/queue.html")

func (s *Server) queue(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	recent, err := s.Care.Recent(r.Context(), who, who.Region, 30)
	if err != nil {
		return err
	}
	p := &queuePage{Page: ui.Page{Title: "待上传"}, Recent: recent}
	if len(recent) > 0 {
		p.Last = ui.Instant(recent[0].ReceivedAt)
	}
	return queueTmpl.Render(w, r, p)
}

type exceptionsPage struct {
	ui.Page
	Rows []care.ExceptionRow
}

type exceptionPage struct {
	ui.Page
	X      care.Sight
	E      care.Exception
	Answer string
}

var (
	exceptionsTmpl = ui.MustParse[exceptionsPage](ui.Care, files, "visit/exceptions.html")
	exceptionTmpl  = ui.MustParse[exceptionPage](ui.Care, files, "visit/exception.html")
)

func (s *Server) exceptions(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	rows, _, err := s.Care.Exceptions(r.Context(), who, who.Region, "", 100)
	if err != nil {
		return err
	}
	return exceptionsTmpl.Render(w, r, &exceptionsPage{Page: ui.Page{Title: "要说明的"}, Rows: rows})
}

func (s *Server) exceptionPage(r *http.Request) (*exceptionPage, error) {
	who := ui.Actor(r)
	x, err := s.Care.See(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	for _, e := range x.Exceptions {
		if e.Kind == r.PathValue("kind") {
			return &exceptionPage{Page: ui.Page{Title: care.ExceptionName(e.Kind), Back: "/v/exceptions", Nav: "/v/exceptions"}, X: x, E: e, Answer: e.Answer}, nil
		}
	}
	return nil, fault.New(fault.NotFound, "没有找到这个疑点，可能已经消除了。")
}

func (s *Server) exception(w http.ResponseWriter, r *http.Request) error {
	p, err := s.exceptionPage(r)
	if err != nil {
		return err
	}
	return exceptionTmpl.Render(w, r, p)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) error {
	f := ui.ParseForm(r)
	text := f.Text("answer", "当时的情况")
	stored := s.save(f, r, "photo", false)
	who, id, err := ui.Actor(r), r.PathValue("id"), f.Err()
	var docs []string
	if err == nil && len(stored) > 0 {
		docs, err = s.Care.KeepEvidence(r.Context(), who, who.Region, id, f.Once()+"-file", "answer", stored)
	}
	if err == nil {
		_, err = s.Care.Answer(r.Context(), who, who.Region, id, r.PathValue("kind"), f.Once(), text, docs)
	}
	if err != nil {
		p, perr := s.exceptionPage(r)
		if perr != nil {
			return perr
		}
		p.Answer = text
		return exceptionTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, fmt.Sprintf("/v/visit/%s/exception/%s", id, r.PathValue("kind")))
}
