package share

import (
	"context"
	"io"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/person/sheet"
)

// ImportOptions of Import.
type ImportOptions struct {
	Rejects  string // XLSX file for the rows that cannot be read; "" none
	Name     string // what the batch calls the file; "" its base name
	Progress func(person.Progress)
	Chunk    int // rows of one transaction; 0: chunkRows
}

const (
	chunkRows   = 30000
	batchRows   = 2000 // rows that one goroutine checks at a time
	maxProblems = 100
)

// Import takes a register in: as it stood at the end of asOf. Each chunk is one
// audited transaction; a file that was cut off is taken again from its
// beginning. Invalid, field «file»: it cannot be read as a whole. Conflict: a
// newer list of the source is here already.
func (s *Service) Import(ctx context.Context, who audit.Actor, region, source, path string, asOf day.Day, opt ImportOptions) (string, *Report, error) {
	if opt.Name == "" {
		opt.Name = filepath.Base(path)
	}
	id, src, err := s.begin(ctx, who, region, source, opt.Name, "", asOf)
	if err != nil {
		return "", nil, err
	}
	rep, err := s.run(ctx, who, region, id, src, path, asOf, opt)
	return id, rep, s.finish(ctx, who, region, id, rep, err)
}

// begin opens a batch; key as in audit.Act, "" for none.
func (s *Service) begin(ctx context.Context, who audit.Actor, region, source, name, key string, asOf day.Day) (string, Source, error) {
	var src Source
	act := audit.Act{Region: region, Verb: "share.begin", Object: source, Key: key, Body: []any{source, asOf}}
	id, err := audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (id string, err error) {
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return "", err
		}
		var ok bool
		if src, ok = SourceOf(v, source); !ok {
			return "", fault.Field("source", "请选这份名单是哪个部门的哪一份")
		}
		if asOf == 0 || asOf > tx.Today() {
			return "", fault.Field("asof", "请填名单截至哪一天，不能晚于今天")
		}
		last, err := newest(tx, region)
		if err != nil {
			return "", err
		}
		if have := last[source]; have > asOf {
			return "", fault.New(fault.Conflict, "已经导入过截至%s的%s，比这一份新。请用更新的名单。", have.Chinese(), src.Name)
		}
		id = tx.NewID()
		_, err = tx.Exec(putBatch, region, id, source, name, asOf, who.ID, who.Name, tx.Millis())
		return id, err
	})
	return id, src, err
}

type importer struct {
	s              *Service
	who            audit.Actor
	region, batch  string
	src            Source
	asOf, today    day.Day
	opt            ImportOptions
	file           *sheet.File
	fresh          bool // the source had no facts when the import began
	seen           map[[24]byte]int32
	report         *Report
	rejects        *rejects
	pending        []entry
	done           atomic.Int64
	ignored, notes []string
}

type work struct {
	head *head
	rows []sheet.Row
	out  chan []entry
	err  error
}

func (s *Service) run(ctx context.Context, who audit.Actor, region, id string, src Source, path string, asOf day.Day, opt ImportOptions) (*Report, error) {
	begun := s.Log.DB.Now()
	f, err := sheet.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	im := &importer{s: s, who: who, region: region, batch: id, src: src, asOf: asOf, today: day.FromTime(begun), opt: opt, file: f,
		seen: map[[24]byte]int32{}, report: &Report{Problems: []person.Problem{}}}
	if im.opt.Chunk == 0 {
		im.opt.Chunk = chunkRows
	}
	if opt.Rejects != "" {
		im.rejects = &rejects{Rejects: sheet.NewRejects(opt.Rejects)}
		defer im.rejects.Abandon()
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		have, err := db.All(tx, db.Value[string], anyFact, region, src.ID)
		im.fresh = len(have) == 0
		return err
	})
	if err == nil {
		err = im.all(ctx)
	}
	if err == nil {
		err = im.close(ctx)
	}
	if err != nil {
		return nil, err
	}
	r := im.report
	r.Ignored, r.Notes = im.ignored, append(im.notes, f.Notes...)
	if im.rejects != nil && r.Rejected > 0 {
		if err := im.rejects.Finish(); err != nil {
			return nil, err
		}
		r.Rejects = filepath.Base(opt.Rejects)
	}
	r.Millis = s.Log.DB.Now().Sub(begun).Milliseconds()
	return r, nil
}

