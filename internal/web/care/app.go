package care

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

//go:embed app
var appFiles embed.FS

type shellPage struct {
	ui.Page
	Bye bool
}

var shellTmpl = ui.MustParse[shellPage](ui.Care, files, "app/shell.html")

// shell is the page that the phone shows when there is no network: the same
// look and no person in it. What it draws comes from the phone's own store.
// With ?bye=1 it is the page after logout: script drops whom the phone knew.
func (s *Server) shell(w http.ResponseWriter, r *http.Request) error {
	p := &shellPage{Page: ui.Page{Title: "没有网络"}, Bye: r.FormValue("bye") != ""}
	if p.Bye {
		p.Title = "已经退出"
	}
	return shellTmpl.Render(w, r, p)
}

// worker is the service worker. It keeps the shell, its style, icons and
// scripts, and never a page about a person.
func (s *Server) worker(w http.ResponseWriter, r *http.Request) error {
	js, err := appFiles.ReadFile("app/sw.js")
	if err != nil {
		return err
	}
	keep := append([]string{"/v/app", "/v/manifest.webmanifest", "/static/leaf.svg"}, ui.Scripts(ui.Care)...)
	list, err := json.Marshal(keep)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, err = strings.NewReplacer("VERSION", ui.Version(ui.Care), "[]/*FILES*/", string(list)).WriteString(w, string(js))
	return err
}

func (s *Server) manifest(w http.ResponseWriter, r *http.Request) error {
	type icon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose"`
	}
	var icons []icon
	for _, n := range []int{192, 512} {
		for _, p := range []string{"any", "maskable"} {
			icons = append(icons, icon{fmt.Sprintf("/v/icon/%d.png", n), fmt.Sprintf("%dx%[1]d", n), "image/png", p})
		}
	}
	w.Header().Set("Content-Type", "application/manifest+json; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	return json.NewEncoder(w).Encode(map[string]any{"id": "/v/", "name": ui.Care.Brand, "short_name": ui.Care.Brand, "lang": "zh-CN",
		"description": "护理员和评估员上门用：看安排、打卡、记项目、签退，没有网络也能记。", "start_url": "/v/", "scope": "/v/", "display": "standalone",
		"orientation": "portrait", "background_color": "#FBF8F2", "theme_color": "#07352F", "icons": icons})
}

func (s *Server) appIcon(w http.ResponseWriter, r *http.Request) error {
	b, err := appFiles.ReadFile("app/" + r.PathValue("name"))
	if err != nil || !strings.HasSuffix(r.PathValue("name"), ".png") {
		return fault.New(fault.NotFound, "没有这个图标。")
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	_, err = w.Write(b)
	return err
}

func answer(w http.ResponseWriter, v any) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	return json.NewEncoder(w).Encode(v)
}

// hello tells the phone who is logged in and gives the token for an upload.
func (s *Server) hello(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	return answer(w, map[string]any{"who": who.ID, "name": who.Name, "token": ui.FormToken(r), "at": ui.Now(r).UnixMilli()})
}

// carry is what the phone takes along for the days without network.
func (s *Server) carry(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	bag, err := s.Care.Carry(r.Context(), who, who.Region, ui.Today(r))
	if err != nil {
		return err
	}
	return answer(w, map[string]any{"who": who.ID, "bag": bag, "at": ui.Now(r).UnixMilli(), "whys": whys, "far": farWhys})
}

// queuedFile takes a photo or a signature that waited in the phone. once is the
// phone's own key, so another upload of the same file gives the same document;
// sha256 is what the phone computed when it kept the file.
func (s *Server) queuedFile(w http.ResponseWriter, r *http.Request) error {
	f := ui.ParseForm(r)
	kind := f.Raw("kind")
	if kind != "signature" {
		kind = "photo"
	}
	stored := s.save(f, r, "file", true)
	if err := f.Err(); err != nil {
		return err
	}
	if want := f.Raw("sha256"); want != "" && want != stored[0].SHA256 {
		return fault.Field("file", "照片在路上没有传完整，手机里的还在，请再传一次。")
	}
	who := ui.Actor(r)
	ids, err := s.Care.KeepEvidence(r.Context(), who, who.Region, r.PathValue("id"), f.Once(), kind, stored[:1])
	if err != nil {
		return err
	}
	return answer(w, map[string]any{"id": ids[0], "sha256": stored[0].SHA256, "at": ui.Now(r).UnixMilli()})
}

// proof shows one piece of evidence.
func (s *Server) proof(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	doc, err := s.Care.Proof(r.Context(), who, who.Region, r.PathValue("id"), r.PathValue("doc"))
	if err != nil {
		return err
	}
	return s.serve(w, r, doc)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, doc desk.Document) error {
	f, err := s.Files.Open(doc)
	if err != nil {
		return err
	}
	defer f.Close()
	return ui.SendFile(w, r, doc.Mime, doc.At, f)
}
