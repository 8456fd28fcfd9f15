package person

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/person/sheet"
)

// Report is what an import did: New + Changed + Same + Rejected = Rows.
type Report struct {
	File     string    `json:"file"`
	Region   string    `json:"region"`
	Rows     int       `json:"rows"`
	New      int       `json:"new"`
	Changed  int       `json:"changed"`
	Same     int       `json:"same"`
	Rejected int       `json:"rejected"`
	Blank    int       `json:"blank"`            // blank rows, not counted in Rows
	Heads    int       `json:"heads"`            // heads, also repeated ones, and what stands above the first
	Hidden   int       `json:"hidden,omitempty"` // rows that the spreadsheet hides; they are imported and counted
	Problems []Problem `json:"rejects"`          // the first 100; all are in the rejects file
	More     int       `json:"rejects_more,omitempty"`
	Rejects  string    `json:"rejects_file,omitempty"`
	Ignored  []string  `json:"ignored_columns,omitempty"`
	Notes    []string  `json:"notes,omitempty"`
	Encoding string    `json:"encoding,omitempty"`
	Millis   int64     `json:"millis"`
}

// Progress is where an import stands.
type Progress struct {
	Rows, Rejected int
	Done, Total    int64 // bytes of the file
}

// ImportOptions of Import.
type ImportOptions struct {
	Rejects  string         // file for the rejected rows: CSV, or XLSX when it ends so; "" none
	Name     string         // what the report calls the file; "" its base name
	Progress func(Progress) // called often, from one goroutine
	Chunk    int            // rows of one transaction; 0: chunkRows
}

const (
	// Every chunk touches the random index all over: fewer chunks, fewer pages
	// written twice. While one is written the next is checked and sealed; 60,000
	// rows in memory are some 70 MB.
	chunkRows   = 30000
	aheadRows   = chunkRows
	batchRows   = 2000 // rows that one goroutine checks at a time
	maxProblems = 100
	headLook    = 30 // rows in which the head of a sheet must come
)

// batch is rows of one section on their way through the check.
type batch struct {
	sec  *section
	rows []sheet.Row
	out  chan []checked
	err  error // the reader stopped here
}

// Import reads a roster into the region: checked and sealed on two goroutines,
// written by one, each chunk in one audited transaction. Rows that cannot be
// taken are named and written to the rejects file; the others are taken. An
// import that was cut off is finished by running it again: what is there
// already is counted as the same. fault.Invalid, field «file»: the file as a
// whole cannot be read, and nothing was written of what follows the fault.
func (s *Service) Import(ctx context.Context, who audit.Actor, region, path string, opt ImportOptions) (*Report, error) {
	begun := s.Log.DB.Now()
	digest, err := fileDigest(path)
	if err != nil {
		return nil, err
	}
	f, err := sheet.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	im := &importer{s: s, who: who, region: region, opt: opt, file: f, digest: digest, today: day.FromTime(begun),
		seen: map[[16]byte]int32{}, report: &Report{File: opt.Name, Region: region, Problems: []Problem{}, Encoding: f.Encoding}}
	if im.report.File == "" {
		im.report.File = filepath.Base(path)
	}
	if im.opt.Chunk == 0 {
		im.opt.Chunk = chunkRows
	}
	if opt.Rejects != "" {
		im.rejects = newRejects(opt.Rejects)
		defer im.rejects.Abandon()
	}
	if err := im.fresh(ctx); err != nil {
		return nil, err
	}
	if err := im.run(ctx); err != nil {
		return nil, err
	}
	r := im.report
	r.Notes = append(r.Notes, f.Notes...)
	if r.Rejected > 0 && im.rejects != nil {
		if err := im.rejects.Finish(); err != nil {
			return nil, fault.Field("rejects", "写不了退回文件 %s：%v", opt.Rejects, err)
		}
		r.Rejects = opt.Rejects
	}
	r.Millis = s.Log.DB.Now().Sub(begun).Milliseconds()
	return r, audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "person.roster", Object: digest,
		Detail: map[string]int{"rows": r.Rows, "new": r.New, "changed": r.Changed, "same": r.Same, "rejected": r.Rejected}},
		func(*db.Tx) error { return nil })
}

