package share

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/seal"
	"yinling/internal/share"
)

const region = "320700"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A register that comes over the interface in parts is matched as the same rows
// of a file are; keys open their own register only, parts are acts that may be
// repeated, and no answer repeats a row.
func TestRegisterOverTheInterface(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		ctx, today := t.Context(), day.FromTime(c.Now())
		packs, err := policy.Load("")
		must(t, err)
		keys, err := seal.Create(filepath.Join(t.TempDir(), "key"))
		must(t, err)
		log := &audit.Log{DB: d}
		s := &share.Service{Log: log, Packs: packs, Dir: t.TempDir(), Persons: &person.Service{Log: log, Keys: keys, Packs: packs}}
		t.Cleanup(s.Stop)
		var rows []map[string]string
		birth := day.MustParse("1942-03-15")
		must(t, d.Write(ctx, func(tx *db.Tx) error {
			for i, name := range []string{"王桂兰", "李秀英", "张玉珍", "陈凤华"} {
				b := birth.AddDays(i)
				n, err := person.ParseID(person.DemoID(i, b, "女"), today)
				if err != nil {
					return err
				}
				if _, _, err := s.Persons.Put(tx, region, []person.Entry{{Number: n, Name: name, Sex: "女", Birth: b, District: "海州区", Resident: true, Has: person.HasAll &^ person.HasCoverage}}); err != nil {
					return err
				}
				rows = append(rows, map[string]string{"number": n.Text, "name": name})
			}
			return nil
		}))
		rows[1]["name"] = "李绣英"                                                                       // another name: doubtful
		rows = append(rows, map[string]string{"number": person.DemoID(9, birth, "男"), "name": "无此人"}, // unmatched
			map[string]string{"name": "没有号码"}) // cannot be read
		clerk := audit.Actor{ID: "clerk", Name: "刘晓", Role: "clerk", Region: region}
		key, err := s.NewKey(ctx, clerk, region, "tekun", "民政救助系统", today+30)
		must(t, err)
		foreign, err := s.NewKey(ctx, clerk, region, "deceased", "公安人口系统", 0)
		must(t, err)

		h := (&Server{Share: s, Today: func() day.Day { return day.FromTime(c.Now()) }}).Handler()
		n := 0
		call := func(token, method, path string, body any, once string) (int, map[string]any) {
			t.Helper()
			var b bytes.Buffer
			if body != nil {
				must(t, json.NewEncoder(&b).Encode(body))
			}
			r := httptest.NewRequest(method, Prefix+path, &b)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "Bearer "+token)
			if once == "" {
				n++
				once = fmt.Sprintf("test-key-%d", n)
			}
			if method == "POST" {
				r.Header.Set("Idempotency-Key", once)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			for _, x := range rows {
				if strings.Contains(w.Body.String(), x["name"]) || x["number"] != "" && strings.Contains(w.Body.String(), x["number"]) {
					t.Fatalf("%s %s repeats a row: %s", method, path, w.Body)
				}
			}
			out := map[string]any{}
			must(t, json.Unmarshal(w.Body.Bytes(), &out))
			return w.Code, out
		}
		want := func(code int, got int, out map[string]any) map[string]any {
			t.Helper()
			if got != code {
				t.Fatalf("status %d, want %d: %v", got, code, out)
			}
			return out
		}
		do := func(code int, token, method, path string, body any, once string) map[string]any {
			t.Helper()
			got, out := call(token, method, path, body, once)
			return want(code, got, out)
		}
		do(401, "320700.nothing", "GET", "/register", nil, "")
		if out := do(200, key, "GET", "/register", nil, ""); out["id"] != "tekun" || len(out["fields"].([]any)) < 5 {
			t.Errorf("%v", out)
		}
		do(422, key, "POST", "/lists", map[string]string{"as_of": (today + 1).String()}, "")
		list := do(200, key, "POST", "/lists", map[string]string{"as_of": today.String()}, "open-list-1")
		id := list["id"].(string)
		if again := do(200, key, "POST", "/lists", map[string]string{"as_of": today.String()}, "open-list-1"); again["id"] != id || list["state"] != "open" {
			t.Errorf("the same key opened another list: %v", again)
		}
		do(404, foreign, "GET", "/lists/"+id, nil, "")
		do(404, foreign, "POST", "/lists/"+id+"/parts/1", map[string]any{"rows": rows[:2]}, "")
		do(422, key, "POST", "/lists/"+id+"/parts/1", map[string]any{"rows": []map[string]string{{"number": "1", "salary": "9"}}}, "")
		for range 2 {
			do(200, key, "POST", "/lists/"+id+"/parts/1", map[string]any{"rows": rows[:3]}, "")
		}
		do(409, key, "POST", "/lists/"+id+"/parts/1", map[string]any{"rows": rows[:2]}, "")
		do(422, key, "POST", "/lists/"+id+"/close", map[string]int{"parts": 2}, "")
		do(200, key, "POST", "/lists/"+id+"/parts/2", map[string]any{"rows": rows[3:]}, "")
		do(422, key, "POST", "/lists/"+id+"/close", map[string]int{"parts": 1}, "")
		do(200, key, "POST", "/lists/"+id+"/close", map[string]int{"parts": 2}, "")
		s.Wait()
		out := do(200, key, "POST", "/lists/"+id+"/close", map[string]int{"parts": 2}, "")
		figures := func(x map[string]any) string {
			return fmt.Sprint(x["rows"], x["matched"], x["doubtful"], x["unmatched"], x["rejected"])
		}
		if out["state"] != "done" || figures(out) != "6 3 1 1 1" || out["problems"].([]any)[0].(map[string]any)["row"] != 7.0 {
			t.Fatalf("%v", out)
		}
		do(409, key, "POST", "/lists/"+id+"/parts/3", map[string]any{"rows": rows[:1]}, "")
		if left, _ := filepath.Glob(filepath.Join(s.Dir, "*parts*")); len(left) != 0 {
			t.Errorf("personal data left behind: %v", left)
		}

		// The same rows as a file come out the same.
		text := "身份证号,姓名\n"
		for _, r := range rows {
			text += r["number"] + "," + r["name"] + "\n"
		}
		path := filepath.Join(t.TempDir(), "list.csv")
		must(t, os.WriteFile(path, []byte(text), 0o600))
		_, rep, err := s.Import(ctx, clerk, region, "tekun", path, today, share.ImportOptions{})
		must(t, err)
		if got := fmt.Sprint(rep.Rows, rep.Matched, rep.Doubtful, rep.Unmatched, rep.Rejected); got != "6 3 1 1 1" || rep.Same != 3 {
			t.Errorf("the file: %s, %d the same", got, rep.Same)
		}

		// A list that is opened and never closed is kept for a week, then it is void
		// and nothing of it lies on the disk.
		out = do(200, key, "POST", "/lists", map[string]string{"as_of": today.String()}, "")
		id = out["id"].(string)
		do(200, key, "POST", "/lists/"+id+"/parts/1", map[string]any{"rows": rows[:3]}, "")
		crashed, fresh := filepath.Join(s.Dir, "1.upload"), filepath.Join(s.Dir, "2.upload")
		for path, at := range map[string]time.Time{crashed: c.Now().Add(-time.Hour), fresh: c.Now().Add(2 * time.Hour)} {
			must(t, os.WriteFile(path, []byte("身份证号"), 0o600))
			must(t, os.Chtimes(path, at, at))
		}
		lies := func() (n int) {
			for _, p := range []string{"parts-*/*", "*.upload"} {
				left, _ := filepath.Glob(filepath.Join(s.Dir, p))
				n += len(left)
			}
			return n
		}
		c.Add(share.KeepOpen - time.Minute)
		must(t, s.Prune(ctx, region))
		if out := do(200, key, "GET", "/lists/"+id, nil, ""); out["state"] != "open" || lies() != 2 {
			t.Errorf("pruned too early: %v, %d files", out, lies())
		}
		c.Add(2 * time.Minute)
		must(t, s.Prune(ctx, region))
		if out := do(200, key, "GET", "/lists/"+id, nil, ""); out["state"] != "failed" || !strings.Contains(out["say"].(string), "请重新交一份") || lies() != 1 {
			t.Errorf("after a week: %v, %d files", out, lies())
		}
		do(409, key, "POST", "/lists/"+id+"/parts/2", map[string]any{"rows": rows[3:]}, "")

		ks, err := s.Keys(ctx, region)
		must(t, err)
		for _, k := range ks {
			if k.Source == "tekun" {
				must(t, s.RevokeKey(ctx, clerk, region, k.ID(), ""))
			}
		}
		do(401, key, "GET", "/register", nil, "")
		do(200, foreign, "GET", "/register", nil, "")
	})
}
