package policy

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"sort"
	"strings"
	"sync"

	"yinling/internal/fault"
	"yinling/packs"
)

// Problem is one fault of a pack, where it stands and how to get rid of it.
type Problem struct {
	File      string
	Line, Col int
	Text      string // the line that it stands in
	Say       string
}

// String writes the problem with its line and a caret under the place.
func (p Problem) String() string {
	switch {
	case p.Line == 0:
		return p.File + "：" + p.Say
	case p.Text == "":
		return fmt.Sprintf("%s:%d：%s", p.File, p.Line, p.Say)
	}
	var pad strings.Builder
	for i, r := range []rune(p.Text) {
		if i >= p.Col-1 {
			break
		}
		if r >= 0x1100 {
			pad.WriteRune('　') // a Chinese character is two columns wide
		} else {
			pad.WriteByte(' ')
		}
	}
	return fmt.Sprintf("%s:%d:%d：%s\n    %s\n    %s^", p.File, p.Line, p.Col, p.Say, p.Text, pad.String())
}

// Problems is every fault found in one loading, in the order of files and lines.
type Problems []Problem

func (ps Problems) Error() string {
	s := make([]string, len(ps))
	for i, p := range ps {
		s[i] = p.String()
	}
	return strings.Join(s, "\n")
}

// file is one YAML file of a pack.
type file struct {
	name  string // as messages show it
	path  string // inside the pack, such as assess.yaml
	text  string
	lines []string
}

func newFile(name, path, text string) *file {
	text = strings.TrimPrefix(text, "\ufeff") // some editors begin a UTF-8 file with it
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return &file{name: name, path: path, text: text, lines: strings.Split(text, "\n")}
}

// folder is one region folder before it is understood.
type folder struct {
	name  string
	files []*file  // *.yaml at its top
	cases []*file  // cases/*.yaml
	stray []string // folders that nobody would read
}

type loader struct {
	problems Problems
	chain    []*Pack      // of the pack that is being read, for its documents
	given    map[int]bool // keys that some pack names
	replay   bool         // a stored bundle: unknown keys are of another time, not faults
}

func (l *loader) at(f *file, line, col int, format string, args ...any) {
	p := Problem{File: f.name, Line: line, Col: col, Say: fmt.Sprintf(format, args...)}
	if line >= 1 && line <= len(f.lines) {
		p.Text = f.lines[line-1]
	}
	l.problems = append(l.problems, p)
}

func (l *loader) node(f *file, n yamlNode, format string, args ...any) {
	p := position(n)
	l.at(f, p.Line, p.Column, format, args...)
}

// embedded is read once: it never changes and every test asks for it.
var embedded = sync.OnceValues(func() (*Set, error) { return load(nil) })

// Load reads the packs that ship with the program and lays the folder
// overlayDir over them ("" = none): a region in the folder replaces the shipped
// region of the same code or is added. The folder is either one region folder
// (it holds pack.yaml) or holds region folders. The error is fault.Invalid and
// its sentence lists every problem with file, line and caret.
func Load(overlayDir string) (*Set, error) {
	if overlayDir == "" {
		return embedded()
	}
	l := &loader{}
	folders := l.overlay(overlayDir)
	if len(l.problems) > 0 {
		return nil, l.err()
	}
	return load(folders)
}

func load(overlay []folder) (*Set, error) {
	l := &loader{}
	folders, err := readFolders(packs.FS, ".", "packs")
	if err != nil {
		return nil, err
	}
	set := l.build(folders, overlay)
	if len(l.problems) > 0 {
		return nil, l.err()
	}
	return set, nil
}

func (l *loader) err() error {
	sort.SliceStable(l.problems, func(i, j int) bool {
		a, b := l.problems[i], l.problems[j]
		if a.File != b.File {
			return a.File < b.File
		}
		return a.Line < b.Line
	})
	return &fault.Error{Kind: fault.Invalid, Field: "packs",
		Say: fmt.Sprintf("政策包有 %d 处要改：\n%s", len(l.problems), l.problems.Error())}
}

// overlay reads a folder that somebody gave us.
func (l *loader) overlay(dir string) []folder {
	here := &file{name: dir}
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		l.at(here, 0, 0, "没有这个文件夹；--packs 后面请写政策包所在的文件夹")
		return nil
	}
	fsys := os.DirFS(dir)
	if _, err := fs.Stat(fsys, "pack.yaml"); err == nil {
		f, err := readFolder(fsys, ".", dir)
		if err != nil {
			l.at(here, 0, 0, "读不出来：%v", err)
			return nil
		}
		return []folder{f}
	}
	folders, err := readFolders(fsys, ".", dir)
	if err != nil {
		l.at(here, 0, 0, "读不出来：%v", err)
	} else if len(folders) == 0 {
		l.at(here, 0, 0, "里面没有政策包；每个地区一个文件夹，文件夹里要有 pack.yaml")
	}
	return folders
}

func readFolders(fsys fs.FS, root, shown string) ([]folder, error) {
	entries, err := fs.ReadDir(fsys, root)
	if err != nil {
		return nil, err
	}
	var out []folder
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		f, err := readFolder(fsys, path.Join(root, e.Name()), path.Join(shown, e.Name()))
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func readFolder(fsys fs.FS, dir, shown string) (folder, error) {
	out := folder{name: shown}
	read := func(sub string) ([]*file, error) {
		entries, err := fs.ReadDir(fsys, path.Join(dir, sub))
		if err != nil {
			return nil, err
		}
		var files []*file
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") || path.Ext(e.Name()) == ".md" {
				continue
			}
			if e.IsDir() {
				if sub != "." || e.Name() != "cases" {
					out.stray = append(out.stray, path.Join(shown, sub, e.Name()))
				}
				continue
			}
			b, err := fs.ReadFile(fsys, path.Join(dir, sub, e.Name()))
			if err != nil {
				return nil, err
			}
			files = append(files, newFile(path.Join(shown, sub, e.Name()), path.Join(sub, e.Name()), string(b)))
		}
		return files, nil
	}
	var err error
	if out.files, err = read("."); err != nil {
		return out, err
	}
	if _, e := fs.Stat(fsys, path.Join(dir, "cases")); e == nil {
		out.cases, err = read("cases")
	}
	return out, err
}
