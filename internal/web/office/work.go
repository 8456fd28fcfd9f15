package office

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/undo"
	"yinling/internal/web/ui"
)

// queue is one worklist (待办队列). All queues are one template and the handlers
// of this file and work_act.go; a queue says what its rows are, what the preview
// shows and what can be decided.
type queue struct {
	Key, Path, Title string
	Nav              string // the entry of the menu under which it stands; its own by default
	See              access.Can
	Params           []string // of the address: what makes up the view, kept between pages
	Deeds            []*deed

	// Undo is the word under which decisions of the queue are kept for ten minutes
	// (package undo), undo takes the last one on an item back.
	Undo string
	undo func(ctx context.Context, who audit.Actor, id, key string) error

	list func(r *http.Request, v url.Values, p *workPage) error
	peek func(r *http.Request, id string) (*peek, error)
}

// deed is one decision that a queue offers.
type deed struct {
	Key, Name, Done string // accept, 受理, 受理了
	Letter, Tone    string // shortcut in the preview; the button's look
	Can             access.Can
	Batch           string     // «批量受理»; "" for one at a time only
	Fields          []ui.Field // asked in the preview
	BatchFields     []ui.Field // asked for the whole batch
	AskOnly         bool       // the fields are asked only where the preview says what for
	Final           string     // said before the click: why it cannot be taken back; "" when it can
	Then            string     // address to which the id of what was done is added, instead of the page of results

	do does
}

// does is what a deed of a queue does to one item.
type does = func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error

// peek is an item of a queue beside the list: everything that a straightforward
// decision needs, and the buttons for it.
type peek struct {
	ID, Name, Small string
	Version         int64
	Chips           []ui.Chip
	Facts           []ui.Fact
	Checks          ui.Checks
	More            []any // further components
	Links           []ui.Link
	Watch           [][2]string // what is compared when somebody was faster
	Allowed         []string    // keys of the deeds that its state and the role allow
	Ask             map[string]string
	Final           map[string]string     // deed.Final where it depends on the item
	Fields          map[string][]ui.Field // deed.Fields likewise
	Moments         []change              // what happened to it, for the same
	Objects         []string              // of the record, when it has no timeline of its own

	Holder desk.Holder
	Mine   bool
	Forms  []deedForm
	Next   string
	Undo   ui.Undo // what the actor did to it a moment ago
}

// change is one thing that happened, with its time.
type change struct {
	At  time.Time
	Who string
	Say string
}

// deedForm is a deed as it stands in the preview or in the batch bar.
type deedForm struct {
	*deed
	Final  string
	Ask    []ui.Field // of a batch; Fields are these with what was typed
	Fields []ui.Field
	Open   bool
	Hint   string
}

type workPage struct {
	ui.Page
	Q       *queue
	Say     string
	Head    []ui.Link
	Top     []any // between heading and list
	Tabs    ui.Tabs
	Filter  ui.Filter
	Reset   string // the view without filters, "" when there are none
	List    ui.Table
	Items   []workItem
	Pager   ui.Pager
	Keep    []ui.Option // the view's own values, carried by the tick form
	View    string      // the view's address
	Batch   *deedForm
	Also    *deed    // a second act for what was ticked, that asks nothing
	Ready   []string // ticks that go along
	Against []string // «张国栋缺 1 件材料»
	Ticked  int
	Peek    *peek
	Did     ui.Undo
	DidSay  string
	Changed []diff
	Since   []ui.Moment
	Typed   []ui.Fact // what was typed, when there is a change to look at first
	Keys    bool
	Extra   []any
	Foot    footForm
	Now     int64 // ms; what happens after it is new to who looks at the page
}

// footForm is a further act below a list.
type footForm struct {
	Title, Say, Action, Button string
	Hidden                     ui.Option
}

// workItem is a row of a list and what the batch act needs to know of it.
type workItem struct {
	ID, Name string
	Version  int64
	Against  string // why the batch act would not take it
	Cells    []any  // the first is a ui.Two without link
}

// diff is a fact that was different when the page was made.
type diff struct{ Label, Was, Now string }