func (im *importer) all(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	const ahead = chunkRows / batchRows
	queue, jobs := make(chan *work, ahead), make(chan *work, ahead)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	wg.Go(func() {
		defer close(queue)
		defer close(jobs)
		im.read(ctx, queue, jobs)
	})
	for range 2 {
		wg.Go(func() {
			for w := range jobs {
				out := make([]entry, len(w.rows))
				for i, r := range w.rows {
					out[i] = im.check(w.head, r)
				}
				w.out <- out
			}
		})
	}
	for w := range queue {
		if w.err != nil {
			return w.err
		}
		if err := im.take(ctx, <-w.out); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return im.flush(ctx)
}

// read cuts the file into pieces; heads are understood here, one per sheet.
func (im *importer) read(ctx context.Context, queue, jobs chan<- *work) {
	var w *work
	send := func(w *work) bool {
		im.done.Store(im.file.Read())
		if w == nil {
			return true
		}
		if w.err == nil {
			select {
			case jobs <- w:
			case <-ctx.Done():
				return false
			}
		}
		select {
		case queue <- w:
			return true
		case <-ctx.Done():
			return false
		}
	}
	fail := func(err error) {
		if send(w) {
			send(&work{err: err})
		}
	}
	var h *head
	noHead := fault.Field("file", "没有认出表头。第一行要写各列的名称：%s", im.src.Heads())
	found, sheetName, before := false, "", 0
	for {
		row, err := im.file.Next()
		if err == io.EOF {
			if !found {
				fail(noHead)
			} else {
				send(w)
			}
			return
		}
		if err != nil {
			fail(err)
			return
		}
		if row.Sheet != sheetName {
			h, sheetName, before = nil, row.Sheet, 0
		}
		if row.Blank() {
			continue
		}
		if h == nil {
			var ignored []string
			if row.Bad == "" {
				if h, ignored, err = headOf(im.src, im.file, &row); err != nil {
					fail(err)
					return
				}
			}
			if h != nil {
				found = true
				im.ignored = append(im.ignored, ignored...)
			} else if before++; before == headLook {
				if sheetName == "" {
					fail(noHead)
					return
				}
				im.notes = append(im.notes, "工作表「"+sheetName+"」没有认出表头，没有读")
			}
			continue
		}
		if w != nil && (w.head != h || len(w.rows) == batchRows) {
			if !send(w) {
				return
			}
			w = nil
		}
		if w == nil {
			w = &work{head: h, rows: make([]sheet.Row, 0, batchRows), out: make(chan []entry, 1)}
		}
		w.rows = append(w.rows, row)
	}
}

// take receives checked rows in the order of the file.
func (im *importer) take(ctx context.Context, rows []entry) error {
	im.report.Rows += len(rows)
	for i := range rows {
		if len(rows[i].problems) > 0 {
			if err := im.reject(&rows[i]); err != nil {
				return err
			}
			continue
		}
		if im.pending = append(im.pending, rows[i]); len(im.pending) >= im.opt.Chunk {
			if err := im.flush(ctx); err != nil {
				return err
			}
		}
	}
	if im.opt.Progress != nil {
		im.opt.Progress(person.Progress{Rows: im.report.Rows, Rejected: im.report.Rejected, Done: im.done.Load(), Total: im.file.Size})
	}
	return nil
}

func (im *importer) reject(e *entry) error {
	r := im.report
	r.Rejected++
	for _, p := range e.problems {
		if len(r.Problems) < maxProblems {
			r.Problems = append(r.Problems, p)
		} else {
			r.More++
		}
	}
	if im.rejects == nil {
		return nil
	}
	return im.rejects.add(e)
}

// flush matches and writes what has gathered, in one audited transaction.
func (im *importer) flush(ctx context.Context) error {
	if len(im.pending) == 0 {
		return nil
	}
	m, err := im.chunk(ctx)
	for try := 0; err != nil && db.IsUnique(err) && try < 3; try++ {
		im.fresh = false // somebody else writes this source too: look before writing
		m, err = im.chunk(ctx)
	}
	if err != nil {
		return err
	}
	for _, e := range m.twice {
		if err := im.reject(e); err != nil {
			return err
		}
	}
	r := im.report
	for _, f := range m.facts {
		var k [24]byte
		copy(k[:], f.Person)
		im.seen[k] = int32(f.Line)
	}
	r.Matched, r.ByLink, r.Doubtful, r.Unmatched = r.Matched+len(m.facts), r.ByLink+m.linked, r.Doubtful+m.doubtful, r.Unmatched+m.unmatched
	r.New, r.Changed, r.Same = r.New+m.added, r.Changed+m.changed, r.Same+m.same
	im.pending = im.pending[:0]
	return nil
}

func (im *importer) chunk(ctx context.Context) (m *matches, err error) {
	act := audit.Act{Region: im.region, Verb: "share.chunk", Object: im.batch, Body: []int{im.report.Rows, len(im.pending)}}
	err = audit.Run(ctx, im.s.Log, im.who, act, func(tx *db.Tx) error {
		if m, err = im.match(tx); err != nil {
			return err
		}
		return im.write(tx, m)
	})
	return m, err
}

// close ends what a full list no longer holds, and the open rows of older lists.
func (im *importer) close(ctx context.Context) error {
	act := audit.Act{Region: im.region, Verb: "share.close", Object: im.batch, Detail: map[string]int{"rows": im.report.Rows, "matched": im.report.Matched}}
	return audit.Run(ctx, im.s.Log, im.who, act, func(tx *db.Tx) error {
		if im.src.Mode != "full" {
			return nil
		}
		if _, err := tx.Exec(closeRows, im.region, im.src.ID, im.batch); err != nil || im.fresh {
			return err
		}
		im.report.Ended = 0
		for after := ""; ; {
			page, err := db.All(tx, db.Value[string], openFacts, im.region, im.src.ID, after, im.opt.Chunk)
			if err != nil || len(page) == 0 {
				return err
			}
			after = page[len(page)-1]
			var gone []string
			for _, p := range page {
				var k [24]byte
				copy(k[:], p)
				if im.seen[k] == 0 {
					gone = append(gone, p)
				}
			}
			if len(gone) == 0 {
				continue
			}
			im.report.Ended += len(gone)
			if _, err := tx.Exec(endFacts, im.region, im.src.ID, gone, im.asOf, im.batch); err != nil {
				return err
			}
			if im.src.Gives == GivesGroup {
				if err := im.s.Persons.EndGroups(tx, im.region, im.src.Value, im.src.Department, gone); err != nil {
					return err
				}
			}
		}
	})
}

func twice(e *entry, line int32) {
	e.problems = []person.Problem{{Sheet: e.row.Sheet, Row: e.row.Line, Value: e.mask(), Reason: "和第" + strconv.Itoa(int(line)) + "行是同一个人，只收了前一行"}}
}
