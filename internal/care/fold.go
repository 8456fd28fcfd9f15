package care

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"yinling/internal/day"
	"yinling/internal/fault"
)

// Event is one thing that happened at a visit, as the device recorded it. The
// client id (a UUID made by the device) makes it count once.
type Event struct {
	ClientID  string     `json:"client_id"`
	Visit     string     `json:"visit"`
	Plan      string     `json:"plan,omitempty"` // for a visit that nobody had planned
	Kind      string     `json:"kind"`           // checkin items evidence checkout confirm trouble
	At        int64      `json:"at"`             // device clock, ms
	Place     *Fix       `json:"place,omitempty"`
	Items     []DoneItem `json:"items,omitempty"`
	Staff     string     `json:"staff,omitempty"` // who did it, when an institution's system reports for its workers
	Documents []string   `json:"documents,omitempty"`
	Method    string     `json:"method,omitempty"` // confirm: code, pin, sign
	Code      string     `json:"code,omitempty"`   // confirm: what the family said; checked and not kept
	Right     bool       `json:"right,omitempty"`  // confirm: the code was right; set by the server only
	Trouble   string     `json:"trouble,omitempty"`
	Note      string     `json:"note,omitempty"`
	Sent      int64      `json:"sent,omitempty"` // device clock at the upload, ms; tells how far that clock is off
	Skew      int64      `json:"skew,omitempty"` // ms that the device's clock is behind ours (negative: ahead); set by the server only

	received int64
	distance int64 // metres to the registered home, -1 unknown
}

// Troubles are the reasons for which a visit may fail, in words.
var Troubles = []struct{ ID, Say string }{
	{"not_home", "家里没人"}, {"declined", "老人或家属不接受"}, {"hospital", "老人住院了"},
	{"injury", "老人或我受伤了"}, {"unsafe", "现场不安全"}, {"other", "别的情况"},
}

// TroubleName is the reason in words.
func TroubleName(id string) string { return say(Troubles, id) }

// check refuses an event that could not be understood later; what it says may
// be surprising, but it must be a sentence.
func (e Event) check() error {
	switch {
	case len(e.ClientID) < 8 || len(e.ClientID) > 64:
		return fault.Field("client_id", "每条记录要有设备给的编号（8 到 64 个字符），重传时编号不变。")
	case e.Visit == "" || len(e.Visit) > 64 || strings.ContainsAny(e.Visit, "/?#% "):
		return fault.Field("visit", "请写是哪一次上门。")
	case e.At <= 0:
		return fault.Field("at", "请写发生的时刻（毫秒）。")
	case len(e.Note) > 2000:
		return fault.Field("note", "说明最多 2000 个字符。")
	}
	switch e.Kind {
	case "checkin", "evidence":
	case "items", "checkout":
		for _, i := range e.Items {
			if i.Item == "" || i.Minutes < 0 || i.Minutes > 24*60 {
				return fault.Field("items", "每个项目要有编码，分钟数在 0 到 1440 之间。")
			}
		}
	case "confirm":
		if e.Method != "code" && e.Method != "pin" && e.Method != "sign" {
			return fault.Field("method", "家属确认的方式是确认码、口令或签字。")
		}
	case "trouble":
		if TroubleName(e.Trouble) == e.Trouble {
			return fault.Field("trouble", "请选发生了什么情况。")
		}
	default:
		return fault.Field("kind", "不认识这种记录，只有到达、项目、留证、签退、确认、有情况六种。")
	}
	return nil
}

// codeTries is how often the family's code or password may be mistyped at one visit.
const codeTries = 5

var kindOrder = map[string]int{"checkin": 0, "items": 1, "evidence": 2, "trouble": 3, "checkout": 4, "confirm": 5}

// fold makes the visit from its plan and the set of its events. It depends on
// nothing else: not on the order of arrival, not on what the row said before.
func fold(v Visit, events []Event) Visit {
	events = slices.Clone(events)
	slices.SortFunc(events, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(kindOrder[a.Kind], kindOrder[b.Kind]), cmp.Compare(a.ClientID, b.ClientID))
	})
	wrong := 0
	for _, e := range events {
		if e.Kind == "confirm" && !e.Right {
			wrong++
		}
	}
	void := v.Status == Void
	cancelled := v.Status == Cancelled
	v.Status, v.Begin, v.End, v.Minutes = Planned, 0, 0, 0
	v.Place, v.Items, v.Evidence, v.Confirmed, v.Trouble, v.Note = Place{}, nil, nil, "", "", ""
	for _, e := range events {
		mark := &Mark{Distance: e.distance, Device: e.At, Received: e.received, Fix: Fix{Off: true, Why: "no_signal"}}
		if e.Place != nil {
			mark.Fix = *e.Place
		}
		// A wrong clock is one thing, a late upload another.
		v.Place.Late = max(v.Place.Late, (e.received-e.At-e.Skew)/60000)
		v.Place.Ahead = max(v.Place.Ahead, (e.At-e.received)/60000, -e.Skew/60000)
		v.Place.Behind = max(v.Place.Behind, e.Skew/60000)
		switch e.Kind {
		case "checkin":
			if v.Begin == 0 { // the first arrival counts
				v.Begin, v.Place.In = e.At, mark
				if e.Staff != "" {
					v.Staff = e.Staff // who came, whoever was rostered
				}
			}
		case "items":
			v.Items = e.Items
		case "checkout":
			v.End, v.Place.Out = e.At, mark // the last departure counts
			if e.Items != nil {
				v.Items = e.Items
			}
		case "confirm":
			// Guessing must not pay, whatever times a device claims; a signature always counts.
			if e.Right && (wrong < codeTries || e.Method == "sign") {
				v.Confirmed = e.Method
			}
		case "trouble":
			v.Trouble = e.Trouble
		}
		v.Evidence = append(v.Evidence, e.Documents...)
		if e.Note != "" {
			if v.Note != "" {
				v.Note += "；"
			}
			v.Note += e.Note
		}
	}
	slices.Sort(v.Evidence)
	v.Evidence = slices.Compact(v.Evidence)
	switch {
	case v.Begin > 0 && v.End >= v.Begin:
		v.Status, v.Minutes = Done, (v.End-v.Begin)/60000
	case v.Trouble != "":
		v.Status = Trouble
	case v.Begin > 0:
		v.Status = Started
	case cancelled:
		v.Status = Cancelled
	}
	if v.Begin > 0 {
		v.On = day.FromTime(time.UnixMilli(v.Begin)) // the day is the day on which it began
	}
	if void {
		v.Status = Void
	}
	return v
}
