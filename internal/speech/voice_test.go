package speech

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yinling/internal/fault"
)

func espeak(t *testing.T) *Espeak {
	t.Helper()
	e, ok := FindEspeak()
	if !ok {
		if os.Getenv("CI") != "" {
			t.Fatal("espeak-ng is missing: tools/setup speech installs it")
		}
		t.Skip("espeak-ng is missing; `make test` installs it")
	}
	return e
}

// phonemes are what the voice says, a line for each text.
func phonemes(t *testing.T, e *Espeak, text string) string {
	t.Helper()
	cmd := exec.Command(e.path, "-v", espeakVoice, "-q", "-x", "--stdin")
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(strings.NewReplacer("'", "", ",", "").Replace(string(out))), " ")
}

// TestPhonemes: what a page shows comes out of the voice as the pinyin that
// stands beside it, written by hand.
func TestPhonemes(t *testing.T) {
	e := espeak(t)
	for _, c := range []struct{ page, pinyin string }{
		// figures
		{"11月26日", "shi2 yi1 yue4 er4 shi2 liu4 ri4"},
		{"2026-11-26", "er4 ling2 er4 liu4 nian2 shi2 yi1 yue4 er4 shi2 liu4 ri4"},
		{"54.00 元", "wu3 shi2 si4 yuan2"},
		{"54.50 元", "wu3 shi2 si4 yuan2 wu3 jiao3"},
		{"1,800.00 元", "yi4 qian1 ba1 bai3 yuan2"},
		{"12393", "yi1 er4 san1 jiu3 san1"},
		{"9:02", "jiu3 dian3 ling2 er4 fen1"},
		{"85%", "bai3 fen1 zhi1 ba1 shi2 wu3"},
		{"尾号 3316", "wei3 hao4 san1 san1 yi1 liu4"},
		{"重度失能Ⅱ级", "zhong4 du4 shi1 neng2 er4 ji2"},
		{"2 天", "liang3 tian1"},
		// words
		{"重庆", "chong2 qing4"}, {"银行", "yin2 hang2"}, {"长者", "zhang3 zhe3"}, {"长辈", "zhang3 bei4"}, {"长护险", "chang2 hu4 xian3"},
		{"处方", "chu3 fang1"}, {"长处方", "chang2 chu3 fang1"}, {"处理", "chu3 li3"}, {"还款", "huan2 kuan3"}, {"返还", "fan3 huan2"},
		{"重度", "zhong4 du4"}, {"重残", "zhong4 can2"}, {"重新", "chong2 xin1"}, {"调整", "tiao2 zheng3"}, {"地址", "di4 zhi3"}, {"异地", "yi4 di4"},
		{"变更", "bian4 geng1"}, {"累计", "lei3 ji4"}, {"行为", "xing2 wei2"}, {"办不了", "ban4 bu4 liao3"}, {"子女", "zi3 nv3"}, {"电子", "dian4 zi3"},
		{"给付", "ji3 fu4"}, {"强直性脊柱炎", "qiang2 zhi2 xing4 ji3 zhu4 yan2"}, {"不要", "bu2 yao4"}, {"参保", "can1 bao3"}, {"透析", "tou4 xi1"}, {"您", "nin2"},
	} {
		if got, want := phonemes(t, e, pinyin(Say(c.page))), phonemes(t, e, c.pinyin); got != want {
			t.Errorf("%s (%s): %s, want %s (%s)", c.page, pinyin(Say(c.page)), got, want, c.pinyin)
		}
	}
	// Not only equal to each other: these are the sounds themselves.
	for page, want := range map[string]string{"重庆银行": "ts.hong35_| tS;hi51N_| ji35n_| Xa35N_|", "您": "ni35n_|", "54": "wu21_| s.i.35_| si[51_|"} {
		if got := phonemes(t, e, pinyin(Say(page))); got != want {
			t.Errorf("%s: %s, want %s", page, got, want)
		}
	}
}

