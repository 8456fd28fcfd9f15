// Package pdf prints HTML as tagged PDF by Chromium, a separate program. One
// print runs at a time in a process of its own that reaches no network and is
// gone afterwards; a few wait, the rest are sent away at once.
package pdf

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"yinling/internal/fault"
)

// Printer prints. Path is the Chromium program.
type Printer struct {
	Path    string
	Timeout time.Duration // of one print, waiting not counted

	turn chan struct{} // one prints
	room chan struct{} // it and those who wait
}

// Waiting is how many may wait for the one that prints.
const Waiting = 8

// Open looks for the program; NotFound when path names none.
func Open(path string) (*Printer, error) {
	info, err := os.Stat(path)
	if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
		return nil, fault.Field("chromium", "没有 Chromium 程序 %s，不能出 PDF", path)
	}
	return &Printer{Path: path, Timeout: 30 * time.Second, turn: make(chan struct{}, 1), room: make(chan struct{}, 1+Waiting)}, nil
}

// Print makes a PDF of a complete HTML page, whose own @page says size and
// margins. Busy: too many wait, or the program did not finish in time.
func (p *Printer) Print(ctx context.Context, html []byte) ([]byte, error) {
	select {
	case p.room <- struct{}{}:
		defer func() { <-p.room }()
	default:
		return nil, fault.New(fault.Busy, "现在出 PDF 的人多，请过一分钟再点，或用浏览器的“打印”存成 PDF。")
	}
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	out, err := p.print(ctx, html)
	if err != nil {
		return nil, &fault.Error{Kind: fault.Busy, Say: "PDF 没有出来，请过一分钟再点，或用浏览器的“打印”存成 PDF。", Err: fmt.Errorf("pdf: %w", err)}
	}
	return out, nil
}

func (p *Printer) print(ctx context.Context, html []byte) ([]byte, error) {
	dir, err := os.MkdirTemp("", "yinling-pdf-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	opts := []chromedp.ExecAllocatorOption{chromedp.ExecPath(p.Path), chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(dir),
		chromedp.Flag("lang", "zh-CN"), chromedp.Flag("font-render-hinting", "none"),
		// A paper holds all it needs; nothing of it may go anywhere.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"), chromedp.Flag("proxy-server", "127.0.0.1:9")}
	for _, f := range []string{"disable-background-networking", "disable-component-update", "disable-sync", "disable-extensions", "disable-dev-shm-usage", "no-pings"} {
		opts = append(opts, chromedp.Flag(f, true))
	}
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox) // Chromium refuses to start as root otherwise
	}
	alloc, stop := chromedp.NewExecAllocator(ctx, opts...)
	defer stop()
	tab, shut := chromedp.NewContext(alloc)
	defer shut()
	if err := chromedp.Do(tab, chromedp.Navigate("about:blank")); err != nil {
		return nil, err
	}
	tree, err := chromedp.Call(tab, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		return nil, err
	}
	if _, err := chromedp.Call(tab, page.SetDocumentContent, page.SetDocumentContentParams{FrameID: tree.FrameTree.Frame.ID, HTML: string(html)}); err != nil {
		return nil, err
	}
	yes := true
	return chromedp.Run(tab, chromedp.PrintToPDF(func(o *page.PrintToPDFParams) {
		o.PrintBackground, o.PreferCSSPageSize, o.GenerateTaggedPDF, o.GenerateDocumentOutline = &yes, &yes, &yes, &yes
	}))
}
