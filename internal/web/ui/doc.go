// Package ui is the house that every face lives in: layouts, components,
// styles, rendering, routes, forms, errors. A face (portal, office, care, inst)
// imports it and nothing of another face.
//
// # Add a page
//
// 1. A route, in the one file of the face that lists them all (office.go):
//
//	rt.Handle("GET /o/desk/{id}", access.DeskSee, s.deskCase)
//	rt.Handle("POST /o/desk/{id}/accept", access.AssessAccept, s.deskAccept)
//
// 2. A page struct and its template, in web/office/desk.go and
// web/office/desk/case.html (the folder is embedded by office.go). Templates are
// parsed and tried when the program starts; a broken one stops it.
//
//	type casePage struct {
//		ui.Page
//		Case  desk.Case
//		Facts ui.Summary
//		Form  acceptForm
//	}
//
//	var caseTmpl = ui.MustParse[casePage](ui.Office, files, "desk/case.html")
//
//	func (s *Server) deskCase(w http.ResponseWriter, r *http.Request) error {
//		c, err := s.Desk.Get(…)
//		if err != nil {
//			return err // a fault becomes the error page with its status
//		}
//		return caseTmpl.Render(w, r, &casePage{Page: ui.Page{Title: c.Name, Back: "/o/desk"}, Case: c})
//	}
//
// 3. An act: parse, call the domain, redirect; a refusal shows the same page
// with the same values, the sentence on top and beside its field (status 422 or
// 409, title prefixed 有错误：).
//
//	func (s *Server) deskAccept(w http.ResponseWriter, r *http.Request) error {
//		f := ui.ParseForm(r)
//		in := acceptForm{Note: f.Text("note", "意见"), On: f.Day("on", "受理日期")}
//		err := f.Err()
//		if err == nil {
//			err = s.Assess.Accept(r.Context(), ui.Actor(r), r.PathValue("id"), f.Once(), in)
//		}
//		if err != nil {
//			return caseTmpl.Again(w, r, s.casePage(r, in), err)
//		}
//		return ui.Redirect(w, r, "/o/desk/"+r.PathValue("id"))
//	}
//
// The template:
//
//	{{define "main"}}
//	<h1>{{.Case.Name}}</h1>
//	{{show .Facts}}
//	<form method="post" action="/o/desk/{{.Case.ID}}/accept" novalidate>{{.Tokens}}
//	  {{text . "note" "意见" .Form.Note "hint=写给申请人看，说清楚谁做什么"}}
//	  {{date . "on" "受理日期" .Form.On}}
//	  {{pick . "why" "原因" .Form.Why .Reasons}}
//	  <button class="btn">受理</button>
//	</form>
//	{{end}}
//
// Every form that changes something has {{.Tokens}} (form token and the
// idempotency key; inside range or with: {{$.Tokens}}); files need
// enctype="multipart/form-data". [Form.Once] is the idempotency key for
// audit.Act.Key. There is no style attribute and no inline script: the content
// policy refuses them.
//
// # What a page has
//
// Fields of Page: Title, Back (上一页), Nav (which menu entry is current; by
// default the longest matching path). Methods: Elder, XL, Visitor, Today, Path, Tokens, Err "field".
//
// # What a template can call
//
//	{{icon "care"}}                              an icon of the sprite (icons.svg)
//	{{chip "ok" "已受理"}}                        ok wait hot bad info mute
//	{{show .X}}                                  any component value, see the types Summary,
//	                                             Timeline, Table, Tabs, Pager, KPIs, Steps, Done,
//	                                             Undo, Panel, Checks, SLA, Explain, Empty, Line,
//	                                             Funnel, Bars, TileMap, Tiles, Rows, Filter, QR
//	{{text . "name" "标签" .Value "hint=…"}}      also area date number phone money file choose
//	{{pick . "name" "问题" .Value .Options}}      radio cards; checks for several answers
//	{{day .D}} {{short .D}} {{month .M}} {{yuan .Fen}} {{percent .PPM}} {{qty .Micro}}
//	{{instant .Millis}} {{clock .Millis}}        11月26日 09:02, 09:02
//	{{sheet "hall"}}                             styles that few pages need (/* only: hall */)
//	{{clauses .Explanation}}                     the explanation of a decision, with clauses
//
// Options of fields are strings "key=value": hint, type, inputmode,
// autocomplete, suffix, placeholder, rows, accept, capture, max, wide.
//
// Layout classes that pages may use freely: card, panel, grid2, stack, acts,
// btn (btn--line btn--gold btn--ghost btn--stop btn--wide), tbl (with data-l on
// cells: becomes cards on phones), alone (a link that stands by itself), split + peek (list with preview), kv, say,
// mute, num, nb, vh, hero, question, notice.
//
// The gallery at /ui (development flag) shows every component in every face.
package ui
