package speech

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"time"
)

// Espeak speaks by the program espeak-ng, which runs as a process of its own
// (it is under the GPL and never linked).
type Espeak struct{ path string }

// FindEspeak looks for the program; false when it is not installed.
func FindEspeak() (*Espeak, bool) {
	p, err := exec.LookPath("espeak-ng")
	return &Espeak{p}, err == nil
}

// Name changes when the sound does.
func (e *Espeak) Name() string { return "espeak-ng 2" }

// Words a minute; old ears want it slower than the program's 175.
const (
	normalSpeed = "150"
	slowSpeed   = "120"
)

// espeakVoice reads pinyin and characters; Debian's plain cmn turns 您 into English.
const espeakVoice = "cmn-latn-pinyin"

// Speak runs the program once.
func (e *Espeak) Speak(ctx context.Context, text string, slow bool) ([]byte, error) {
	speed := normalSpeed
	if slow {
		speed = slowSpeed
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, e.path, "-v", espeakVoice, "-s", speed, "--stdin", "--stdout")
	cmd.Stdin = strings.NewReader(pinyin(text))
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("espeak-ng: %w: %s", err, strings.TrimSpace(complaint.String()))
	}
	return samples(out.Bytes())
}

// HTTP speaks by a service: POST of {"text":"…","speed":1.0,"rate":22050} as
// JSON, answered with a WAV file of 16-bit mono samples.
type HTTP struct {
	URL    string
	Token  string // sent as a bearer token when not empty
	Client *http.Client
}

// Name changes when the service does.
func (h *HTTP) Name() string { return "http " + h.URL }

// maxSound is five minutes, more than any one piece needs.
const maxSound = 5 * 60 * 2 * Rate

// Speak asks the service once.
func (h *HTTP) Speak(ctx context.Context, text string, slow bool) ([]byte, error) {
	in := struct {
		Text  string  `json:"text"`
		Speed float64 `json:"speed"`
		Rate  int     `json:"rate"`
	}{text, 1, Rate}
	if slow {
		in.Speed = 0.8
	}
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	b, err := ask(ctx, h.Client, h.URL, h.Token, "application/json", body, maxSound)
	if err != nil {
		return nil, fmt.Errorf("voice service: %w", err)
	}
	return samples(b)
}

// ask posts a body to a service and reads an answer of at most max bytes.
func ask(ctx context.Context, client *http.Client, url, token, kind string, body []byte, max int64) ([]byte, error) {
	if client == nil {
		client = http.DefaultClient
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", kind)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, max+1))
	switch {
	case err != nil:
		return nil, err
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s answered %s", url, res.Status)
	case int64(len(b)) > max:
		return nil, fmt.Errorf("%s answered more than %d bytes", url, max)
	}
	return b, nil
}
