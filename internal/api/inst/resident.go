package inst

import (
	"context"

	"yinling/internal/api"
	"yinling/internal/audit"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/institution"
)

// Resident is one stay of a person in the home. It names the person only by
// name and the end of the number.
type Resident struct {
	ID      string `json:"id" doc:"这次入住的编号"`
	Name    string `json:"name"`
	IDTail  string `json:"id_tail" doc:"证件号码的后四位"`
	Room    string `json:"room"`
	Since   string `json:"since" format:"date" doc:"入住日"`
	Until   string `json:"until" doc:"离院日，还住着就空"`
	Why     string `json:"why" doc:"离院原因"`
	Consent string `json:"consent" doc:"谁、怎样同意的"`
}

func residentOf(r institution.Resident) Resident {
	x := Resident{r.ID, r.Who.Name, r.Who.IDTail, r.Room, r.Since.String(), "", r.Why, r.Consent}
	if !r.Until.IsZero() {
		x.Until = r.Until.String()
	}
	return x
}

// boss is the token's institution as one that brings matters: the home itself,
// not a clerk of the agency.
func boss(ctx context.Context) audit.Actor {
	who := api.Actor(ctx)
	who.Role = "institution"
	return who
}

func (s *Server) residents(ctx context.Context, in *struct {
	Left bool `query:"left" doc:"true 只要已经离院的，最近 200 位"`
}) (*api.Body[struct {
	Residents []Resident `json:"residents"`
}], error) {
	who := boss(ctx)
	list, err := s.Insts.Residents(ctx, who.Region, who.Institution, in.Left)
	if err != nil {
		return nil, err
	}
	out := &api.Body[struct {
		Residents []Resident `json:"residents"`
	}]{}
	out.Body.Residents = []Resident{}
	for _, r := range list {
		out.Body.Residents = append(out.Body.Residents, residentOf(r))
	}
	return out, nil
}

// ByResident names a stay.
type ByResident struct {
	ID string `path:"id" minLength:"1" maxLength:"64" doc:"这次入住的编号"`
}

func (s *Server) moveIn(ctx context.Context, in *struct {
	api.Once
	Body struct {
		IDNo    string `json:"idno" minLength:"15" maxLength:"18" doc:"老人的证件号码，要和姓名对得上；回答里不会重复"`
		Name    string `json:"name" minLength:"1" maxLength:"50"`
		Room    string `json:"room,omitempty" maxLength:"50"`
		Since   string `json:"since,omitempty" format:"date" doc:"入住日，默认今天"`
		Consent string `json:"consent" minLength:"2" maxLength:"200" doc:"谁、怎样同意机构和经办机构交换信息"`
	}
}) (*api.Body[Resident], error) {
	since, err := parse("since", in.Body.Since)
	if err != nil {
		return nil, err
	}
	b := in.Body
	r, err := s.Insts.MoveIn(ctx, boss(ctx), in.Key, institution.Admission{IDNo: b.IDNo, Name: b.Name, Room: b.Room, Since: since, Consent: b.Consent})
	if err != nil {
		return nil, err
	}
	return &api.Body[Resident]{Body: residentOf(r)}, nil
}

func (s *Server) moveOut(ctx context.Context, in *struct {
	api.Once
	ByResident
	Body struct {
		On  string `json:"on,omitempty" format:"date" doc:"离院日，默认今天"`
		Why string `json:"why" enum:"回家,转到别的机构,住院,去世,其他" doc:"离院的原因"`
	}
}) (*api.Body[Resident], error) {
	on, err := parse("on", in.Body.On)
	if err != nil {
		return nil, err
	}
	r, err := s.Insts.MoveOut(ctx, boss(ctx), in.ID, in.Key, on, in.Body.Why)
	if err != nil {
		return nil, err
	}
	return &api.Body[Resident]{Body: residentOf(r)}, nil
}

// Matter is something that the home may bring for a resident.
type Matter struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Fields    []Question `json:"fields" doc:"要答的问题"`
	Materials []Material `json:"materials" doc:"要交的材料；没有交的，办件会等着补"`
}

// Question is one question of a matter.
type Question struct {
	ID       string   `json:"id"`
	Label    string   `json:"label"`
	Kind     string   `json:"kind" doc:"text 一行字、area 几行字、choice 单选、checks 多选（逗号隔开）、day 2024-06-30、month 2024-06、money 元、phone、idno、count"`
	Optional bool     `json:"optional"`
	Options  []string `json:"options" doc:"单选和多选可以写的值"`
}

// Material is something to bring.
type Material struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Optional bool   `json:"optional"`
}