func fileDigest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fault.Field("file", "打不开文件 %s，请核对文件名和权限", path)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fault.Field("file", "读不了文件 %s", path)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)[:16]), nil
}

type importer struct {
	s       *Service
	who     audit.Actor
	region  string
	opt     ImportOptions
	file    *sheet.File
	digest  string
	today   day.Day
	empty   bool // the region had nobody when the import began
	seen    map[[16]byte]int32
	report  *Report
	rejects *rejects
	pending []Entry
	groups  []checked
	sec     *section
	done    atomic.Int64 // bytes read, told by the reader
}

func (im *importer) fresh(ctx context.Context) error {
	return im.s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		ids, err := db.All(tx, db.Value[string], anyPerson, im.region)
		im.empty = len(ids) == 0
		return err
	})
}

func (im *importer) run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	queue, work := make(chan *batch, aheadRows/batchRows), make(chan *batch, aheadRows/batchRows)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	wg.Go(func() {
		defer close(queue)
		defer close(work)
		im.read(ctx, queue, work)
	})
	for range 2 {
		wg.Go(func() {
			for b := range work {
				b.out <- im.check(b)
			}
		})
	}
	for b := range queue {
		if b.err != nil {
			return b.err
		}
		if err := im.take(ctx, b.sec, <-b.out); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return im.flush(ctx)
}

// read cuts the file into batches. Heads are understood here, in order.
func (im *importer) read(ctx context.Context, queue, work chan<- *batch) {
	r := im.report // counts that only this goroutine touches: Blank, Heads, Hidden, Ignored, Notes
	var b *batch
	send := func(b *batch) bool {
		im.done.Store(im.file.Read())
		if b == nil || b.err == nil && len(b.rows) == 0 {
			return true
		}
		if b.err == nil {
			select {
			case work <- b:
			case <-ctx.Done():
				return false
			}
		}
		select {
		case queue <- b:
		case <-ctx.Done():
			return false
		}
		return true
	}
	var sec *section
	found, sheetName, before := false, "", 0
	lost := func() { // rows of a sheet in which no head was found
		if sec == nil && before > 0 {
			where := "开头"
			if sheetName != "" {
				where = "工作表「" + sheetName + "」"
			}
			r.Notes = append(r.Notes, where+"没有认出表头，有"+strconv.Itoa(before)+"行没有读")
		}
	}
	for {
		row, err := im.file.Next()
		if err == io.EOF {
			lost()
			if !found {
				err = fault.Field("file", "没有认出表头。第一行要写各列的名称，至少有「证件号码」和「姓名」")
			} else {
				err = nil
			}
			if send(b) && err != nil {
				send(&batch{err: err})
			}
			return
		}
		if err != nil {
			if send(b) {
				send(&batch{err: err})
			}
			return
		}
		if row.Sheet != sheetName {
			lost()
			sec, sheetName, before = nil, row.Sheet, 0
		}
		if row.Blank() {
			r.Blank++
			continue
		}
		if row.Bad == "" {
			head, err := readHead(im.file, &row)
			if err != nil {
				if send(b) {
					send(&batch{err: err})
				}
				return
			}
			if head != nil {
				if !send(b) {
					return
				}
				b, found = nil, true
				r.Heads += 1 + before
				r.Ignored, r.Notes = join(r.Ignored, head.ignored), join(r.Notes, head.notes)
				if sec == nil || !same(sec.head, head.head) {
					sec = head
				}
				before = 0
				continue
			}
		}
		if sec == nil {
			if before++; before > headLook && !found && sheetName == "" {
				if send(b) {
					send(&batch{err: fault.Field("file", "前 %d 行里没有认出表头。第一行要写各列的名称，至少有「证件号码」和「姓名」", headLook)})
				}
				return
			}
			continue
		}
		if row.Hidden {
			r.Hidden++
		}
		if b == nil || b.sec != sec {
			if !send(b) {
				return
			}
			b = &batch{sec: sec, rows: make([]sheet.Row, 0, batchRows), out: make(chan []checked, 1)}
		}
		if b.rows = append(b.rows, row); len(b.rows) == batchRows {
			if !send(b) {
				return
			}
			b = nil
		}
	}
}

