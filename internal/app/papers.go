package app

import (
	"context"
	"encoding/base64"
	"html/template"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"yinling/internal/assess"
	"yinling/internal/care"
	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/fund"
	"yinling/internal/institution"
	"yinling/internal/outreach"
	"yinling/internal/paper"
	"yinling/internal/pdf"
	"yinling/internal/web/ui"
)

// maxSeal bounds the picture of the seal, which stands in every document.
const maxSeal = 512 << 10

// openPaper makes what documents need: the key of their codes, the seal, and
// Chromium for PDF when it is there.
func (a *App) openPaper() error {
	a.paper = ui.Paper{Base: a.Config.Base(), Sample: a.Config.Demo,
		Codes: paper.Codes{Sign: func(text string) string { return a.Keys.Index("", "paper.check", text) }}}
	path := a.Config.Seal
	for _, name := range []string{"seal.png", "seal.svg"} {
		if path == "" {
			if _, err := os.Stat(filepath.Join(a.Config.Data, name)); err == nil {
				path = filepath.Join(a.Config.Data, name)
			}
		}
	}
	if path != "" {
		b, err := os.ReadFile(path)
		kind := map[string]string{".png": "image/png", ".svg": "image/svg+xml"}[strings.ToLower(filepath.Ext(path))]
		if err != nil || kind == "" || len(b) > maxSeal {
			return fault.Field("seal", "印章图片 %s 要是 PNG 或 SVG，不超过 512 KB：%v", path, err)
		}
		a.paper.Seal = template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(b))
	}
	switch path := a.Config.Chromium; path {
	case "off":
	case "":
		if p, err := pdf.Open("/usr/bin/chromium"); err == nil {
			a.paper.Print = p.Print
		} else {
			slog.Info("没有 Chromium，文书只能用浏览器打印", "path", "/usr/bin/chromium")
		}
	default:
		p, err := pdf.Open(path)
		if err != nil {
			return err
		}
		a.paper.Print = p.Print
	}
	return nil
}

// checkPaper tells whether a code is of a document of ours: what it is, its
// number and day, and a masked name, never more.
func (a *App) checkPaper(ctx context.Context, code string) (f paper.Found, err error) {
	ref, err := a.paper.Codes.Read(code)
	if err != nil {
		return f, err
	}
	f = paper.Found{Title: paper.Titles[ref.Kind], No: ref.Object, Issuer: a.Config.Agency, On: ref.On}
	var last day.Day // of the newest document of this kind
	var person string
	err = a.DB.Read(ctx, func(tx *db.Tx) (err error) {
		switch ref.Kind {
		case paper.Accepted, paper.Supplement, paper.Refused, paper.Concluded, paper.Effective:
			last, person, err = assess.Issued(tx, ref.Region, ref.Object, ref.Kind)
		case paper.Taken, paper.More, paper.Declined, paper.Result:
			last, f.Title, person, err = a.Desk.Issued(tx, ref.Region, ref.Object, ref.Kind)
		case paper.Plan:
			var p care.Plan
			p, err = care.GetPlan(tx, ref.Region, ref.Object)
			last, person = p.Signed(), p.Person
			if p.Status == care.Ended {
				f.Void = "这份计划已经结束"
			}
		case paper.Bill:
			var b claim.Bill
			b, err = claim.Get(tx, ref.Region, ref.Object)
			last, person = b.Signed(), b.Person
			if last.IsZero() {
				f.Void = "这笔账已经撤回或冲正"
			}
		case paper.Payment:
			var inst string
			if last, inst, err = claim.PaidOn(tx, ref.Region, ref.Object); err == nil {
				var i institution.Institution
				i, err = institution.Get(tx, ref.Region, inst)
				f.Shown = i.Name
			}
		case paper.Monthly:
			book, month, _ := strings.Cut(ref.Object, "/")
			var closed, m day.Month
			if closed, err = fund.Closed(tx, ref.Region, fund.Book(book)); err == nil {
				if m, err = day.ParseMonth(month); err == nil && m <= closed {
					last = m.Last()
				}
			}
			f.Title, f.No = fund.Book(book).Name()+"收支月报", month
		case paper.Notice:
			f.No, last = "", ref.On
		case paper.Reply:
			last, person, err = outreach.AnsweredOn(tx, ref.Region, ref.Object)
		}
		if err == nil && person != "" {
			p, perr := a.Person.Get(tx, ref.Region, person)
			if perr == nil {
				f.Shown = outreach.MaskName(p.Name)
			} else if !fault.Is(perr, fault.NotFound) {
				return perr
			}
		}
		return err
	})
	switch {
	case fault.Is(err, fault.NotFound):
		f.Void, err = "这件事的记录已经不在了", nil
	case err != nil:
		return f, err
	case last.IsZero() && f.Void == "":
		f.Void = "这一步已经撤回，文书不再有效"
	case last > ref.On:
		f.Later = last
	}
	return f, err
}
