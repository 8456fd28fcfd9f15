package ui

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"yinling/internal/access"
	"yinling/internal/fault"
	"yinling/internal/speech"
)

// Listen is how a page can be heard (听).
type Listen struct {
	Href, Slow string // the sound, at normal speed and slow
	Own        bool   // the page is about the visitor: the browser's own voice may read it
	Mute       bool   // the server has no voice
}

// Listen is where the page's sound is. A page that answers a form, or tells of
// a trouble, cannot be fetched again: its words are kept for a while.
func (p *Page) Listen() Listen {
	q := url.Values{}
	if p.f.r.Method == http.MethodGet && p.f.status < 500 {
		q.Set("of", p.Path())
	} else {
		if p.f.kept == "" {
			p.f.kept = random(18)
		}
		q.Set("kept", p.f.kept)
	}
	href := "/listen?" + q.Encode()
	return Listen{Href: href, Slow: href + "&slow=1", Own: p.f.visitor.Signed(), Mute: p.f.kit.Reader == nil}
}

type listenPage struct {
	Page
	Of string // the page that was to be read
}

var listenTmpl *Template[listenPage]

func loadListen() { listenTmpl = MustParse[listenPage](Portal, pageFiles, "page/listen.html") }

// handleListen adds the route that reads pages of the face aloud. It asks for
// the page as the visitor would, so it shows nobody more than the page does.
func (rt *Router) handleListen() { rt.Handle("GET /listen", access.Public, rt.listen) }

// listen answers GET /listen?of=/page or ?kept=…, with slow=1 for slow speech,
// as=text for the spoken words (the browser's own voice reads them).
func (rt *Router) listen(w http.ResponseWriter, r *http.Request) error {
	of := LocalPath(r.FormValue("of"), "/")
	if strings.HasPrefix(of, "/listen") {
		of = "/"
	}
	page, err := rt.fetch(w, r, of)
	if err != nil || page == nil {
		return err
	}
	lines, err := speech.Lines(bytes.NewReader(page.body))
	if err != nil {
		return err
	}
	spoken := speech.Spoken(lines)
	slow := r.FormValue("slow") == "1"
	switch {
	case r.FormValue("as") == "text":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, err = w.Write([]byte(spoken))
		return err
	case spoken == "" || utf8.RuneCountInString(spoken) > maxSpoken:
		return fault.New(fault.NotFound, "这一页不能念。请看屏幕上的字，或打 %s，请人念给您听。", rt.kit.Phone)
	case rt.kit.Reader == nil:
		return listenTmpl.Render(w, r, &listenPage{Page: Page{Title: "现在听不了", Back: of}, Of: of})
	}
	return rt.speak(w, r, spoken, slow, page.shared)
}

// maxSpoken is about an hour and a half of speech.
const maxSpoken = 20000

// speak sends the sound. What is kept, or asked for in parts, is sent with its
// length; anything else as it is made, sentence by sentence.
func (rt *Router) speak(w http.ResponseWriter, r *http.Request, spoken string, slow, shared bool) error {
	busy := func(err error) error {
		if fault.Is(err, fault.Busy) {
			return err
		}
		rt.kit.Log.Error("voice", "err", err)
		return fault.New(fault.Busy, "念字的声音这会儿出不来。请过一会儿再点「听」，或打 %s。", rt.kit.Phone)
	}
	h := w.Header()
	whole := rt.kit.Reader.Find(spoken, slow)
	if part := r.Header.Get("Range"); whole == nil && part != "" && part != "bytes=0-" {
		var err error
		if whole, err = rt.kit.Reader.Whole(r.Context(), spoken, slow, shared); err != nil {
			return busy(err)
		}
	}
	h.Set("Content-Type", speech.Type)
	h.Set("Content-Disposition", `inline; filename="page.wav"; filename*=UTF-8''%E5%90%AC.wav`)
	if whole != nil {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(whole))
		return nil
	}
	if r.Method == http.MethodHead {
		return nil
	}
	begun := &counting{ResponseWriter: w}
	flush := http.NewResponseController(w)
	if err := rt.kit.Reader.Write(r.Context(), begun, func() { flush.Flush() }, spoken, slow, shared); err != nil {
		if begun.n > 0 { // too late for words: the player must not take it for the end
			rt.kit.Log.Warn("voice stopped", "err", err)
			panic(http.ErrAbortHandler)
		}
		h.Del("Content-Type")
		h.Del("Content-Disposition")
		return busy(err)
	}
	return nil
}

type counting struct {
	http.ResponseWriter
	n int
}

func (c *counting) Write(b []byte) (int, error) {
	c.n += len(b)
	return c.ResponseWriter.Write(b)
}

// fetched is a page that our own routes answered.
type fetched struct {
	header http.Header
	status int
	body   []byte
	shared bool // it says the same to everybody
}

func (p *fetched) Header() http.Header    { return p.header }
func (p *fetched) WriteHeader(status int) { p.status = status }

// Write keeps pages only; a file's bytes are of no use here.
func (p *fetched) Write(b []byte) (int, error) {
	if strings.HasPrefix(p.header.Get("Content-Type"), "text/html") {
		p.body = append(p.body, b...)
	}
	return len(b), nil
}

type fetchKey struct{}

// fetch asks our own routes for a page, with the visitor's cookies. nil with no
// error: the visitor has been sent elsewhere, as the page itself would.
func (rt *Router) fetch(w http.ResponseWriter, r *http.Request, of string) (*fetched, error) {
	if id := r.FormValue("kept"); id != "" {
		body := rt.kit.kept.find(id, from(r.Context()).visitor)
		if body == nil {
			return nil, fault.New(fault.NotFound, "这一页放得太久了，念不了。请回到上一页，刷新一下再听。")
		}
		return &fetched{body: body}, nil
	}
	u, err := url.Parse(of)
	if err != nil {
		return nil, fault.New(fault.NotFound, "没有找到要念的那一页。")
	}
	p := &fetched{header: http.Header{}, status: http.StatusOK}
	in := r.Clone(context.WithValue(r.Context(), fetchKey{}, p))
	in.Method, in.URL, in.RequestURI, in.Body = http.MethodGet, u, of, http.NoBody
	in.Form, in.PostForm = nil, nil
	for _, h := range []string{"Accept-Encoding", "Accept", "Range", "If-Range", "If-None-Match", "If-Modified-Since"} {
		in.Header.Del(h)
	}
	rt.ServeHTTP(p, in)
	if to := p.header.Get("Location"); to != "" {
		return nil, Redirect(w, r, to)
	}
	return p, nil
}

// share marks the answer as the same for everybody.
func share(r *http.Request) {
	if p, ok := r.Context().Value(fetchKey{}).(*fetched); ok {
		p.shared = true
	}
}

// keeper holds the last pages that cannot be fetched again, in memory only, each
// for the visitor who got it.
type keeper struct {
	mu    sync.Mutex
	pages [256]keptPage
	next  int
}

type keptPage struct {
	id, visitor string
	body        []byte
}

func keptFor(v Visitor) string { return v.ID + "\x00" + v.Session + "\x00" + v.Behalf }

func (k *keeper) put(id string, v Visitor, body []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pages[k.next] = keptPage{id, keptFor(v), body}
	k.next = (k.next + 1) % len(k.pages)
}

func (k *keeper) find(id string, v Visitor) []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range k.pages {
		if p.id == id && p.visitor == keptFor(v) {
			return p.body
		}
	}
	return nil
}
