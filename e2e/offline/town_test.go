// Package offline walks the care worker's phone in a real browser: no network,
// killed tab, reboot, lost reply, wrong clock, refused location. Whatever
// happens, a visit exists once, with the device's times (bars D1, D2, D4, D10).
package offline

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yinling/internal/app"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/demo"
	"yinling/internal/institution"
	"yinling/internal/person"
)

const region = demo.Region

// today is a Wednesday in a year with a calendar.
var today = day.MustParse("2026-06-03")

// What the network does.
const (
	up      = int32(iota)
	down    // nobody answers
	swallow // the server does it, the answer never arrives
	nosync  // pages come, uploads get no answer
)

// town is the program with its demonstration city; its clock runs with the
// machine's from nine o'clock of today, and can be moved on.
type town struct {
	*app.App
	t     *testing.T
	base  string
	net   atomic.Int32
	shift atomic.Int64 // ms from the machine's clock to the town's
	login sync.Mutex
}

func (w *town) now() time.Time {
	return time.Now().Add(time.Duration(w.shift.Load()) * time.Millisecond)
}

// later moves the clock on.
func (w *town) later(d time.Duration) { w.shift.Add(d.Milliseconds()) }

func newTown(t *testing.T) *town {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &town{t: t, base: "http://" + l.Addr().String()}
	clock := &demo.Clock{}
	clock.At(today, 9, 0)
	var live atomic.Bool
	w.App, err = app.Open(context.Background(), app.Config{DB: "sqlite:" + filepath.Join(t.TempDir(), "y.db"), Data: t.TempDir(), Addr: l.Addr().String(),
		Region: region, Agency: demo.Agency, Demo: true, AllowUnsafe: true, Now: func() time.Time {
			if live.Load() {
				return w.now()
			}
			return clock.Now()
		}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.App.Close() })
	if err := demo.Fill(t.Context(), w.App, clock, demo.Small, func(string, ...any) {}); err != nil {
		t.Fatal(err)
	}
	clock.At(today, 9, 0)
	w.shift.Store(clock.Now().Sub(time.Now()).Milliseconds())
	live.Store(true)
	h, err := w.App.Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: w.gate(h)}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return w
}

// gate is the network between phone and server.
func (w *town) gate(h http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch w.net.Load() {
		case down:
			panic(http.ErrAbortHandler)
		case nosync:
			if r.URL.Path == "/v/sync" {
				panic(http.ErrAbortHandler)
			}
		case swallow:
			if r.Method == http.MethodPost {
				h.ServeHTTP(httptest.NewRecorder(), r)
				panic(http.ErrAbortHandler)
			}
		}
		h.ServeHTTP(rw, r)
	})
}

func (w *town) write(fn func(tx *db.Tx) error) {
	w.t.Helper()
	if err := w.DB.Write(context.Background(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) read(fn func(tx *db.Tx) error) {
	w.t.Helper()
	if err := w.DB.Read(context.Background(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) text(query string, args ...any) (s string) {
	w.t.Helper()
	if err := w.DB.Raw().QueryRow(query, args...).Scan(&s); err != nil {
		w.t.Fatalf("%v: %s", err, query)
	}
	return s
}

// planned puts a visit into the day of a worker: the home, the items, an hour.
func (w *town) planned(login, id string) (v care.Visit, home person.Person) {
	w.t.Helper()
	account := w.text(`SELECT id FROM access_account WHERE region = $1 AND login = $2`, region, login)
	w.write(func(tx *db.Tx) error {
		m, err := institution.StaffByAccount(tx, region, account)
		if err != nil {
			return err
		}
		plans, err := care.PlansOf(tx, region, m.Institution, care.Active, 100)
		if err != nil {
			return err
		}
		now := w.now()
		for _, p := range plans {
			if home, err = w.Person.Get(tx, region, p.Person); err != nil {
				return err
			}
			if home.Lat == 0 || p.Mode != "home" {
				continue
			}
			v = care.Visit{Region: region, ID: id, Plan: p.ID, Person: p.Person, Institution: p.Institution, Staff: m.ID, On: day.FromTime(now), Mode: "home",
				PlannedAt: now.Truncate(time.Minute).UnixMilli(), PlannedMinutes: 60, Status: care.Planned}
			for _, it := range p.Items {
				v.PlannedItems = append(v.PlannedItems, care.DoneItem{Item: it.Item, Minutes: it.Minutes})
			}
			_, err = care.InsertVisits(tx, []care.Visit{v})
			return err
		}
		return fmt.Errorf("no plan in force for %s among %d", login, len(plans))
	})
	return v, home
}

func (w *town) visit(id string) (v care.Visit) {
	w.t.Helper()
	w.read(func(tx *db.Tx) (err error) { v, err = care.GetVisit(tx, region, id); return err })
	return v
}

// count is how many events of a kind the server has of a visit; "" all.
func (w *town) count(visit, kind string) string {
	return w.text(`SELECT COUNT(*) FROM care_sync WHERE region = $1 AND visit = $2 AND ($3 = '' OR kind = $3)`, region, visit, kind)
}

func (w *town) doubts(visit string) map[string]string {
	out := map[string]string{}
	w.read(func(tx *db.Tx) error {
		xs, err := care.ExceptionsOfVisit(tx, region, visit)
		for _, x := range xs {
			out[x.Kind] = x.Say
		}
		return err
	})
	return out
}

func fetch(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != 200 {
		t.Fatalf("%s: %d %v", url, r.StatusCode, err)
	}
	return string(b)
}

func has(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, s := range words {
		if !strings.Contains(text, s) {
			t.Fatalf("no %q in\n%s", s, text)
		}
	}
}
