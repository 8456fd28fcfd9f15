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
		x := nearPoint{Name: n.Name, Kind: n.KindName(), Hours: n.When, Open: n.IsOpen, Address: n.District + n.Address, Opens: n.Hours(), Facilities: n.Facilities, Does: strings.Join(n.Matters, "、")}
		if n.Metres >= 0 {
			x.Far = fmt.Sprintf("离您家约 %d.%d 公里", n.Metres/1000, n.Metres%1000/100)
		}
		p.Points = append(p.Points, x)
	}
	return nearTmpl.Render(w, r, p)
}
