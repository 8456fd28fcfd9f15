package office

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"yinling/internal/audit"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/undo"
	"yinling/internal/web/ui"
)

const batchMost = 200

// decide is the handler of every queue's deeds: one item from the preview (one=1)
// or a batch of ticked ones, in one transaction.
func (s *Server) decide(q *queue, d *deed) ui.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, who := ui.ParseForm(r), ui.Actor(r)
		one, refs := f.Raw("one") != "", f.All("id")
		view, err := url.Parse(ui.LocalPath(f.Raw("view"), q.Path))
		if err != nil || view.Path != q.Path {
			view = &url.URL{Path: q.Path}
		}
		prefix := d.Key
		if !one {
			prefix = "b-" + d.Key
		}
		in := map[string]string{}
		for k := range r.PostForm {
			if name, ok := strings.CutPrefix(k, prefix+"-"); ok {
				in[name] = f.Text(k, "")
			}
		}
		switch {
		case len(refs) == 0:
			err = fault.New(fault.Refused, "还没有选要办的件。请在列表里勾选，再办。")
		case len(refs) > batchMost:
			err = fault.New(fault.Refused, "一次最多办 %d 件，现在选了 %d 件。请分几次办。", batchMost, len(refs))
		default:
			err = f.Err()
		}
		var b desk.Batch
		if err == nil {
			b, err = s.doAll(r.Context(), who, q, d, one, refs, f.Once(), in)
		}
		if err != nil {
			return s.again(w, r, q, d, view.Query(), prefix, err)
		}
		v := view.Query()
		if d.Then != "" {
			return ui.Redirect(w, r, d.Then+b.ID+"?back="+url.QueryEscape(q.address(v)))
		}
		if one {
			return ui.Redirect(w, r, q.address(v, "see", f.Raw("next"), "did", b.ID)+"#"+anchor(f.Raw("next")))
		}
		return ui.Redirect(w, r, "/o/batch/"+b.ID+"?back="+url.QueryEscape(q.address(v)))
	}
}

// doAll does the deed to every ref. A single one that is refused is an error; in
// a batch it is a result.
func (s *Server) doAll(ctx context.Context, who audit.Actor, q *queue, d *deed, one bool, refs []string, once string, in map[string]string) (b desk.Batch, err error) {
	var refused error
	err = audit.Together(ctx, s.Log, func(ctx context.Context) error {
		b, refused = desk.Batch{Queue: q.Key, Act: d.Key}, nil
		for i, ref := range refs {
			id, version, name := parseRef(ref)
			err := d.do(ctx, who, id, version, fmt.Sprint(once, "-", i), in)
			item := desk.BatchItem{ID: id, Name: name, OK: err == nil}
			if err != nil {
				e := fault.As(err)
				switch e.Kind {
				case fault.Refused, fault.Forbidden, fault.Conflict, fault.Invalid, fault.NotFound:
				default:
					return err
				}
				item.Say = e.Say
				if e.Kind == fault.NotFound {
					item.Say = "已经不在这里了"
				}
				refused = err
			}
			b.Items = append(b.Items, item)
		}
		if one && refused != nil {
			return nil // the refusal is in the record; there is nothing else to keep
		}
		if d.Final == "" && b.Done() > 0 {
			b.Until = s.Log.DB.Now().Add(undo.For)
		}
		kept, err := s.Desk.KeepBatch(ctx, who, once, b)
		b = kept
		return err
	})
	if err == nil && one {
		err = refused
	}
	return b, err
}

// again shows the view with what was typed. When somebody else was faster it
// says what is different now, by whom and since when; nothing is overwritten.
func (s *Server) again(w http.ResponseWriter, r *http.Request, q *queue, d *deed, v url.Values, prefix string, err error) error {
	for k, x := range r.PostForm {
		if strings.HasPrefix(k, prefix+"-") {
			v[k] = x
		}
	}
	v.Set("open", d.Key)
	one := r.PostForm.Get("one") != ""
	id := ""
	if one && len(r.PostForm["id"]) > 0 {
		id, _, _ = parseRef(r.PostForm["id"][0])
		v.Set("see", id)
	} else {
		v["id"] = r.PostForm["id"]
	}
	v.Del("did")
	p, perr := s.workPage(r, q, v)
	if perr != nil {
		return perr
	}
	if e := fault.As(err); e.Kind == fault.Invalid && e.Field != "" {
		same := *e
		same.Field = prefix + "-" + e.Field
		err = &same
		p.mark(same.Field, e.Say)
	}
	if fault.Is(err, fault.Conflict) && p.Peek != nil {
		if p.Changed, p.Since, perr = s.changes(r, p.Peek); perr != nil {
			return perr
		}
		for _, f := range fields(prefix, d.Fields, v) {
			if f.Value != "" && len(f.Options) == 0 {
				p.Typed = append(p.Typed, ui.Fact{Label: f.Label, Value: f.Value})
			}
		}
	}
	return workTmpl.Again(w, r, p, err)
}

