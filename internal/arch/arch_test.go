package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport is the import table: package → what it may import from this
// module. A package without a line fails. «@x» names a group, «*» is everything.
var mayImport = map[string]string{
	"internal/money": "", "internal/day": "", "internal/fault": "", "internal/arch": "",
	"internal/seal":          "fault",
	"internal/policy":        "money day fault packs",
	"internal/db":            "money day fault",
	"internal/db/dbtest":     "db",
	"internal/audit":         "db day fault policy",
	"internal/job":           "db day fault",
	"internal/undo":          "db audit job day fault",
	"internal/pay":           "money day fault",
	"internal/speech":        "fault",
	"internal/search":        "fault",
	"internal/sms":           "fault",
	"internal/oidc":          "fault",
	"internal/oidc/oidctest": "",
	"internal/paper":         "money day fault",
	"internal/pdf":           "fault",
	"internal/access":        "db audit job policy money day fault seal sms",
	"internal/backup":        "db seal fault",
	"internal/person":        "@base seal person/sheet",
	"internal/person/sheet":  "money day fault",
	"internal/fund":          "@base person/sheet",
	"internal/peer":          "@base seal",
	"internal/desk":          "@base person",
	"internal/benefit":       "@base person",
	"internal/door":          "@base person desk benefit hall",
	"internal/hall":          "@base person desk",
	"internal/institution":   "@base person desk seal",
	"internal/outreach":      "@base person desk seal",
	"internal/measure":       "@base desk person/sheet",
	"internal/assess":        "@base person desk benefit institution outreach",
	"internal/share":         "@base person person/sheet assess benefit seal",
	"internal/care":          "@base person desk benefit institution assess",
	"internal/claim":         "@base person person/sheet benefit institution care fund pay",
	"internal/report":        "@base",
	"internal/doctor":        "@base fund report",
	"internal/web/ui":        "money day fault policy audit access paper speech",
	"internal/web/portal":    "@domain web/ui oidc search speech",
	"internal/web/care":      "@domain web/ui",
	"internal/care/caretest": "@base person desk benefit institution care seal db/dbtest",
	"internal/web/inst":      "@domain web/ui",
	"internal/web/office":    "@domain web/ui report",
	"internal/api":           "audit fault",
	"internal/api/inst":      "@domain api",
	"internal/api/share":     "@domain api",
	"internal/api/peer":      "@domain api",
	"internal/app":           "*", "internal/demo": "*", "cmd/yinling": "*", "bench": "*", "e2e": "*",
	"packs": "",
}

var groups = map[string]string{
	"@base":   "money day fault policy db audit job undo sms paper",
	"@domain": "money day fault policy audit undo access paper pay person desk benefit institution outreach assess care claim fund door hall share measure peer",
}

// exceptions: file or package, the finding (its beginning), and why it is right.
var exceptions = []struct{ where, what, why string }{
	{"internal/audit", "SQL outside store.go", "the door itself: statement and reason are read together"},
	{"internal/job", "SQL outside store.go", "two small tables, one file"},
	{"internal/db", "SQL outside store.go", "settings of the engines, dumps of all tables"},
	{"internal/db", "no region", "settings of the engines, dumps of all tables"},
	{"internal/db", "table of another", "dumps of all tables, the engines' own catalogues"},
	{"internal/db", "not portable", "the place where the engines differ"},
	{"internal/db", "time.", "the one clock"},
	{"internal/db/dbtest", "SQL outside store.go", "makes and copies throw-away databases"},
	{"internal/db/dbtest", "no region", "makes and copies throw-away databases"},
	{"internal/db/dbtest", "table of another", "the engine's own catalogue"},
	{"internal/db/dbtest", "time.Now", "names of throw-away databases"},
	{"internal/care/caretest", "imports net/http", "the browser of the faces' tests; no part of the program imports it"},
	{"internal/app", "time.", "wiring hands out the clock"},
	{"internal/demo", "time.", "progress of the loader"},
	{"cmd/yinling", "time.", "progress and timings for people"},
	{"bench", "*", "yardsticks speak to the engines directly"},
	{"e2e", "*", "tests from outside"},
}

