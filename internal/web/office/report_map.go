package office

import (
	"fmt"
	"net/http"

	"yinling/internal/report"
	"yinling/internal/web/ui"
)

// perThousand writes hundredths: 1.25.
func perThousand(n int64) string { return fmt.Sprintf("%d.%02d", n/100, n%100) }

func districtName(s string) string {
	if s == "" {
		return "地区不详"
	}
	return s
}

// reportMap is 地图: how far the insurance reaches in each district, as tiles.
func (s *Server) reportMap(w http.ResponseWriter, r *http.Request) error {
	p, m, err := s.boardPage(r, "各地区覆盖", "/o/report/map")
	if err != nil {
		return err
	}
	on := min(m.Last(), ui.Today(r))
	places, err := s.Report.Places(r.Context(), ui.Actor(r).Region, on)
	if err != nil {
		return err
	}
	var all report.Place
	reach := ui.TileMap{Title: "每千名参保人里享受待遇的", Unit: "人，" + on.Chinese() + "，示意格子", Hundredths: true}
	points := ui.TileMap{Title: "便民服务站点", Unit: "个，" + on.Chinese() + "有服务协议的"}
	wait := ui.TileMap{Title: "从申请到出结论平均几天", Unit: "近 12 个月出的结论，日历天数"}
	served := ui.TileMap{Title: "提供护理的定点机构", Unit: "家，" + on.Chinese() + "有服务协议的"}
	var none, far []string
	p.Table = ui.Table{Title: "各地区", Caption: "各地区覆盖", Head: []string{"地区", "参保人", "享受待遇", "每千人", "护理机构", "服务站点", "出结论", "平均几天"}, Empty: "名册还没有导入。"}
	for _, x := range places {
		name := districtName(x.District)
		all.People, all.Benefits, all.Institutions, all.Points = all.People+x.People, all.Benefits+x.Benefits, all.Institutions+x.Institutions, all.Points+x.Points
		all.Concluded, all.Days = all.Concluded+x.Concluded, all.Days+x.Days
		days := any("—")
		if x.People > 0 {
			reach.Tiles = append(reach.Tiles, ui.MapTile{Name: name, N: x.PerThousand(), Text: perThousand(x.PerThousand())})
			served.Tiles = append(served.Tiles, ui.MapTile{Name: name, N: x.Institutions, Href: "/o/institution?district=" + x.District})
			points.Tiles = append(points.Tiles, ui.MapTile{Name: name, N: x.Points})
			if x.Points == 0 && x.District != "" {
				far = append(far, name)
			}
			if x.Institutions == 0 && x.District != "" {
				none = append(none, name)
			}
		}
		if x.Concluded > 0 {
			days = x.Days / x.Concluded
			wait.Tiles = append(wait.Tiles, ui.MapTile{Name: name, N: x.Days / x.Concluded})
		}
		p.Table.Rows = append(p.Table.Rows, ui.Row{Cells: []any{name, x.People, x.Benefits, perThousand(x.PerThousand()), x.Institutions, x.Points, x.Concluded, days}})
	}
	reach.Say = "名册还没有导入。"
	if n := len(reach.Tiles); n > 0 {
		reach.Say = fmt.Sprintf("全市每千人 %s 人；最多的是%s，%s 人；最少的是%s，%s 人。", perThousand(all.PerThousand()), reach.Tiles[0].Name, reach.Tiles[0].Text, reach.Tiles[n-1].Name, reach.Tiles[n-1].Text)
	}
	wait.Say = "这段时间没有出结论。"
	if len(wait.Tiles) > 0 {
		slow := wait.Tiles[0]
		for _, t := range wait.Tiles {
			if t.N > slow.N {
				slow = t
			}
		}
		wait.Say = fmt.Sprintf("全市平均 %d 天；最慢的是%s，%d 天。", all.Days/all.Concluded, slow.Name, slow.N)
	}
	served.Say = "每个地区都有提供护理的机构。"
	if len(none) > 0 {
		served.Say = fmt.Sprintf("%d 个地区还没有：%s。", len(none), joinSome(none))
	}
	points.Say = "每个地区都有服务站点。"
	if len(far) > 0 {
		points.Say = fmt.Sprintf("%d 个地区还没有：%s。", len(far), joinSome(far))
	}
	average := ui.KPI{Label: "出结论平均", Value: "—"}
	if all.Concluded > 0 {
		average.Value, average.Unit = fmt.Sprint(all.Days/all.Concluded), "天"
	}
	p.KPIs.Items = []ui.KPI{{Label: "参保人", Note: "名册半小时数一次", Value: fmt.Sprint(all.People), Unit: "人"}, {Label: "每千人享受待遇", Value: perThousand(all.PerThousand()), Unit: "人"},
		{Label: "护理机构和站点", Value: fmt.Sprintf("%d + %d", all.Institutions, all.Points), Unit: "家"}, average}
	p.Wide, p.Beside = []any{reach, served}, []any{wait, points}
	return boardTmpl.Render(w, r, p)
}

// joinSome names the first few and says how many more there are.
func joinSome(names []string) string {
	const most = 6
	out := ""
	for i, n := range names {
		if i == most {
			return out + fmt.Sprintf("等 %d 个", len(names))
		}
		if i > 0 {
			out += "、"
		}
		out += n
	}
	return out
}
