package evidence

// Excerpt is a line of the code with its neighbours.
type Excerpt struct {
	File  string   `json:"file"`
	Line  int      `json:"line"`  // the one that it is of
	First int      `json:"first"` // the number of the first of Lines
	Lines []string `json:"lines"`
}

// Text is the line itself.
func (e *Excerpt) Text() string { return e.Lines[e.Line-e.First] }

// ExcerptOf is that of a place, nil where there is none.
func (e *Evidence) ExcerptOf(f *Frame) *Excerpt {
	for i := range e.Excerpts {
		if x := &e.Excerpts[i]; f != nil && x.File == f.File && x.Line == f.Line {
			return x
		}
	}
	return nil
}
