package loadgen

import "errors"

// PartError is what is wrong with one part of a Request.
type PartError struct {
	Part Part
	Name string // of the header, the query's value or the form's part
	Err  error
}

// Part is one of the parts of a Request that hold templates or name files.
type Part string

// The parts of a Request.
const (
	Path      Part = "path"
	Query     Part = "query"
	Header    Part = "header"
	Body      Part = "body"
	Multipart Part = "multipart"
	Targets   Part = "targets"
)

func (e *PartError) Error() string {
	if e.Name != "" {
		return string(e.Part) + " " + e.Name + ": " + e.Err.Error()
	}
	return string(e.Part) + ": " + e.Err.Error()
}

func (e *PartError) Unwrap() error { return e.Err }

// blame lays an error of one of r's messages at the part of r that it comes
// from: in a targets file, all but the headers that r adds.
func (r *Request) blame(err error) error {
	var part *PartError
	if errors.As(err, &part) && part.Part == Header {
		if _, own := r.Headers[part.Name]; own {
			return err
		}
	}
	if r.Targets != "" {
		return &PartError{Part: Targets, Err: err}
	}
	return err
}
