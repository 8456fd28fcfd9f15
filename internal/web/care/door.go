package care

import (
	"fmt"
	"net/http"
	"strconv"

	"yinling/internal/day"
	"yinling/internal/desk"
	"yinling/internal/door"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// toursPage is the helper's day (帮办员的今天): doors in the order of the way.
type toursPage struct {
	ui.Page
	On         day.Day
	Tours      []door.Tour
	Left, All  int
	Prev, Next day.Day
}

// doorPage is one door with the next step that fits.
type doorPage struct {
	ui.Page
	X      door.Seen
	Age    int
	Day    day.Day
	Result string
}

var (
	toursTmpl = ui.MustParse[toursPage](ui.Care, files, "door/tours.html")
	doorTmpl  = ui.MustParse[doorPage](ui.Care, files, "door/door.html")
)

func (s *Server) doors(w http.ResponseWriter, r *http.Request) error {
	who, on := ui.Actor(r), ui.Today(r)
	if r.FormValue("on") != "" {
		f := ui.ParseForm(r)
		if d := f.Day("on", "日期"); f.Err() == nil {
			on = d
		}
	}
	tours, err := s.Door.Day(r.Context(), who.Region, who.ID, on)
	if err != nil {
		return err
	}
	p := &toursPage{Page: ui.Page{Title: "上门办", Nav: "/v/door"}, On: on, Prev: on - 1, Next: on + 1}
	for _, t := range tours {
		for _, v := range t.Stops {
			if p.All++; v.Status == door.Planned {
				p.Left++
			}
		}
		p.Tours = append(p.Tours, t)
	}
	return toursTmpl.Render(w, r, p)
}

// Slot is the half day in Chinese.
func (p *toursPage) Slot(t door.Tour) string { return door.SlotName(t.Part) }

// Way is how long the tour is.
func (p *toursPage) Way(t door.Tour) string {
	return fmt.Sprintf("%d 家，约 %.1f 公里", len(t.Stops), float64(t.Metres)/1000)
}

// Chip is how far a visit is.
func (p *toursPage) Chip(v door.Visit) ui.Chip { return doorChip(v) }

// Chip is how far the visit is.
func (p *doorPage) Chip() ui.Chip { return doorChip(p.X.Visit) }

// Slot is the half day in Chinese.
func (p *doorPage) Slot() string { return door.SlotName(p.X.Part) }

// Open tells whether the visit still waits for its result.
func (p *doorPage) Open() bool { return p.X.Status == door.Planned }

func doorChip(v door.Visit) ui.Chip {
	switch {
	case v.Status == door.Done:
		return ui.Chip{Tone: "ok", Say: "办了"}
	case v.Status == door.Missed:
		return ui.Chip{Tone: "bad", Say: "没见到人"}
	case v.Status == door.Off:
		return ui.Chip{Tone: "mute", Say: "取消了"}
	case v.Arrived > 0:
		return ui.Chip{Tone: "wait", Say: "到了"}
	case v.SetOut > 0:
		return ui.Chip{Tone: "wait", Say: "在路上"}
	}
	return ui.Chip{Tone: "info", Say: "约好了"}
}

func (s *Server) doorPage(r *http.Request) (*doorPage, error) {
	who := ui.Actor(r)
	x, err := s.Door.See(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	p := &doorPage{Page: ui.Page{Title: "上门：" + x.Who.Name, Back: "/v/door", Nav: "/v/door"}, X: x, Age: x.Who.Age(ui.Today(r)), Day: ui.Today(r)}
	if x.On != p.Day {
		p.Back = "/v/door?on=" + x.On.String()
	}
	return p, nil
}

func (s *Server) door(w http.ResponseWriter, r *http.Request) error {
	p, err := s.doorPage(r)
	if err != nil {
		return err
	}
	return doorTmpl.Render(w, r, p)
}

// doorAct makes the handler of one step of a visit; a refusal shows the same
// page. An act is one line of the record: the page is looked at only then.
func (s *Server) doorAct(do func(r *http.Request, f *ui.Form, id string) error) ui.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, id := ui.ParseForm(r), r.PathValue("id")
		if err := do(r, f, id); err != nil {
			p, perr := s.doorPage(r)
			if perr != nil {
				return perr
			}
			p.Result = f.Raw("result")
			return doorTmpl.Again(w, r, p, err)
		}
		return ui.Redirect(w, r, "/v/door/"+id)
	}
}

func (s *Server) doorLeave(r *http.Request, f *ui.Form, id string) error {
	who := ui.Actor(r)
	_, err := s.Door.Leave(r.Context(), who, who.Region, id, f.Once())
	return err
}

func (s *Server) doorArrive(r *http.Request, f *ui.Form, id string) error {
	who := ui.Actor(r)
	_, err := s.Door.Arrive(r.Context(), who, who.Region, id, f.Once(), stop(f))
	return err
}

func (s *Server) doorFinish(r *http.Request, f *ui.Form, id string) error {
	who := ui.Actor(r)
	in := door.Proof{Place: stop(f), Result: f.Text("result", ""), Missed: f.Ticked("missed")}
	in.Files = s.save(f, r, "photo", false)
	if err := f.Err(); err != nil {
		return err
	}
	_, err := s.Door.Finish(r.Context(), who, who.Region, id, f.Once(), in)
	if fault.As(err) != nil && fault.As(err).Field == "file" {
		return fault.Field("photo", "%s", fault.As(err).Say)
	}
	return err
}

// stop is where the phone is, the zero Stop when it gave no place.
func stop(f *ui.Form) door.Stop {
	lat, err1 := strconv.ParseInt(f.Raw("lat"), 10, 64)
	lng, err2 := strconv.ParseInt(f.Raw("lng"), 10, 64)
	if err1 != nil || err2 != nil || lat < -90e6 || lat > 90e6 || lng < -180e6 || lng > 180e6 {
		return door.Stop{}
	}
	return door.Stop{Lat: lat, Lng: lng}
}

// Photo tells whether a file can be shown as a picture.
func (p *doorPage) Photo(d desk.Document) bool { return len(d.Mime) > 6 && d.Mime[:6] == "image/" }
