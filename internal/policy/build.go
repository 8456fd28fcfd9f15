package policy

import (
	"encoding/json"
	"path"
	"sort"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"yinling/internal/day"
	"yinling/internal/fault"
)

// Pack is what one region states itself (政策包).
type Pack struct {
	Region, Name, Parent, Version string
	From, To                      day.Day
	Documents                     []Document
	Folder                        string

	entries map[int][]*entry // by key id, ascending
	docs    map[string]*Document
	file    *file
	node    yamlNode // where parent is written
	cases   []*file
	files   []*file
}

// Document is a text that clauses name.
type Document struct {
	ID, Title, No, Issuer, Issued, Grade string
}

// entry is one dated value of one key in one pack.
type entry struct {
	key      *KeyInfo
	pack     *Pack
	value    any
	from, to day.Day // to 0: until further notice
	source   source
	file     *file
	line     int
	node     yamlNode // value as written
}

func (e *entry) raw() json.RawMessage { return asJSON(e.node) }

func (e *entry) covers(d day.Day) bool { return e.from <= d && (e.to == 0 || d <= e.to) }

// build understands all folders, lets the overlay replace, and resolves.
func (l *loader) build(base, overlay []folder) *Set {
	set := &Set{regions: map[string]*region{}}
	l.given = map[int]bool{}
	byRegion := map[string]*Pack{}
	add := func(folders []folder) {
		mine := map[string]*Pack{}
		for _, fo := range folders {
			p := l.packFile(fo)
			if p == nil {
				continue
			}
			if other := mine[p.Region]; other != nil {
				l.at(p.file, 1, 1, "地区 %s 有两个文件夹（另一个是 %s）；请只留一个", p.Region, other.Folder)
				continue
			}
			mine[p.Region] = p
			byRegion[p.Region] = p
		}
	}
	add(base)
	add(overlay)
	chains := l.chains(byRegion)
	for _, p := range sorted(byRegion) {
		if chain := chains[p.Region]; chain != nil {
			l.values(p, chain)
		}
	}
	if !l.replay {
		l.ungiven()
	}
	if len(l.problems) > 0 {
		return nil
	}
	for _, p := range sorted(byRegion) {
		set.regions[p.Region] = resolve(chains[p.Region])
		set.Packs = append(set.Packs, p)
	}
	return set
}

func sorted(m map[string]*Pack) []*Pack {
	out := make([]*Pack, 0, len(m))
	for _, p := range m {
		out = append(out, p)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Region < out[j].Region })
	return out
}

// packFile reads pack.yaml, the identity of the folder.
func (l *loader) packFile(fo folder) *Pack {
	for _, name := range fo.stray {
		l.at(&file{name: name}, 0, 0, "不认识这个文件夹，里面的内容不会被读入；政策包里只有 cases 一个文件夹，请把文件移出来或删去它")
	}
	p := &Pack{Folder: fo.name, entries: map[int][]*entry{}, docs: map[string]*Document{}, cases: fo.cases, files: fo.files}
	for _, f := range fo.files {
		if f.path == "pack.yaml" {
			p.file = f
		}
	}
	if p.file == nil {
		l.at(&file{name: fo.name}, 0, 0, "文件夹里没有 pack.yaml；请写一个，说明地区、名称、上级、版本、有效期和文件（文件名要一字不差）")
		return nil
	}
	root := l.parse(p.file)
	if root == nil {
		return nil
	}
	had := len(l.problems)
	fields := l.fields(p.file, root, map[string]bool{"region": true, "name": true, "parent": false, "version": true, "valid": true, "documents": true})
	if fields == nil {
		return nil
	}
	f := p.file
	if n := fields["region"]; n != nil {
		if p.Region, _ = readRegion(l, f, n); p.Region != "" {
			if code := path.Base(fo.name); len(code) >= 6 && regionForm.MatchString(code[:6]) && code[:6] != p.Region {
				l.node(f, n, "文件夹名开头是 %s，这里写的是 \"%s\"；请改成一样", code[:6], p.Region)
			}
		}
	}
	if n := fields["name"]; n != nil {
		p.Name, _ = readText(l, f, n)
	}
	p.node = root
	if n := fields["parent"]; n != nil {
		p.node = n
		p.Parent, _ = readRegion(l, f, n)
	}
	if n := fields["version"]; n != nil {
		if !quoted(n) {
			l.node(f, n, "版本要加引号，写成 \"2024.1\"（不加引号 2024.10 会变成 2024.1）")
		} else {
			p.Version, _ = readText(l, f, n)
		}
	}
	if n := fields["valid"]; n != nil {
		if v := l.fields(f, n, map[string]bool{"from": true, "to": true}); v != nil {
			p.From, p.To = l.span(f, v["from"], v["to"])
		}
	}
	if n := fields["documents"]; n != nil {
		l.documents(p, n)
	}
	if len(l.problems) > had {
		return nil
	}
	return p
}

