package desk

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/person"
)

// Origin is where a case was taken that came from elsewhere (通办): the region,
// its number there, and what the place is called here ("" for its code).
type Origin struct {
	Region string `json:"region"`
	Case   string `json:"case"`
	Name   string `json:"-"`
}

func (o Origin) who(there string) audit.Actor {
	name := o.Name
	if name == "" {
		name = o.Region
	}
	// The case is part of the id so that its files wait in a draft of their own.
	return audit.Actor{ID: "handover-" + o.Region + "/" + o.Case, Name: "通办（" + name + "）", Role: "clerk", Region: there}
}

// Parcel is a case on its way to the region of its fund.
type Parcel struct {
	Origin  Origin            `json:"origin"`
	Matter  string            `json:"matter"`
	IDNo    string            `json:"idno"`
	Name    string            `json:"name"`
	Answers map[string]string `json:"answers"`
}

// Arrival is the receipt of a parcel: the number there, or why the fund does not
// take it.
type Arrival struct {
	Number  string  `json:"number"`
	Due     day.Day `json:"due"`
	Refused string  `json:"refused"`
}

// Carrier brings things to another region. Each is done once however often it is
// sent; an error means that it is not known to have arrived.
type Carrier interface {
	File(ctx context.Context, o Origin, matter string, d Document, r io.Reader) error
	Case(ctx context.Context, p Parcel) (Arrival, error)
	Back(ctx context.Context, x HandedBack) error
}

// Place is a region that cases can be handed over to.
type Place struct{ Region, Name string }

// Peers are the other installations; app sets it. Carrier is nil for a region
// that has none, which is then looked for here.
type Peers interface {
	Places(ctx context.Context, region string) ([]Place, error)
	Carrier(ctx context.Context, region, there string) (Carrier, error)
}

// carrier finds the way to a region: its own installation, or this one.
func (s *Service) carrier(ctx context.Context, here, there string) (Carrier, error) {
	if s.Peers != nil {
		if c, err := s.Peers.Carrier(ctx, here, there); c != nil || err != nil {
			return c, err
		}
	}
	return inside{s, here, there}, nil
}

// inside carries between two regions of this installation.
type inside struct {
	s           *Service
	here, there string
}

func (c inside) File(ctx context.Context, o Origin, matter string, d Document, r io.Reader) error {
	return c.s.ArriveFile(ctx, c.there, o, matter, d, r)
}

func (c inside) Case(ctx context.Context, p Parcel) (Arrival, error) {
	return c.s.Arrive(ctx, c.there, p)
}

func (c inside) Back(ctx context.Context, x HandedBack) error { return c.s.TakeBack(ctx, c.here, x) }

// Places are the regions that cases can be handed over to from a region: those of
// other installations, and those of this one that insure somebody.
func (s *Service) Places(ctx context.Context, region string) (out []Place, err error) {
	seen := map[string]bool{region: true}
	if s.Peers != nil {
		if out, err = s.Peers.Places(ctx, region); err != nil {
			return nil, err
		}
	}
	for _, p := range out {
		seen[p.Region] = true
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		for _, x := range s.Packs.Packs {
			if seen[x.Region] || strings.HasSuffix(x.Region, "0000") {
				continue
			}
			v, err := s.Packs.At(x.Region, tx.Today())
			if err != nil {
				continue // its pack does not hold today
			}
			any, err := person.Any(tx, x.Region)
			if err != nil {
				return err
			}
			if any {
				out = append(out, Place{x.Region, v.Name()})
			}
		}
		return nil
	})
	return out, err
}

func (s *Service) place(ctx context.Context, here, there string) (Place, error) {
	if here == there {
		return Place{}, fault.Field("there", "本地参保的请用「窗口收件」")
	}
	all, err := s.Places(ctx, here)
	for _, p := range all {
		if p.Region == there {
			return p, nil
		}
	}
	if err == nil {
		err = fault.Field("there", "还没有和这个地区接通，替他收了也转不过去。请让老人打当地的 12393，或选别的地区。")
	}
	return Place{}, err
}

