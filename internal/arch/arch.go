// Package arch holds no code, only the test of the program's shape: who may
// import whom, pure rules, one owner per table, SQL that runs on both engines
// and spreads by region, no clock and no float where they do not belong.
// A reasoned exception is a line of data in arch_test.go.
package arch
