package assess

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	mrand "math/rand/v2"
	"slices"

	"yinling/internal/fault"
)

// Seat is what a draw fills: so many of a role for a duty.
type Seat struct {
	Duty  string `json:"duty"` // visit | conclude
	Role  string `json:"role"` // assessor | expert
	Count int    `json:"count"`
}

// The duties.
const (
	DutyVisit    = "visit"
	DutyConclude = "conclude"
)

// Candidate is somebody on the register on the day of the draw.
type Candidate struct {
	ID   string `json:"id"`
	Role string `json:"role"`
}

// Aside is somebody who was left out, and why (回避).
type Aside struct {
	Staff string `json:"staff"`
	Name  string `json:"name"`
	Why   string `json:"why"`
}

// Chosen is one result of a draw.
type Chosen struct {
	Staff string `json:"staff"`
	Duty  string `json:"duty"`
}

// NewSeed is 32 random bytes in hex, kept with the draw so that anybody can
// repeat it and get the same names.
func NewSeed() (string, error) {
	var b [32]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("assess: seed: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

// Pick fills the seats from the pool. The pool is ordered by id and then
// shuffled by ChaCha8 from the seed, so the result depends on nothing but its
// arguments. Refused when the register has too few of a role.
func Pick(seed string, pool []Candidate, seats []Seat) ([]Chosen, error) {
	key, err := hex.DecodeString(seed)
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("assess: seed %q is not 32 bytes in hex", seed)
	}
	pool = slices.Clone(pool)
	slices.SortFunc(pool, func(a, b Candidate) int {
		switch {
		case a.ID < b.ID:
			return -1
		case a.ID > b.ID:
			return 1
		}
		return 0
	})
	r := mrand.New(mrand.NewChaCha8([32]byte(key)))
	r.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })
	var out []Chosen
	used := map[string]bool{}
	for _, seat := range seats {
		n := seat.Count
		for _, c := range pool {
			if n > 0 && c.Role == seat.Role && !used[c.ID] {
				used[c.ID] = true
				out = append(out, Chosen{Staff: c.ID, Duty: seat.Duty})
				n--
			}
		}
		if n > 0 {
			return nil, fault.New(fault.Refused, "除去要回避的人，名册上能派的%s还差 %d 位。请先在人员库补充人员，再抽派。", roleName(seat.Role), n)
		}
	}
	return out, nil
}

func roleName(role string) string {
	if role == roleExpert {
		return "评估专家"
	}
	return "评估员"
}
