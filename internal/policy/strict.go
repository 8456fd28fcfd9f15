package policy

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"yinling/internal/fault"
)

// decodeStrict reads JSON into T. Every fault names the field by its path
// (lines[0].qty): unknown and doubled names, other capitals, wrong types, text
// after the end, all of which encoding/json lets pass or reports without place.
func decodeStrict[T any](raw []byte) (out T, err error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := walk(dec, reflect.TypeFor[T](), ""); err != nil {
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

func walk(dec *json.Decoder, t reflect.Type, path string) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(jsonReader) || reflect.PointerTo(t).Implements(textReader) {
		return walkCustom(dec, t, path)
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
		return walkObject(dec, path, func(name string) (reflect.Type, error) { return structField(t, path, name) }, t)
	case reflect.Map:
		if tok != json.Delim('{') {
			return bad("对象 {…}")
		}
		return walkObject(dec, path, func(string) (reflect.Type, error) { return t.Elem(), nil }, nil)
	case reflect.Slice:
		if tok != json.Delim('[') {
			return bad("列表 […]")
		}
		for i := 0; dec.More(); i++ {
			if err := walk(dec, t.Elem(), path+"["+strconv.Itoa(i)+"]"); err != nil {
				return err
			}
		}
		if _, err := dec.Token(); err != nil {
			return fault.Field("in", "不是完整的 JSON：%v", err)
		}
		return nil
	case reflect.String:
		if _, ok := tok.(string); !ok {
			return bad("文字")
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
		if _, err := strconv.ParseInt(n.String(), 10, t.Bits()); err != nil {
			return fault.Field(place(path), "这里要填整数，现在是 %s", short(n.String()))
		}
	default:
		return fault.Field(place(path), "程序不会读这一项")
	}
	return nil
}

func walkCustom(dec *json.Decoder, t reflect.Type, path string) error {
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return fault.Field("in", "不是完整的 JSON：%v", err)
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

func walkObject(dec *json.Decoder, path string, typeOf func(string) (reflect.Type, error), t reflect.Type) error {
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
		ft, err := typeOf(name)
		if err != nil {
			return err
		}
		if err := walk(dec, ft, at); err != nil {
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

func structField(t reflect.Type, path, name string) (reflect.Type, error) {
	var known []string
	for _, sf := range reflect.VisibleFields(t) {
		n, _ := fieldName(sf)
		if n == "" || n == "-" {
			continue
		}
		if n == name {
			return sf.Type, nil
		}
		known = append(known, n)
	}
	sort.Strings(known)
	return nil, fault.Field(place(path+"."+name), "不认识这一项；%s", suggest(name, known))
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