// MatterThere is a matter as the region there has it; where its pack is not here,
// as this region has it: matters of the country are the same everywhere.
func (s *Service) MatterThere(today day.Day, here, there, id string) (Matter, error) {
	ms, err := s.MattersThere(today, here, there)
	for _, m := range ms {
		if m.ID == id {
			return m, nil
		}
	}
	if err == nil {
		err = fault.Field("matter", "参保地没有这个事项，请选别的")
	}
	return Matter{}, err
}

// MattersThere are all matters as the region there has them.
func (s *Service) MattersThere(today day.Day, here, there string) ([]Matter, error) {
	v, err := s.Packs.At(there, today)
	if err != nil {
		v, err = s.Packs.At(here, today)
	}
	if err != nil {
		return nil, err
	}
	return Matters(v), nil
}

// mostFiles is how many files may wait for one case that is on its way.
const mostFiles = 40

// arrived finds the number that a case from elsewhere has here, "" for none.
func arrived(tx *db.Tx, there string, o Origin) (string, error) {
	id, err := db.One(tx, db.Value[string], selectArrived, there, o.Region, o.Case)
	if errors.Is(err, db.ErrNone) {
		return "", nil
	}
	return id, err
}

// ArriveFile keeps a file of a case that is about to arrive in a region. Refused:
// it is not the file that was sent.
func (s *Service) ArriveFile(ctx context.Context, there string, o Origin, matter string, d Document, r io.Reader) error {
	who := o.who(there)
	draft := draftOf(who, matter)
	known := func(tx *db.Tx) (bool, error) {
		id, err := arrived(tx, there, o)
		if err != nil || id != "" {
			return id != "", err
		}
		docs, err := Documents(tx, there, draft)
		if err == nil && len(docs) >= mostFiles {
			err = fault.New(fault.Refused, "一件最多转 %d 份材料。", mostFiles)
		}
		for _, x := range docs {
			if x.SM3 == d.SM3 && x.Kind == d.Kind {
				return true, nil
			}
		}
		return false, err
	}
	var have bool
	err := s.Log.DB.Read(ctx, func(tx *db.Tx) (err error) { have, err = known(tx); return err })
	if have || err != nil {
		return err
	}
	f, err := s.Files.Save(there, d.Name, r, s.Log.DB.Now())
	if err != nil {
		return err
	}
	// What is refused does not stay on the disk, whoever sends it how often.
	if f.SM3 != d.SM3 {
		if err := s.Files.Drop(there, f); err != nil {
			return err
		}
	}
	have = false
	err = audit.Run(ctx, s.Log, who, audit.Act{Region: there, Verb: "desk.away_file", Object: o.Case, Detail: map[string]string{"from": o.Region, "sm3": f.SM3}}, func(tx *db.Tx) error {
		if f.SM3 != d.SM3 {
			return fault.New(fault.Refused, "材料在路上变了，和发出时的摘要不一样，没有收。")
		}
		if have, err = known(tx); have || err != nil {
			return err
		}
		_, err := Attach(tx, there, draft, d.Kind, f, who)
		return err
	})
	if err == nil && have { // the same file came twice at once
		err = s.Files.Drop(there, f)
	}
	return err
}