var workTmpl = ui.MustParse[workPage](ui.Office, files, "work/list.html")

// ref is how a tick names its item: id, the version that was seen, the name.
func (it workItem) ref() string {
	return it.ID + "|" + strconv.FormatInt(it.Version, 10) + "|" + it.Name
}

// Ref is the same for the preview.
func (k *peek) Ref() string { return workItem{ID: k.ID, Name: k.Name, Version: k.Version}.ref() }

func parseRef(s string) (id string, version int64, name string) {
	p := strings.SplitN(s, "|", 3)
	if len(p) == 3 {
		version, _ = strconv.ParseInt(p[1], 10, 64)
		return p[0], version, p[2]
	}
	return s, 0, s
}

// address is the view as an address with further values; "" leaves one out.
func (q *queue) address(v url.Values, set ...string) string {
	keep := url.Values{}
	for _, k := range q.Params {
		if x := v.Get(k); x != "" {
			keep.Set(k, x)
		}
	}
	for i := 0; i+1 < len(set); i += 2 {
		keep.Del(set[i])
		if set[i+1] != "" {
			keep.Set(set[i], set[i+1])
		}
	}
	if len(keep) == 0 {
		return q.Path + "?all=1"
	}
	return q.Path + "?" + keep.Encode()
}

func anchor(id string) string {
	return "r-" + strings.NewReplacer("/", "-", "@", "-", " ", "-").Replace(id)
}

// The view and what was opened stay with the browser, by account, so that
// whoever comes back from a case, from the menu or from lunch finds the list as
// it was left. Names that were searched for are not kept.
const seenMost = 40

func (s *Server) kept(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	account, v, _ := strings.Cut(c.Value, "~")
	if account != ui.Actor(r).ID {
		return ""
	}
	return v
}

func (s *Server) keep(w http.ResponseWriter, r *http.Request, name, v string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: ui.Actor(r).ID + "~" + v, Path: "/o/", HttpOnly: true, Secure: s.Kit.Secure, SameSite: http.SameSiteLaxMode})
}

// backTo is the view in which the visitor left a queue.
func (s *Server) backTo(r *http.Request, q *queue, id string) string {
	v, _ := url.ParseQuery(s.kept(r, "yl_view_"+q.Key))
	return q.address(v) + "#" + anchor(id)
}

// queueList is the handler of every queue's list.
func (s *Server) queueList(q *queue) ui.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v := r.URL.Query()
		if len(v) == 0 {
			v, _ = url.ParseQuery(s.kept(r, "yl_view_"+q.Key))
		}
		p, err := s.workPage(r, q, v)
		if err != nil {
			return err
		}
		_, view, _ := strings.Cut(q.address(v, "q", ""), "?")
		s.keep(w, r, "yl_view_"+q.Key, view)
		if p.Peek != nil {
			seen := append([]string{p.Peek.ID}, slices.DeleteFunc(strings.Split(s.kept(r, "yl_seen_"+q.Key), "~"), func(x string) bool { return x == p.Peek.ID || x == "" })...)
			s.keep(w, r, "yl_seen_"+q.Key, strings.Join(seen[:min(len(seen), seenMost)], "~"))
		}
		return workTmpl.Render(w, r, p)
	}
}

