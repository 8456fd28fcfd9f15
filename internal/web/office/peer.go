package office

import (
	"fmt"
	"net/http"

	"yinling/internal/peer"
	"yinling/internal/web/ui"
)

// peerPage is the administrator's page of other installations (对接).
type peerPage struct {
	ui.Page
	Peers []peerRow
	Stuck []stuckRow
	In    peer.New
	Edit  bool // a known peer is changed
}

type peerRow struct {
	peer.Peer
	Chip    ui.Chip
	Waiting int
}

type stuckRow struct{ Title, Say, Error, Job string }

type peerKeyPage struct {
	ui.Page
	Text, Address string
	Name          string
	There         string
}

var (
	peerTmpl    = ui.MustParse[peerPage](ui.Office, files, "peer/list.html")
	peerKeyTmpl = ui.MustParse[peerKeyPage](ui.Office, files, "peer/key.html")
)

func (s *Server) peerPage(r *http.Request) (*peerPage, error) {
	region := ui.Actor(r).Region
	p := &peerPage{Page: ui.Page{Title: "对接"}}
	peers, err := s.Peer.Peers(r.Context(), region)
	if err != nil {
		return nil, err
	}
	stuck, err := s.Desk.StuckList(r.Context(), region)
	if err != nil {
		return nil, err
	}
	names, waiting := map[string]string{}, map[string]int{}
	for _, x := range peers {
		names[x.There] = x.Name
	}
	for _, x := range stuck {
		waiting[x.There]++
		to := orSay(names[x.There], x.There)
		row := stuckRow{Title: x.Case + " 转给" + to, Error: x.Error, Say: fmt.Sprintf("送了 %d 次没有送到，会自动再送。", x.Tries)}
		if x.Back {
			row.Title = "答复送回" + to + "（那边的受理号 " + x.Case + "）"
		}
		if x.GivenUp {
			row.Say, row.Job = fmt.Sprintf("送了 %d 次没有送到，先停了；明早 8 点自动再送，也可以现在就送。", x.Tries), x.Job
		}
		p.Stuck = append(p.Stuck, row)
	}
	for _, x := range peers {
		row := peerRow{Peer: x, Chip: ui.Chip{Tone: "ok", Say: "通"}, Waiting: waiting[x.There]}
		switch {
		case x.Off:
			row.Chip = ui.Chip{Tone: "mute", Say: "停用了"}
		case x.Error != "":
			row.Chip = ui.Chip{Tone: "bad", Say: "不通"}
		case x.Sent == 0 && x.Heard == 0:
			row.Chip = ui.Chip{Tone: "wait", Say: "还没有往来"}
		}
		p.Peers = append(p.Peers, row)
		if r.FormValue("edit") == x.There {
			p.In, p.Edit = peer.New{There: x.There, Name: x.Name, Address: x.Address}, true
		}
	}
	return p, nil
}

func (s *Server) peers(w http.ResponseWriter, r *http.Request) error {
	p, err := s.peerPage(r)
	if err != nil {
		return err
	}
	return peerTmpl.Render(w, r, p)
}

// peerRegister adds an installation or changes it; a key that is made here is
// shown this once.
func (s *Server) peerRegister(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	in := peer.New{There: f.Raw("there"), Name: f.Raw("name"), Address: f.Raw("address"), Secret: f.Raw("secret")}
	made, err := "", f.Err()
	if err == nil {
		made, err = s.Peer.Register(r.Context(), who, in)
	}
	if err != nil {
		p, perr := s.peerPage(r)
		if perr != nil {
			return perr
		}
		p.In, p.In.Secret = in, ""
		return peerTmpl.Again(w, r, p, err)
	}
	if made == "" {
		return ui.Redirect(w, r, "/o/peer")
	}
	return peerKeyTmpl.Render(w, r, &peerKeyPage{Page: ui.Page{Title: "登记好了", Back: "/o/peer", Nav: "/o/peer"}, Text: made, Address: s.Base, Name: in.Name, There: who.Region})
}

// peerSwitch stops the exchange with an installation or takes it up again.
func (s *Server) peerSwitch(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	if err := s.Peer.Switch(r.Context(), who, r.PathValue("id"), f.Once(), f.Raw("do") == "off"); err != nil {
		return err
	}
	return ui.Redirect(w, r, "/o/peer")
}
