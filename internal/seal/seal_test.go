package seal

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"yinling/internal/fault"
)

func keys(t testing.TB) (*Keys, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys", "field.key")
	k, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	return k, path
}

const number = "990100194203150023"

func TestSealOpensOnlyInItsPlace(t *testing.T) {
	k, path := keys(t)
	a, b := k.Seal("320700", "id", number), k.Seal("320700", "id", number)
	if a == b || strings.Contains(a, number) {
		t.Fatal("two seals of one text must differ and hide it")
	}
	if got, err := k.Open("320700", "id", a); err != nil || got != number {
		t.Fatalf("open: %q, %v", got, err)
	}
	again, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open("320700", "id", a); err != nil || got != number {
		t.Fatalf("open after restart: %q, %v", got, err)
	}
	for name, f := range map[string]func() (string, error){
		"other field":  func() (string, error) { return k.Open("320700", "phone", a) },
		"other region": func() (string, error) { return k.Open("350100", "id", a) },
		"cut":          func() (string, error) { return k.Open("320700", "id", a[:len(a)-2]) },
		"unknown key":  func() (string, error) { return k.Open("320700", "id", "k9"+a[2:]) },
		"plain":        func() (string, error) { return k.Open("320700", "id", number) },
	} {
		if got, err := f(); err == nil || got != "" || strings.Contains(err.Error(), number) {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	other, _ := keys(t)
	if _, err := other.Open("320700", "id", a); err == nil {
		t.Error("another key file opened it")
	}
	// every flipped bit is noticed
	raw, _ := base64.RawURLEncoding.DecodeString(a[3:])
	for i := range raw {
		raw[i] ^= 1
		if _, err := k.Open("320700", "id", "k1."+base64.RawURLEncoding.EncodeToString(raw)); err == nil {
			t.Fatalf("flipped byte %d not noticed", i)
		}
		raw[i] ^= 1
	}
}

func TestIndexIsBlindAndStable(t *testing.T) {
	k, path := keys(t)
	x := k.Index("320700", "id", number)
	if len(x) != 22 || x != k.Index("320700", "id", number) {
		t.Fatalf("index %q", x)
	}
	other, _ := keys(t)
	for _, y := range []string{k.Index("350100", "id", number), k.Index("320700", "phone", number),
		k.Index("320700", "id", number[:17]+"X"), other.Index("320700", "id", number)} {
		if x == y {
			t.Fatal("an index was repeated")
		}
	}
	// A new key seals; the old one still opens; indexes stay.
	sealed := k.Seal("320700", "id", number)
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString("k2 " + base64.StdEncoding.EncodeToString(make([]byte, masterSize)) + "\n")
	f.Close()
	two, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if two.Index("320700", "id", number) != x || !two.Stale(sealed) || !strings.HasPrefix(two.Seal("r", "f", "x"), "k2.") {
		t.Fatal("rotation")
	}
	if got, err := two.Open("320700", "id", sealed); err != nil || got != number {
		t.Fatalf("old seal: %q, %v", got, err)
	}
}

func TestKeyFile(t *testing.T) {
	_, path := keys(t)
	if st, _ := os.Stat(path); st.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v", st.Mode())
	}
	if _, err := Create(path); !fault.Is(err, fault.Conflict) {
		t.Fatalf("second Create: %v", err)
	}
	if _, err := Open(path + "x"); !fault.Is(err, fault.NotFound) {
		t.Fatalf("missing: %v", err)
	}
	os.Chmod(path, 0o644)
	if _, err := Open(path); !fault.Is(err, fault.Invalid) {
		t.Fatalf("readable by others: %v", err)
	}
	for _, bad := range []string{"", "# nothing\n", "k1\n", "k1 abc\n", "k.1 " + base64.StdEncoding.EncodeToString(make([]byte, 32)) + "\n"} {
		p := filepath.Join(t.TempDir(), "k")
		os.WriteFile(p, []byte(bad), 0o600)
		if _, err := Open(p); err == nil {
			t.Errorf("opened %q", bad)
		}
	}
}

func TestManyGoroutines(t *testing.T) {
	k, _ := keys(t)
	want := k.Index("r", "id", number)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 500 {
				got, err := k.Open("r", "id", k.Seal("r", "id", number))
				if err != nil || got != number || k.Index("r", "id", number) != want {
					t.Error("mixed up", err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkSeal(b *testing.B) {
	k, _ := keys(b)
	for b.Loop() {
		k.Seal("320700", "id", number)
	}
}

func BenchmarkIndex(b *testing.B) {
	k, _ := keys(b)
	for b.Loop() {
		k.Index("320700", "id", number)
	}
}
