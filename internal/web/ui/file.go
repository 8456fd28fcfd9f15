package ui

import (
	"io"
	"net/http"
	"time"
)

// SendFile answers with a file that people handed in: shown or played, and
// nothing in it runs.
func SendFile(w http.ResponseWriter, r *http.Request, mime string, at time.Time, f io.ReadSeeker) error {
	w.Header().Set("Content-Type", mime)
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'")
	http.ServeContent(w, r, "", at, f)
	return nil
}
