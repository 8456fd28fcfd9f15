package search

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// utterances reads testdata/utterances.txt: what was said, and the service meant.
func utterances(t *testing.T) [][2]string {
	t.Helper()
	b, err := os.ReadFile("testdata/utterances.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out [][2]string
	for _, line := range strings.Split(string(b), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		said, meant, ok := strings.Cut(line, "\t")
		if !ok || !slices.ContainsFunc(Services, func(s *Service) bool { return s.ID == meant }) {
			t.Fatalf("%q: no such service", line)
		}
		out = append(out, [2]string{said, meant})
	}
	return out
}

func found(hits []Hit, id string) bool {
	return slices.ContainsFunc(hits, func(h Hit) bool { return h.ID == id })
}

// TestUtterances: of 200 things that people say, at least 95 of 100 find the
// service meant among the first three; and no fewer of the fifth that nobody
// looked at while the words were chosen.
func TestUtterances(t *testing.T) {
	list := utterances(t)
	if len(list) != 200 {
		t.Fatalf("%d utterances, want 200", len(list))
	}
	var tuned, held, first, tunedOf, heldOf int
	for i, u := range list {
		hits := Find(u[0], 3)
		ok := found(hits, u[1])
		if len(hits) > 0 && hits[0].ID == u[1] {
			first++
		}
		if i%5 == 4 {
			heldOf++
			if ok {
				held++
			}
			continue
		}
		tunedOf++
		if ok {
			tuned++
			continue
		}
		var got []string
		for _, h := range hits {
			got = append(got, h.ID+"("+h.By+")")
		}
		t.Logf("%s: want %s, got %v", u[0], u[1], got)
	}
	t.Logf("in the first three: %d of 200; tuned %d of %d, held out %d of %d; in the first place %d", tuned+held, tuned, tunedOf, held, heldOf, first)
	if (tuned+held)*100 < 95*200 {
		t.Error("fewer than 95 of 100")
	}
	if held*100 < 95*heldOf {
		t.Error("fewer than 95 of 100 of the held out")
	}
}

// Every way to write a service's name finds it first.
func TestWaysToWrite(t *testing.T) {
	for _, c := range []struct{ question, id string }{
		{"申请护理", "apply"}, {"shenqinghuli", "apply"}, {"shen qing hu li", "apply"}, {"shen1qing3hu4li3", "apply"}, {"shēnqǐng hùlǐ", "apply"}, {"ShenQingHuLi", "apply"}, {"sqhl", "apply"}, {"shenqing护理", "apply"},
		{"慢病备案", "chronic"}, {"manbingbeian", "chronic"}, {"mbba", "chronic"},
		{"投诉", "complain"}, {"tousu", "complain"}, {"xfsy", "drug"},
		// n/l, zh/z, ch/c, sh/s, in/ing, en/eng, an/ang, f/h, r/l
		{"申请护你", "apply"}, {"杖单", "bill"}, {"粗方", "drug"}, {"丧门护理", "care"}, {"视频帮版", "video"}, {"确忍付款", "bill"}, {"慢兵备安", "chronic"}, {"续荒送药", "drug"}, {"黄片", "safe"},
		// plain words
		{"瘫在床上", "apply"}, {"走不动", "door"}, {"拿不动药", "drug"}, {"报销", "reimburse"}, {"钱什么时候到", "reimburse"},
	} {
		hits := Find(c.question, 3)
		if len(hits) == 0 || hits[0].ID != c.id {
			t.Errorf("%s: want %s, got %+v", c.question, c.id, ids(hits))
		}
	}
	for _, s := range Services {
		if hits := Find(s.Title, 3); len(hits) == 0 || hits[0].ID != s.ID {
			t.Errorf("%s does not find itself: %v", s.Title, ids(hits))
		}
	}
	if hits := Find("腿脚不便", 3); !found(hits, "door") || !found(hits, "care") {
		t.Errorf("腿脚不便: %v", ids(hits))
	}
}

func ids(hits []Hit) (out []string) {
	for _, h := range hits {
		out = append(out, h.ID+" by "+h.By)
	}
	return out
}

// A hit says by which words, and whether it only sounds like them.
func TestHitSaysWhy(t *testing.T) {
	if h := Find("我走不动了", 3)[0]; h.By != "走不动" || h.Alike {
		t.Errorf("%s, alike %v", h.By, h.Alike)
	}
	if h := Find("头数", 3)[0]; h.By != "投诉" || !h.Alike {
		t.Errorf("%s, alike %v", h.By, h.Alike)
	}
}

func TestNothingFound(t *testing.T) {
	for _, q := range []string{"", "   ", "？？", "xyzxyz", "恭喜发财", "下象棋", "🙂", strings.Repeat("哈", 5000)} {
		if hits := Find(q, 3); len(hits) > 0 {
			t.Errorf("%.20q finds %v", q, ids(hits))
		}
	}
}

func TestServicesAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Services {
		if s.ID == "" || s.Title == "" || s.Say == "" || s.Icon == "" || !strings.HasPrefix(s.Href, "/") || seen[s.ID] {
			t.Errorf("%+v", s)
		}
		seen[s.ID] = true
		for _, w := range s.Words {
			if len(sounds(w)) != len([]rune(w)) {
				t.Errorf("%s: %q has characters without sound", s.ID, w)
			}
		}
	}
}

func BenchmarkFind(b *testing.B) {
	for b.Loop() {
		Find("我妈腿脚不好走不动了能不能叫人来家里给她办手续", 3)
	}
}
