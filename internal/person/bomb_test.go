package person

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

// bomb writes an XLSX whose sheet is made by fill.
func bomb(t *testing.T, path string, fill func(w io.Writer), parts ...func(z *zip.Writer)) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	for name, text := range map[string]string{
		"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet name="表" r:id="a"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="a" Type="x/worksheet" Target="s.xml"/></Relationships>`,
	} {
		w, _ := z.Create(name)
		io.WriteString(w, text)
	}
	w, _ := z.Create("xl/s.xml")
	b := bufio.NewWriterSize(w, 1<<16)
	fill(b)
	b.Flush()
	for _, p := range parts {
		p(z)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
}

const sheetHead = `<worksheet><sheetData><row r="1"><c t="inlineStr"><is><t>姓名</t></is></c><c t="inlineStr"><is><t>证件号码</t></is></c></row>`

// T-33: files made to burst are refused, or read to the end, quickly and in
// bounded memory.
func TestBombs(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := service(t, d)
	dir := t.TempDir()
	line := lines(head, good(1))
	type bombCase struct {
		name  string
		make  func(path string)
		whole string // refused with these words; "" read to the end
		rows  int    // rows then, all accepted or rejected
	}
	cases := []bombCase{
		{"512 MB from half a MB", func(p string) {
			bomb(t, p, func(w io.Writer) {
				io.WriteString(w, sheetHead)
				spaces := bytes.Repeat([]byte(" "), 1<<20)
				for range 512 {
					w.Write(spaces)
				}
			})
		}, "大得不正常", 0},
		{"strings that burst", func(p string) {
			bomb(t, p, func(w io.Writer) { io.WriteString(w, sheetHead+"</sheetData></worksheet>") }, func(z *zip.Writer) {
				w, _ := z.Create("xl/sharedStrings.xml")
				io.WriteString(w, "<sst>")
				cell := []byte("<si><t>" + strings.Repeat("长", 8000) + "</t></si>")
				for range 20000 {
					w.Write(cell)
				}
			})
		}, "大得不正常", 0},
		{"2 GB declared", func(p string) {
			bomb(t, p, func(w io.Writer) { io.WriteString(w, sheetHead+"</sheetData></worksheet>") }, func(z *zip.Writer) {
				w, _ := z.CreateRaw(&zip.FileHeader{Name: "xl/sharedStrings.xml", Method: zip.Deflate, CompressedSize64: 10, UncompressedSize64: 3 << 30})
				w.Write(make([]byte, 10))
			})
		}, "大得不正常", 0},
		{"entities", func(p string) {
			bomb(t, p, func(w io.Writer) {
				io.WriteString(w, `<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>`+sheetHead)
			})
		}, "DOCTYPE", 0},
		{"entities in the workbook", func(p string) {
			f, _ := os.Create(p)
			z := zip.NewWriter(f)
			w, _ := z.Create("xl/workbook.xml")
			io.WriteString(w, `<!DOCTYPE x [<!ENTITY a "a">]><workbook>&a;</workbook>`)
			z.Close()
			f.Close()
		}, "DOCTYPE", 0},
		{"a million columns", func(p string) {
			bomb(t, p, func(w io.Writer) {
				io.WriteString(w, sheetHead+`<row r="2">`)
				for i := range 1_000_000 {
					fmt.Fprintf(w, `<c><v>%d</v></c>`, i)
				}
				io.WriteString(w, `</row></sheetData></worksheet>`)
			})
		}, "", 1},
		{"a million blank rows", func(p string) {
			bomb(t, p, func(w io.Writer) {
				io.WriteString(w, sheetHead)
				for i := range 1_000_000 {
					fmt.Fprintf(w, `<row r="%d"/>`, i+2)
				}
				io.WriteString(w, `</sheetData></worksheet>`)
			})
		}, "", 0},
		{"a cell of 10 MB", func(p string) {
			bomb(t, p, func(w io.Writer) {
				io.WriteString(w, sheetHead+`<row r="2"><c t="inlineStr"><is><t>`)
				for i := range 1 << 20 {
					fmt.Fprintf(w, "%010d", i)
				}
				io.WriteString(w, `</t></is></c><c><v>1</v></c></row></sheetData></worksheet>`)
			})
		}, "", 1},
		{"a zip in a zip", func(p string) {
			bomb(t, p, func(w io.Writer) { io.WriteString(w, sheetHead+"</sheetData></worksheet>") }, func(z *zip.Writer) {
				w, _ := z.CreateHeader(&zip.FileHeader{Name: "xl/inner.zip", Method: zip.Store})
				w.Write(bytes.Repeat([]byte("PK\x03\x04"), 1000))
			})
		}, "", 0},
		{"ten thousand parts", func(p string) {
			bomb(t, p, func(w io.Writer) { io.WriteString(w, sheetHead) }, func(z *zip.Writer) {
				for i := range 10000 {
					z.Create(fmt.Sprintf("x%d", i))
				}
			})
		}, "大得不正常", 0},
		{"a line of 200 MB", func(p string) {
			f, _ := os.Create(p)
			f.Write(line)
			x := bytes.Repeat([]byte("x"), 1<<20)
			for range 200 {
				f.Write(x)
			}
			f.Close()
		}, "", 2},
		{"an open quote over 50 MB", func(p string) {
			f, _ := os.Create(p)
			f.Write(line)
			f.WriteString(`"`)
			b := bufio.NewWriter(f)
			for range 500_000 {
				b.WriteString("\"x,\n")
			}
			b.Flush()
			f.Close()
		}, "", 500_001},
		{"a million empty lines", func(p string) {
			os.WriteFile(p, append(line, bytes.Repeat([]byte("\n"), 1_000_000)...), 0o600)
		}, "", 1},
		{"a million commas in the head", func(p string) {
			os.WriteFile(p, []byte("姓名,证件号码"+strings.Repeat(",", 1_000_000)+"\n"), 0o600)
		}, "没有认出表头", 0},
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(dir, fmt.Sprint(i))
			c.make(path)
			debug.FreeOSMemory()
			before := rss()
			stop, peak := make(chan struct{}), make(chan int64, 1)
			go func() {
				most := int64(0)
				tick := time.NewTicker(5 * time.Millisecond)
				defer tick.Stop()
				for {
					select {
					case <-tick.C:
						most = max(most, rss())
					case <-stop:
						peak <- most
						return
					}
				}
			}()
			begin := cpuTime()
			reg := fmt.Sprintf("98%04d", i)
			r, err := s.Import(context.Background(), audit.System(reg), reg, path, ImportOptions{Rejects: path + ".back.csv"})
			took := cpuTime() - begin
			close(stop)
			if grown := (<-peak - before) >> 20; grown > 256 {
				t.Errorf("grew by %d MiB", grown)
			}
			// Processor time: the machine may be busy with other tests.
			if took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			if c.whole != "" {
				if f := fault.As(err); f.Kind != fault.Invalid || !strings.Contains(f.Say, c.whole) {
					t.Errorf("got %+v, %v", r, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if r.Rows != c.rows || r.New+r.Changed+r.Same+r.Rejected != c.rows {
				t.Errorf("%d rows: %+v", c.rows, r)
			}
		})
	}
}

// rss is the resident memory of this process; without /proc its heap.
func rss() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	var size, resident int64
	if _, serr := fmt.Sscan(string(b), &size, &resident); err != nil || serr != nil {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapInuse)
	}
	return resident * int64(os.Getpagesize())
}
