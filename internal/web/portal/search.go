package portal

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"yinling/internal/fault"
	"yinling/internal/search"
	"yinling/internal/web/ui"
)

// searchBox is where people write or say what they look for, on the first page
// and on the page of answers.
type searchBox struct {
	Q     string
	Hear  string // where a recording goes; "" when the server hears nothing
	Token string // form token of that request
	Elder bool
}

const atHear = "/search/hear"

func (s *Server) searchBox(r *http.Request, q string) searchBox {
	b := searchBox{Q: q, Elder: ui.Elder(r)}
	if s.Hear != nil {
		b.Hear, b.Token = atHear, ui.FormToken(r)
	}
	return b
}

type searchPage struct {
	ui.Page
	Box    searchBox
	Hits   []search.Hit
	Values []policyItem
	All    ui.Rows // every service, when nothing fits
}

var searchTmpl = ui.MustParse[searchPage](ui.Portal, files, "search/search.html", "search/box.html")

// most is how many services an answer names.
const most = 3

// search finds services by what somebody wrote or said, and values of the policy
// by their words (语音搜索, 搜索).
func (s *Server) search(w http.ResponseWriter, r *http.Request) error {
	q := strings.Join(strings.Fields(strings.ToValidUTF8(r.FormValue("q"), "")), " ")
	if rs := []rune(q); len(rs) > search.MaxQuery {
		q = string(rs[:search.MaxQuery])
	}
	p := &searchPage{Page: ui.Page{Title: "找服务", Back: "/"}, Box: s.searchBox(r, q)}
	if q != "" {
		p.Title = "找：" + q
		p.Hits = search.Find(q, most)
	}
	if v, err := s.Packs.At(s.region(r), ui.Today(r)); err == nil && q != "" {
		for _, x := range v.Show() {
			if len(p.Values) < 5 && short(x) && (strings.Contains(x.Label, q) || strings.Contains(x.Say, q)) {
				p.Values = append(p.Values, policyItem{Key: x.Key, Label: x.Label, Say: unmarked(x.Say)})
			}
		}
	}
	if len(p.Hits) == 0 && len(p.Values) == 0 {
		for _, x := range search.Services {
			p.All.Items = append(p.All.Items, ui.Link{Href: x.Href, Label: x.Title, Icon: x.Icon})
		}
	}
	return searchTmpl.Render(w, r, p)
}

// Found is the sentence that says what was found.
func (p *searchPage) Found() string {
	switch {
	case p.Box.Q == "":
		return "写几个字，说说您要办什么。"
	case len(p.Hits) > 0:
		return fmt.Sprintf("找到 %d 个，最像的在前面。", len(p.Hits))
	case len(p.Values) > 0:
		return fmt.Sprintf("找到 %d 条规定。", len(p.Values))
	}
	return "没有找到。换个说法再试试，或者打 " + p.Kit().Phone + "，告诉接线员您要办什么。"
}

// maxClip is a minute and a half of compressed speech.
const maxClip = 1 << 20

// hear turns a recording into words, for the search field. The recording is
// not kept.
func (s *Server) hear(w http.ResponseWriter, r *http.Request) error {
	if s.Hear == nil {
		return fault.New(fault.NotFound, "这里还听不懂说话。请写几个字来找。")
	}
	kind := r.Header.Get("Content-Type")
	if !strings.HasPrefix(kind, "audio/") {
		return fault.New(fault.Invalid, "传来的不是录音。请再说一次，或者写几个字。")
	}
	clip, err := io.ReadAll(r.Body)
	if err != nil {
		return fault.New(fault.Invalid, "录音太长，或者没有传完。请说短一点，再试一次。")
	}
	if len(clip) == 0 {
		return fault.New(fault.Invalid, "没有录到声音。请再说一次。")
	}
	text, err := s.Hear.Hear(r.Context(), kind, clip)
	if err != nil {
		s.Kit.Log.Error("recogniser", "err", err)
		return fault.New(fault.Busy, "这会儿听不了。请写几个字来找。")
	}
	if rs := []rune(text); len(rs) > search.MaxQuery {
		text = string(rs[:search.MaxQuery])
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	return json.NewEncoder(w).Encode(map[string]string{"text": strings.TrimRight(text, "。，！？ ")})
}