func (s *Server) matters(ctx context.Context, _ *struct{}) (*api.Body[struct {
	Matters []Matter `json:"matters"`
}], error) {
	v, err := s.Desk.Packs.At(api.Actor(ctx).Region, s.Today())
	if err != nil {
		return nil, err
	}
	out := &api.Body[struct {
		Matters []Matter `json:"matters"`
	}]{}
	out.Body.Matters = []Matter{}
	for _, m := range desk.Matters(v) {
		if len(m.Ways(desk.ByInstitution)) == 0 {
			continue
		}
		x := Matter{ID: m.ID, Name: m.Name, Fields: []Question{}, Materials: []Material{}}
		for _, f := range m.Fields {
			q := Question{f.ID, f.Label, string(f.Kind), f.Optional, []string{}}
			for _, o := range f.Options {
				q.Options = append(q.Options, o.Value)
			}
			x.Fields = append(x.Fields, q)
		}
		for _, a := range m.Asked() {
			x.Materials = append(x.Materials, Material{a.ID, a.Name, a.Optional})
		}
		out.Body.Matters = append(out.Body.Matters, x)
	}
	return out, nil
}

// Brought is a case that the home brought.
type Brought struct {
	Number  string   `json:"number" doc:"受理号，从头到尾一个"`
	Matter  string   `json:"matter"`
	Name    string   `json:"name" doc:"老人的姓名"`
	Status  string   `json:"status" enum:"open,waiting,done,refused,withdrawn"`
	Step    string   `json:"step" doc:"现在到哪个环节，办完了就空"`
	Due     string   `json:"due" doc:"这个环节最晚哪一天，没有时限就空"`
	Missing []string `json:"missing" doc:"刚提交时还差的材料"`
	Result  string   `json:"result" doc:"结果"`
}

func (s *Server) bring(ctx context.Context, in *struct {
	api.Once
	ByResident
	Body struct {
		Matter  string            `json:"matter" minLength:"1" maxLength:"64"`
		Answers map[string]string `json:"answers" doc:"问题的编号和答案"`
		Consent string            `json:"consent" minLength:"2" maxLength:"200" doc:"本人或监护人怎样同意办这件事"`
	}
}) (*api.Body[Brought], error) {
	r, err := s.Insts.Bring(ctx, boss(ctx), s.Desk, in.ID, desk.ApplyInput{Key: in.Key, Matter: in.Body.Matter, Answers: in.Body.Answers, Consent: in.Body.Consent})
	if err != nil {
		return nil, err
	}
	x := Brought{Number: r.Number, Matter: r.Matter, Status: "open", Missing: r.Missing, Result: r.Say}
	if x.Missing == nil {
		x.Missing = []string{}
	}
	switch {
	case r.Done:
		x.Status = "done"
	case len(r.Missing) > 0:
		x.Status = "waiting"
	}
	if !r.Due.IsZero() {
		x.Due = r.Due.String()
	}
	return &api.Body[Brought]{Body: x}, nil
}

func brought(w desk.Way) Brought {
	x := Brought{Number: w.Case.ID, Matter: w.Matter.Name, Name: w.Person.Name, Status: string(w.Case.Status), Missing: []string{}, Result: w.App.Result}
	if st, ok := w.Matter.Step(w.App.Step); ok {
		x.Step = st.Name
	}
	if !w.Case.Due.IsZero() {
		x.Due = w.Case.Due.String()
	}
	return x
}

func (s *Server) broughts(ctx context.Context, _ *struct{}) (*api.Body[struct {
	Cases []Brought `json:"cases"`
}], error) {
	list, err := s.Desk.OfInstitution(ctx, boss(ctx), 200)
	if err != nil {
		return nil, err
	}
	out := &api.Body[struct {
		Cases []Brought `json:"cases"`
	}]{}
	out.Body.Cases = []Brought{}
	for _, w := range list {
		out.Body.Cases = append(out.Body.Cases, brought(w))
	}
	return out, nil
}

func (s *Server) broughtOne(ctx context.Context, in *struct {
	Number string `path:"number" pattern:"^SL[0-9A-Z]{6,18}$" doc:"受理号"`
}) (*api.Body[Brought], error) {
	who := boss(ctx)
	w, err := s.Desk.Way(ctx, who, who.Region, in.Number)
	if err == nil && w.App.Institution != who.Institution {
		err = fault.New(fault.NotFound, "没有找到这件。它不是本机构代办的。")
	}
	if err != nil {
		return nil, err
	}
	return &api.Body[Brought]{Body: brought(w)}, nil
}
