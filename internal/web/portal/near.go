package portal

import (
	"fmt"
	"net/http"
	"strings"

	"yinling/internal/door"
	"yinling/internal/web/ui"
)

// nearPage lists the windows and service points near by: open ones first.
type nearPage struct {
	ui.Page
	Points []nearPoint
	Say    string
}

type nearPoint struct {
	Name, Kind, Hours, Far, Address, Opens, Facilities, Does string
	Open                                                     bool
}

var nearTmpl = ui.MustParse[nearPage](ui.Portal, files, "near/near.html")

func (s *Server) near(w http.ResponseWriter, r *http.Request) error {
	v, err := s.view(r)
	if err != nil {
		return err
	}
	from := door.Stop{}
	if who := ui.Actor(r); who.Person != "" {
		if p, _, err := s.Person.Self(r.Context(), who.Region, subject(who)); err == nil {
			from = door.Stop{Lat: p.Lat, Lng: p.Lng}
		}
	}
	list, err := s.Door.Nearest(r.Context(), v.Region(), r.FormValue("matter"), from, ui.Now(r))
	if err != nil {
		return err
	}
	p := &nearPage{Page: ui.Page{Title: "附近窗口", Back: "/help"}, Say: "离您登记的住址从近到远，开着门的在前面。"}
	if from.Lat == 0 {
		p.Say = "开着门的在前面。登录以后按离您家的远近排。"
	}
	for _, n := range list {
		x := nearPoint{Name: n.Inst.Name, Kind: n.Kind.Name(), Hours: n.Hours, Open: n.IsOpen, Address: n.Inst.District + n.Inst.Address,
			Opens: weekdays(n.Weekdays) + " " + strings.NewReplacer(",", "、", "-", "到").Replace(n.Opens), Facilities: n.Facilities, Does: strings.Join(n.Matters, "、")}
		if n.Metres >= 0 {
			x.Far = fmt.Sprintf("离您家约 %d.%d 公里", n.Metres/1000, n.Metres%1000/100)
		}
		p.Points = append(p.Points, x)
	}
	return nearTmpl.Render(w, r, p)
}

func weekdays(s string) string {
	if s == "12345" {
		return "周一到周五"
	}
	if s == "1234567" {
		return "每天"
	}
	var out []string
	for _, c := range s {
		out = append(out, []string{"一", "二", "三", "四", "五", "六", "日"}[c-'1'])
	}
	return "周" + strings.Join(out, "、")
}
