// Command settler serves the doorstep settlement of a made city over HTTP on
// loopback, through the same service, committer and database as the server:
// the process that the kill tests kill.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"

	"yinling/bench"
	"yinling/internal/audit"
)

func main() {
	url, dir, served := flag.String("db", "", ""), flag.String("dir", "", ""), flag.Int("served", 0, "")
	flag.Parse()
	c, err := bench.Open(context.Background(), *url, *dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	c.Served = *served
	c.Claim.Start(audit.GroupOptions{})
	http.HandleFunc("POST /settle/{i}", func(w http.ResponseWriter, r *http.Request) {
		i, err := strconv.Atoi(r.PathValue("i"))
		if err == nil {
			err = c.Doorstep(r.Context(), i)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, "settled")
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(l.Addr())
	fmt.Fprintln(os.Stderr, http.Serve(l, nil))
	os.Exit(1)
}