// workPage makes the page of a queue's view.
func (s *Server) workPage(r *http.Request, q *queue, v url.Values) (*workPage, error) {
	ctx, who := r.Context(), ui.Actor(r)
	p := &workPage{Page: ui.Page{Title: q.Title, Nav: q.Path}, Q: q, View: q.address(v), Now: ui.Now(r).UnixMilli()}
	if q.Nav != "" {
		p.Nav = q.Nav
	}
	if err := q.list(r, v, p); err != nil {
		return nil, err
	}
	off, err := s.Desk.Setting(ctx, who, "keys")
	if err != nil {
		return nil, err
	}
	p.Keys = off != "off"
	ids := make([]string, len(p.Items))
	for i, it := range p.Items {
		ids[i] = it.ID
	}
	held, err := s.Desk.Holders(ctx, who.Region, q.Key, ids)
	if err != nil {
		return nil, err
	}
	see := v.Get("see")
	seen := strings.Split(s.kept(r, "yl_seen_"+q.Key), "~")
	if p.Batch != nil {
		p.List.Tick = "id"
		p.Batch.Fields = fields("b-"+p.Batch.Key, p.Batch.Ask, v)
	}
	ticked := map[string]bool{}
	for _, x := range v["id"] {
		id, _, _ := parseRef(x)
		ticked[id] = true
	}
	for _, it := range p.Items {
		who1 := it.Cells[0].(ui.Two)
		who1.Anchor = anchor(it.ID)
		who1.Href = p.View + "&see=" + url.QueryEscape(it.ID) + "#" + anchor(it.ID)
		if other := held[it.ID].Other(who.ID); other != "" {
			who1.Marks = append(who1.Marks, ui.Chip{Tone: "info", Say: other + " " + ui.Clock(held[it.ID].At.UnixMilli()) + " 打开"})
		} else if slices.Contains(seen, it.ID) {
			who1.Marks = append(who1.Marks, ui.Chip{Tone: "mute", Say: "看过"})
		}
		row := ui.Row{ID: it.ref(), Name: it.Name, Ticked: ticked[it.ID], Current: it.ID == see, Against: it.Against,
			Cells: append([]any{who1}, it.Cells[1:]...)}
		p.List.Rows = append(p.List.Rows, row)
		if ticked[it.ID] && p.Batch != nil {
			p.Ticked++
			if it.Against == "" {
				p.Ready = append(p.Ready, row.ID)
			} else {
				p.Against = append(p.Against, it.Name+it.Against)
			}
		}
	}
	for _, k := range q.Params {
		if x := v.Get(k); x != "" {
			p.Keep = append(p.Keep, ui.Option{Value: k, Label: x})
		}
	}
	if see != "" {
		if err := s.open(r, q, p, v, see); err != nil {
			return nil, err
		}
	}
	return p, s.did(r, p, v.Get("did"))
}

// open puts an item beside the list and tells colleagues that it is open.
func (s *Server) open(r *http.Request, q *queue, p *workPage, v url.Values, id string) error {
	ctx, who := r.Context(), ui.Actor(r)
	k, err := q.peek(r, id)
	if fault.Is(err, fault.NotFound) {
		return nil // decided and gone from here
	}
	if err != nil {
		return err
	}
	k.ID = id
	for _, d := range q.Deeds {
		if slices.Contains(k.Allowed, d.Key) && ui.Who(r).Can(d.Can) {
			ask := d.Fields
			if own, ok := k.Fields[d.Key]; ok {
				ask = own
			}
			form := deedForm{deed: d, Final: d.Final + k.Final[d.Key], Fields: fields(d.Key, ask, v), Hint: k.Ask[d.Key], Open: v.Get("open") == d.Key}
			if d.AskOnly && k.Ask[d.Key] == "" {
				form.Fields = nil
			}
			k.Forms = append(k.Forms, form)
		}
	}
	if len(k.Forms) > 0 {
		if k.Holder, err = s.Desk.Take(ctx, who, q.Key, id); err != nil {
			return err
		}
		k.Mine = k.Holder.Account == who.ID
	}
	at := slices.IndexFunc(p.Items, func(it workItem) bool { return it.ID == id })
	if at >= 0 && at+1 < len(p.Items) {
		k.Next = p.Items[at+1].ID
	} else if at != 0 && len(p.Items) > 0 {
		k.Next = p.Items[0].ID
	}
	p.Peek = k
	k.Undo, err = s.undoOf(r, q, id, p.View+"&see="+url.QueryEscape(id))
	return err
}

// undoOf is the strip that takes back what the actor did to an item within the
// last ten minutes; without action when there is nothing.
func (s *Server) undoOf(r *http.Request, q *queue, id, back string) (u ui.Undo, err error) {
	acts, err := undo.Open(r.Context(), s.Log, ui.Actor(r), q.Undo, []string{id})
	if a, ok := acts[id]; ok && err == nil {
		u = ui.Undo{Say: "您刚才办的" + untold(a), Until: ui.Clock(a.Until.UnixMilli()), Button: "撤回",
			Action: q.Path + "/undo?id=" + url.QueryEscape(id) + "&back=" + url.QueryEscape(back)}
	}
	return u, err
}

