package person

import (
	"context"
	"sync"
)

// Behind runs imports behind the pages that brought them, one a region at a time.
type Behind struct {
	mu      sync.Mutex
	running map[string]*running // by region
	wg      sync.WaitGroup
}

type running struct {
	id   string
	at   Progress
	stop context.CancelFunc
}

// Now is the import that runs for a region and how far it is; "" for none.
func (b *Behind) Now(region string) (id string, at Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r := b.running[region]; r != nil {
		return r.id, r.at
	}
	return "", Progress{}
}

// Start begins an import: first begin, whose error keeps it from starting, then
// do, which outlives the request. false: the region imports another one.
func (b *Behind) Start(ctx context.Context, region, id string, begin func() error, do func(ctx context.Context, tell func(Progress))) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running[region] != nil {
		return false, nil
	}
	if err := begin(); err != nil {
		return true, err
	}
	back, stop := context.WithCancel(context.WithoutCancel(ctx))
	run := &running{id: id, stop: stop}
	if b.running == nil {
		b.running = map[string]*running{}
	}
	b.running[region] = run
	b.wg.Go(func() {
		defer stop()
		defer func() {
			b.mu.Lock()
			delete(b.running, region)
			b.mu.Unlock()
		}()
		do(back, func(p Progress) {
			b.mu.Lock()
			run.at = p
			b.mu.Unlock()
		})
	})
	return true, nil
}

// Stop ends what runs; the same files can be brought again.
func (b *Behind) Stop() {
	b.mu.Lock()
	for _, r := range b.running {
		r.stop()
	}
	b.mu.Unlock()
	b.wg.Wait()
}

// Wait waits for what runs.
func (b *Behind) Wait() { b.wg.Wait() }
