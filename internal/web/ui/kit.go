package ui

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/speech"
)

// Kit is what all faces share. Who and Now must be set.
type Kit struct {
	Site   string // 银龄医保, the name of the site
	Agency string // 示范市医疗保障局, who runs it
	Phone  string // the help line; 12393 nationwide
	Dev    bool   // serve the gallery
	Secure bool   // cookies only over https
	Paper  Paper  // how documents get onto A4

	Who    func(r *http.Request) Visitor // who asks, from the session
	Now    func() time.Time              // the clock of the database
	Secret []byte                        // key of form tokens; random when empty
	Log    *slog.Logger                  // nil: the default logger
	Reader *speech.Reader                // reads pages aloud; nil: no voice is installed

	cross *http.CrossOriginProtection
	kept  keeper
}

// Visitor is who asks for a page; the zero Visitor has not logged in.
type Visitor struct {
	audit.Actor
	Session    string // the session's id, binds form tokens; never shown
	BehalfName string // the person for whom a proxy acts, for the band
	SeeOnly    bool   // that person lets the proxy look, not act
	Helped     bool   // a relative's code opened the session: it authorises nobody
}

// Signed tells whether the visitor has logged in.
func (v Visitor) Signed() bool { return v.ID != "" }

// Can tells whether the visitor may do c.
func (v Visitor) Can(c access.Can) bool { return access.RoleOf(v.Role).Allows(c) }

// RoleName is the role in Chinese.
func (v Visitor) RoleName() string { return access.RoleOf(v.Role).Name }

// Prepare fills what was left empty. Handler calls it.
func (k *Kit) Prepare() {
	if k.Site == "" {
		k.Site = "银龄医保"
	}
	if k.Phone == "" {
		k.Phone = "12393"
	}
	if len(k.Secret) == 0 {
		k.Secret = make([]byte, 32)
		rand.Read(k.Secret)
	}
	if k.Log == nil {
		k.Log = slog.Default()
	}
	if k.cross == nil {
		k.cross = http.NewCrossOriginProtection()
	}
}

// Handler joins the faces to one handler: it serves the styles, the switch of
// the elder mode, the gallery (Dev) and every router under its prefix.
func (k *Kit) Handler(routers ...*Router) http.Handler {
	k.Prepare()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /static/", serveStatic)
	for _, rt := range routers {
		mux.Handle(rt.Face.Prefix, rt)
		if rt.Face == Portal {
			rt.Handle("GET /elder", access.Public, switchElder)
			rt.handleListen()
			if k.Dev {
				rt.Handle("GET /ui", access.Public, gallery)
				rt.Handle("GET /ui/{face}", access.Public, gallery)
			}
		}
	}
	return mux
}

type frameKey struct{}

// frame is what one request needs besides its page.
type frame struct {
	kit     *Kit
	router  *Router
	r       *http.Request
	w       http.ResponseWriter
	visitor Visitor
	mode    string // "", elder, xl
	nonce   string
	once    string
	face    *Face // whose look the page has
	token   string
	counts  map[string]int
	counted bool
	alone   bool   // the page becomes a file
	status  int    // of the page being drawn
	kept    string // under which its words are kept to be heard
}

func from(ctx context.Context) *frame {
	f, _ := ctx.Value(frameKey{}).(*frame)
	return f
}

// Actor is who acts in r, for audit.Do.
func Actor(r *http.Request) audit.Actor { return Who(r).Actor }

// Who is the visitor of r.
func Who(r *http.Request) Visitor {
	if f := from(r.Context()); f != nil {
		return f.visitor
	}
	return Visitor{}
}

// Now is the instant on the clock of the program.
func Now(r *http.Request) time.Time { return from(r.Context()).kit.Now() }

// Today is the day in China.
func Today(r *http.Request) day.Day { return day.FromTime(Now(r)) }

// Elder tells whether r is in elder mode (长辈版).
func Elder(r *http.Request) bool {
	f := from(r.Context())
	return f != nil && f.mode != ""
}

const (
	modeCookie = "yl_mode"
	formCookie = "yl_form"
	cssCookie  = "yl_css_" // + face name
)

func (k *Kit) setCookie(w http.ResponseWriter, name, value string, age int) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: k.Secure, SameSite: http.SameSiteLaxMode})
}

const sessionCookie = "yl_session"

func (k *Kit) sessionName() string {
	if k.Secure {
		return "__Host-" + sessionCookie
	}
	return sessionCookie
}

// Session is the session cookie of r, "" for none.
func (k *Kit) Session(r *http.Request) string {
	c, err := r.Cookie(k.sessionName())
	if err != nil {
		return ""
	}
	return c.Value
}

// SetSession keeps a session in the browser until it closes; "" ends it.
func (k *Kit) SetSession(w http.ResponseWriter, value string) {
	age := 0
	if value == "" {
		age = -1
	}
	k.setCookie(w, k.sessionName(), value, age)
}

// switchElder changes the mode and comes back to the same address: GET /elder?on=0|1|xl&back=/…
func switchElder(w http.ResponseWriter, r *http.Request) error {
	k := from(r.Context()).kit
	mode := map[string]string{"1": "elder", "xl": "xl"}[r.FormValue("on")]
	age := 365 * 24 * 3600
	if mode == "" {
		mode, age = "normal", 365*24*3600
	}
	k.setCookie(w, modeCookie, mode, age)
	return Redirect(w, r, LocalPath(r.FormValue("back"), "/"))
}

// LocalPath gives back path when it is an address of this site, else instead.
func LocalPath(path, instead string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return instead
	}
	return path
}

// formToken is bound to the browser's form cookie, the visitor and the person
// acted for: a form opened for the mother is void once the proxy acts for
// somebody else, or may no longer act. It is masked anew in every page, so that
// compression gives nothing away.
func (f *frame) formToken() string {
	if f.token != "" {
		return f.token
	}
	c, err := f.r.Cookie(formCookie)
	id := ""
	if err == nil && len(c.Value) >= 22 {
		id = c.Value
	} else {
		id = random(16)
		f.kit.setCookie(f.w, formCookie, id, 0)
	}
	sum := f.kit.sumToken(id, f.visitor)
	mask := make([]byte, len(sum))
	rand.Read(mask)
	for i := range sum {
		sum[i] ^= mask[i]
	}
	f.token = base64.RawURLEncoding.EncodeToString(append(mask, sum...))
	return f.token
}

func (k *Kit) sumToken(cookie string, v Visitor) []byte {
	h := hmac.New(sha256.New, k.Secret)
	h.Write([]byte(cookie + "\x00" + v.ID + "\x00" + v.Session + "\x00" + v.Behalf))
	return h.Sum(nil)[:16]
}

func (f *frame) tokenHolds(token string) bool {
	c, err := f.r.Cookie(formCookie)
	b, err2 := base64.RawURLEncoding.DecodeString(token)
	if err != nil || err2 != nil || len(b) != 32 {
		return false
	}
	for i := range 16 {
		b[16+i] ^= b[i]
	}
	return subtle.ConstantTimeCompare(b[16:], f.kit.sumToken(c.Value, f.visitor)) == 1
}

func random(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

func hash8(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:5])
}
