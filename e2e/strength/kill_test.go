// Package strength holds the long tests: kills, tampering, equal builds. They
// run with `go test ./e2e/strength`, each under the number of its promise.
package strength

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"yinling/bench"
	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fund"
	"yinling/internal/report"
)

func kills(t *testing.T, n int) int {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	if k, err := strconv.Atoi(os.Getenv("YINLING_KILLS")); err == nil {
		return k
	}
	return n
}

func TestT01KillSQLite(t *testing.T) {
	n := kills(t, 200)
	killed(t, "sqlite:"+filepath.Join(t.TempDir(), "x.db"), n)
}

func TestT01KillPostgres(t *testing.T) {
	n := kills(t, 100)
	killed(t, durablePostgres(t), n)
}

// durablePostgres is a database on a server of our own that syncs: the server
// of the other tests may not, and the program rightly refuses that one.
func durablePostgres(t *testing.T) string {
	t.Helper()
	cmd := func(what string) *exec.Cmd {
		c := exec.Command("../../tools/pg", what)
		c.Env = append(os.Environ(), "YINLING_PG_PORT=54341", "YINLING_PG_FAST=")
		return c
	}
	out, err := cmd("start").Output()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("tools/pg: %v", err)
		}
		t.Skipf("tools/pg: %v", err)
	}
	t.Cleanup(func() { cmd("stop").Run() })
	t.Setenv("YINLING_TEST_PG", strings.TrimSpace(string(out)))
	return dbtest.PostgresURL(t)
}

const served, clients = 2000, 8

// T-01: the process is killed again and again in the middle of settlements;
// eight clients ask again with the same key until they are told «settled».
func killed(t *testing.T, url string, n int) {
	ctx := context.Background()
	dir := t.TempDir()
	visits := served * 20 // what the caps of a month hold
	c, err := bench.Build(ctx, url, dir, served, served, visits)
	if err != nil {
		t.Fatal(err)
	}
	c.DB.Close()
	bin := filepath.Join(dir, "settler")
	if out, err := exec.Command("go", "build", "-o", bin, "./settler").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	var addr atomic.Value // of the living server, "" between two lives
	addr.Store("")
	var next, acked, retried atomic.Int64
	ackedOf := make([]atomic.Bool, visits)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	web := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	for range clients {
		wg.Go(func() {
			for {
				i := int(next.Add(1) - 1)
				if i >= visits {
					return
				}
				for try := 0; ; try++ {
					select {
					case <-stop:
						return
					default:
					}
					if to := addr.Load().(string); to != "" && settle(web, to, i) {
						ackedOf[i].Store(true)
						acked.Add(1)
						if try > 0 {
							retried.Add(1)
						}
						break
					}
					time.Sleep(2 * time.Millisecond) // the server is away: ask again with the same key
				}
			}
		})
	}
	var starts []time.Duration
	for k := range n + 1 {
		begin := time.Now()
		cmd := exec.Command(bin, "-db", url, "-dir", dir, "-served", strconv.Itoa(served))
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			cmd.Wait()
			t.Fatalf("life %d: the server does not start: %v", k, err)
		}
		starts = append(starts, time.Since(begin))
		addr.Store(line[:len(line)-1])
		time.Sleep(time.Duration(50+rand.IntN(350)) * time.Millisecond) // the moment of death is the test
		if k == n {                                                     // the last life ends after everybody has an answer
			for acked.Load() < 5000 && next.Load() < int64(visits) {
				time.Sleep(50 * time.Millisecond)
			}
			close(stop)
			wg.Wait()
		}
		addr.Store("")
		cmd.Process.Signal(syscall.SIGKILL)
		cmd.Wait()
	}
	slices.Sort(starts)
	slowest := starts[len(starts)-1]
	// Half of them, so that a busy machine fails nothing that holds.
	if half := starts[len(starts)/2]; half > 5*time.Second {
		t.Errorf("ready after %v, want at most 5 s", half)
	}

	if c, err = bench.Open(ctx, url, dir); err != nil {
		t.Fatal(err)
	}
	defer c.DB.Close()
	stored := map[string]int64{}
	var receipts, used, takes int64
	for q, to := range map[string]*int64{
		`SELECT COUNT(*) FROM audit_receipt`:                                          &receipts,
		`SELECT CAST(SUM(used) AS BIGINT) FROM benefit_used WHERE cap = 'home-month'`: &used,
		`SELECT CAST(SUM(fund) AS BIGINT) FROM claim_bill WHERE status = 'settled'`:   &takes,
	} {
		if err := c.DB.Raw().QueryRow(q).Scan(to); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := c.DB.Raw().Query(`SELECT b.visit, COUNT(v.no) FROM claim_bill b LEFT JOIN fund_voucher v ON v.region = b.region AND v.ref = b.visit
		WHERE b.status = 'settled' GROUP BY b.visit`)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var visit string
		var vouchers int64
		if err := rows.Scan(&visit, &vouchers); err != nil {
			t.Fatal(err)
		}
		stored[visit] = vouchers
	}
	rows.Close()
	lost, twice := 0, 0
	for i := range visits {
		id := fmt.Sprintf("v%08d", i)
		if ackedOf[i].Load() && stored[id] == 0 {
			lost++
		}
		if stored[id] > 1 {
			twice++
		}
	}
	issued := min(next.Load(), int64(visits))
	if lost > 0 || twice > 0 || int64(len(stored)) > issued || receipts != int64(len(stored)) || used != takes {
		t.Errorf("lost %d, twice %d; stored %d of %d issued; receipts %d; caps hold %d fen, bills %d fen", lost, twice, len(stored), issued, receipts, used, takes)
	}
	if acked.Load() < 5000 && os.Getenv("YINLING_KILLS") == "" {
		t.Errorf("only %d acknowledged, want 5000: the test saw too little", acked.Load())
	}
	if rep, err := audit.Verify(ctx, c.Log, bench.Region, nil); err != nil || len(rep.Damage) > 0 {
		t.Errorf("audit: %+v, %v", rep.Damage, err)
	}
	if rep, err := fund.Verify(ctx, c.DB, ""); err != nil || !rep.OK {
		t.Errorf("ledger: %+v, %v", rep, err)
	}
	if err := c.DB.Read(ctx, func(tx *db.Tx) error {
		lonely, err := report.Orphans(tx, bench.Region)
		if len(lonely) > 0 {
			t.Errorf("orphans: %+v", lonely)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
	if retried.Load() == 0 {
		t.Error("no request was ever retried: the kills missed")
	}
	t.Logf("%d kills, %d acknowledged (%d after a retry), %d stored, slowest start %v", n, acked.Load(), retried.Load(), len(stored), slowest)
}

func settle(web *http.Client, addr string, i int) bool {
	r, err := web.Post(fmt.Sprintf("http://%s/settle/%d", addr, i), "", nil)
	if err != nil {
		return false
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return err == nil && r.StatusCode == 200 && string(b) == "settled"
}
