package policy

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"sync"

	"yinling/internal/fault"
)

// bundle is the text of a pack and its ancestors, from the nation down: what a
// stored decision keeps so that it can be replayed.
func bundle(chain []*Pack) string {
	var b strings.Builder
	for i := len(chain) - 1; i >= 0; i-- {
		p := chain[i]
		for _, f := range p.files {
			fmt.Fprintf(&b, "== %s/%s %d\n%s\n", p.Region, f.path, len(f.text), f.text)
		}
	}
	return b.String()
}

// bundles keeps the last few Sets: decisions of one month share a bundle, and
// replaying them all must not read it thousands of times.
var bundles struct {
	sync.Mutex
	sets map[string]*Set
}

// LoadBundle makes a Set again from the text that a decision stored. Keys that
// no rule of this program reads any more are skipped.
func LoadBundle(text string) (*Set, error) {
	bundles.Lock()
	defer bundles.Unlock()
	if s := bundles.sets[text]; s != nil {
		return s, nil
	}
	s, err := readBundle(text)
	if err != nil {
		return nil, err
	}
	if bundles.sets == nil || len(bundles.sets) >= 8 {
		bundles.sets = map[string]*Set{}
	}
	bundles.sets[text] = s
	return s, nil
}

func readBundle(text string) (*Set, error) {
	var folders []folder
	bad := fault.New(fault.Internal, "存下来的政策包读不出来，可能被改动过；请用备份核对")
	for text != "" {
		head, rest, ok := strings.Cut(text, "\n")
		part := strings.Fields(head)
		if !ok || len(part) != 3 || part[0] != "==" {
			return nil, bad
		}
		n, err := strconv.Atoi(part[2])
		if err != nil || n < 0 || n >= len(rest) {
			return nil, bad
		}
		code, name := path.Split(part[1])
		code = strings.TrimSuffix(code, "/")
		if len(folders) == 0 || folders[len(folders)-1].name != code {
			folders = append(folders, folder{name: code})
		}
		last := &folders[len(folders)-1]
		last.files = append(last.files, newFile(part[1], name, rest[:n]))
		text = rest[n+1:]
	}
	l := &loader{replay: true}
	set := l.build(folders, nil)
	if len(l.problems) > 0 {
		return nil, l.err()
	}
	return set, nil
}
