package care

import (
	"encoding/json"
	"net/http"

	"yinling/internal/assess"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// assessCarry is what an assessor's phone takes along.
func (s *Server) assessCarry(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	tasks, items, err := s.Assess.Carry(r.Context(), who)
	if err != nil {
		return err
	}
	return answer(w, map[string]any{"who": who.ID, "tasks": tasks, "items": items, "at": ui.Now(r).UnixMilli()})
}

// assessSync takes scores that were recorded without network: {"events":[…]}.
func (s *Server) assessSync(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Events []assess.Offline `json:"events"`
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return fault.New(fault.Invalid, "传来的记录读不懂，手机里的记录还在。请更新页面后再传。")
	}
	out, err := s.Assess.Sync(r.Context(), ui.Actor(r), in.Events)
	if err != nil {
		return err
	}
	return answer(w, map[string]any{"results": out, "at": ui.Now(r).UnixMilli()})
}

// assessSnap takes a photo of the visit that waited in the phone; once is the
// phone's own key, so another upload of the same file gives the same document.
func (s *Server) assessSnap(w http.ResponseWriter, r *http.Request) error {
	f := ui.ParseForm(r)
	stored := s.save(f, r, "file", true)
	if err := f.Err(); err != nil {
		return err
	}
	if want := f.Raw("sha256"); want != "" && want != stored[0].SHA256 {
		return fault.Field("file", "照片在路上没有传完整，手机里的还在，请再传一次。")
	}
	doc, err := s.Assess.AddDocument(r.Context(), ui.Actor(r), s.assessCmd(r, f), "photo", stored[0])
	if err != nil {
		return err
	}
	return answer(w, map[string]any{"id": doc.ID, "sha256": stored[0].SHA256, "at": ui.Now(r).UnixMilli()})
}

// assessVideo says how the recording of the visit is made (现场录像说明).
func (s *Server) assessVideo(w http.ResponseWriter, r *http.Request) error {
	p, err := s.assessPage(r)
	if err != nil {
		return err
	}
	p.Title, p.Back = "现场录像怎么拍", "/v/assess/"+p.D.App.ID
	return videoTmpl.Render(w, r, p)
}

// pictures are drawn beside the options of an item: from doing it alone to being
// wholly cared for; of thinking and senses, from clear to lost.
func pictures(id string, rank, of int) string {
	set := []string{"carried", "helped", "alone"}
	if len(id) > 4 && id[:4] != "adl." {
		set = []string{"lost", "hazy", "clear"}
	}
	switch rank {
	case 0:
		return set[0]
	case of - 1:
		return set[2]
	}
	return set[1]
}
