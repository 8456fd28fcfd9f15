package policy

import "testing"

func TestEmbeddedLoads(t *testing.T) {
	if _, err := Load(""); err != nil {
		t.Fatal(err)
	}
}
