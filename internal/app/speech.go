package app

import (
	"log/slog"
	"path/filepath"
	"runtime"

	"yinling/internal/speech"
)

// Speech names the services that speak and hear; both are optional.
type Speech struct {
	Voice, VoiceToken string // service that speaks; "" is the program espeak-ng, if it is installed
	Hear, HearToken   string // service that hears; "" leaves hearing to the browser
}

// soundKept is how much sound of public pages the data folder may hold: some
// eighty minutes.
const soundKept = 256 << 20

// reader reads pages aloud, nil when no voice is installed.
func (a *App) reader() *speech.Reader {
	var voice speech.Voice
	if s := a.Config.Speech; s.Voice != "" {
		voice = &speech.HTTP{URL: s.Voice, Token: s.VoiceToken}
	} else if e, ok := speech.FindEspeak(); ok {
		voice = e
	} else {
		slog.Warn("没有装朗读的声音：页面上的「听」只能说明情况。装上 espeak-ng，或用 --voice 指定服务")
		return nil
	}
	cache := &speech.Cache{Dir: filepath.Join(a.Config.Data, "speech"), Max: soundKept}
	return speech.NewReader(voice, cache, max(2, runtime.NumCPU()))
}

// recogniser hears for the search, nil when no service is set.
func (a *App) recogniser() speech.Recogniser {
	if s := a.Config.Speech; s.Hear != "" {
		return &speech.HTTPRecogniser{URL: s.Hear, Token: s.HearToken}
	}
	return nil
}
