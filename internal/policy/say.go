package policy

import (
	"fmt"
	"strconv"
)

// appender is an argument of a sentence that can write itself without a string.
type appender interface{ Append(b []byte) []byte }

// appendf is fmt.Appendf for what sentences are made of. A settlement writes
// some forty of them, and general formatting would be most of its time; any
// other verb or argument goes to fmt and comes out the same.
func appendf(b []byte, format string, args []any) []byte {
	start, n := len(b), 0
	for i := 0; i < len(format); i++ {
		c := format[i]
		if c != '%' {
			j := i + 1
			for j < len(format) && format[j] != '%' {
				j++
			}
			b = append(b, format[i:j]...)
			i = j - 1
			continue
		}
		i++
		switch {
		case i < len(format) && format[i] == '%':
			b = append(b, '%')
			continue
		case i == len(format) || n == len(args) || format[i] != 's' && format[i] != 'v' && format[i] != 'd':
			return fmt.Appendf(b[:start], format, args...)
		}
		a := args[n]
		n++
		if format[i] == 'd' {
			switch x := a.(type) {
			case int:
				b = strconv.AppendInt(b, int64(x), 10)
			case int64:
				b = strconv.AppendInt(b, x, 10)
			default:
				return fmt.Appendf(b[:start], format, args...)
			}
			continue
		}
		switch x := a.(type) {
		case string:
			b = append(b, x...)
		case appender:
			b = x.Append(b)
		case fmt.Stringer:
			b = append(b, x.String()...)
		case int64:
			if format[i] == 's' {
				return fmt.Appendf(b[:start], format, args...)
			}
			b = strconv.AppendInt(b, x, 10)
		default:
			return fmt.Appendf(b[:start], format, args...)
		}
	}
	if n != len(args) {
		return fmt.Appendf(b[:start], format, args...)
	}
	return b
}

// escaped tells a byte that cannot stand in a JSON string as it is.
func escaped(c byte) bool { return c < 0x20 || c == '"' || c == '\\' || c == 0x7f }

// appendQuoted writes s as a JSON string.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !escaped(c) {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, `\n`...)
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	b = append(b, s[from:]...)
	return append(b, '"')
}
