package main

// cli lists every command; each lives in the file of its noun.
type cli struct {
}