func (l *loader) documents(p *Pack, n yamlNode) {
	items, _ := l.items(p.file, n)
	p.Documents = make([]Document, 0, len(items))
	for _, it := range items {
		m := l.fields(p.file, it, map[string]bool{"id": true, "title": true, "no": true, "issuer": true, "issued": false, "grade": false})
		if m == nil {
			continue
		}
		d := Document{}
		read := func(name string, to *string) {
			if m[name] != nil {
				*to, _ = readText(l, p.file, m[name])
			}
		}
		read("id", &d.ID)
		read("title", &d.Title)
		read("no", &d.No)
		read("issuer", &d.Issuer)
		read("grade", &d.Grade)
		if m["issued"] != nil {
			on, _ := readDay(l, p.file, m["issued"])
			d.Issued = on.String()
		}
		if d.Grade != "" {
			l.oneOf(p.file, m["grade"], d.Grade, grades)
		}
		if p.docs[d.ID] != nil && d.ID != "" {
			l.node(p.file, m["id"], "文件编号「%s」用了两次；请换一个", d.ID)
			continue
		}
		p.Documents = append(p.Documents, d)
		p.docs[d.ID] = &p.Documents[len(p.Documents)-1]
	}
}

// fields reads a mapping with known names; true means required.
func (l *loader) fields(f *file, n yamlNode, known map[string]bool) map[string]yamlNode {
	ps, ok := l.pairs(f, n)
	if ps == nil && !ok {
		return nil
	}
	out, meant := map[string]yamlNode{}, map[string]bool{}
	for _, p := range ps {
		if _, there := known[p.name]; !there {
			l.node(f, p.key, "不认识「%s」；%s", p.name, suggest(p.name, names(known)))
			meant[nearest(p.name, names(known))] = true
			continue
		}
		if _, empty := p.val.(*ast.NullNode); empty || p.val == nil {
			l.node(f, p.key, "「%s」后面是空的；请填上，或删去这一行", p.name)
			out[p.name] = nil
			continue
		}
		out[p.name] = p.val
	}
	for _, name := range names(known) {
		if _, there := out[name]; known[name] && !there && !meant[name] {
			l.node(f, n, "缺少「%s」；请补上", name)
		}
	}
	return out
}

func names(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// suggest says what may have been meant.
func suggest(got string, options []string) string {
	if best := nearest(got, options); best != "" {
		return "是不是「" + best + "」？"
	}
	if len(options) > 20 {
		return "可以写的名称见 docs/packs.md"
	}
	return "可以写的是：" + strings.Join(options, "、")
}

// nearest is the option that got is probably a slip of, or nothing.
func nearest(got string, options []string) string {
	best, least := "", 1+len(got)/3
	for _, o := range options {
		if d := distance(got, o); d <= least {
			best, least = o, d-1
		}
	}
	return best
}

func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		prev := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := prev
			if a[i-1] != b[j-1] {
				cost++
			}
			prev = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}

