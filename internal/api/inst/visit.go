package inst

import (
	"bytes"
	"context"
	"time"

	"yinling/internal/api"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/desk"
)

// Fix is where a device was.
type Fix struct {
	Lat      int64  `json:"lat" minimum:"-90000000" maximum:"90000000" doc:"纬度，百万分之一度，WGS84"`
	Lng      int64  `json:"lng" minimum:"-180000000" maximum:"180000000" doc:"经度，百万分之一度，WGS84"`
	Accuracy int64  `json:"accuracy" minimum:"0" doc:"误差，米"`
	Off      bool   `json:"off,omitempty" doc:"没有定位"`
	Why      string `json:"why,omitempty" maxLength:"64" doc:"没有定位的原因"`
	Mock     bool   `json:"mock,omitempty" doc:"手机报的是模拟位置"`
}

// DoneItem is an item as it was done.
type DoneItem struct {
	Item    string `json:"item" minLength:"1" maxLength:"32"`
	Minutes int64  `json:"minutes" minimum:"0" maximum:"1440"`
}

// Event is one thing that happened at a visit.
type Event struct {
	ClientID  string     `json:"client_id" minLength:"8" maxLength:"64" doc:"设备给的编号（UUID），重传不变"`
	Visit     string     `json:"visit" minLength:"1" maxLength:"64" doc:"上门编号；临时上门由设备起一个 UUID"`
	Plan      string     `json:"plan,omitempty" maxLength:"64" doc:"临时上门：属于哪份计划"`
	Kind      string     `json:"kind" enum:"checkin,items,evidence,checkout,confirm,trouble"`
	At        int64      `json:"at" minimum:"1" doc:"设备记下的时刻，毫秒"`
	Staff     string     `json:"staff,omitempty" maxLength:"64" doc:"工作人员编号"`
	Place     *Fix       `json:"place,omitempty"`
	Items     []DoneItem `json:"items,omitempty" maxItems:"100"`
	Documents []string   `json:"documents,omitempty" maxItems:"50" doc:"材料编号"`
	Method    string     `json:"method,omitempty" enum:"code,pin,sign" doc:"家属确认的方式"`
	Code      string     `json:"code,omitempty" maxLength:"16" doc:"家属念的确认码或口令，核对后不保存"`
	Trouble   string     `json:"trouble,omitempty" enum:"not_home,declined,hospital,injury,unsafe,other"`
	Note      string     `json:"note,omitempty" maxLength:"600"`
}

func (e Event) event() care.Event {
	out := care.Event{ClientID: e.ClientID, Visit: e.Visit, Plan: e.Plan, Kind: e.Kind, At: e.At, Staff: e.Staff, Documents: e.Documents, Method: e.Method, Code: e.Code, Trouble: e.Trouble, Note: e.Note}
	if e.Place != nil {
		f := care.Fix(*e.Place)
		out.Place = &f
	}
	for _, i := range e.Items {
		out.Items = append(out.Items, care.DoneItem(i))
	}
	return out
}

// SyncResult answers one event.
type SyncResult struct {
	ClientID string `json:"client_id"`
	Status   string `json:"status" enum:"stored,known,refused,conflict" doc:"stored 新收下；known 早已收下；refused 没有收，看 say；conflict 同一编号先前收过别的内容"`
	Say      string `json:"say"`
}

func (s *Server) sync(ctx context.Context, in *struct {
	api.Once
	Body struct {
		Events []Event `json:"events" minItems:"1" maxItems:"500" nullable:"false"`
	}
}) (*api.Body[struct {
	Results []SyncResult `json:"results"`
}], error) {
	var events []care.Event
	for _, e := range in.Body.Events {
		events = append(events, e.event())
	}
	who := api.Actor(ctx)
	results, err := s.Care.Sync(ctx, who, who.Region, events)
	if err != nil {
		return nil, err
	}
	out := &api.Body[struct {
		Results []SyncResult `json:"results"`
	}]{}
	out.Body.Results = []SyncResult{}
	for _, r := range results {
		out.Body.Results = append(out.Body.Results, SyncResult(r))
	}
	return out, nil
}

// Mark is a moment of a visit.
type Mark struct {
	Place    Fix   `json:"place"`
	Distance int64 `json:"distance" doc:"离登记住址，米；-1 不知道"`
	Device   int64 `json:"device_at"`
	Received int64 `json:"received_at"`
}

