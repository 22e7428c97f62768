package draft

import (
	"hash/fnv"
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strings"
)

// matching makes up to n texts that match a regular expression, the same ones
// each time; none for one that Go does not know.
func matching(pattern string, n int) []string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	h := fnv.New64a()
	h.Write([]byte(pattern))
	g := generator{rand.New(rand.NewPCG(h.Sum64(), 1))}
	var all []string
	for range 4 * n {
		var b strings.Builder
		g.add(&b, re.Simplify())
		if s := b.String(); s != "" && len(s) < 100 && !slices.Contains(all, s) && len(all) < n {
			all = append(all, s)
		}
	}
	return all
}

type generator struct{ *rand.Rand }

func (g generator) add(b *strings.Builder, re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		b.WriteRune(g.oneOf(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteRune('a' + rune(g.IntN(26)))
	case syntax.OpConcat, syntax.OpCapture:
		for _, sub := range re.Sub {
			g.add(b, sub)
		}
	case syntax.OpAlternate:
		g.add(b, re.Sub[g.IntN(len(re.Sub))])
	case syntax.OpPlus, syntax.OpStar:
		for range 1 + g.IntN(6) {
			g.add(b, re.Sub[0])
		}
	case syntax.OpQuest:
		if g.IntN(2) == 0 {
			g.add(b, re.Sub[0])
		}
	}
}

// oneOf is a rune of a class, which is pairs of the first and the last of a
// range: of letters and digits, where the class has some.
func (g generator) oneOf(class []rune) rune {
	var usual, all []rune
	for i := 0; i+1 < len(class); i += 2 {
		for r := class[i]; r <= class[i+1] && r < 0x7f; r++ {
			if r <= ' ' {
				continue
			}
			all = append(all, r)
			if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
				usual = append(usual, r)
			}
		}
	}
	switch {
	case len(usual) > 0:
		return usual[g.IntN(len(usual))]
	case len(all) > 0:
		return all[g.IntN(len(all))]
	}
	return 'a'
}
