// Package fault gives errors a meaning that every face can show: what went
// wrong in one Chinese sentence, which field it concerns, and, when a rule said
// no, the clause that did. Anything that is not a *Error is an internal fault
// and its text never reaches the public.
package fault

import (
	"errors"
	"fmt"
)

// Kind is the meaning of an error; the command line and HTTP map it to exit
// codes and statuses in one place each.
type Kind string

// The kinds. Refused means a rule said no; Conflict means the state does not
// allow the act (a stale page, a second submission with another body).
const (
	Invalid   Kind = "invalid"
	NotFound  Kind = "not_found"
	Forbidden Kind = "forbidden"
	Conflict  Kind = "conflict"
	Refused   Kind = "refused"
	Busy      Kind = "busy"
	Internal  Kind = "internal"
)

// Clause names the text that a decision rests on (条款).
type Clause struct {
	Doc     string `json:"doc"`               // title of the document
	No      string `json:"no"`                // document number, such as 医保办发〔2021〕37号
	Article string `json:"article"`           // 第八条, 表2 …
	Grade   string `json:"grade"`             // evidence grade: A B C D R assumed
	Text    string `json:"text,omitempty"`    // wording in short
	Issuer  string `json:"issuer,omitempty"`  // who issued it
	Issued  string `json:"issued,omitempty"`  // YYYY-MM-DD
	Reading string `json:"reading,omitempty"` // our reading where the text leaves something open
}

// Error is an error with a meaning.
type Error struct {
	Kind   Kind
	Say    string  // one Chinese sentence: what happened and what to do
	Field  string  // the input it concerns, in the caller's own names
	Clause *Clause // for Refused
	Op     string  // where it came from, for logs only
	Err    error   // the cause, for logs only
}

func (e *Error) Error() string {
	s := e.Say
	if e.Field != "" {
		s = e.Field + ": " + s
	}
	if e.Op != "" {
		s = e.Op + ": " + s
	}
	if e.Err != nil {
		s += " (" + e.Err.Error() + ")"
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Field says that the input named field is wrong.
func Field(field, say string, args ...any) error {
	return &Error{Kind: Invalid, Field: field, Say: fmt.Sprintf(say, args...)}
}

// New makes an error of a kind with a sentence for people.
func New(k Kind, say string, args ...any) error {
	return &Error{Kind: k, Say: fmt.Sprintf(say, args...)}
}

// Refuse says that a rule said no, and by which clause.
func Refuse(c *Clause, say string, args ...any) error {
	return &Error{Kind: Refused, Clause: c, Say: fmt.Sprintf(say, args...)}
}

// Wrap, deferred as the first line of a function, records where an error
// passed; the kind and sentence inside stay reachable with As.
func Wrap(err *error, op string, args ...any) {
	if *err != nil {
		*err = fmt.Errorf("%s: %w", fmt.Sprintf(op, args...), *err)
	}
}

// As finds the meaning inside err; an error without one is Internal with a
// sentence that gives nothing away.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: Internal, Say: "系统出了问题，没有办成。请稍后再试，或打 12393。", Err: err}
}

// Is tells whether err has the kind k.
func Is(err error, k Kind) bool { return err != nil && As(err).Kind == k }