// Every line of the list is pinyin that the voice can read.
func TestWordsArePinyin(t *testing.T) {
	e := espeak(t)
	var list []string
	var all strings.Builder
	for w, py := range words {
		list = append(list, w)
		all.WriteString(py + "。\n\n")
	}
	cmd := exec.Command(e.path, "-v", espeakVoice, "-q", "-x", "--stdin")
	cmd.Stdin = strings.NewReader(all.String())
	out, err := cmd.Output()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if err != nil || len(lines) != len(list) {
		t.Fatalf("%d lines for %d words, %v", len(lines), len(list), err)
	}
	for i, w := range list {
		if got, want := len(strings.Fields(lines[i])), len(strings.Fields(words[w])); got != want {
			t.Errorf("%s: %q is spoken as %d syllables %s", w, words[w], got, lines[i])
		}
	}
}

// loud is the mean strength of the samples.
func loud(pcm []byte) float64 {
	var sum float64
	for i := 0; i+1 < len(pcm); i += 2 {
		sum += math.Abs(float64(int16(binary.LittleEndian.Uint16(pcm[i:]))))
	}
	return sum / float64(len(pcm)/2+1)
}

func TestEspeak(t *testing.T) {
	e := espeak(t)
	normal, err := e.Speak(t.Context(), "您好，护理账单五十四元。", false)
	if err != nil {
		t.Fatal(err)
	}
	slow, err := e.Speak(t.Context(), "您好，护理账单五十四元。", true)
	if err != nil {
		t.Fatal(err)
	}
	if loud(normal) < 100 {
		t.Errorf("%d bytes of samples, mean strength %.0f: no sound", len(normal), loud(normal))
	}
	if ratio := float64(len(slow)) / float64(len(normal)); ratio < 1.1 || ratio > 1.5 {
		t.Errorf("slow is %.2f times as long", ratio)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Speak(ctx, "您好", false); err == nil {
		t.Error("the program ran though nobody waits")
	}
}

// tone is a WAV file of n samples as a voice service sends it.
func tone(n, rate int) []byte {
	b := header(2 * n)
	binary.LittleEndian.PutUint32(b[24:], uint32(rate))
	for i := range n {
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(8000*math.Sin(float64(i)/20))))
	}
	return b
}

func TestHTTPVoice(t *testing.T) {
	var asked struct {
		Text  string
		Speed float64
		Rate  int
	}
	answer := tone(500, Rate)
	status := http.StatusOK
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.Header.Get("Authorization") != "Bearer geheim" || r.Header.Get("Content-Type") != "application/json" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		w.WriteHeader(status)
		w.Write(answer)
	}))
	defer srv.Close()
	v := &HTTP{URL: srv.URL, Token: "geheim"}
	pcm, err := v.Speak(t.Context(), Say("54.00 元"), true)
	if err != nil || !bytes.Equal(pcm, answer[headerLen:]) {
		t.Fatalf("%d bytes, %v", len(pcm), err)
	}
	if asked.Text != "五十四元" || asked.Speed != 0.8 || asked.Rate != Rate {
		t.Errorf("asked %+v", asked)
	}
	for name, bad := range map[string][]byte{"no sound": []byte("<html>"), "other rate": tone(500, 8000), "nothing": nil, "cut": answer[:30]} {
		answer = bad
		if _, err := v.Speak(t.Context(), "您好", false); err == nil {
			t.Errorf("%s is taken for sound", name)
		}
	}
	status = http.StatusBadGateway
	if _, err := v.Speak(t.Context(), "您好", false); err == nil {
		t.Error("an answer of 502 is taken for sound")
	}
	if _, err := (&HTTP{URL: srv.URL, Token: "anders"}).Speak(t.Context(), "您好", false); err == nil {
		t.Error("an answer of 401 is taken for sound")
	}
}