// span reads from … to; to may be missing where the caller allows it.
func (l *loader) span(f *file, from, to yamlNode) (a, b day.Day) {
	okA, okB := true, true
	if from != nil {
		a, okA = readDay(l, f, from)
	}
	if to != nil {
		b, okB = readDay(l, f, to)
	}
	if okA && okB && b != 0 && b < a {
		l.node(f, to, "结束日期 %s 早于开始日期 %s；请改正", b, a)
	}
	return a, b
}

// chains follows parent to the top for every region.
func (l *loader) chains(byRegion map[string]*Pack) map[string][]*Pack {
	out := map[string][]*Pack{}
	for _, p := range sorted(byRegion) {
		var chain []*Pack
		seen := map[string]bool{}
		for q := p; ; {
			if seen[q.Region] {
				if q != p || !smallest(p.Region, seen) {
					chain = nil // told at the first region of the circle
					break
				}
				l.node(p.file, p.node, "上级绕成了圈（%s 的上级最后又回到 %s）；请改 parent", p.Region, q.Region)
				chain = nil
				break
			}
			seen[q.Region] = true
			chain = append(chain, q)
			if q.Parent == "" {
				break
			}
			up := byRegion[q.Parent]
			if up == nil {
				if q == p {
					l.node(p.file, p.node, "上级 \"%s\" 没有政策包；请写已有的地区代码，全国是 \"000000\"", q.Parent)
				}
				chain = nil
				break
			}
			q = up
		}
		if chain != nil {
			out[p.Region] = chain
		}
	}
	return out
}

func smallest(region string, in map[string]bool) bool {
	for r := range in {
		if r < region {
			return false
		}
	}
	return true
}

// values reads every <word>.yaml of one pack.
func (l *loader) values(p *Pack, chain []*Pack) {
	l.chain = chain
	for _, f := range p.files {
		if f.path == "pack.yaml" {
			continue
		}
		word, isYAML := strings.CutSuffix(f.path, ".yaml")
		_, known := Words[word]
		if !isYAML || (!known && !std.words[word]) {
			if !l.replay {
				l.strange(f, word)
			}
			continue
		}
		if !std.words[word] {
			continue // the rules of this word are not part of this program (a test of another package)
		}
		if root := l.parse(f); root != nil {
			l.wordFile(p, chain, f, word, root)
		}
	}
}

// strange reports a file that nobody would read; its text says nothing about that.
func (l *loader) strange(f *file, name string) {
	p := Problem{File: f.name, Say: "不认识这个文件；政策包里可以有 pack.yaml、" + strings.Join(wordFiles(), "、") + " 和 cases 文件夹，说明文件用 .md"}
	if word, ok := strings.CutSuffix(strings.ToLower(name), ".yml"); ok && (std.words[word] || word == "pack") {
		p.Say = "文件名要用 .yaml 结尾；请改名为 " + word + ".yaml"
	}
	l.problems = append(l.problems, p)
}

func wordFiles() []string {
	var out []string
	for w := range Words {
		out = append(out, w+".yaml")
	}
	sort.Strings(out)
	return out
}

func (l *loader) wordFile(p *Pack, chain []*Pack, f *file, word string, root yamlNode) {
	ps, _ := l.pairs(f, root)
	for _, pr := range ps {
		k := std.named[pr.name]
		switch {
		case k == nil && l.replay:
			continue
		case k == nil:
			var all []string
			for _, x := range std.keys {
				all = append(all, x.Name)
			}
			l.node(f, pr.key, "没有规则读「%s」；%s", pr.name, suggest(pr.name, all))
			continue
		case wordOf(k.Name) != word:
			l.node(f, pr.key, "「%s」要写在 %s.yaml 里", pr.name, wordOf(k.Name))
			continue
		}
		l.given[k.id] = true // also when its value turns out to be wrong: one fault, one message
		l.entries(p, chain, f, k, pr.val)
	}
}

