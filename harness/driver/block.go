package driver

import "github.com/leakcheck/leakcheck/loadgen"

// block counts what the driver reports of one job.
type block struct {
	job      *loadgen.Job
	report   func(loadgen.Report)
	reported int
}

// line is one line of the output, by its number from 1, read or not understood.
type line struct {
	number int
	text   string // of one that was not understood
	report loadgen.Report
	err    error
}

// take counts a line. The error is an *Error.
func (b *block) take(l line) error {
	const contract = `standard output is for reports, such as {"done": 1}, one on each line: write all else to standard error`
	if l.err != nil {
		return broken(contract, "line %d of its output is no report: %q: %w", l.number, l.text, l.err)
	}
	b.reported += l.report.Done + l.report.Failed
	if b.reported > b.job.Operations {
		return b.lie("%d operations reported, and %d were asked for", b.reported, b.job.Operations)
	}
	b.report(l.report)
	return nil
}

// complete is the error of a driver that has ended by itself, in order, with
// operations left.
func (b *block) complete() error {
	if b.reported < b.job.Operations {
		return b.lie("it ended after %d operations were reported, and %d were asked for", b.reported, b.job.Operations)
	}
	return nil
}

func (b *block) lie(format string, args ...any) error {
	return broken("it must perform exactly LEAKCHECK_OPERATIONS operations, and report each once, as done or failed", format, args...)
}
