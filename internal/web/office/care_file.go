package office

import (
	"net/http"

	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/desk"
	"yinling/internal/web/ui"
)

// proofsTable lists the evidence of a visit; opening one is on record.
func proofsTable(x care.Sight) ui.Table {
	t := ui.Table{Title: "留证", Caption: "留证", Head: []string{"是什么", "文件", "大小", "收到"}, Empty: "没有留证。"}
	for _, d := range x.Evidence {
		kind := "服务照片"
		switch d.Kind {
		case "confirm", "signature":
			kind = "家属签字"
		case "answer":
			kind = "机构说明的照片"
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []any{kind, ui.Two{First: d.Name, Href: "/o/care/visit/" + x.ID + "/file/" + d.ID}, desk.SizeText(d.Size), ui.Instant(d.At.UnixMilli())}})
	}
	return t
}

// careFile shows one piece of evidence of a visit to who decides doubts.
func (s *Server) careFile(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	doc, err := s.Care.Proof(r.Context(), who, who.Region, r.PathValue("id"), r.PathValue("doc"))
	if err != nil {
		return err
	}
	if err := audit.Seen(r.Context(), s.Log, who, who.Region, "care.proof", r.PathValue("id")); err != nil {
		return err
	}
	f, err := s.Desk.Files.Open(doc)
	if err != nil {
		return err
	}
	defer f.Close()
	return ui.SendFile(w, r, doc.Mime, doc.At, f)
}
