package catalog

import "strings"

// hint names the cases that name may have meant, or where to look.
func hint(name string) string {
	if near := nearNames(name); len(near) > 0 {
		return "; did you mean " + strings.Join(near, ", ") + "?"
	}
	return "; leakcheck list shows them all"
}

func nearNames(name string) []string {
	base, _, _ := strings.Cut(strings.ToLower(name), "/")
	var near []string
	for _, c := range loaded() {
		if alike(base, c.Name) {
			near = append(near, c.String())
		}
	}
	return near
}

// alike reports whether the two names have words that begin in the same way.
func alike(a, b string) bool {
	for _, x := range strings.Split(a, "-") {
		for _, y := range strings.Split(b, "-") {
			const telling = 4 // letters; "lru" has fewer and must agree in full
			if n := min(telling, len(y)); len(x) >= n && x[:n] == y[:n] {
				return true
			}
		}
	}
	return false
}
