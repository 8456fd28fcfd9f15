package inst

import (
	"context"
	"strings"
	"testing"

	"yinling/internal/care/caretest"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

// The institution sees who of it logs in and ends its own token at once; nobody
// else's.
func TestAccountAndTokens(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn, b := open(t, d, c)
		ctx := context.Background()
		text, err := tn.Insts.NewToken(ctx, tn.Clerk, caretest.Region, tn.Inst.ID, "院内系统", caretest.Today+30)
		caretest.Must(t, err)
		ts, err := tn.Insts.Tokens(ctx, caretest.Region, tn.Inst.ID)
		caretest.Must(t, err)
		b.As = "boss"
		b.Get("/j/account").Want(200, "院内系统", "在用", "马上停用", "谁能登录")
		if strings.Contains(b.Page, text) {
			t.Error("the page shows the token")
		}
		b.Post("/j/account/token", "key", "nonsense").Want(404, "可能已经停用了")
		b.Get("/j/account").Post("/j/account/token", "key", ts[0].ID).Want(200, "已停用")
		if _, err := tn.Insts.CheckToken(ctx, text); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the token still opens: %v", err)
		}
	})
}
