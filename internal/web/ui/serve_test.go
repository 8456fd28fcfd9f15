package ui

import (
	"net/http"
	"os"
	"testing"
)

// TestServe serves the gallery for looking at it and for the page audit, when
// YINLING_UI_ADDR names an address.
func TestServe(t *testing.T) {
	addr := os.Getenv("YINLING_UI_ADDR")
	if addr == "" {
		t.Skip("YINLING_UI_ADDR is not set: nobody wants to look")
	}
	h := house(t, citizen, func(f *Form, r *http.Request) error {
		f.Text("name", "名字")
		return f.Err()
	})
	t.Fatal(http.ListenAndServe(addr, h.Config.Handler))
}
