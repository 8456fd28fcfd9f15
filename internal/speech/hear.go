package speech

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"
)

// Recogniser turns a recorded clip into words (语音识别).
type Recogniser interface {
	// Hear gives what was said, "" when nothing could be made out. kind is the
	// media type of the clip, such as audio/webm;codecs=opus.
	Hear(ctx context.Context, kind string, clip []byte) (string, error)
}

// HTTPRecogniser asks a service: POST of the clip with its own media type,
// answered with {"text":"…"}.
type HTTPRecogniser struct {
	URL    string
	Token  string // sent as a bearer token when not empty
	Client *http.Client
}

// Hear asks the service once; the clip is kept nowhere.
func (h *HTTPRecogniser) Hear(ctx context.Context, kind string, clip []byte) (string, error) {
	b, err := ask(ctx, h.Client, h.URL, h.Token, kind, clip, 64<<10)
	if err != nil {
		return "", fmt.Errorf("recogniser: %w", err)
	}
	var out struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal(b, &out); err != nil || !utf8.ValidString(out.Text) {
		return "", fmt.Errorf("recogniser: the answer is not {\"text\":…}")
	}
	return strings.TrimSpace(out.Text), nil
}
