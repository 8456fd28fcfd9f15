package office

import (
	"net/http"

	"yinling/internal/web/ui"
)

type homePage struct {
	ui.Page
}

var homeTmpl = ui.MustParse[homePage](ui.Office, files, "home/home.html")

func (s *Server) home(w http.ResponseWriter, r *http.Request) error {
	return homeTmpl.Render(w, r, &homePage{Page: ui.Page{Title: "工作台"}})
}