const module = "yinling/"

type source struct {
	path, pkg string // from the root, with slashes
	file      *ast.File
	test      bool
	lines     int
}

var fset = token.NewFileSet()

func read(t *testing.T) []source {
	t.Helper()
	var all []source
	root := "../.."
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // a file of a neighbour that has just moved
		}
		name := d.Name()
		if d.IsDir() && (name == "testdata" || (strings.HasPrefix(name, ".") && p != root)) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		rel, _ := filepath.Rel(root, p)
		rel = filepath.ToSlash(rel)
		f, err := parser.ParseFile(fset, p, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("%s does not parse: %v", rel, err)
			return nil
		}
		all = append(all, source{rel, path.Dir(rel), f, strings.HasSuffix(name, "_test.go"), fset.Position(f.FileEnd).Line})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// finding reports unless an exception covers it.
func finding(t *testing.T, where, what, more string) {
	t.Helper()
	for _, e := range exceptions {
		if (e.what == "*" || strings.HasPrefix(what, e.what)) && (where == e.where || strings.HasPrefix(where, e.where+"/") && (strings.Count(where, "/") == strings.Count(e.where, "/")+1 || e.what == "*")) {
			return
		}
	}
	t.Errorf("%s: %s %s", where, what, more)
}

func TestImports(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range read(t) {
		if s.file.Doc != nil {
			documented[s.pkg] = true
		} else if _, ok := documented[s.pkg]; !ok && !s.test {
			documented[s.pkg] = false
		}
		if s.test {
			continue
		}
		line, ok := mayImport[s.pkg]
		if !ok && (strings.HasPrefix(s.pkg, "bench/") || strings.HasPrefix(s.pkg, "e2e/") || strings.HasPrefix(s.pkg, "tools/")) {
			continue
		}
		if !ok {
			t.Errorf("%s has no line in the import table of internal/arch/arch_test.go", s.pkg)
			continue
		}
		allowed := strings.Fields(line)
		for _, a := range slices.Clone(allowed) {
			allowed = append(allowed, strings.Fields(groups[a])...)
		}
		domain := strings.Contains(line, "@base")
		for _, im := range s.file.Imports {
			p, _ := strconv.Unquote(im.Path.Value)
			switch {
			case strings.HasPrefix(p, module):
				short := strings.TrimPrefix(strings.TrimPrefix(p, module), "internal/")
				if line != "*" && !slices.Contains(allowed, short) {
					finding(t, s.path, "imports "+short+":", "the table does not allow it; use a job or move the noun")
				}
			case domain && (strings.HasPrefix(p, "net/http") || p == "html/template"):
				finding(t, s.path, "imports "+p+":", "a domain does not know the web")
			case p == "database/sql" && (domain || strings.HasPrefix(s.pkg, "internal/web") || strings.HasPrefix(s.pkg, "internal/api")):
				finding(t, s.path, "imports database/sql:", "use internal/db")
			}
		}
		limit := 700
		if base := path.Base(s.path); strings.HasPrefix(base, "rule_") {
			limit = 150
		} else if base == "store.go" {
			limit = 500
		}
		if s.lines > limit {
			finding(t, s.path, "too long:", fmt.Sprintf("%d lines, at most %d", s.lines, limit))
		}
	}
	for p, ok := range documented {
		if !ok {
			finding(t, p, "no package comment", "")
		}
	}
}

func TestRulesArePure(t *testing.T) {
	impure := regexp.MustCompile(`^(time|context|os|net(/.*)?|database/.*|math/rand(/v2)?|crypto/rand|yinling/internal/(db|audit|job|access))$`)
	for _, s := range read(t) {
		if s.test || !strings.HasPrefix(path.Base(s.path), "rule_") {
			continue
		}
		for _, im := range s.file.Imports {
			if p, _ := strconv.Unquote(im.Path.Value); impure.MatchString(p) {
				finding(t, s.path, "imports "+p+":", "a rule has no clock, no database, no chance")
			}
		}
	}
}

