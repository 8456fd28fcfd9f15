// Package search finds services by what people say: by characters, by pinyin
// with or without tones, by initials, by sound-alikes as a recogniser or a
// dialect makes them, and by plain words for what they need («走不动»). The
// services and their words are data, services.yaml.
package search

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// Service is something that a person can get done.
type Service struct {
	ID    string   `yaml:"id"`
	Title string   `yaml:"title"`
	Say   string   `yaml:"say"`  // one line: what it gives, or how it is done
	Href  string   `yaml:"href"` // where it begins
	Icon  string   `yaml:"icon"`
	Words []string `yaml:"words"` // what people call it

	phrases []phrase
}

// phrase is the title or one of the words, taken apart.
type phrase struct {
	text   string
	sounds []sound
	weight []float64 // of each sound: rare ones tell more
	whole  float64
}

// Hit is a service that was found, and by which of its words.
type Hit struct {
	*Service
	By    string // the word that fits best
	Alike bool   // it only sounds like it
	score float64
}

//go:embed services.yaml
var file []byte

// Services are all services, in the order of the file.
var Services = load(file)

func load(text []byte) []*Service {
	var list []*Service
	if err := yaml.UnmarshalWithOptions(text, &list, yaml.Strict()); err != nil {
		panic(fmt.Sprintf("search: services.yaml: %v", err))
	}
	in := map[rune]map[string]bool{} // character → services whose words have it
	for _, s := range list {
		for _, w := range append([]string{s.Title}, s.Words...) {
			for _, r := range w {
				if in[r] == nil {
					in[r] = map[string]bool{}
				}
				in[r][s.ID] = true
			}
		}
	}
	for _, s := range list {
		for _, w := range append([]string{s.Title}, s.Words...) {
			p := phrase{text: w, sounds: sounds(w)}
			for _, x := range p.sounds {
				v := math.Log(1 + float64(len(list))/float64(max(1, len(in[x.char]))))
				p.weight = append(p.weight, v)
				p.whole += v
			}
			s.phrases = append(s.phrases, p)
		}
	}
	return list
}

// MaxQuery is how many characters of a question are looked at.
const MaxQuery = 60

// What a match is worth, and what part of a phrase must fit.
const (
	sameChar  = 1.0
	sameSound = 0.8
	alikeOnly = 0.65
	oneLetter = 0.4
	gapCost   = 0.35
	enough    = 0.6
	nameBonus = 1.15 // the service's own name
)

// Find gives the services that a question can mean, the best first, at most
// most. Nothing fits: none.
func Find(question string, most int) []Hit {
	q := []rune(strings.TrimSpace(question))
	if len(q) > MaxQuery {
		q = q[:MaxQuery]
	}
	heard := sounds(string(q))
	initials := onlyInitials(string(q), heard)
	var hits []Hit
	for _, s := range Services {
		h := s.match(heard, false)
		if other := s.match(initials, true); other.score > h.score {
			h = other
		}
		if h.score > 0 {
			hits = append(hits, h)
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	for i, h := range hits {
		if i == most || h.score < hits[0].score*0.4 {
			return hits[:i]
		}
	}
	return hits
}

// match is the best phrase of the service, helped a little by the others.
// Initials tell little, so they must be those of a whole phrase.
func (s *Service) match(heard []sound, initials bool) Hit {
	best := Hit{Service: s}
	var scores []float64
	for i, p := range s.phrases {
		fit := p.in(heard)
		if initials {
			fit = p.begin(heard)
		}
		if fit.part < enough || fit.sounds < 2 {
			continue
		}
		score := fit.part * fit.part * p.whole
		if i == 0 {
			score *= nameBonus
		}
		scores = append(scores, score)
		if score > best.score {
			best.score, best.By, best.Alike = score, p.text, fit.chars < fit.sounds
		}
	}
	slices.SortFunc(scores, func(a, b float64) int {
		if a > b {
			return -1
		}
		return 1
	})
	help := 0.3
	for i := 1; i < len(scores) && i < 4; i++ {
		best.score += help * scores[i]
		help /= 2
	}
	return best
}

// fit is how a phrase is in what was heard.
type fit struct {
	part   float64 // of the phrase, 0 to 1
	sounds int     // that fit
	chars  int     // of them, the same characters
}

// in finds the phrase in what was heard, in order and with small gaps.
func (p phrase) in(heard []sound) fit {
	n := len(heard)
	prev, row := make([]fit, n+1), make([]fit, n+1)
	var best fit
	for i, s := range p.sounds {
		w := p.weight[i]
		for j := 1; j <= n; j++ {
			var c fit
			if v := worth(s, heard[j-1]); v > 0 {
				c = fit{prev[j-1].part + v*w, prev[j-1].sounds + 1, prev[j-1].chars}
				if v == sameChar {
					c.chars++
				}
			}
			if up := prev[j].part - gapCost*w; up > c.part { // a sound of the phrase left out
				c = fit{up, prev[j].sounds, prev[j].chars}
			}
			if left := row[j-1].part - gapCost; left > c.part { // a word between
				c = fit{left, row[j-1].sounds, row[j-1].chars}
			}
			row[j] = c
			if c.part > best.part {
				best = c
			}
		}
		prev, row = row, prev
		clear(row)
	}
	best.part /= p.whole
	return best
}

// begin tells whether the letters are the initials of the phrase.
func (p phrase) begin(letters []sound) fit {
	if len(letters) != len(p.sounds) {
		return fit{}
	}
	for i, s := range p.sounds {
		if worth(s, letters[i]) == 0 {
			return fit{}
		}
	}
	return fit{part: sameSound, sounds: len(letters)}
}

// worth compares a sound of a phrase with one that was heard.
func worth(p, h sound) float64 {
	switch {
	case h.char != 0 && h.char == p.char:
		return sameChar
	case h.initial != 0:
		for _, e := range p.exact {
			if e[0] == h.initial {
				return oneLetter
			}
		}
	case share(p.exact, h.exact):
		return sameSound
	case share(p.alike, h.alike):
		return alikeOnly
	}
	return 0
}

func share(a, b []string) bool {
	for _, x := range a {
		if slices.Contains(b, x) {
			return true
		}
	}
	return false
}