func TestHTTPRecogniser(t *testing.T) {
	answer := `{"text":" 申请护理 "}`
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b, _ := io.ReadAll(r.Body); string(b) != "clip" || r.Header.Get("Content-Type") != "audio/webm" {
			w.WriteHeader(http.StatusBadRequest)
		}
		io.WriteString(w, answer)
	}))
	defer srv.Close()
	h := &HTTPRecogniser{URL: srv.URL}
	if got, err := h.Hear(t.Context(), "audio/webm", []byte("clip")); got != "申请护理" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := h.Hear(t.Context(), "audio/webm", []byte("other")); err == nil {
		t.Error("a refused clip gives words")
	}
	answer = "申请护理"
	if _, err := h.Hear(t.Context(), "audio/webm", []byte("clip")); err == nil {
		t.Error("an answer that is no JSON gives words")
	}
}

// counter is a voice that counts how often it is asked.
type counter struct {
	n     int
	texts []string
	fail  bool
}

func (c *counter) Name() string { return "counter" }

func (c *counter) Speak(_ context.Context, text string, _ bool) ([]byte, error) {
	c.n++
	c.texts = append(c.texts, text)
	if c.fail {
		return nil, fault.New(fault.Internal, "broken")
	}
	return make([]byte, 1000), nil
}

func TestReaderSpeaksPieceByPiece(t *testing.T) {
	v := &counter{}
	r := NewReader(v, nil, 1)
	text := Spoken([]string{"第一句。", strings.Repeat("中间", 50), strings.Repeat("后面", 50), "完"})
	var w bytes.Buffer
	flushed := []int{}
	if err := r.Write(t.Context(), &w, func() { flushed = append(flushed, w.Len()) }, text, false, true); err != nil {
		t.Fatal(err)
	}
	if strings.Join(v.texts, "") != text || v.texts[0] != "第一句。\n" || len(v.texts) != 3 {
		t.Errorf("asked %q", v.texts)
	}
	if flushed[0] != headerLen+1000 || len(flushed) != 3 {
		t.Errorf("flushed at %v: the first words wait for the last", flushed)
	}
	whole, err := r.Whole(t.Context(), text, false, false)
	if err != nil || binary.LittleEndian.Uint32(whole[40:]) != 3000 || binary.LittleEndian.Uint32(whole[4:]) != 3036 || len(whole) != 3044 {
		t.Errorf("whole: %d bytes, header %x, %v", len(whole), whole[:headerLen], err)
	}
	v.fail = true
	w.Reset()
	if err := r.Write(t.Context(), &w, func() {}, text, false, true); err == nil || w.Len() != 0 {
		t.Errorf("%d bytes of a broken voice, %v", w.Len(), err)
	}
	// Who finds all voices busy and does not wait is told so.
	r.slots <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Write(ctx, &w, func() {}, text, false, true); !fault.Is(err, fault.Busy) {
		t.Errorf("busy: %v", err)
	}
}

func TestCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "speech")
	v := &counter{}
	r := NewReader(v, &Cache{Dir: dir, Max: 5000}, 1)
	if r.Find("甲。\n", false) != nil {
		t.Fatal("found before it was spoken")
	}
	kept, err := r.Whole(t.Context(), "甲。\n", false, true)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(r.Find("甲。\n", false), kept) {
		t.Error("what was kept is not what was spoken")
	}
	if r.Find("甲。\n", true) != nil || r.Find("乙。\n", false) != nil {
		t.Error("another text or speed finds it")
	}
	if _, err := r.Whole(t.Context(), "私事。\n", false, false); err != nil || r.Find("私事。\n", false) != nil {
		t.Error("personal sound was kept", err)
	}
	for _, text := range []string{"一。\n", "二。\n", "三。\n", "四。\n", "五。\n", "六。\n"} {
		if _, err := r.Whole(t.Context(), text, false, true); err != nil {
			t.Fatal(err)
		}
		var sum int64
		list, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			i, err := e.Info()
			if err != nil {
				t.Fatal(err)
			}
			sum += i.Size()
		}
		if sum > 5000 {
			t.Fatalf("%d bytes kept, at most 5000 allowed", sum)
		}
	}
	if r.Find("六。\n", false) == nil || r.Find("甲。\n", false) != nil {
		t.Error("the newest must be there, the oldest not")
	}
}
