package policy

import (
	"bytes"
	"cmp"
	"encoding"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"

	"yinling/internal/fault"
)

// decodeStrict reads JSON into T. Every fault names the field by its path
// (lines[0].qty): unknown and doubled names, other capitals, wrong types, text
// after the end, all of which encoding/json lets pass or reports without place.
// Tags of a field say more: need:"true" it must be there and not be empty,
// options:"a|b" what a text may be.
func decodeStrict[T any](raw []byte) (out T, err error) { return decode[T](raw, false) }

// decodeInput is decodeStrict for the input of a rule: numbers count something
// there, so they are not negative (but for min:"-1", where -1 says «never») and
// not beyond anything that exists.
func decodeInput[T any](raw []byte) (out T, err error) { return decode[T](raw, true) }

func decode[T any](raw []byte, counts bool) (out T, err error) {
	dec := walker{json.NewDecoder(bytes.NewReader(raw)), counts}
	dec.UseNumber()
	if err := dec.walk(reflect.TypeFor[T](), "", ""); err != nil {
		return out, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return out, fault.Field("in", "JSON 后面还有多余的内容；请只留一份")
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		var te *json.UnmarshalTypeError
		if errors.As(err, &te) {
			return out, fault.Field(te.Field, "这里的值类型不对：%s", te.Value)
		}
		return out, fault.Field("in", "读不懂：%v", err)
	}
	return out, nil
}

// ReadJSON is decodeStrict for other readers of JSON from outside.
func ReadJSON[T any](raw []byte) (T, error) { return decodeStrict[T](raw) }

var (
	jsonReader = reflect.TypeFor[json.Unmarshaler]()
	textReader = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func place(path string) string {
	if p := strings.TrimPrefix(path, "."); p != "" {
		return p
	}
	return "in"
}

// maxCount is beyond every amount in fen and every moment in milliseconds.
const maxCount = 1_000_000_000_000_000

type walker struct {
	*json.Decoder
	counts bool // numbers count something
}

func (dec walker) walk(t reflect.Type, path string, tag reflect.StructTag) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(jsonReader) || reflect.PointerTo(t).Implements(textReader) {
		return dec.custom(t, path, tag)
	}
	tok, err := dec.Token()
	if err != nil {
		return fault.Field("in", "不是完整的 JSON：%v", err)
	}
	bad := func(want string) error {
		return fault.Field(place(path), "这里要填%s，现在是%s", want, tokenKind(tok))
	}
	if tok == nil {
		return bad("内容（不能是 null）")
	}
	switch t.Kind() {
	case reflect.Struct:
		if tok != json.Delim('{') {
			return bad("对象 {…}")
		}
		return dec.object(path, func(name string) (reflect.StructField, error) { return structField(t, path, name) }, t)
	case reflect.Map:
		if tok != json.Delim('{') {
			return bad("对象 {…}")
		}
		each := reflect.StructField{Type: t.Elem(), Tag: `min:"any"`} // the rule knows what its names may hold
		return dec.object(path, func(string) (reflect.StructField, error) { return each, nil }, nil)
	case reflect.Slice:
		if tok != json.Delim('[') {
			return bad("列表 […]")
		}
		for i := 0; dec.More(); i++ {
			if err := dec.walk(t.Elem(), path+"["+strconv.Itoa(i)+"]", tag); err != nil {
				return err
			}
		}
		if _, err := dec.Token(); err != nil {
			return fault.Field("in", "不是完整的 JSON：%v", err)
		}
		return nil
	case reflect.String:
		s, ok := tok.(string)
		if !ok {
			return bad("文字")
		}
		if options := tag.Get("options"); options != "" && (s != "" || tag.Get("need") == "true") && !slices.Contains(strings.Split(options, "|"), s) {
			return fault.Field(place(path), "没有「%s」这个选项；可以填的是：%s", short(s), strings.ReplaceAll(options, "|", "、"))
		}
	case reflect.Bool:
		if _, ok := tok.(bool); !ok {
			return bad("true 或 false")
		}
	case reflect.Int, reflect.Int64, reflect.Int32:
		n, ok := tok.(json.Number)
		if !ok {
			return bad("整数")
		}
		i, err := strconv.ParseInt(n.String(), 10, t.Bits())
		if err != nil {
			return fault.Field(place(path), "这里要填整数，现在是 %s", short(n.String()))
		}
		if least := tag.Get("min"); dec.counts && least != "any" {
			switch {
			case i < 0 && (i != -1 || least != "-1"):
				return fault.Field(place(path), "这里不能小于 %s，现在是 %d", cmp.Or(least, "0"), i)
			case i > maxCount:
				return fault.Field(place(path), "这个数太大，请核对：%d", i)
			}
		}
	default:
		return fault.Field(place(path), "程序不会读这一项")
	}
	return nil
}

func (dec walker) custom(t reflect.Type, path string, tag reflect.StructTag) error {
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return fault.Field("in", "不是完整的 JSON：%v", err)
	}
	switch text := string(raw); {
	case text == "null":
		return fault.Field(place(path), "这里要填内容（不能是 null），现在是 null")
	case text == `""` && tag.Get("need") == "true":
		return fault.Field(place(path), "这一项不能空着；请填上")
	}
	if err := json.Unmarshal(raw, reflect.New(t).Interface()); err != nil {
		var f *fault.Error
		if errors.As(err, &f) {
			return fault.Field(place(path), "%s", f.Say)
		}
		var te *json.UnmarshalTypeError
		if errors.As(err, &te) {
			return fault.Field(place(path), "这里要填文字，要加引号")
		}
		return fault.Field(place(path), "%s", err.Error())
	}
	return nil
}

func (dec walker) object(path string, fieldOf func(string) (reflect.StructField, error), t reflect.Type) error {
	seen := map[string]bool{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return fault.Field("in", "不是完整的 JSON：%v", err)
		}
		name := tok.(string)
		at := path + "." + name
		if seen[name] {
			return fault.Field(place(at), "这一项写了两次；请只留一个")
		}
		seen[name] = true
		sf, err := fieldOf(name)
		if err != nil {
			return err
		}
		if err := dec.walk(sf.Type, at, sf.Tag); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	if err != nil {
		return fault.Field("in", "不是完整的 JSON：%v", err)
	}
	if t == nil {
		return nil
	}
	for sf := range t.Fields() { // a zero that nobody wrote is no answer where the tag says need
		if n, _ := fieldName(sf); sf.Tag.Get("need") == "true" && !seen[n] {
			return fault.Field(place(path+"."+n), "缺少这一项；请补上")
		}
	}
	return nil
}

func structField(t reflect.Type, path, name string) (reflect.StructField, error) {
	var known []string
	for _, sf := range reflect.VisibleFields(t) {
		n, _ := fieldName(sf)
		if n == "" || n == "-" {
			continue
		}
		if n == name {
			return sf, nil
		}
		known = append(known, n)
	}
	sort.Strings(known)
	return reflect.StructField{}, fault.Field(place(path+"."+name), "不认识这一项；%s", suggest(name, known))
}

func tokenKind(tok json.Token) string {
	switch x := tok.(type) {
	case nil:
		return " null"
	case string:
		return "文字"
	case bool:
		return " true/false"
	case json.Number:
		return "数字"
	case json.Delim:
		if x == '{' {
			return "对象"
		}
		return "列表"
	}
	return "别的内容"
}