func (l *loader) entries(p *Pack, chain []*Pack, f *file, k *KeyInfo, n yamlNode) {
	items, ok := l.items(f, n)
	if !ok {
		return
	}
	if len(items) == 0 {
		l.node(f, n, "「%s」下面没有值；请写一段，或删去这个名称", k.Name)
	}
	var last *entry
	for _, it := range items {
		m := l.fields(f, it, map[string]bool{"value": true, "from": true, "to": false, "clause": true, "grade": false, "open": false})
		if m == nil || m["value"] == nil || m["from"] == nil || m["clause"] == nil {
			continue
		}
		e := &entry{key: k, pack: p, file: f, line: position(it).Line, node: m["value"]}
		had := len(l.problems)
		e.from, e.to = l.span(f, m["from"], m["to"])
		e.source = source{key: k.Name, entry: e, clause: l.clause(f, chain, it, m["clause"], m["grade"], m["open"], nil)}
		if !k.read(l, f, m["value"], e) || len(l.problems) > had {
			continue
		}
		if last != nil {
			switch {
			case e.from <= last.from:
				l.node(f, m["from"], "日期要从早到晚排列：%s 不晚于上一段的 %s", e.from, last.from)
			case last.to == 0:
				last.to = e.from - 1
			case e.from <= last.to:
				l.node(f, m["from"], "和上一段重叠：上一段到 %s 为止，这一段要从 %s 开始", last.to, last.to+1)
			case e.from > last.to+1:
				l.node(f, m["from"], "和上一段之间缺了 %s 至 %s；这一段要从 %s 开始", last.to+1, e.from-1, last.to+1)
			}
		}
		last = e
		p.entries[k.id] = append(p.entries[k.id], e)
	}
}

// clause reads the text that a value rests on; base is the clause that a row
// inherits from its value.
func (l *loader) clause(f *file, chain []*Pack, at, n, grade, open yamlNode, base *fault.Clause) *fault.Clause {
	c := fault.Clause{}
	if base != nil {
		c = *base
	}
	if n != nil {
		m := l.fields(f, n, map[string]bool{"doc": true, "article": true, "text": false})
		if m == nil || m["doc"] == nil || m["article"] == nil {
			return nil
		}
		id, ok := readText(l, f, m["doc"])
		if !ok {
			return nil
		}
		var d *Document
		for _, p := range chain {
			if d = p.docs[id]; d != nil {
				break
			}
		}
		if d == nil {
			var all []string
			for _, p := range chain {
				for _, x := range p.Documents {
					all = append(all, x.ID)
				}
			}
			l.node(f, m["doc"], "pack.yaml 的 documents 里没有「%s」；%s", id, suggest(id, all))
			d = &Document{Grade: "?"} // so that the grade is still looked at, and not asked for
		}
		article, _ := readText(l, f, m["article"])
		inherited := c.Grade
		c = fault.Clause{Doc: d.Title, No: d.No, Issuer: d.Issuer, Issued: d.Issued, Article: article, Grade: d.Grade}
		if c.Grade == "" {
			c.Grade = inherited
		}
		if m["text"] != nil {
			c.Text, _ = readText(l, f, m["text"])
		}
	}
	if grade != nil {
		g, ok := readText(l, f, grade)
		if ok && l.oneOf(f, grade, g, grades) {
			c.Grade = g
		}
	} else if c.Grade == "" {
		l.node(f, at, "缺少「grade」（证据等级）；可以填的是：%s", strings.Join(grades, "、"))
	}
	if open != nil {
		c.Reading, _ = readText(l, f, open)
	}
	return &c
}

// ungiven finds keys that a rule needs and no pack gives.
func (l *loader) ungiven() {
	for _, k := range std.keys {
		if !k.Optional && !l.given[k.id] {
			l.at(&file{name: k.File}, k.Line, 1, "规则要读「%s」（%s），但没有一个政策包给出它；请在 packs/000000-cn/%s.yaml 里补上", k.Name, k.Label, wordOf(k.Name))
		}
	}
}
