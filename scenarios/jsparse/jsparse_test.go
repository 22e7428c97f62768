package jsparse

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tdewolff/parse/v2/js"
)

const controller = `import { Controller, Get, Param } from '@nestjs/common';
import type { Foo } from './foo';

interface Dto { id: string }
const cache: Record<string, any> = {};

@Controller({ path: 'users' })
export class UsersController {
  users = new Users()

  @Get(':id')
  find(@Param('id') id: string): Promise<Foo> {
    // a comment that goes
    cache[id] = /a'b/.test(id) ? ` + "`x${id}`" + ` : id;
    if (id) { this.users.touch({ id }) } else for (const a of [id]) cache[a] = a;
    return this.users?.find(id) ?? null;
  }
}
`

// Words stand where they were written, uses of variables too.
func TestPositions(t *testing.T) {
	f, err := Parse("a.ts", []byte(controller))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(controller, "\n")
	wrong, seen := 0, 0
	f.Walk(func(n js.INode, p Position) bool {
		var word string
		switch n := n.(type) {
		case *js.Var:
			word = string(n.Name())
		case *js.LiteralExpr:
			word = strings.Trim(string(n.Data), `"'`)
		default:
			return true
		}
		if strings.HasPrefix(word, "__decorate") || word == "1" || word == "0" || word == "prototype" {
			return true
		}
		seen++
		rest := lines[p.Line-1][p.Column-1:]
		if !strings.HasPrefix(strings.TrimLeft(rest, `'"/`), strings.TrimPrefix(word, "/")) {
			wrong++
			t.Errorf("%s is said to stand at %v, where %q is", word, p, rest)
		}
		return true
	})
	if seen < 30 {
		t.Errorf("got %d words, want at least 30", seen)
	}
}

// Each node begins where its first word does, and is visited before the next.
func TestStatementsInOrder(t *testing.T) {
	source := "let a = 1\ndo {\n  a++\n} while (a < 3)\nif (a)\n  { b[a] = a }\nelse\n  f(() => {\n    g() })\nclass K {\n  #x = 1;\n  m() { return `${a}` }\n}\n"
	f, err := Parse("a.js", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	f.Walk(func(n js.INode, p Position) bool {
		switch n.(type) {
		case *js.VarDecl, *js.ExprStmt, *js.IfStmt, *js.DoWhileStmt, *js.ClassDecl, *js.ReturnStmt, *js.Field, *js.MethodDecl:
			got = append(got, strings.TrimPrefix(fmt.Sprintf("%T", n), "*js.")+" "+p.String())
		}
		return true
	})
	want := []string{
		"VarDecl 1:5", "DoWhileStmt 3:3", "ExprStmt 3:3", "IfStmt 5:5", "ExprStmt 6:5", "ExprStmt 8:3", "ExprStmt 9:5",
		"ClassDecl 10:7", "Field 11:3", "MethodDecl 12:3", "ReturnStmt 12:16",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A name that stands for two words, as in {a}, is one: what follows is not
// looked for too far on.
func TestShorthand(t *testing.T) {
	source := "const { a, b: c, d = a } = f({ a, c })\ng(({ a }) => a)\nfunction h({ b }) { return b }\nlet a2 = b2\nuse(a, b, c, d)\n"
	f, err := Parse("a.js", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	var last Position
	f.Walk(func(n js.INode, p Position) bool {
		if v, ok := n.(*js.Var); ok && string(v.Name()) == "use" {
			last = p
		}
		return true
	})
	if want := (Position{5, 1}); last != want {
		t.Errorf("got %v, want %v", last, want)
	}
}

// What is written in practice is parsed: scripts with a return at the top, a
// first line for the shell, JSX, decorators in JavaScript, new syntax.
func TestSyntax(t *testing.T) {
	for name, source := range map[string]string{
		"return.cjs":     "if (x) return\nmodule.exports = 1\n",
		"shell.js":       "#!/usr/bin/env node\nconsole.log(1)\n",
		"page.tsx":       "export default function Page({ a }: { a: string }) { return <div id={a}>{a satisfies string}</div> }\n",
		"view.js":        "export const V = () => <p>x</p>\n",
		"cats.js":        "@Controller('cats') export class C { @Get() all() {} }\n",
		"await.mjs":      "import x from './x.json' with { type: 'json' }\nawait x; export { x }\n",
		"using.ts":       "export async function f() { await using a = g(); return a?.b!.c }\n",
		"empty.ts":       "",
		"types.ts":       "export type A = { a: string }\n",
		"namespace.cts":  "import fs = require('fs'); namespace A { export enum B { C } } export = A.B\n",
		"generator.js":   "async function* g() { for await (const x of y) yield* x }\nlabel: for (;;) break label\n",
		"accessor.ts":    "abstract class A<T> { static { A.x = 1 } static x = 0; accessor y = 1; get z(): T { return this.#p as T } #p: unknown }\n",
		"characters.ts":  "const größe = 'ä€😀'; app.get('/größe', () => größe)\n",
		"regexp.js":      "const a = b / c / d, e = /[/]\\//g.test(f)\n",
		"unknown.vuejs?": "const a: string = 'x'\n",
	} {
		if _, err := Parse(name, []byte(source)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestErrorNamesItsPlace(t *testing.T) {
	_, err := Parse("a.ts", []byte("const a = 1\nconst = 2\n"))
	if err == nil || !strings.Contains(err.Error(), "parse a.ts: 2:7: ") {
		t.Errorf("got %v, want an error at 2:7", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("a.ts", controller)
	f.Add("a.js", "`${a}${`b`}`")
	f.Fuzz(func(t *testing.T, path, source string) {
		file, err := Parse(path, []byte(source))
		if err != nil {
			return
		}
		file.Walk(func(n js.INode, p Position) bool {
			if p.Line < 1 || p.Column < 1 {
				t.Fatalf("%T stands at %v", n, p)
			}
			return true
		})
	})
}
