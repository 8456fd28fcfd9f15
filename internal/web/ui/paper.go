package ui

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/paper"
)

// Paper is what the kit needs to put documents on A4.
type Paper struct {
	Codes  paper.Codes  // makes the code by which a paper is checked
	Base   string       // the address that stands in the QR code
	Seal   template.URL // the seal as a data: address; "" for none
	Sample bool         // the seal is a sample (样章): a demonstration

	// Print makes a PDF of a page; nil: no button.
	Print func(ctx context.Context, html []byte) ([]byte, error)
}

type paperPage struct {
	Page
	All []onePaper
	PDF string // address of the PDF, "" for no button
	Say string // above the sheets, on the screen only
}

// onePaper is a sheet as it is set.
type onePaper struct {
	S    paper.Sheet
	Code string
	QR   QR
	Seal any // drawn, when there is no picture
	Pic  template.URL
	Note string // over the picture
}

var paperTmpl *Template[paperPage]

func loadPaper() { paperTmpl = MustParse[paperPage](Doc, pageFiles, "page/paper.html") }

// PaperOf answers the address of a document, …/paper or …/letter/{kind}: find
// writes the sheet for the id, which is what stands in the address's braces,
// joined by «/». 返回 leads to the page that the document belongs to.
func PaperOf(find func(ctx context.Context, who audit.Actor, id string) (paper.Sheet, error)) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		var id []string
		for _, part := range strings.Split(r.Pattern, "/") {
			if name, ok := strings.CutPrefix(part, "{"); ok {
				id = append(id, r.PathValue(strings.TrimSuffix(name, "}")))
			}
		}
		sheet, err := find(r.Context(), Actor(r), strings.Join(id, "/"))
		if err != nil {
			return err
		}
		back := strings.TrimSuffix(r.URL.Path, "/paper")
		back, _, _ = strings.Cut(back, "/letter/")
		return ShowPaper(w, r, back, sheet)
	}
}

// ShowPaper puts a document on one sheet of A4: as a page to print, or with
// ?as=pdf as a tagged PDF. back is where 返回 leads.
func ShowPaper(w http.ResponseWriter, r *http.Request, back string, s paper.Sheet) error {
	return ShowPapers(w, r, back, s.Title+" "+s.No, "", []paper.Sheet{s})
}

// ShowPapers puts several documents into one page to print, or one PDF, each on
// a sheet of its own. say stands above them on the screen.
func ShowPapers(w http.ResponseWriter, r *http.Request, back, name, say string, all []paper.Sheet) error {
	k := from(r.Context()).kit
	p := &paperPage{Page: Page{Title: name, Back: back}, Say: say}
	if len(all) == 1 {
		p.Title = all[0].Title
	}
	for _, s := range all {
		p.All = append(p.All, k.set(s))
	}
	if r.URL.Query().Get("as") != "pdf" || k.Paper.Print == nil {
		if k.Paper.Print != nil {
			q := r.URL.Query()
			q.Set("as", "pdf")
			p.PDF = r.URL.Path + "?" + q.Encode()
		}
		return paperTmpl.Render(w, r, p)
	}
	html, err := paperTmpl.bytes(r, noStatus, p)
	if err != nil {
		return err
	}
	b, err := k.Paper.Print(r.Context(), html)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", "inline; filename*=UTF-8''"+url.PathEscape(strings.ReplaceAll(name, "/", "-"))+".pdf")
	_, err = w.Write(b)
	return err
}

// set gives a sheet its code and its seal; a draft has neither.
func (k *Kit) set(s paper.Sheet) onePaper {
	o := onePaper{S: s, Code: k.Paper.Codes.Of(s)}
	if o.Code == "" {
		return o
	}
	o.QR = QR{Text: k.Paper.Base + "/check/" + url.PathEscape(o.Code), Label: "核验二维码"}
	switch {
	case k.Paper.Seal != "" && k.Paper.Sample:
		o.Pic, o.Note = k.Paper.Seal, "样章"
	case k.Paper.Seal != "":
		o.Pic = k.Paper.Seal
	case k.Paper.Sample:
		o.Seal = Seal{Agency: k.Agency, Note: "（样章）"}
	}
	return o
}
