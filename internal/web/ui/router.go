package ui

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"

	"yinling/internal/access"
	"yinling/internal/fault"
)

// Face is a look with its own address space.
type Face struct {
	Name   string // which style sheet
	Prefix string // where its addresses begin
	Layout string
	Brand  string
}

// The faces. Inst looks like Office; Doc is paper and has no addresses of its own.
var (
	Portal = &Face{Name: "portal", Prefix: "/", Layout: "portal", Brand: "银龄医保"}
	Office = &Face{Name: "office", Prefix: "/o/", Layout: "office", Brand: "银龄经办"}
	Inst   = &Face{Name: "office", Prefix: "/j/", Layout: "office", Brand: "银龄机构"}
	Care   = &Face{Name: "care", Prefix: "/v/", Layout: "care", Brand: "银龄护理"}
	Doc    = &Face{Name: "doc", Layout: "doc"}
)

// Handler answers a request; its error becomes a page (see Router).
type Handler func(w http.ResponseWriter, r *http.Request) error

// Route is one line of a face's list, for the test that walks them as every role.
type Route struct {
	Method, Path string
	Can          access.Can
}

// NavItem is an entry of a face's menu; it shows only to who may follow it.
type NavItem struct {
	Href, Label, Icon string
	Can               access.Can
	Count             string // key of the counts, "" for none
	Hot               bool   // the count is urgent
}

// NavGroup is a titled part of the menu; the title may be empty.
type NavGroup struct {
	Title string
	Items []NavItem
}

// Router holds the routes of one face. Errors of handlers become pages: invalid
// 422, not_found 404, forbidden 403, conflict and refused 409, busy 503, all
// else 500; only the fault's sentence and clause are shown. Who has not logged
// in is sent to Login.
type Router struct {
	Face   *Face
	Nav    []NavGroup
	Search string // action of the search form in the top bar, "" for none
	Login  string // default /login
	Counts func(r *http.Request) map[string]int

	kit    *Kit
	mux    *http.ServeMux
	routes []Route
}

// NewRouter makes the router of a face.
func NewRouter(k *Kit, face *Face) *Router {
	return &Router{Face: face, Login: "/login", kit: k, mux: http.NewServeMux()}
}

// RouteOption changes how a route is served.
type RouteOption func(*options)

type options struct {
	maxBody int64
	shared  bool
}

// MaxBody lets a route take a body of n bytes; the default is 16 MiB. Files
// beyond 1 MiB wait on disk, not in memory.
func MaxBody(n int64) RouteOption { return func(o *options) { o.maxBody = n } }

// Shared marks a page that says the same to everybody who has not logged in:
// nothing personal, nothing that the visitor typed. Its sound may be kept.
func Shared() RouteOption { return func(o *options) { o.shared = true } }

// Routes is the list of all routes.
func (rt *Router) Routes() []Route { return rt.routes }

// Handle adds a route: "GET /o/desk/{id}". A route without a permission does
// not compile.
func (rt *Router) Handle(pattern string, can access.Can, h Handler, opts ...RouteOption) {
	method, path, ok := strings.Cut(pattern, " ")
	if !ok || can == "" || !strings.HasPrefix(path, rt.Face.Prefix) {
		panic(fmt.Sprintf("ui: route %q of %s needs a method, a permission and the prefix %s", pattern, rt.Face.Brand, rt.Face.Prefix))
	}
	o := options{maxBody: 16 << 20}
	for _, f := range opts {
		f(&o)
	}
	rt.routes = append(rt.routes, Route{method, path, can})
	if strings.HasSuffix(path, "/") {
		pattern += "{$}" // a directory is one page, not everything below it
	}
	rt.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if err := rt.serve(w, r, can, h, o); err != nil {
			rt.fail(w, r, err)
		}
	})
}