// Line is one charged line.
type Line struct {
	Item     string `json:"item"`
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	Unit     string `json:"unit"`
	Qty      string `json:"qty"`
	PriceFen int64  `json:"price_fen"`
	Staff    string `json:"staff"`
	On       string `json:"on" format:"date"`
}

// Visit is one visit.
type Visit struct {
	ID        string     `json:"id"`
	Plan      string     `json:"plan"`
	Person    string     `json:"person"`
	Staff     string     `json:"staff"`
	On        string     `json:"on" format:"date"`
	Mode      string     `json:"mode"`
	Status    string     `json:"status" enum:"planned,started,done,trouble,cancelled,void"`
	PlannedAt int64      `json:"planned_at"`
	Planned   []DoneItem `json:"planned"`
	Begin     int64      `json:"begin_at"`
	End       int64      `json:"end_at"`
	Minutes   int64      `json:"minutes"`
	In        *Mark      `json:"in,omitempty"`
	Out       *Mark      `json:"out,omitempty"`
	Items     []DoneItem `json:"items"`
	Documents []string   `json:"documents"`
	Confirmed string     `json:"confirmed" doc:"code、pin、sign，空为没有"`
	Trouble   string     `json:"trouble"`
	Lines     []Line     `json:"lines"`
	Suspects  int64      `json:"suspects" doc:"还没了结的疑点"`
}

func visitOf(v care.Visit) Visit {
	out := Visit{ID: v.ID, Plan: v.Plan, Person: v.Person, Staff: v.Staff, On: v.On.String(), Mode: v.Mode, Status: string(v.Status), PlannedAt: v.PlannedAt, Planned: done(v.PlannedItems),
		Begin: v.Begin, End: v.End, Minutes: v.Minutes, Items: done(v.Items), Documents: v.Evidence, Confirmed: v.Confirmed, Trouble: v.Trouble, Lines: []Line{}, Suspects: v.Suspects}
	if out.Documents == nil {
		out.Documents = []string{}
	}
	mark := func(m *care.Mark) *Mark {
		if m == nil {
			return nil
		}
		return &Mark{Fix(m.Fix), m.Distance, m.Device, m.Received}
	}
	out.In, out.Out = mark(v.Place.In), mark(v.Place.Out)
	for _, l := range v.Lines {
		out.Lines = append(out.Lines, Line{l.Item, l.Name, l.Kind, l.Unit, l.Qty.String(), int64(l.PriceFen), l.Staff, l.On.String()})
	}
	return out
}

func done(in []care.DoneItem) []DoneItem {
	out := []DoneItem{}
	for _, d := range in {
		out = append(out, DoneItem(d))
	}
	return out
}

const pageSize = 200

func (s *Server) visits(ctx context.Context, in *struct {
	From     string `query:"from" required:"true" format:"date"`
	To       string `query:"to" required:"true" format:"date"`
	Status   string `query:"status" enum:"planned,started,done,trouble,cancelled,void" doc:"默认全部"`
	AfterDay string `query:"after_day" format:"date" doc:"翻页：上一页最后一条的日期"`
	After    string `query:"after" maxLength:"64" doc:"翻页：上一页最后一条的编号"`
}) (*api.Body[struct {
	Visits []Visit `json:"visits"`
	More   bool    `json:"more" doc:"后面还有"`
}], error) {
	days := [3]day.Day{}
	for i, t := range []struct{ name, text string }{{"from", in.From}, {"to", in.To}, {"after_day", in.AfterDay}} {
		d, err := parse(t.name, t.text)
		if err != nil {
			return nil, err
		}
		days[i] = d
	}
	who := api.Actor(ctx)
	rows, err := s.Care.List(ctx, who, who.Region, days[0], days[1], care.VisitStatus(in.Status), days[2], in.After, pageSize)
	if err != nil {
		return nil, err
	}
	out := &api.Body[struct {
		Visits []Visit `json:"visits"`
		More   bool    `json:"more" doc:"后面还有"`
	}]{}
	out.Body.Visits, out.Body.More = []Visit{}, len(rows) == pageSize
	for _, r := range rows {
		out.Body.Visits = append(out.Body.Visits, visitOf(r.Visit))
	}
	return out, nil
}

