package policy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"yinling/internal/fault"
)

// What editors do to a file by themselves is no fault: a byte order mark, the
// line ends of Windows. Another encoding is, and is called by its name.
func TestEncodings(t *testing.T) {
	t.Parallel()
	const text = "test.wait_days:\n  - {value: 3, from: \"2024-01-01\", clause: {doc: base, article: 一}, grade: B}\n"
	for name, tc := range map[string]struct{ text, want string }{
		"plain":   {text, ""},
		"bom":     {"\ufeff" + text, ""},
		"windows": {"\ufeff" + strings.ReplaceAll(text, "\n", "\r\n"), ""},
		"gbk":     {strings.ReplaceAll(text, "一", "\xbc\xd7"), "990100-x/test.yaml：文件不是 UTF-8 编码的"},
		"utf-16":  {"\xff\xfet\x00e\x00s\x00t\x00", "990100-x/test.yaml：文件不是 UTF-8 编码的"},
	} {
		x := folder{name: "990100-x", files: []*file{newFile("990100-x/pack.yaml", "pack.yaml", plainPack), newFile("990100-x/test.yaml", "test.yaml", tc.text)}}
		switch _, got := buildWith(t, []folder{x}); {
		case tc.want == "" && got != "", tc.want != "" && (!strings.Contains(got, tc.want) || !strings.Contains(got, " 1 处要改")):
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// A folder that nobody would read is told, in the pack and in its cases; hidden
// ones and notes are left alone.
func TestStrayFolders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"990100-x/pack.yaml": plainPack, "990100-x/old/assess.yaml": "x", "990100-x/cases/old/a.yaml": "x", "990100-x/.git/a": "x", "990100-x/README.md": "x",
	} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	folders, err := readFolders(os.DirFS(dir), ".", "p")
	if err != nil {
		t.Fatal(err)
	}
	_, got := buildWith(t, folders)
	if !strings.Contains(got, " 2 处要改") || !strings.Contains(got, "p/990100-x/old：") || !strings.Contains(got, "p/990100-x/cases/old：") {
		t.Errorf("got %q", got)
	}
	if _, err := readFolders(fstest.MapFS{}, ".", "p"); err != nil {
		t.Error(err)
	}
}

// What a rule is asked must be there, be one of its options and count something.
func TestInputOfRules(t *testing.T) {
	t.Parallel()
	type in struct {
		On   string   `json:"on" need:"true" options:"am|pm"`
		Many []string `json:"many,omitempty" options:"x|y"`
		N    int64    `json:"n"`
		Ago  int64    `json:"ago" min:"-1"`
	}
	for raw, field := range map[string]string{
		`{"on":"am","many":["x"],"n":0,"ago":-1}`: "",
		`{"many":["x"]}`:                   "on",
		`{"on":""}`:                        "on",
		`{"on":"noon"}`:                    "on",
		`{"on":"am","many":["x","z"]}`:     "many[1]",
		`{"on":"am","n":-1}`:               "n",
		`{"on":"am","ago":-2}`:             "ago",
		`{"on":"am","n":1000000000000001}`: "n",
		`{"on":"am","n":null}`:             "n",
	} {
		_, err := decodeInput[in]([]byte(raw))
		if got := fieldOf(err); got != field {
			t.Errorf("%s: %q, want %q (%v)", raw, got, field, err)
		}
	}
	if _, err := decodeStrict[in]([]byte(`{"on":"am","n":-1}`)); err != nil {
		t.Errorf("elsewhere a number may be negative: %v", err)
	}
}

func fieldOf(err error) string {
	if err == nil {
		return ""
	}
	return fault.As(err).Field
}
