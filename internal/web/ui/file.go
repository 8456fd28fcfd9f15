package ui

import (
	"context"
	"io"
	"net/http"
	"os"
	"time"

	"yinling/internal/audit"
)

// SendFile answers with a file that people handed in: shown or played, and
// nothing in it runs.
func SendFile(w http.ResponseWriter, r *http.Request, mime string, at time.Time, f io.ReadSeeker) error {
	w.Header().Set("Content-Type", mime)
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'")
	http.ServeContent(w, r, "", at, f)
	return nil
}

// FileOf answers the address of a file, …/{id}/file/{doc}: open finds it for who
// may see it.
func FileOf(open func(ctx context.Context, who audit.Actor, id, doc string) (mime string, at time.Time, f *os.File, err error)) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		mime, at, f, err := open(r.Context(), Actor(r), r.PathValue("id"), r.PathValue("doc"))
		if err != nil {
			return err
		}
		defer f.Close()
		return SendFile(w, r, mime, at, f)
	}
}