func (rt *Router) serve(w http.ResponseWriter, r *http.Request, can access.Can, h Handler, o options) error {
	f := from(r.Context())
	if can != access.Public && !f.visitor.Signed() {
		if r.Method == http.MethodGet && !wantsJSON(r) {
			return Redirect(w, r, rt.Login+"?back="+url.QueryEscape(r.URL.RequestURI()))
		}
		return fault.New(fault.Forbidden, "您离开了一会儿，这一步还没有办。前面填的都还在，登录以后接着办。")
	}
	if !f.visitor.Can(can) {
		return fault.New(fault.Forbidden, "您的岗位（%s）不能看这一页。需要的话，请找管理员开通。", orElse(f.visitor.RoleName(), "未登录"))
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		r.Body = http.MaxBytesReader(w, r.Body, o.maxBody)
		if err := rt.kit.cross.Check(r); err != nil {
			return fault.New(fault.Forbidden, "这个请求是从别的网站来的，没有办理。请从本站打开页面再办。")
		}
		if err := readForm(r); err != nil {
			return err
		}
		// A queue of JSON brings the token in a header, which no other site can set.
		if !f.tokenHolds(orElse(r.PostFormValue("token"), r.Header.Get("X-Form-Token"))) {
			return fault.New(fault.Forbidden, "这一页放得太久了。请回到上一页，刷新一下再办；没有办成任何事。")
		}
		if f.visitor.SeeOnly && can == access.Citizen && !strings.HasPrefix(r.URL.Path, "/family/") {
			return fault.New(fault.Forbidden, "%s只授权您看，没有授权您代办。请他本人重新授权，或者一起到窗口办。", f.visitor.BehalfName)
		}
		f.once = r.PostFormValue("once")
	}
	if err := h(w, r); err != nil {
		return err
	}
	if o.shared && !f.visitor.Signed() {
		share(r)
	}
	return nil
}

func readForm(r *http.Request) error {
	var err error
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		err = r.ParseMultipartForm(1 << 20)
	} else {
		err = r.ParseForm()
	}
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return fault.New(fault.Invalid, "文件太大了，最多 %d MB。请换小一点的再传。", tooBig.Limit>>20)
	}
	if err != nil {
		return fault.New(fault.Invalid, "网络不稳，内容没有传完整。请再试一次。")
	}
	return nil
}

// ServeHTTP prepares the request: visitor, mode, headers, compression.
func (rt *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rt.kit.Prepare()
	f := &frame{kit: rt.kit, router: rt, visitor: rt.kit.Who(r), nonce: random(12)}
	if c, err := r.Cookie(modeCookie); err == nil && (rt.Face == Portal && c.Value == "elder" || (rt.Face == Portal || rt.Face == Care) && c.Value == "xl") {
		f.mode = c.Value // the phone face knows larger letters only
	}
	r = r.WithContext(context.WithValue(r.Context(), frameKey{}, f))
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		z := &zipper{ResponseWriter: w}
		defer z.close()
		w = z
	}
	f.r, f.w = r, w
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self' 'nonce-"+f.nonce+"'; img-src 'self' data:; "+
		"media-src 'self'; script-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(self), payment=()")
	if rt.kit.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept-Encoding, Cookie")
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			rt.kit.Log.Error("panic", "path", r.URL.Path, "what", fmt.Sprint(p), "stack", string(debug.Stack()))
			rt.fail(w, r, fmt.Errorf("panic: %v", p))
		}
	}()
	if _, pattern := rt.mux.Handler(r); pattern == "" {
		// The mux would answer in English; a wrong method is as good as no page.
		rt.fail(w, r, fault.New(fault.NotFound, "没有找到这一页。地址可能写错了，或者这件事已经办完、撤回了。"))
		return
	}
	rt.mux.ServeHTTP(w, r)
}

// Redirect sends the browser on with 303, so that reloading repeats nothing.
func Redirect(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func wantsJSON(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, ".json") || strings.HasPrefix(r.Header.Get("Accept"), "application/json")
}

func orElse(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}

// zipper compresses text on its way out.
type zipper struct {
	http.ResponseWriter
	gz      *gzip.Writer
	started bool
}

var gzips = sync.Pool{New: func() any { z, _ := gzip.NewWriterLevel(nil, 6); return z }}

func (z *zipper) WriteHeader(status int) {
	if !z.started {
		z.started = true
		h := z.Header()
		t := h.Get("Content-Type")
		text := strings.HasPrefix(t, "text/") || strings.Contains(t, "json") || strings.Contains(t, "svg") || strings.Contains(t, "xml;")
		if text && h.Get("Content-Encoding") == "" && status != http.StatusNoContent && status != http.StatusNotModified {
			h.Set("Content-Encoding", "gzip")
			h.Del("Content-Length")
			z.gz = gzips.Get().(*gzip.Writer)
			z.gz.Reset(z.ResponseWriter)
		}
	}
	z.ResponseWriter.WriteHeader(status)
}

func (z *zipper) Write(b []byte) (int, error) {
	if !z.started {
		if z.Header().Get("Content-Type") == "" {
			z.Header().Set("Content-Type", http.DetectContentType(b))
		}
		z.WriteHeader(http.StatusOK)
	}
	if z.gz != nil {
		return z.gz.Write(b)
	}
	return z.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (z *zipper) Unwrap() http.ResponseWriter { return z.ResponseWriter }

func (z *zipper) close() {
	if z.gz != nil {
		z.gz.Close()
		gzips.Put(z.gz)
	}
}
