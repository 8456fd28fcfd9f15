package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"

	"yinling/internal/audit"
	"yinling/internal/claim"
)

// ask is the JSON body of a settlement asked for over HTTP.
type ask struct {
	Visit  string `json:"visit"`
	Person string `json:"person"`
}

// HTTP measures settlements asked for as JSON over HTTP on loopback, by 32
// clients that keep their connections, beside the same shell that answers
// without a database.
func HTTP(ctx context.Context, p Plan) (Row, error) {
	row := Row{YardName: "the same HTTP and JSON shell without a database, 32 clients", Goal: 0.3}
	visits := int(4000*p.Seconds)*max(1, p.Rounds) + 2000
	c, err := Build(ctx, p.URL, p.Dir, p.Persons, min(10_000, p.Persons), visits)
	if err != nil {
		return row, err
	}
	defer c.DB.Close()
	row.What = fmt.Sprintf("end to end over HTTP, %s, 32 clients", c.DB.Dialect)
	var next atomic.Int64
	if err := c.Doorsteps(ctx, &next, 1500); err != nil {
		return row, err
	}
	if err := c.Analyse(ctx); err != nil {
		return row, err
	}
	c.Claim.Start(audit.GroupOptions{})
	defer c.Claim.Close()
	shell := func(settle func(ctx context.Context, x ask) (claim.Receipt, error)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			var x ask
			if err := json.NewDecoder(r.Body).Decode(&x); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			got, err := settle(r.Context(), x)
			if err != nil {
				http.Error(w, err.Error(), http.StatusConflict)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			json.NewEncoder(w).Encode(got)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/settle", shell(func(ctx context.Context, x ask) (claim.Receipt, error) { return c.settle(ctx, x.Visit, x.Person) }))
	mux.Handle("/shell", shell(func(_ context.Context, x ask) (claim.Receipt, error) {
		return claim.Receipt{Visit: x.Visit, Round: 1, Total: 6500, Fund: 5200, Person: 1300, Voucher: "ltci-1-1", Decision: x.Visit}, nil
	}))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return row, err
	}
	srv := &http.Server{Handler: mux}
	go srv.Serve(l)
	defer srv.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}}
	post := func(ctx context.Context, path string) error {
		i := int(next.Add(1) - 1)
		if path == "/settle" && i >= visits {
			return fmt.Errorf("bench: out of visits: fewer seconds or rounds")
		}
		id, person := c.Visit(i)
		body, _ := json.Marshal(ask{id, person})
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+l.Addr().String()+path, bytes.NewReader(body))
		if err != nil {
			return err
		}
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err == nil && res.StatusCode != http.StatusOK {
			err = fmt.Errorf("bench: %s: %s", res.Status, b)
		}
		return err
	}
	for range max(1, p.Rounds) {
		at := next.Load()
		y, _, _, err := Load(ctx, 32, p.Seconds, func(ctx context.Context, _ int) error { return post(ctx, "/shell") })
		if err != nil {
			return row, err
		}
		next.Store(at) // the shell settles nothing
		o, _, _, err := Load(ctx, 32, p.Seconds, func(ctx context.Context, _ int) error { return post(ctx, "/settle") })
		if err != nil {
			return row, err
		}
		row.Pairs = append(row.Pairs, [2]float64{o, y})
		p.Say("bench: %s: %.0f/s, shell %.0f/s, ratio %.2f; %s", row.What, o, y, o/y, Machine())
	}
	row.sum()
	return row, nil
}
