package outreach

import (
	"slices"

	"yinling/internal/policy"
)

// Recusal is one reason why somebody must not handle a voice (回避).
type Recusal struct {
	policy.Row
	ID  string `json:"id" options:"self|insurer|institution|involved|earlier|author" say:"情形：self 被投诉的是本人、insurer 被投诉的是本人所在商保机构、institution 被投诉的是本人所在机构、involved 经手过被投诉的那件事、earlier 上一次由本人答复、author 是本人提的"`
	Say string `json:"say" say:"不能办的原因，给想办的人看"`
}

var recusals = policy.Rows[Recusal]("outreach.voice.recusal", "投诉办理的回避情形")

// Handler is who wants to handle, and against whom the voice is raised.
type Handler struct {
	Account     string   `json:"account" need:"true"`
	Role        string   `json:"role" need:"true"`
	Institution string   `json:"institution,omitempty"` // of the handler
	Against     string   `json:"against"`               // institution, staff, office, insurer or empty
	AgainstID   string   `json:"against_id,omitempty"`
	AgainstInst string   `json:"against_institution,omitempty"`
	Author      string   `json:"author,omitempty"` // account that raised it
	Involved    []string `json:"involved"`         // accounts that worked on the matter in question
	Earlier     []string `json:"earlier"`          // accounts that answered in earlier rounds
}

// Fit says that nothing stands against the handler.
type Fit struct {
	OK bool `json:"ok"`
}

// HandlerRule is outreach.handler 投诉由谁办: whoever the complaint is about, or
// who has had a hand in it, never handles it.
var HandlerRule = policy.NewRule("outreach.handler", 1, "投诉办理的回避", handler)

func handler(v *policy.View, in Handler) (Fit, error) {
	rows := recusals.In(v)
	for i := range rows {
		r := &rows[i]
		hit := false
		switch r.ID {
		case "self":
			hit = in.AgainstID != "" && in.AgainstID == in.Account
		case "insurer":
			hit = in.Against == "insurer" && in.Role == "insurer"
		case "institution":
			hit = in.Institution != "" && in.Institution == in.AgainstInst
		case "involved":
			hit = slices.Contains(in.Involved, in.Account)
		case "earlier":
			hit = slices.Contains(in.Earlier, in.Account)
		case "author":
			hit = in.Author != "" && in.Author == in.Account
		}
		if hit {
			return Fit{}, v.Refuse(r, "%s，请由别的同事办", r.Say)
		}
	}
	if v.Err() == nil {
		v.Say("没有要回避的情形")
	}
	return Fit{v.Err() == nil}, v.Err()
}