// untold says that messages wait until an act can no longer be taken back.
func untold(a undo.Act) string {
	if len(a.Jobs) > 0 {
		return "，通知到时才发"
	}
	return ""
}

// did is the strip about what was just done, with the way back.
func (s *Server) did(r *http.Request, p *workPage, id string) error {
	if id == "" {
		return nil
	}
	if id == "back" {
		p.DidSay = "已经撤回，和没有办一样。"
		return nil
	}
	b, err := s.Desk.ReadBatch(r.Context(), ui.Actor(r), id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil || len(b.Items) == 0 {
		return err
	}
	d := p.Q.deed(b.Act)
	if d == nil {
		return nil
	}
	it := b.Items[0]
	acts, err := undo.Open(r.Context(), s.Log, ui.Actor(r), p.Q.Undo, []string{it.ID})
	if err != nil {
		return err
	}
	a, open := acts[it.ID]
	switch {
	case it.Back:
		p.DidSay = it.Name + "：已经撤回，和没有办一样。"
	case d.Final == "" && open:
		p.Did = ui.Undo{Say: it.Name + "：" + d.Done + untold(a) + "。", Until: ui.Clock(a.Until.UnixMilli()), Button: "撤回",
			Action: "/o/batch/" + b.ID + "/undo?back=" + url.QueryEscape(p.View)}
		if p.Peek != nil && p.Peek.ID == it.ID {
			p.Peek.Undo = ui.Undo{} // once is enough
		}
	case d.Final == "" && ui.Now(r).Before(b.Until):
		p.DidSay = it.Name + "：" + d.Done + "。这一步已经生效，不能撤回。"
	default:
		p.DidSay = it.Name + "：" + d.Done + "。" + d.Final
	}
	return nil
}

func (q *queue) deed(key string) *deed {
	for _, d := range q.Deeds {
		if d.Key == key {
			return d
		}
	}
	return nil
}

// filter makes the view's filters; what the tabs chose is kept beside them.
func (p *workPage) filter(v url.Values, fs ...ui.Field) {
	p.Filter = ui.Filter{Action: p.Q.Path, Button: "筛选"}
	asked, chosen := map[string]bool{}, []string{}
	for _, f := range fs {
		f.Value = v.Get(f.Name)
		if asked[f.Name] = true; f.Value != "" {
			chosen = append(chosen, f.Name, "")
		}
		p.Filter.Fields = append(p.Filter.Fields, f)
	}
	for _, k := range p.Q.Params {
		if x := v.Get(k); x != "" && !asked[k] && k != "after" {
			p.Filter.Keep = append(p.Filter.Keep, ui.Option{Value: k, Label: x})
		}
	}
	if len(chosen) > 0 {
		p.Reset = p.Q.address(v, append(chosen, "after", "")...)
	}
}

// offer makes a deed the batch act of the view, for who may do it.
func (p *workPage) offer(r *http.Request, key string) {
	if d := p.Q.deed(key); d != nil && d.Batch != "" && ui.Who(r).Can(d.Can) {
		p.Batch = &deedForm{deed: d, Final: d.Final, Ask: d.BatchFields}
	}
}

// fields fills a deed's questions with what was typed; their names carry the
// deed, so that two forms of one preview never share an id.
func fields(prefix string, in []ui.Field, v url.Values) (out []ui.Field) {
	for _, f := range in {
		f.Name = prefix + "-" + f.Name
		if v.Has(f.Name) {
			f.Value = v.Get(f.Name)
		}
		f.Options = slices.Clone(f.Options)
		for i, o := range f.Options {
			f.Options[i].Checked = o.Value == f.Value && o.Value != ""
		}
		if f.Type == "" {
			f.Type = "text"
		}
		if f.Rows == 0 {
			f.Rows = 2
		}
		out = append(out, f)
	}
	return out
}