func join(have, more []string) []string {
	for _, m := range more {
		if !contains(have, m) {
			have = append(have, m)
		}
	}
	return have
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func same(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func (im *importer) check(b *batch) []checked {
	out := make([]checked, len(b.rows))
	for i, r := range b.rows {
		out[i] = b.sec.check(r, im.today)
		if len(out[i].problems) > 0 {
			continue
		}
		if e := &out[i].entry; b.sec.groups {
			e.idIndex = im.s.Keys.Index(im.region, fieldID, e.Number.Text)
		} else {
			e.prepare(im.s.Keys, im.region)
		}
		if im.rejects == nil || !b.sec.groups {
			out[i].row.Cells, out[i].row.Kinds = nil, nil // accepted: only the line number is needed still
		}
	}
	return out
}

// take receives checked rows in the order of the file.
func (im *importer) take(ctx context.Context, sec *section, rows []checked) error {
	if im.sec != sec {
		if err := im.flush(ctx); err != nil {
			return err
		}
		im.sec = sec
	}
	im.report.Rows += len(rows)
	for i := range rows {
		c := &rows[i]
		if len(c.problems) == 0 && !sec.groups {
			var k [16]byte
			copy(k[:], c.entry.idIndex)
			if first, twice := im.seen[k]; twice {
				c.problems = []Problem{{Sheet: c.row.Sheet, Row: c.row.Line, Column: sec.head[sec.at[colID]], Value: MaskID(c.entry.Number.Text),
					Reason: "和第" + strconv.Itoa(int(first)) + "行是同一个证件号码，只收了前一行"}}
				c.row.Cells = sec.cells(c.entry)
			} else {
				im.seen[k] = int32(c.row.Line)
			}
		}
		if len(c.problems) > 0 {
			if err := im.reject(sec, c); err != nil {
				return err
			}
			continue
		}
		if sec.groups {
			im.groups = append(im.groups, *c)
		} else {
			im.pending = append(im.pending, c.entry)
		}
		if len(im.pending)+len(im.groups) >= im.opt.Chunk {
			if err := im.flush(ctx); err != nil {
				return err
			}
		}
	}
	im.progress()
	return nil
}

func (im *importer) progress() {
	if im.opt.Progress != nil {
		im.opt.Progress(Progress{Rows: im.report.Rows, Rejected: im.report.Rejected, Done: im.done.Load(), Total: im.file.Size})
	}
}

func (im *importer) reject(sec *section, c *checked) error {
	r := im.report
	r.Rejected++
	for _, p := range c.problems {
		if len(r.Problems) < maxProblems {
			r.Problems = append(r.Problems, p)
		} else {
			r.More++
		}
	}
	if im.rejects == nil {
		return nil
	}
	if err := im.rejects.add(sec, c); err != nil {
		return fault.Field("rejects", "写不了退回文件：%v", err)
	}
	return nil
}

// flush writes what has gathered in one audited transaction.
func (im *importer) flush(ctx context.Context) error {
	if len(im.groups) > 0 {
		if err := im.flushGroups(ctx); err != nil {
			return err
		}
	}
	if len(im.pending) == 0 {
		return nil
	}
	n, err := im.write(ctx, im.empty)
	for try := 0; err != nil && db.IsUnique(err) && try < 3; try++ {
		im.empty = false // somebody else writes this region too: look before writing
		n, err = im.write(ctx, false)
	}
	if err != nil {
		return err
	}
	im.report.New, im.report.Changed, im.report.Same = im.report.New+n.New, im.report.Changed+n.Changed, im.report.Same+n.Same
	im.pending = im.pending[:0]
	return nil
}

func (im *importer) act(rows int, detail any) audit.Act {
	return audit.Act{Region: im.region, Verb: "person.roster_chunk", Object: im.digest, Detail: detail,
		Body: map[string]int{"from": im.report.Rows, "rows": rows}}
}

func (im *importer) write(ctx context.Context, fresh bool) (Count, error) {
	var n Count
	return audit.Do(ctx, im.s.Log, im.who, im.act(len(im.pending), &n), func(tx *db.Tx) (Count, error) {
		var err error
		_, n, err = im.s.put(tx, im.region, im.pending, fresh)
		return n, err
	})
}

// flushGroups writes rows of a key group list; who is not insured here is rejected.
func (im *importer) flushGroups(ctx context.Context) error {
	var missing []bool
	var n Count
	_, err := audit.Do(ctx, im.s.Log, im.who, im.act(len(im.groups), &n), func(tx *db.Tx) (Count, error) {
		var err error
		missing, n, err = im.s.putGroups(tx, im.region, im.groups)
		return n, err
	})
	if err != nil {
		return err
	}
	for i, no := range missing {
		if c := &im.groups[i]; no {
			c.problems = []Problem{{Sheet: c.row.Sheet, Row: c.row.Line, Column: im.sec.head[im.sec.at[colID]], Value: MaskID(c.entry.Number.Text),
				Reason: "名册里没有这个人，请先导入参保人"}}
			if err := im.reject(im.sec, c); err != nil {
				return err
			}
		}
	}
	im.report.New, im.report.Changed, im.report.Same = im.report.New+n.New, im.report.Changed+n.Changed, im.report.Same+n.Same
	im.groups = im.groups[:0]
	return nil
}

func (s *Service) putGroups(tx *db.Tx, region string, rows []checked) (missing []bool, n Count, err error) {
	entries := make([]Entry, len(rows))
	for i := range rows {
		entries[i] = rows[i].entry
	}
	known, err := s.known(tx, region, entries)
	if err != nil {
		return nil, n, err
	}
	var ids []string
	for _, k := range known {
		ids = append(ids, k.id)
	}
	stored, err := db.All(tx, scanGroup, getGroups, region, ids)
	if err != nil {
		return nil, n, err
	}
	have := map[[2]string]Group{}
	for _, g := range stored {
		have[[2]string{g.person, g.Name}] = g.Group
	}
	missing = make([]bool, len(rows))
	put := map[[2]string]Group{}
	for i := range rows {
		k, ok := known[entries[i].idIndex]
		if !ok {
			missing[i] = true
			continue
		}
		g, key := rows[i].group, [2]string{k.id, rows[i].group.Name}
		switch old, ok := have[key]; {
		case !ok:
			n.New++
		case old == g || g.Since == 0 && old.Source == g.Source: // a list without dates takes none away
			n.Same++
			continue
		default:
			n.Changed++
		}
		have[key], put[key] = g, g
	}
	vals := make([][]any, 0, len(put))
	for key, g := range put {
		vals = append(vals, []any{region, key[0], key[1], g.Source, g.Since})
	}
	_, err = tx.Insert("person_group", colsGroup, vals, upsertGroup)
	return missing, n, err
}

// ProgressLine is a progress in words.
func ProgressLine(p Progress) string {
	return "已读 " + strconv.Itoa(p.Rows) + " 行（" + strconv.FormatInt(100*p.Done/max(1, p.Total), 10) + "%），退回 " + strconv.Itoa(p.Rejected) + " 行"
}
