package share

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"yinling/internal/day"
	"yinling/internal/person"
)

var nobody = day.MustParse("1933-01-01")

// Generate writes a register of n rows as CSV about the people that
// person.Generate(n, seed) invents, for trials and benchmarks: of every
// thousand rows 970 are as in the roster, 10 have another name, 10 no number,
// 10 the number of nobody.
func Generate(w io.Writer, n int, seed uint64) error {
	in, out := io.Pipe()
	go func() { out.CloseWithError(person.Generate(out, n, seed)) }()
	defer in.Close()
	b := bufio.NewWriterSize(w, 1<<16)
	b.WriteString("姓名,证件号码,出生日期,认定日期\r\n")
	rows := bufio.NewScanner(in)
	rows.Scan() // its head
	for i := 0; rows.Scan(); i++ {
		c := strings.SplitN(rows.Text(), ",", 5)
		if len(c) < 5 {
			return fmt.Errorf("share: the roster's row %d has %d cells", i, len(c))
		}
		name, no, birth := c[0], c[1], c[3]
		switch k := i % 1000; {
		case k < 10:
			name = "某" + name
		case k < 20:
			no = ""
		case k < 30:
			d := nobody.AddDays(i % 300) // person.Generate begins in 1934
			name, no, birth = "查无此人", person.DemoID(i/1000, d, "女"), d.String()
		}
		fmt.Fprintf(b, "%s,%s,%s,2024-01-05\r\n", name, no, birth)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return b.Flush()
}
