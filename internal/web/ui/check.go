package ui

import (
	"fmt"
	"html/template"
	"reflect"
	"text/template/parse"
)

// checkFields finds names in a page's "main" that its struct does not have,
// also in branches that an empty page does not reach. It follows what is plain
// ({{.A.B}}, $, range and with over such chains) and leaves the rest to try.
func checkFields(t *template.Template, page reflect.Type) (err error) {
	main := t.Lookup("main")
	if main == nil || main.Tree == nil {
		return fmt.Errorf(`there is no {{define "main"}}`)
	}
	c := checker{tmpl: t, vars: map[string]reflect.Type{"$": page}, seen: map[string]bool{}}
	c.walk(main.Tree.Root, page)
	return c.err
}

type checker struct {
	tmpl *template.Template
	vars map[string]reflect.Type // nil: type not known
	seen map[string]bool
	err  error
}

// walk checks node with dot of type dot (nil: not known).
func (c *checker) walk(node parse.Node, dot reflect.Type) {
	if c.err != nil || node == nil || reflect.ValueOf(node).IsNil() {
		return
	}
	switch n := node.(type) {
	case *parse.ListNode:
		for _, x := range n.Nodes {
			c.walk(x, dot)
		}
	case *parse.ActionNode:
		c.pipe(n.Pipe, dot)
	case *parse.IfNode:
		c.pipe(n.Pipe, dot)
		c.walk(n.List, dot)
		c.walk(n.ElseList, dot)
	case *parse.WithNode:
		in := c.pipe(n.Pipe, dot)
		c.walk(n.List, in)
		c.walk(n.ElseList, dot)
	case *parse.RangeNode:
		in, key := c.pipe(n.Pipe, dot), reflect.Type(nil)
		if in != nil {
			switch in.Kind() {
			case reflect.Map:
				key, in = in.Key(), in.Elem()
			case reflect.Slice, reflect.Array:
				in = in.Elem()
			default:
				in = nil
			}
		}
		if d := n.Pipe.Decl; len(d) > 0 {
			c.vars[d[len(d)-1].Ident[0]] = in
			if len(d) == 2 {
				c.vars[d[0].Ident[0]] = key
			}
		}
		c.walk(n.List, in)
		c.walk(n.ElseList, dot)
	case *parse.TemplateNode:
		in := c.pipe(n.Pipe, dot)
		if t := c.tmpl.Lookup(n.Name); t == nil {
			c.err = fmt.Errorf("there is no template %q", n.Name)
		} else if key := n.Name + fmt.Sprint(in); in != nil && !c.seen[key] && t.Tree != nil {
			c.seen[key] = true
			vars := c.vars
			c.vars = map[string]reflect.Type{"$": in}
			c.walk(t.Tree.Root, in)
			c.vars = vars
		}
	}
}

// pipe checks a pipeline and gives its type when it is a plain chain.
func (c *checker) pipe(p *parse.PipeNode, dot reflect.Type) reflect.Type {
	if p == nil {
		return nil
	}
	var out reflect.Type
	for _, cmd := range p.Cmds {
		out = nil
		for i, a := range cmd.Args {
			t := c.arg(a, dot)
			if i == 0 && len(cmd.Args) == 1 && len(p.Cmds) == 1 {
				out = t
			}
		}
	}
	for _, d := range p.Decl {
		c.vars[d.Ident[0]] = out
	}
	return out
}

func (c *checker) arg(n parse.Node, dot reflect.Type) reflect.Type {
	switch n := n.(type) {
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return c.chain(dot, n.Ident, n)
	case *parse.VariableNode:
		return c.chain(c.vars[n.Ident[0]], n.Ident[1:], n)
	case *parse.PipeNode:
		return c.pipe(n, dot)
	}
	return nil
}

func (c *checker) chain(t reflect.Type, names []string, at parse.Node) reflect.Type {
	for _, name := range names {
		if t == nil || t.Kind() == reflect.Interface {
			return nil
		}
		if m, ok := t.MethodByName(name); ok {
			t = m.Type.Out(0)
			continue
		}
		if t.Kind() != reflect.Pointer {
			if m, ok := reflect.PointerTo(t).MethodByName(name); ok {
				t = m.Type.Out(0)
				continue
			}
		}
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		switch t.Kind() {
		case reflect.Map:
			t = t.Elem()
		case reflect.Struct:
			f, ok := t.FieldByName(name)
			if !ok || !f.IsExported() {
				if c.err == nil {
					c.err = fmt.Errorf("%s: %s has no field or method %s", at, t, name)
				}
				return nil
			}
			t = f.Type
		default:
			return nil
		}
	}
	return t
}
