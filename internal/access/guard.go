package access

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"yinling/internal/fault"
)

// Guard slows guessing down: one limit for a terminal, a wider one for all of
// them together, so that many terminals are no way around it.
type Guard struct {
	mu  sync.Mutex
	all *rate.Limiter
	one map[string]*rate.Limiter
}

// Every terminal may try ten times at once and then once in six seconds.
const (
	perTerminal     = rate.Limit(1) / 6
	terminalBurst   = 10
	terminalsInMind = 10_000
)

// NewGuard makes a guard of so many tries a second from everybody, burst of
// them at once.
func NewGuard(perSecond, burst int) *Guard {
	return &Guard{all: rate.NewLimiter(rate.Limit(perSecond), burst), one: map[string]*rate.Limiter{}}
}

// Try counts a try. Conflict: too many.
func (g *Guard) Try(terminal string, now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.one[terminal]
	if l == nil {
		if len(g.one) >= terminalsInMind {
			clear(g.one) // the limit of all holds meanwhile
		}
		l = rate.NewLimiter(perTerminal, terminalBurst)
		g.one[terminal] = l
	}
	if !l.AllowN(now, 1) || !g.all.AllowN(now, 1) {
		return fault.New(fault.Conflict, "试得太快了，请等一分钟再试，或打 12393。")
	}
	return nil
}
