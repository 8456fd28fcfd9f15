package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"yinling/internal/day"
	"yinling/internal/db"
)

// Job is a leased job as a handler sees it.
type Job struct {
	Region, ID, Kind, Key string
	Args                  json.RawMessage
	Tries                 int64 // this one included
	lease                 int64
}

// Runner runs due jobs. Register handlers with On and schedules with Daily
// before Run.
type Runner struct {
	DB      *db.DB
	Regions func() []string // the pooling regions this process serves
	Workers int             // at once; 0 means 2
	Log     *slog.Logger    // nil: slog.Default

	handlers map[string]func(context.Context, Job) error
	daily    []daily
	wake     chan struct{}
	once     sync.Once
	mu       sync.Mutex
	running  map[string]bool // ids in hand here: a clock step must not start one twice
	put      map[string]day.Day
}

type daily struct {
	minutes int // after midnight in China
	make    func(region string, on day.Day) Args
	kind    string
}

// The lease outlives any sane handler; a handler gets its context cancelled
// well before another process may take the job.
const (
	leaseTime = 10 * time.Minute
	limit     = 8 * time.Minute
	maxTries  = 20
	poll      = time.Second
)

func (r *Runner) init() {
	r.once.Do(func() {
		r.handlers = map[string]func(context.Context, Job) error{}
		r.wake = make(chan struct{}, 1)
		r.running, r.put = map[string]bool{}, map[string]day.Day{}
		if r.Log == nil {
			r.Log = slog.Default()
		}
		if r.Workers == 0 {
			r.Workers = 2
		}
	})
}

// On registers the handler of A's kind; a second handler of a kind panics.
// The handler may run more than once for a job and must then do nothing new;
// its error puts the job back with a growing delay.
func On[A Args](r *Runner, handle func(ctx context.Context, j Job, args A) error) {
	r.init()
	var a A
	kind := a.Kind()
	if r.handlers[kind] != nil {
		panic("job: two handlers of " + kind)
	}
	r.handlers[kind] = func(ctx context.Context, j Job) error {
		var a A
		if err := json.Unmarshal(j.Args, &a); err != nil {
			return fmt.Errorf("args of %s: %w", kind, err)
		}
		return handle(ctx, j, a)
	}
}

// Daily enqueues, once per region and civil day, the job that mk makes, when
// the clock in China has passed hour:minute. The day is the job's key, so that
// no step of the clock and no second server runs a day twice.
func (r *Runner) Daily(hour, minute int, mk func(region string, on day.Day) Args) {
	r.init()
	r.daily = append(r.daily, daily{hour*60 + minute, mk, mk("", 0).Kind()})
}

