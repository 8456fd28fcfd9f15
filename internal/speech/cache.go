package speech

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Cache keeps finished sound of public pages in a folder, by the hash of voice,
// speed and text. It never holds more than Max bytes: the oldest go first.
type Cache struct {
	Dir string
	Max int64

	mu sync.Mutex
}

func (c *Cache) path(key string) string {
	h := sha256.Sum256([]byte(key))
	return filepath.Join(c.Dir, hex.EncodeToString(h[:])+".wav")
}

// get gives what was kept, nil for nothing.
func (c *Cache) get(key string) []byte {
	b, err := os.ReadFile(c.path(key))
	if err != nil || len(b) <= headerLen {
		return nil
	}
	return b
}

// put keeps b; what is there under its name is whole, whenever the program stops.
func (c *Cache) put(key string, b []byte) error {
	if int64(len(b)) > c.Max {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return err
	}
	if err := c.shrink(c.Max - int64(len(b))); err != nil {
		return err
	}
	f, err := os.CreateTemp(c.Dir, "new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err = f.Write(b); err == nil {
		err = f.Close()
	} else {
		f.Close()
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), c.path(key))
}

// shrink removes the oldest until no more than max bytes are left.
func (c *Cache) shrink(max int64) error {
	list, err := os.ReadDir(c.Dir)
	if err != nil {
		return err
	}
	var files []os.FileInfo
	var sum int64
	for _, e := range list {
		if i, err := e.Info(); err == nil {
			files = append(files, i)
			sum += i.Size()
		}
	}
	slices.SortFunc(files, func(a, b os.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	for _, f := range files {
		if sum <= max {
			return nil
		}
		if err := os.Remove(filepath.Join(c.Dir, f.Name())); err != nil {
			return err
		}
		sum -= f.Size()
	}
	return nil
}
