package office

import (
	"net/http"
	"strconv"

	"yinling/internal/assess"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// act runs one step on a case: the form carries the version of the page that it
// was on, so that a stale page is refused with what changed meanwhile.
func (s *Server) act(w http.ResponseWriter, r *http.Request, do func(f *ui.Form, c assess.Cmd, in *caseInput) error) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	version, _ := strconv.ParseInt(f.Raw("version"), 10, 64)
	c := assess.Cmd{Region: who.Region, ID: r.PathValue("id"), Version: version, Key: f.Once()}
	var in caseInput
	err := do(f, c, &in)
	if err == nil {
		return ui.Redirect(w, r, ui.LocalPath(f.Raw("back"), "/o/assess/"+c.ID))
	}
	p, err2 := s.casePage(r, c.ID)
	if err2 != nil {
		return err2
	}
	p.In = in
	return caseTmpl.Again(w, r, p, err)
}

func (s *Server) assessAccept(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, func(f *ui.Form, c assess.Cmd, in *caseInput) error {
		in.Note = f.Text("note", "")
		return s.Assess.Accept(r.Context(), ui.Actor(r), c, in.Note)
	})
}

func (s *Server) assessSupplement(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, func(f *ui.Form, c assess.Cmd, in *caseInput) error {
		if in.What = f.Text("what", "还差哪几样材料"); f.Err() != nil {
			return f.Err()
		}
		return s.Assess.Supplement(r.Context(), ui.Actor(r), c, in.What)
	})
}

func (s *Server) assessRefuse(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, func(f *ui.Form, c assess.Cmd, in *caseInput) error {
		in.Ground, in.Detail = f.Raw("ground"), f.Text("detail", "")
		return s.Assess.Refuse(r.Context(), ui.Actor(r), c, in.Ground, in.Detail)
	})
}

func (s *Server) assessDraw(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, func(_ *ui.Form, c assess.Cmd, _ *caseInput) error { return s.Assess.Draw(r.Context(), ui.Actor(r), c) })
}

func (s *Server) assessReplace(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, func(f *ui.Form, c assess.Cmd, in *caseInput) error {
		in.Staff, in.Reason, in.Tie = f.Raw("staff"), f.Text("reason", "换人的原因"), f.Text("tie", "")
		if f.Err() != nil {
			return f.Err()
		}
		return s.Assess.Replace(r.Context(), ui.Actor(r), c, in.Staff, in.Reason, in.Tie)
	})
}

func (s *Server) assessAppoint(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, func(f *ui.Form, c assess.Cmd, in *caseInput) error {
		on := f.Day("on", "上门的日子")
		in.On, in.Slot = on.String(), f.Raw("slot")
		if f.Err() != nil {
			return f.Err()
		}
		return s.Assess.Appoint(r.Context(), ui.Actor(r), c, on, in.Slot)
	})
}

func (s *Server) assessPublish(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, func(_ *ui.Form, c assess.Cmd, _ *caseInput) error {
		return s.Assess.Publish(r.Context(), ui.Actor(r), c)
	})
}

func (s *Server) assessDeliver(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, func(_ *ui.Form, c assess.Cmd, _ *caseInput) error {
		return s.Assess.Deliver(r.Context(), ui.Actor(r), c)
	})
}

func (s *Server) assessEffect(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, func(_ *ui.Form, c assess.Cmd, _ *caseInput) error {
		return s.Assess.Effect(r.Context(), ui.Actor(r), c)
	})
}

func (s *Server) assessWithdraw(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, func(f *ui.Form, c assess.Cmd, in *caseInput) error {
		if in.Reason = f.Text("reason", "撤回的原因"); f.Err() != nil {
			return f.Err()
		}
		return s.Assess.Withdraw(r.Context(), ui.Actor(r), c, in.Reason)
	})
}

// assessHold takes a case to work on, or puts it back.
func (s *Server) assessHold(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, func(f *ui.Form, c assess.Cmd, _ *caseInput) error {
		if f.Raw("off") != "" {
			return s.Desk.Free(r.Context(), ui.Actor(r), assess.Matter)
		}
		if _, err := s.Assess.Detail(r.Context(), ui.Actor(r), c.Region, c.ID); err != nil {
			return err // no such case here
		}
		h, err := s.Desk.Take(r.Context(), ui.Actor(r), assess.Matter, c.ID)
		if other := h.Other(ui.Actor(r).ID); err == nil && other != "" {
			err = fault.New(fault.Conflict, "%s 从 %s 起正在办这件，%d 分钟没有动作会自动放开。", other, ui.Clock(h.At.UnixMilli()), int(desk.HoldFor.Minutes()))
		}
		return err
	})
}

// assessAttach adds evidence that came to the window; where something was asked
// for, it also hands it in.
func (s *Server) assessAttach(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, func(f *ui.Form, c assess.Cmd, in *caseInput) error {
		in.Kind = f.Raw("kind")
		st, err := s.upload(r, "file")
		if err == nil && st == nil {
			err = fault.Field("file", "请选文件")
		}
		if err != nil {
			return err
		}
		if _, err := s.Assess.AddDocument(r.Context(), ui.Actor(r), c, in.Kind, *st); err != nil || f.Raw("supply") == "" {
			return err
		}
		c.Key, c.Version = c.Key+"-supply", 0
		return s.Assess.Supply(r.Context(), ui.Actor(r), c)
	})
}

func (s *Server) upload(r *http.Request, field string) (*desk.Stored, error) {
	if r.MultipartForm == nil || len(r.MultipartForm.File[field]) == 0 {
		return nil, nil
	}
	h := r.MultipartForm.File[field][0]
	in, err := h.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	st, err := s.Desk.Files.Save(ui.Actor(r).Region, h.Filename, in, ui.Now(r))
	if err != nil {
		return nil, err
	}
	return &st, nil
}