// mark puts the sentence beside the field that it is about.
func (p *workPage) mark(name, say string) {
	set := func(fs []ui.Field) {
		for i := range fs {
			if fs[i].Name == name {
				fs[i].Error = say
			}
		}
	}
	if p.Batch != nil {
		set(p.Batch.Fields)
	}
	if p.Peek != nil {
		for _, f := range p.Peek.Forms {
			set(f.Fields)
		}
	}
}

// Was is what the preview showed, to be compared when the form comes back late.
func (k *peek) Was() string {
	b, _ := json.Marshal(k.Watch)
	return string(b)
}

// changes compares what the form's page showed with what is there now.
func (s *Server) changes(r *http.Request, k *peek) (out []diff, since []ui.Moment, err error) {
	var was [][2]string
	if json.Unmarshal([]byte(r.PostForm.Get("was")), &was) != nil {
		return nil, nil, nil
	}
	before := map[string]string{}
	for _, f := range was {
		before[f[0]] = f[1]
	}
	for _, f := range k.Watch {
		if old, ok := before[f[0]]; ok && old != f[1] {
			out = append(out, diff{f[0], old, f[1]})
		}
	}
	ms, _ := strconv.ParseInt(r.PostForm.Get("at"), 10, 64)
	list := k.Moments
	for _, object := range k.Objects {
		if list, err = s.recorded(r, object); err != nil {
			return nil, nil, err
		}
	}
	for _, c := range list {
		if c.At.UnixMilli() > ms {
			since = append(since, ui.Moment{State: "done", Title: c.Say, Who: c.Who, When: ui.Instant(c.At.UnixMilli())})
		}
	}
	return out, since, nil
}

// recorded is who did something to an object lately, from the record.
func (s *Server) recorded(r *http.Request, object string) (out []change, err error) {
	lines, err := audit.Lines(r.Context(), s.Log, ui.Actor(r).Region, audit.Query{Object: object}, 20)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, l := range lines {
		ids = append(ids, l.Actor)
	}
	names, err := s.Access.Names(r.Context(), ui.Actor(r).Region, ids...)
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		if l.Result != "done" || strings.HasSuffix(l.Verb, ".see") || strings.HasPrefix(l.Verb, "desk.") {
			continue
		}
		name := names[l.Actor]
		if l.Actor == "system" {
			name = "系统"
		}
		out = append(out, change{At: time.UnixMilli(l.At), Who: name, Say: "改动了这一件"})
	}
	return out, nil
}

type batchPage struct {
	ui.Page
	Heading, Say string
	Undo         ui.Undo
	Rows         []batchRow
	Done         string // what was done, in the past
	Until        string
}

type batchRow struct {
	desk.BatchItem
	Undo string // action of the form that takes it back, "" when it cannot
}

var batchTmpl = ui.MustParse[batchPage](ui.Office, files, "work/batch.html")

func (s *Server) queue(key string) *queue {
	for _, q := range s.queues {
		if q.Key == key {
			return q
		}
	}
	return nil
}