func TestNoClockNoFloat(t *testing.T) {
	money := regexp.MustCompile(`^internal/(money|fund|claim|benefit|pay|policy)$`)
	for _, s := range read(t) {
		if s.test {
			continue
		}
		exact := money.MatchString(s.pkg) || strings.HasPrefix(path.Base(s.path), "rule_")
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until"}, n.Sel.Name) {
					finding(t, s.path, "time."+n.Sel.Name, at(n)+": take tx.Now or a clock from the wiring")
				}
			case *ast.Ident:
				if exact && (n.Name == "float64" || n.Name == "float32") {
					finding(t, s.path, "float", at(n)+": money is exact")
				}
			case *ast.BasicLit:
				if exact && n.Kind == token.FLOAT {
					finding(t, s.path, "float", at(n)+": money is exact")
				}
			}
			return true
		})
	}
}

func at(n ast.Node) string { return fmt.Sprintf("line %d", fset.Position(n.Pos()).Line) }

var (
	verb   = regexp.MustCompile(`(?s)^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s`)
	table  = regexp.MustCompile(`\b(?:FROM|INTO|UPDATE|JOIN)\s+([a-z]+)_[a-z_]+`)
	region = regexp.MustCompile(`\bregion\s*=\s*\$\d|^\s*INSERT\s+INTO\s+\w+\s*\(\s*region\b`)
	banned = regexp.MustCompile(`SELECT\s+(\w+\.)?\*|FOR UPDATE|SKIP LOCKED|\bILIKE\b|\bLATERAL\b|::|\bNOW\(\)|CURRENT_|\bSERIAL\b|\bDATE\(|[^\w']\?[^\w']|\bLIKE\s+\?`)
	bare   = regexp.MustCompile(`\bSUM\(`)
)

// TestSQL reads every string expression that is a statement.
func TestSQL(t *testing.T) {
	byPkg := map[string][]source{}
	for _, s := range read(t) {
		if !s.test {
			byPkg[s.pkg] = append(byPkg[s.pkg], s)
		}
	}
	n := 0
	for pkg, files := range byPkg {
		word := path.Base(pkg)
		consts, parts := map[string]ast.Expr{}, map[string]bool{}
		for _, s := range files {
			ast.Inspect(s.file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.ValueSpec:
					for i, v := range n.Values {
						consts[n.Names[i].Name] = v
					}
				case *ast.BinaryExpr:
					for _, e := range []ast.Expr{n.X, n.Y} {
						if id, ok := e.(*ast.Ident); ok {
							parts[id.Name] = true
						}
					}
				}
				return true
			})
		}
		for _, s := range files {
			check := func(e ast.Expr) {
				q := text(e, consts, 0)
				if !verb.MatchString(q) {
					return
				}
				n++
				lint(t, s, word, at(e), q)
			}
			ast.Inspect(s.file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.ValueSpec:
					if len(n.Names) > 0 && parts[n.Names[0].Name] {
						return false // a part of statements, read where it is used
					}
				case *ast.BinaryExpr:
					if n.Op == token.ADD {
						check(n)
						return false
					}
				case *ast.BasicLit:
					if n.Kind == token.STRING {
						check(n)
					}
				case *ast.CallExpr:
					sel, ok := n.Fun.(*ast.SelectorExpr)
					if ok && (sel.Sel.Name == "Insert" || sel.Sel.Name == "Copy") && len(n.Args) > 1 {
						name := text(n.Args[0], consts, 0)
						if own, _, ok := strings.Cut(name, "_"); ok && own != word && regexp.MustCompile(`^[a-z_]+$`).MatchString(name) {
							finding(t, s.path, "table of another:", at(n)+": "+name)
						}
					}
				}
				return true
			})
		}
	}
	if n < 5 {
		t.Errorf("found only %d statements: the test no longer sees the SQL", n)
	}
}

