package ui

import (
	"embed"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"yinling/internal/fault"
)

//go:embed page/*.html
var pageFiles embed.FS

type errorPage struct {
	Page
	Say    string
	Clause *fault.Clause
	Number string // for the help line to find it in the log
	Again  bool   // worth trying again
	Home   string
	Login  string // where who was away too long goes on
}

// Statuses maps the meaning of an error to the HTTP status, for pages and APIs alike.
var Statuses = map[fault.Kind]int{
	fault.Invalid: http.StatusUnprocessableEntity, fault.NotFound: http.StatusNotFound, fault.Forbidden: http.StatusForbidden,
	fault.Conflict: http.StatusConflict, fault.Refused: http.StatusConflict, fault.Busy: http.StatusServiceUnavailable,
	fault.Internal: http.StatusInternalServerError,
}

var errorTitles = map[fault.Kind]string{
	fault.Invalid: "有一处要改", fault.NotFound: "没有找到这一页", fault.Forbidden: "这一页现在不能看",
	fault.Conflict: "情况有变化，没有办成", fault.Refused: "这件事现在不能办", fault.Busy: "现在人多，请稍等",
	fault.Internal: "我们这边出了问题",
}

var errorTemplates map[*Face]*Template[errorPage]

func loadErrors() {
	errorTemplates = map[*Face]*Template[errorPage]{}
	for _, f := range []*Face{Portal, Office, Inst, Care} {
		errorTemplates[f] = MustParse[errorPage](f, pageFiles, "page/error.html")
	}
}

// fail shows an error. Only its sentence and clause leave the house; the rest
// goes to the log under a number.
func (rt *Router) fail(w http.ResponseWriter, r *http.Request, err error) {
	e := fault.As(err)
	number := ""
	if e.Kind == fault.Internal || e.Kind == fault.Busy {
		number = strings.ToUpper(hash8([]byte(random(9))))[:8]
		rt.kit.Log.Error("request failed", "number", number, "method", r.Method, "path", r.URL.Path, "err", err)
	}
	status := Statuses[e.Kind]
	if status == 0 {
		status = http.StatusInternalServerError
	}
	if wantsJSON(r) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		body := map[string]any{"kind": e.Kind, "say": e.Say}
		if e.Field != "" {
			body["field"] = e.Field
		}
		if e.Clause != nil {
			body["clause"] = e.Clause
		}
		json.NewEncoder(w).Encode(map[string]any{"error": body})
		return
	}
	p := &errorPage{Page: Page{Title: errorTitles[e.Kind]}, Say: e.Say, Clause: e.Clause, Number: number,
		Again: e.Kind == fault.Busy || e.Kind == fault.Internal, Home: rt.Face.Prefix}
	if from(r.Context()) != nil && e.Kind == fault.Forbidden && !Who(r).Signed() {
		back := rt.Face.Prefix
		if u, err := url.Parse(r.Referer()); err == nil && u.Host == r.Host {
			back = LocalPath(u.RequestURI(), back)
		}
		p.Title, p.Login = "您离开了一会儿", rt.Login+"?back="+url.QueryEscape(back)
	}
	if err := errorTemplates[rt.Face].RenderStatus(w, r, status, p); err != nil {
		rt.kit.Log.Error("error page failed", "err", err)
		http.Error(w, e.Say, status)
	}
}