// Kinds lists the kinds that have a handler.
func (r *Runner) Kinds() []string {
	r.init()
	var out []string
	for k := range r.handlers {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Wake makes the runner look at once, after a commit that put a job.
func (r *Runner) Wake() {
	r.init()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, then lets the handlers that run finish for up to
// ten seconds. Jobs cut off are taken up again after their lease. It fails when
// there is no region to work for.
func (r *Runner) Run(ctx context.Context) error {
	r.init()
	if len(r.Regions()) == 0 {
		return errors.New("job: no region")
	}
	hard, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	work := make(chan Job)
	var wg sync.WaitGroup
	for range r.Workers {
		wg.Go(func() {
			for j := range work {
				r.run(hard, j)
			}
		})
	}
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for ctx.Err() == nil {
		r.schedule(ctx)
		more := false
		for _, region := range r.Regions() {
			jobs, err := r.lease(ctx, region, 16)
			if err != nil && ctx.Err() == nil {
				r.Log.Error("job: lease", "region", region, "err", err)
			}
			for _, j := range jobs {
				work <- j
			}
			more = more || len(jobs) > 0
		}
		if more {
			continue
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-r.wake:
		}
	}
	close(work)
	end := time.AfterFunc(10*time.Second, kill)
	defer end.Stop()
	wg.Wait()
	return nil
}

// Drain runs what is due now, in the caller's goroutine, until nothing is left,
// and returns how many jobs ran. Tests, demo and batch commands use it.
func (r *Runner) Drain(ctx context.Context) (int, error) {
	r.init()
	n := 0
	for {
		r.schedule(ctx)
		ran := 0
		for _, region := range r.Regions() {
			jobs, err := r.lease(ctx, region, 16)
			if err != nil {
				return n, err
			}
			for _, j := range jobs {
				r.run(ctx, j)
			}
			ran += len(jobs)
		}
		if n += ran; ran == 0 {
			return n, nil
		}
	}
}

func (r *Runner) schedule(ctx context.Context) {
	for i, s := range r.daily {
		now := r.DB.Now().In(day.Shanghai)
		if now.Hour()*60+now.Minute() < s.minutes {
			continue
		}
		on := day.FromTime(now)
		for _, region := range r.Regions() {
			mark := fmt.Sprint(region, " ", i)
			if r.put[mark] == on {
				continue
			}
			err := r.DB.Write(ctx, func(tx *db.Tx) error {
				return Put(tx, region, on.String(), time.Time{}, s.make(region, on))
			})
			if err != nil {
				r.Log.Error("job: schedule", "kind", s.kind, "region", region, "err", err)
				continue
			}
			r.put[mark] = on
		}
	}
}

// lease takes up to n due jobs. A lease that ends later than any lease can is
// one that a clock since set back has left: it does not count.
func (r *Runner) lease(ctx context.Context, region string, n int) ([]Job, error) {
	now := r.DB.Now().UnixMilli()
	never := now + 2*leaseTime.Milliseconds()
	var ids []string
	err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		ids, err = db.All(tx, db.Value[string], dueJobs, region, now, never, n)
		return err
	})
	r.mu.Lock()
	ids = slices.DeleteFunc(ids, func(id string) bool { return r.running[id] })
	r.mu.Unlock()
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	var jobs []Job
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		jobs = jobs[:0]
		for _, id := range ids {
			j, err := db.One(tx, func(s db.Row) (j Job, err error) {
				var args string
				err = s.Scan(&j.Kind, &j.Key, &args, &j.Tries)
				j.Region, j.ID, j.Args = region, id, json.RawMessage(args)
				return j, err
			}, leaseJob, region, id, now, now+leaseTime.Milliseconds(), never)
			if errors.Is(err, db.ErrNone) {
				continue // another server was quicker
			}
			if err != nil {
				return err
			}
			j.lease = now + leaseTime.Milliseconds()
			jobs = append(jobs, j)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	for _, j := range jobs {
		r.running[j.ID] = true
	}
	r.mu.Unlock()
	return jobs, nil
}

func (r *Runner) run(ctx context.Context, j Job) {
	defer func() {
		r.mu.Lock()
		delete(r.running, j.ID)
		r.mu.Unlock()
	}()
	err := r.call(ctx, j)
	now := r.DB.Now().UnixMilli()
	done, due, text := now, int64(0), ""
	if err != nil {
		text = err.Error()
		done, due = 0, now+backoff(j.Tries).Milliseconds()
		if j.Tries >= maxTries {
			done = givenUp
		}
		r.Log.Warn("job: failed", "kind", j.Kind, "id", j.ID, "try", j.Tries, "err", err)
	}
	err = r.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		_, err := tx.Exec(endJob, j.Region, j.ID, j.lease, done, due, text)
		return err
	})
	if err != nil {
		r.Log.Error("job: end", "kind", j.Kind, "id", j.ID, "err", err) // the lease runs out and it runs again
	}
}

func (r *Runner) call(ctx context.Context, j Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	h := r.handlers[j.Kind]
	if h == nil {
		return fmt.Errorf("no handler of %s in this program", j.Kind)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return h(ctx, j)
}

// backoff grows from two seconds to an hour.
func backoff(tries int64) time.Duration {
	return min(time.Second<<min(tries, 12), time.Hour)
}
