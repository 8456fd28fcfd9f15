package care

import (
	"net/http"

	"yinling/internal/web/ui"
)

type todayPage struct {
	ui.Page
}

var todayTmpl = ui.MustParse[todayPage](ui.Care, files, "home/today.html")

func (s *Server) today(w http.ResponseWriter, r *http.Request) error {
	return todayTmpl.Render(w, r, &todayPage{Page: ui.Page{Title: "今天"}})
}
