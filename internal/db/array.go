package db

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// plainArrays teaches a connection to write []string and []int64, of which
// every set statement is made, in one piece. The driver's own way boxes each
// element anew, which was a twelfth of the work of a settlement.
func plainArrays(_ context.Context, c *pgx.Conn) error {
	for _, oid := range []uint32{pgtype.TextArrayOID, pgtype.Int8ArrayOID} {
		t, ok := c.TypeMap().TypeForOID(oid)
		if !ok {
			return fmt.Errorf("db: the driver has no type %d", oid)
		}
		c.TypeMap().RegisterType(&pgtype.Type{Name: t.Name, OID: oid, Codec: plainArray{t.Codec, oid}})
	}
	return nil
}

// plainArray is the driver's codec but for slices without NULLs.
type plainArray struct {
	pgtype.Codec
	oid uint32
}

// PlanEncode is asked by the driver for each argument.
func (a plainArray) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if format == pgtype.BinaryFormatCode {
		switch value.(type) {
		case []string:
			if a.oid == pgtype.TextArrayOID {
				return texts{}
			}
		case []int64:
			if a.oid == pgtype.Int8ArrayOID {
				return bigints{}
			}
		}
	}
	return a.Codec.PlanEncode(m, oid, format, value)
}

// arrayHead writes the head of a one-dimensional array without NULLs, as
// PostgreSQL's array_recv reads it.
func arrayHead(buf []byte, element uint32, n int) []byte {
	head := []uint32{1, 0, element, uint32(n), 1} // dimensions, NULLs, type, length, first index
	if n == 0 {
		head = []uint32{0, 0, element}
	}
	for _, v := range head {
		buf = binary.BigEndian.AppendUint32(buf, v)
	}
	return buf
}

type texts struct{}

func (texts) Encode(value any, buf []byte) ([]byte, error) {
	vs := value.([]string)
	size := 20
	for _, v := range vs {
		if len(v) > math.MaxInt32 {
			return nil, fmt.Errorf("db: a text of %d bytes", len(v))
		}
		size += 4 + len(v)
	}
	buf = arrayHead(slices.Grow(buf, size), pgtype.TextOID, len(vs))
	for _, v := range vs {
		buf = append(binary.BigEndian.AppendUint32(buf, uint32(len(v))), v...)
	}
	return buf, nil
}

type bigints struct{}

func (bigints) Encode(value any, buf []byte) ([]byte, error) {
	vs := value.([]int64)
	buf = arrayHead(slices.Grow(buf, 20+12*len(vs)), pgtype.Int8OID, len(vs))
	for _, v := range vs {
		buf = binary.BigEndian.AppendUint64(append(buf, 0, 0, 0, 8), uint64(v))
	}
	return buf, nil
}