func lint(t *testing.T, s source, word, where, q string) {
	one := strings.Join(strings.Fields(q), " ")
	if len(one) > 100 {
		one = one[:100] + "…"
	}
	if !strings.HasPrefix(path.Base(s.path), "store") {
		finding(t, s.path, "SQL outside store.go", where+": "+one)
	}
	if word != "report" {
		for _, m := range table.FindAllStringSubmatch(q, -1) {
			if m[1] != word && m[1] != "json" {
				finding(t, s.path, "table of another:", where+": "+one)
			}
		}
	}
	if !region.MatchString(q) {
		finding(t, s.path, "no region", where+": "+one)
	}
	if m := banned.FindString(q); m != "" {
		finding(t, s.path, "not portable: "+m, where+": "+one)
	}
	if strings.Count(q, "CAST(") < len(bare.FindAllString(q, -1)) {
		finding(t, s.path, "SUM without CAST:", where+": "+one)
	}
}

// text evaluates a string expression as far as the source shows it.
func text(e ast.Expr, consts map[string]ast.Expr, depth int) string {
	if depth > 20 {
		return ""
	}
	switch e := e.(type) {
	case *ast.BasicLit:
		s, _ := strconv.Unquote(e.Value)
		return s
	case *ast.Ident:
		if v, ok := consts[e.Name]; ok {
			return text(v, consts, depth+1)
		}
	case *ast.BinaryExpr:
		return text(e.X, consts, depth+1) + text(e.Y, consts, depth+1)
	case *ast.ParenExpr:
		return text(e.X, consts, depth+1)
	}
	return " … "
}

// keyed lists the tables whose key may start with something else than region.
var keyed = map[string]string{
	"access_session": "a session is found by its token before anybody knows the region",
}

func TestMigrations(t *testing.T) {
	files, _ := filepath.Glob("../db/migrate/*.sql")
	name := regexp.MustCompile(`^\d{4}_([a-z]+)(_[a-z0-9_]+)?\.sql$`)
	create := regexp.MustCompile(`(?s)CREATE TABLE (?:IF NOT EXISTS )?(\w+) \((.*?)\n\)`)
	keys := regexp.MustCompile(`(?:PRIMARY KEY|UNIQUE)\s*\(\s*(\w+)`)
	index := regexp.MustCompile(`CREATE (UNIQUE )?INDEX (\w+) ON (\w+)\s*\(\s*(\w+)`)
	types := regexp.MustCompile(`(?m)^\s*[a-z_]+\s+([A-Z]+)\b`)
	seen := map[string]string{}
	for _, f := range files {
		base := filepath.Base(f)
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if !name.MatchString(base) {
			t.Errorf("%s: name it NNNN_<word>_<what>.sql", base)
		}
		if other := seen[base[:4]]; other != "" {
			t.Errorf("%s and %s have one number", base, other)
		}
		seen[base[:4]] = base
		var plain []string
		for _, l := range strings.Split(string(b), "\n") {
			l, _, _ = strings.Cut(l, "--")
			plain = append(plain, l)
		}
		sql := strings.Join(plain, "\n")
		for _, m := range create.FindAllStringSubmatch(sql, -1) {
			tbl, body := m[1], m[2]
			ks := keys.FindAllStringSubmatch(body, -1)
			if len(ks) == 0 || !strings.Contains(body, "PRIMARY KEY") {
				t.Errorf("%s: %s has no primary key", base, tbl)
			}
			for _, k := range ks {
				if k[1] != "region" && keyed[tbl] == "" {
					t.Errorf("%s: a key of %s starts with %s, not region", base, tbl, k[1])
				}
			}
			for _, ty := range types.FindAllStringSubmatch(body, -1) {
				if !slices.Contains([]string{"TEXT", "BIGINT", "BOOLEAN"}, ty[1]) {
					t.Errorf("%s: %s uses type %s", base, tbl, ty[1])
				}
			}
		}
		for _, m := range index.FindAllStringSubmatch(sql, -1) {
			if m[1] != "" && m[4] != "region" && keyed[m[3]] == "" {
				t.Errorf("%s: unique index %s starts with %s, not region", base, m[2], m[4])
			}
		}
	}
}