func (s *Server) visit(ctx context.Context, in *ByID) (*api.Body[Visit], error) {
	who := api.Actor(ctx)
	x, err := s.Care.See(ctx, who, who.Region, in.ID)
	if err != nil {
		return nil, err
	}
	return &api.Body[Visit]{Body: visitOf(x.Visit)}, nil
}

func (s *Server) roster(ctx context.Context, in *struct {
	api.Once
	ByID
	Body struct {
		Staff string `json:"staff" minLength:"1" maxLength:"64"`
	}
}) (*api.Body[Visit], error) {
	who := api.Actor(ctx)
	if err := s.Care.Roster(ctx, who, who.Region, in.ID, in.Body.Staff); err != nil {
		return nil, err
	}
	return s.visit(ctx, &ByID{in.ID})
}

func (s *Server) evidence(ctx context.Context, in *struct {
	api.Once
	ByID
	Name    string `query:"name" maxLength:"80" doc:"文件名"`
	RawBody []byte `contentType:"application/octet-stream"`
}) (*api.Body[struct {
	Document string `json:"document" doc:"材料编号，记录里用"`
}], error) {
	who := api.Actor(ctx)
	if _, err := s.Care.See(ctx, who, who.Region, in.ID); err != nil {
		return nil, err
	}
	f, err := s.Files.Save(who.Region, in.Name, bytes.NewReader(in.RawBody), s.now())
	if err != nil {
		return nil, err
	}
	ids, err := s.Care.KeepEvidence(ctx, who, who.Region, in.ID, in.Key, "photo", []desk.Stored{f})
	if err != nil {
		return nil, err
	}
	out := &api.Body[struct {
		Document string `json:"document" doc:"材料编号，记录里用"`
	}]{}
	out.Body.Document = ids[0]
	return out, nil
}

func (s *Server) now() time.Time { return s.Care.Log.DB.Now() }

// Exception is a suspicion about a visit.
type Exception struct {
	Visit     string `json:"visit"`
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	On        string `json:"on" format:"date"`
	Staff     string `json:"staff"`
	Say       string `json:"say"`
	Status    string `json:"status" enum:"open,answered,accepted,deducted,void"`
	AnswerDue string `json:"answer_due" doc:"最晚说明的日期；那一年的工作日历还没公布时为空"`
	Answer    string `json:"answer"`
	Reason    string `json:"reason" doc:"经办处理的理由"`
	Deducted  int64  `json:"deducted_minutes"`
}

func exceptionOf(x care.Exception) Exception {
	return Exception{x.Visit, x.Kind, care.ExceptionName(x.Kind), x.On.String(), x.Staff, x.Say, string(x.Status), x.AnswerDue.String(), x.Answer, x.Reason, x.DeductMinutes}
}

func (s *Server) exceptions(ctx context.Context, in *struct {
	Status string `query:"status" enum:"open,answered,accepted,deducted,void" doc:"默认全部"`
}) (*api.Body[struct {
	Exceptions []Exception `json:"exceptions"`
}], error) {
	who := api.Actor(ctx)
	rows, _, err := s.Care.Exceptions(ctx, who, who.Region, care.ExceptionStatus(in.Status), 500)
	if err != nil {
		return nil, err
	}
	out := &api.Body[struct {
		Exceptions []Exception `json:"exceptions"`
	}]{}
	out.Body.Exceptions = []Exception{}
	for _, r := range rows {
		out.Body.Exceptions = append(out.Body.Exceptions, exceptionOf(r.Exception))
	}
	return out, nil
}

func (s *Server) answer(ctx context.Context, in *struct {
	api.Once
	Visit string `path:"visit" maxLength:"64"`
	Kind  string `path:"kind" maxLength:"32"`
	Body  struct {
		Answer    string   `json:"answer" minLength:"1" maxLength:"600"`
		Documents []string `json:"documents,omitempty" maxItems:"20"`
	}
}) (*api.Body[Exception], error) {
	who := api.Actor(ctx)
	x, err := s.Care.Answer(ctx, who, who.Region, in.Visit, in.Kind, in.Key, in.Body.Answer, in.Body.Documents)
	if err != nil {
		return nil, err
	}
	return &api.Body[Exception]{Body: exceptionOf(x)}, nil
}
