package report

import (
	"crypto/sha256"
	_ "embed" // the page's template and style
	"encoding/base64"
	"html/template"
	"io"

	"github.com/leakcheck/leakcheck/sampler/recording/printable"
)

//go:embed page/report.gohtml
var pageTemplate string

//go:embed page/report.css
var pageStyle string

var page = template.Must(template.New("page").Parse(pageTemplate))

// HTML writes one self-contained page: no script and no request to anywhere,
// which its Content-Security-Policy holds a browser to. All that comes from the
// target is escaped.
func HTML(w io.Writer, s Suite) error {
	printable.Strings(&s)
	return page.Execute(w, newPageView(&s))
}

// policy allows the page's own style and nothing else.
func policy() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src data:; base-uri 'none'; form-action 'none'"
}

// pageView is what the template shows.
type pageView struct {
	Title, Policy string
	Style         template.CSS
	Outcome       string
	Conclusion    string
	Single        bool
	Problems      []string
	Runs          []runView
}

func newPageView(s *Suite) pageView {
	v := pageView{
		Policy:  policy(),
		Style:   template.CSS(pageStyle), //nolint:gosec // our own file
		Outcome: string(s.Outcome), Conclusion: s.conclude() + ".",
		Single: s.single(), Problems: s.Problems,
	}
	for i := range s.Runs {
		v.Runs = append(v.Runs, newRunView(&s.Runs[i], i))
	}
	v.Title = "suite"
	if v.Single {
		v.Title = v.Runs[0].Name
	}
	return v
}
