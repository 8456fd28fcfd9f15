package ui

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
	"time"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/fault"
)

type formPage struct {
	Page
	Name string
	Who  string
	Opts []Option
}

var testFiles = fstest.MapFS{
	"x/form.html": {Data: []byte(`{{define "main"}}<h1>改名</h1><form method="post" action="/x" novalidate>{{.Tokens}}{{text . "name" "名字" .Name "hint=写全名"}}{{pick . "who" "给谁" .Who .Opts}}<button class="btn">改名</button></form>{{end}}`)},
}

var formTmpl *Template[formPage]

func init() { formTmpl = MustParse[formPage](Portal, testFiles, "x/form.html") }

// house is a portal with a form at /x whose outcome the test chooses.
func house(t *testing.T, who Visitor, act func(f *Form, r *http.Request) error) *httptest.Server {
	t.Helper()
	k := &Kit{Agency: "示范市医疗保障局", Dev: true, Now: func() time.Time { return time.UnixMilli(1717376400000) }, Who: func(*http.Request) Visitor { return who }}
	rt := NewRouter(k, Portal)
	opts := []Option{{Value: "self", Label: "自己"}, {Value: "family", Label: "家人"}}
	page := func(f *Form) *formPage {
		p := &formPage{Page: Page{Title: "改名"}, Opts: opts}
		if f != nil {
			p.Name, p.Who = f.Raw("name"), f.Raw("who")
		}
		return p
	}
	rt.Handle("GET /{$}", access.Public, func(w http.ResponseWriter, r *http.Request) error {
		return formTmpl.Render(w, r, page(nil))
	})
	rt.Handle("GET /x", access.Citizen, func(w http.ResponseWriter, r *http.Request) error {
		return formTmpl.Render(w, r, page(nil))
	})
	rt.Handle("POST /x", access.Citizen, func(w http.ResponseWriter, r *http.Request) error {
		f := ParseForm(r)
		if err := act(f, r); err != nil {
			return formTmpl.Again(w, r, page(f), err)
		}
		return Redirect(w, r, "/")
	})
	rt.Handle("GET /boom", access.Public, func(http.ResponseWriter, *http.Request) error { panic("secret text") })
	rt.Handle("GET /no", access.Public, func(http.ResponseWriter, *http.Request) error {
		return fault.Refuse(&fault.Clause{Doc: "示范办法", Article: "第八条", Grade: "B"}, "参保还不满两年，现在不能申请。")
	})
	s := httptest.NewServer(k.Handler(rt))
	t.Cleanup(s.Close)
	return s
}

var citizen = Visitor{Actor: audit.Actor{ID: "a1", Name: "王桂兰", Role: "citizen"}, Session: "s1"}

func read(t *testing.T, res *http.Response) string {
	t.Helper()
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestHouse(t *testing.T) {
	s := house(t, citizen, func(f *Form, r *http.Request) error { return fault.Field("name", "请填名字") })
	res, err := http.Get(s.URL + "/x")
	if err != nil {
		t.Fatal(err)
	}
	t.Log(res.Status, read(t, res))
}

func TestExamples(t *testing.T) {
	for _, f := range []string{"portal", "office", "care"} {
		list, err := examples(f)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) < 25 {
			t.Errorf("%s shows only %d examples", f, len(list))
		}
	}
}
