// Package speech reads pages aloud (内容朗读): it takes the words of a page's
// main part ([Lines]), writes every figure as it is spoken ([Say]) and lets a
// voice speak it. The words of a page are written once, in the page.
//
//	HTML of the page ──Lines──▶ lines ──Say──▶ spoken Chinese ──chunks──▶ Voice ──▶ samples ──▶ WAV
//	                                            Espeak only: words.txt, letters ──▶ pinyin
//
// A voice is a program ([Espeak]) or a service ([HTTP]). Sound that is the same
// for everybody may be kept ([Cache]); personal sound is never written down.
package speech

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"yinling/internal/fault"
)

// Type is the media type of what Reader writes.
const Type = "audio/wav"

// Voice speaks Chinese text in which Say has written out the figures.
type Voice interface {
	// Name tells voices apart in the cache; it changes when the sound does.
	Name() string
	// Speak gives 16-bit mono samples, Rate a second, little-endian.
	Speak(ctx context.Context, text string, slow bool) ([]byte, error)
}

// Rate is the sample rate of all our sound.
const Rate = 22050

// Reader reads texts aloud with one voice.
type Reader struct {
	voice Voice
	cache *Cache
	slots chan struct{}
}

// NewReader makes a reader; cache may be nil. At most parallel pieces are
// spoken at a time, the rest wait.
func NewReader(v Voice, cache *Cache, parallel int) *Reader {
	return &Reader{voice: v, cache: cache, slots: make(chan struct{}, parallel)}
}

// Spoken is what Reader will say for lines of a page.
func Spoken(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		if s := Say(l); s != "" {
			b.WriteString(s)
			if !strings.HasSuffix(s, "。") && !strings.HasSuffix(s, "？") && !strings.HasSuffix(s, "！") {
				b.WriteString("。")
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

// Find gives the finished sound of a text that everybody may hear, nil when it
// has not been kept.
func (r *Reader) Find(spoken string, slow bool) []byte {
	if r.cache == nil {
		return nil
	}
	return r.cache.get(r.key(spoken, slow))
}

func (r *Reader) key(spoken string, slow bool) string {
	speed := "normal"
	if slow {
		speed = "slow"
	}
	return r.voice.Name() + "\x00" + speed + "\x00" + spoken
}

// Write speaks the text to w as a WAV file and calls flush after each piece, so
// that the first words sound while the last are still being made. With keep the
// whole sound goes into the cache. Nothing is written when the voice fails at once.
func (r *Reader) Write(ctx context.Context, w io.Writer, flush func(), spoken string, slow, keep bool) error {
	var all []byte
	for i, piece := range pieces(spoken) {
		pcm, err := r.speak(ctx, piece, slow)
		if err != nil {
			return err
		}
		if i == 0 {
			if _, err := w.Write(header(-1)); err != nil {
				return err
			}
		}
		if _, err := w.Write(pcm); err != nil {
			return err
		}
		flush()
		if keep {
			all = append(all, pcm...)
		}
	}
	if keep && r.cache != nil {
		return r.cache.put(r.key(spoken, slow), append(header(len(all)), all...))
	}
	return nil
}

// patience is how long a piece waits for its turn.
const patience = 8 * time.Second

// speak takes its turn with the voice. Between two pieces others have theirs,
// so a listener on a slow line holds nobody up.
func (r *Reader) speak(ctx context.Context, piece string, slow bool) ([]byte, error) {
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-wait.Done():
		return nil, fault.New(fault.Busy, "现在听的人多，请过一会儿再点一次「听」。")
	}
	return r.voice.Speak(ctx, piece, slow)
}

// Whole speaks the text to its end and gives the WAV file with its true length:
// what a browser needs that asks for parts of it.
func (r *Reader) Whole(ctx context.Context, spoken string, slow, keep bool) ([]byte, error) {
	var b bytes.Buffer
	if err := r.Write(ctx, &b, func() {}, spoken, slow, keep); err != nil {
		return nil, err
	}
	out := b.Bytes()
	copy(out, header(len(out)-headerLen))
	return out, nil
}

// A first piece is one line, for a quick start; later ones are longer, because
// each costs the start of a program or a request.
const pieceRunes = 120

func pieces(spoken string) []string {
	var out []string
	var b strings.Builder
	runes := 0
	for _, line := range strings.SplitAfter(spoken, "\n") {
		if line == "" {
			continue
		}
		n := utf8.RuneCountInString(line)
		if runes > 0 && (len(out) == 0 || runes+n > pieceRunes) {
			out = append(out, b.String())
			b.Reset()
			runes = 0
		}
		b.WriteString(line)
		runes += n
	}
	if runes > 0 {
		out = append(out, b.String())
	}
	return out
}

const headerLen = 44

// header is the head of a WAV file of n bytes of samples; -1 when the end is
// not known yet, which players take for «until the stream ends».
func header(n int) []byte {
	size := uint32(0xFFFFFFFF)
	if n >= 0 {
		size = uint32(n)
	}
	riff := size
	if n >= 0 {
		riff += headerLen - 8
	}
	b := make([]byte, 0, headerLen)
	b = append(b, "RIFF"...)
	b = binary.LittleEndian.AppendUint32(b, riff)
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = binary.LittleEndian.AppendUint16(b, 1) // PCM
	b = binary.LittleEndian.AppendUint16(b, 1) // one channel
	b = binary.LittleEndian.AppendUint32(b, Rate)
	b = binary.LittleEndian.AppendUint32(b, 2*Rate)
	b = binary.LittleEndian.AppendUint16(b, 2)
	b = binary.LittleEndian.AppendUint16(b, 16)
	b = append(b, "data"...)
	return binary.LittleEndian.AppendUint32(b, size)
}

// samples takes the samples out of a WAV file, also out of one that was written
// to a pipe and does not know its length.
func samples(wav []byte) ([]byte, error) {
	bad := errors.New("not a WAV file")
	if len(wav) < 12 || string(wav[:4]) != "RIFF" || string(wav[8:12]) != "WAVE" {
		return nil, bad
	}
	ok := false
	for at := 12; at+8 <= len(wav); {
		id, size := string(wav[at:at+4]), int(binary.LittleEndian.Uint32(wav[at+4:]))
		body := wav[at+8:]
		switch id {
		case "fmt ":
			ok = len(body) >= 16 && binary.LittleEndian.Uint16(body) == 1 && binary.LittleEndian.Uint16(body[2:]) == 1 &&
				binary.LittleEndian.Uint32(body[4:]) == Rate && binary.LittleEndian.Uint16(body[14:]) == 16
		case "data":
			if !ok {
				return nil, fmt.Errorf("the sound must be WAV of %d Hz, 16 bits, one channel", Rate)
			}
			if size > len(body) {
				size = len(body)
			}
			return body[:size&^1], nil
		}
		if size > len(body) {
			return nil, bad
		}
		at += 8 + size + size&1
	}
	return nil, bad
}