// Arrive opens a case that was taken elsewhere, with the files that came before
// it; the same case again is answered with the number that it has. What the rules
// here refuse is an answer, too: the place that took it tells the person.
func (s *Service) Arrive(ctx context.Context, there string, p Parcel) (Arrival, error) {
	have := func() (a Arrival, err error) {
		err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
			if a.Number, err = arrived(tx, there, p.Origin); err != nil || a.Number == "" {
				return err
			}
			c, err := getCase(tx, there, a.Number)
			a.Due = c.Due
			return err
		})
		return a, err
	}
	if a, err := have(); a.Number != "" || err != nil {
		return a, err
	}
	r, err := s.ApplyFor(ctx, p.Origin.who(there), p.IDNo, p.Name, ApplyInput{Region: there, Key: "handover/" + p.Origin.Region + "/" + p.Origin.Case,
		Matter: p.Matter, Channel: Window, Answers: p.Answers, Draft: true, Origin: p.Origin})
	if err == nil {
		return Arrival{Number: r.Number, Due: r.Due}, nil
	}
	switch f := fault.As(err); f.Kind {
	case fault.Internal, fault.Busy:
		return Arrival{}, err // try again
	case fault.Conflict:
		if a, err := have(); a.Number != "" || err != nil { // opened by a sending that ran at the same time
			return a, err
		}
		return Arrival{Refused: f.Say}, nil
	default:
		return Arrival{Refused: f.Say}, nil
	}
}

// TakeBack closes a case here with the result from the region that it was handed
// over to; the same result again changes nothing. NotFound: no case of this
// number was handed over to that region.
func (s *Service) TakeBack(ctx context.Context, from string, x HandedBack) error {
	return audit.Run(ctx, s.Log, audit.System(x.Here), audit.Act{Region: x.Here, Verb: "desk.back", Object: x.Case, Detail: map[string]string{"from": from}}, func(tx *db.Tx) error {
		a, err := s.getApplication(tx, x.Here, x.Case)
		if err != nil {
			return err
		}
		c, err := getCase(tx, x.Here, x.Case)
		if err != nil {
			return err
		}
		if c.Matter != HandoverWord || a.OtherRegion != from {
			return errNoCase(x.Case)
		}
		if a.Step == "" {
			return nil
		}
		if !x.Status.Closed() {
			return s.askedThere(tx, x, a)
		}
		a.Step, a.Result, a.Since = "", x.Result, day.Day(0)
		if a.Other == "" {
			a.Other = x.Number // the receipt was lost, the result was not
		}
		say := "参保地办好了：" + x.Result
		if x.Status != StatusDone {
			say = "参保地没有办：" + x.Result
		}
		if _, err := Advance(tx, x.Here, x.Case, Move{Stage: StageClosed, Status: x.Status, DueWorkdays: StopDue, Action: "back", Note: say, By: audit.System(x.Here)}); err != nil {
			return err
		}
		return s.putApplication(tx, a)
	})
}

// askedThere keeps what the fund of a case asks for, or that it goes on; what
// arrives late, after something newer, changes nothing.
func (s *Service) askedThere(tx *db.Tx, x HandedBack, a Application) error {
	if x.Status != StatusWaiting && x.Status != StatusOpen || x.At <= 0 {
		return fault.Field("status", "只收办完了的结果，或者要补的材料")
	}
	if x.At <= a.AskedThere() {
		return nil
	}
	a.keep(map[string]string{awaySaid: strconv.FormatInt(x.At, 10)})
	say, action := "参保地说："+x.Result, "asked"
	if a.Result = x.Result; x.Status == StatusOpen {
		a.Result, action = "", "goes_on"
	}
	if a.Other == "" {
		a.Other = x.Number
	}
	if err := s.putApplication(tx, a); err != nil {
		return err
	}
	return Note(tx, x.Here, x.Case, Step{Stage: "there", Action: action, Say: say}, audit.System(x.Here))
}

// Check refuses a parcel that no installation of ours has sent.
func (p Parcel) Check() error {
	if p.Origin.Case == "" || len(p.Origin.Case) > 40 || p.Matter == "" || len(p.Answers) > 100 {
		return fault.Field("origin", "缺少受理号或事项")
	}
	for k, v := range p.Answers {
		if len(k) > 100 || len([]rune(v)) > maxAnswer {
			return fault.Field("answers", "一项最多写 %d 个字", maxAnswer)
		}
	}
	return nil
}
