package runcmd

import (
	"context"
	"os"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/notify"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// secretVariable has the key that notifications are signed with. It is no setting, as
// those may stand in a file beside the code.
const secretVariable = "LEAKCHECK_NOTIFY_SECRET"

// tell posts what is worth telling to the addresses of --notify. That one cannot be
// told is an error on standard error, and changes no outcome.
func tell(ctx context.Context, o runOptions, s report.Suite) {
	sender := notify.Sender{Secret: os.Getenv(secretVariable)}
	for i := range s.Runs {
		m := messageOf(&s.Runs[i])
		if !m.Worth() {
			continue
		}
		for _, address := range o.settings.Notify {
			if err := sender.Send(ctx, address, m); err != nil {
				command.PrintError(o.io.Err, err)
			}
		}
	}
}

func messageOf(d *report.Document) notify.Message {
	m := notify.Message{Outcome: string(d.Outcome), Scenario: d.Scenario, Endpoints: []notify.Endpoint{}}
	if rec := d.Recording; rec != nil {
		m.Scenario, m.Run, m.Commit = rec.Header.Scenario.Name, rec.Header.RunID, rec.Header.Environment.GitCommit
	}
	if len(d.Previous) > 0 {
		m.Before = string(d.Previous[0].Outcome)
	}
	if d.Verdict == nil {
		return m
	}
	for _, e := range d.Verdict.All() {
		if e.Outcome == verdict.Leak || e.Outcome == verdict.Inconclusive {
			m.Endpoints = append(m.Endpoints, notify.Endpoint{
				Name: e.Name, Outcome: string(e.Outcome), Reason: e.Reason, Suspect: report.FirstSuspect(d, e.Name),
			})
		}
	}
	return m
}