func (s *Server) batchPage(r *http.Request) (*batchPage, desk.Batch, *deed, error) {
	b, err := s.Desk.ReadBatch(r.Context(), ui.Actor(r), r.PathValue("id"))
	if err != nil {
		return nil, b, nil, err
	}
	q := s.queue(b.Queue)
	if q == nil || q.deed(b.Act) == nil {
		return nil, b, nil, fault.New(fault.NotFound, "这种件现在不在这里办了。")
	}
	d := q.deed(b.Act)
	back := ui.LocalPath(r.FormValue("back"), q.Path)
	p := &batchPage{Page: ui.Page{Title: d.Batch + "的结果", Back: back, Nav: q.Path}, Done: d.Done}
	ok, returned := b.Done(), 0
	at := "/o/batch/" + b.ID + "/undo?back=" + url.QueryEscape(back)
	var ids []string
	for _, it := range b.Items {
		if it.OK && !it.Back && d.Final == "" {
			ids = append(ids, it.ID)
		}
	}
	acts, err := undo.Open(r.Context(), s.Log, ui.Actor(r), q.Undo, ids)
	if err != nil {
		return nil, b, nil, err
	}
	for _, it := range b.Items {
		row := batchRow{BatchItem: it}
		if _, open := acts[it.ID]; open && len(b.Items) > 1 {
			row.Undo = at + "&item=" + url.QueryEscape(it.ID)
		}
		if it.Back {
			returned++
		}
		p.Rows = append(p.Rows, row)
	}
	p.Heading = fmt.Sprintf("%s %d 件", d.Done, ok)
	if no := len(b.Items) - ok - returned; no > 0 {
		p.Heading += fmt.Sprintf("，%d 件没有办成", no)
	}
	if returned > 0 {
		p.Heading += fmt.Sprintf("，撤回了 %d 件", returned)
	}
	switch {
	case len(acts) > 0:
		p.Undo = ui.Undo{Say: "办错了？", Until: ui.Clock(b.Until.UnixMilli()), Button: "全部撤回", Action: at}
		for _, a := range acts {
			p.Undo.Say = "办错了？" + strings.TrimPrefix(untold(a), "，")
		}
	case d.Final == "" && ok > 0 && ui.Now(r).Before(b.Until):
		p.Say = "办成的已经生效，不能撤回。"
	case d.Final == "" && ok > 0:
		p.Say = "10 分钟已过，不能撤回了。"
	default:
		p.Say = d.Final
	}
	return p, b, d, nil
}

func (s *Server) batch(w http.ResponseWriter, r *http.Request) error {
	p, _, _, err := s.batchPage(r)
	if err != nil {
		return err
	}
	return batchTmpl.Render(w, r, p)
}

// batchUndo takes a batch back, or one item of it (?item=).
func (s *Server) batchUndo(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	p, b, d, err := s.batchPage(r)
	if err != nil {
		return err
	}
	item := f.Raw("item")
	q := s.queue(b.Queue)
	if d.Final != "" {
		err = fault.New(fault.Conflict, "这一步不能撤回。%s", d.Final)
	} else {
		err = audit.Together(r.Context(), s.Log, func(ctx context.Context) error {
			said := map[string]string{}
			for i, it := range b.Items {
				if !it.OK || it.Back || item != "" && it.ID != item {
					continue
				}
				err := q.undo(ctx, who, it.ID, fmt.Sprint(f.Once(), "-", i))
				if e := fault.As(err); err != nil && e.Kind != fault.Conflict && e.Kind != fault.Forbidden && e.Kind != fault.NotFound {
					return err
				} else if err != nil {
					said[it.ID] = e.Say
				} else {
					said[it.ID] = ""
				}
			}
			return s.Desk.MarkBack(ctx, who, b.ID, said)
		})
	}
	if err != nil {
		return batchTmpl.Again(w, r, p, err)
	}
	if len(b.Items) == 1 {
		v, _ := url.Parse(ui.LocalPath(f.Raw("back"), "/o/"))
		x := v.Query()
		x.Set("see", b.Items[0].ID)
		x.Set("did", b.ID)
		v.RawQuery, v.Fragment = x.Encode(), anchor(b.Items[0].ID)
		return ui.Redirect(w, r, v.String())
	}
	return ui.Redirect(w, r, "/o/batch/"+b.ID+"?back="+url.QueryEscape(f.Raw("back")))
}

// takeBack takes back what the actor did to one item (?id=) of a queue: from the
// item's preview or its page (?back=).
func (s *Server) takeBack(q *queue) ui.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, id := ui.ParseForm(r), r.URL.Query().Get("id")
		back, err := url.Parse(ui.LocalPath(f.Raw("back"), q.Path))
		if err != nil {
			back = &url.URL{Path: q.Path}
		}
		v := back.Query()
		if err := q.undo(r.Context(), ui.Actor(r), id, f.Once()); err != nil {
			v.Set("see", id)
			v.Del("did")
			p, perr := s.workPage(r, q, v)
			if perr != nil {
				return perr
			}
			return workTmpl.Again(w, r, p, err)
		}
		if back.Path == q.Path {
			v.Set("did", "back")
			back.RawQuery, back.Fragment = v.Encode(), anchor(id)
		}
		return ui.Redirect(w, r, back.String())
	}
}

// keys switches the single-letter keys of the lists on or off, for the account.
func (s *Server) keys(w http.ResponseWriter, r *http.Request) error {
	f := ui.ParseForm(r)
	value := "on"
	if f.Raw("off") != "" {
		value = "off"
	}
	if err := s.Desk.Set(r.Context(), ui.Actor(r), "keys", value); err != nil {
		return err
	}
	return ui.Redirect(w, r, ui.LocalPath(f.Raw("back"), "/o/"))
}
