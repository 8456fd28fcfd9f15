package matter

import "testing"

// TestHelperForm: a clerk registers who goes out to people's doors, with the
// account of a helper and of nobody else; what was typed stays when it is wrong.
func TestHelperForm(t *testing.T) {
	each(t, "", func(h *hall) {
		b := h.web()
		b.As = "helper"
		b.Get("/v/door").Want(200) // opens the account; they are no helper yet
		b.As = "clerk"
		b.Get("/o/door").Want(200, "登记帮办员").Post("/o/door/helper", "account", "helper", "name", "", "district", "海州区").Want(422, "请填", `value="helper"`, `value="海州区"`)
		b.Get("/o/door").Post("/o/door/helper", "account", "clerk", "name", "单小梅", "district", "海州区").Want(422, "没有登录名是“clerk”的帮办员账号", `value="单小梅"`)
		b.Get("/o/door").Post("/o/door/helper", "account", "nobody", "name", "单小梅", "district", "海州区").Want(422, "没有登录名是“nobody”")
		b.Get("/o/door").Post("/o/door/helper", "account", "helper", "name", "单小梅", "district", "海州区").Want(200, "单小梅")
		b.As = "reviewer"
		b.Get("/o/door").Post("/o/door/helper", "name", "外人", "district", "海州区").Want(403)
		hs, err := h.Door.Helpers(h.t.Context(), region)
		must(h.t, err)
		n := 0
		for _, x := range hs {
			if x.Name == "单小梅" && x.Active && x.District == "海州区" && x.Account != "" {
				n++
			}
			if x.Name == "外人" {
				h.t.Error("a reviewer has registered a helper")
			}
		}
		if n != 1 {
			h.t.Errorf("%d helpers of this name", n)
		}
	})
}
