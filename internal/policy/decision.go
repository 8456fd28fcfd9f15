package policy

import (
	"encoding/json"

	"yinling/internal/day"
	"yinling/internal/fault"
)

// Step is one line of an Explanation (待遇核定依据): a sentence in plain
// Chinese and, where it rests on a pack, the key, the value used and the clause.
type Step struct {
	Say    string        `json:"say"`
	Key    string        `json:"key,omitempty"`
	Value  any           `json:"value,omitempty"`
	Clause *fault.Clause `json:"clause,omitempty"`
}

// Explanation is every step of a decision in the order in which it was taken.
type Explanation []Step

// PackRef names the exact rules that a decision used: the version for people,
// the hash (SM3 over the pack and its ancestors) for machines.
type PackRef struct {
	Version string `json:"version"`
	Hash    string `json:"hash"`
}

// Decision is one run of a rule, complete enough to be replayed years later.
// Out is {"refused":{"say","clause"}} when the rule said no.
type Decision struct {
	Rule    string
	Region  string
	On      day.Day
	Pack    PackRef
	In      json.RawMessage
	Out     json.RawMessage
	Explain Explanation
	Bundle  func() string // text of the pack and its ancestors; stored once per hash
}
