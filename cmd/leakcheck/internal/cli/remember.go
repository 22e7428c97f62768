package cli

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/store"
	"github.com/leakcheck/leakcheck/verdict/history"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// openHistory opens the history for a command that needs it.
func openHistory(ctx context.Context, s settings) (*store.Store, error) {
	if s.history == historyOff {
		return nil, badUsage("set it to a file or postgres://...", "the history is off")
	}
	return openStore(ctx, s.history)
}

func openStore(ctx context.Context, location string) (*store.Store, error) {
	h, err := store.Open(ctx, location)
	switch {
	case err == nil && !store.IsURL(location):
		err = ignoreOurs(filepath.Dir(location))
	case errors.Is(err, store.ErrNewer):
		return nil, badMachine("update leakcheck, or name another with --history", "%w", err)
	}
	if err != nil {
		return h, badMachine("--history names another file or database", "%w", err)
	}
	return h, nil
}

// rememberWithin bounds how long a run waits for its history.
const rememberWithin = time.Minute

// remember adds a run to the history and prunes it. A run that never reached its
// target is not kept.
func remember(ctx context.Context, s settings, doc report.Document) error {
	if s.history == historyOff || doc.Recording == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rememberWithin)
	defer cancel()
	h, err := openStore(ctx, s.history)
	if err == nil {
		_, err = addDocument(ctx, h, doc)
		err = errors.Join(err, prune(ctx, h, s), h.Close())
	}
	if err != nil {
		return badMachine("leakcheck import "+doc.Dir+" adds it later", "the run is not in the history: %w", err)
	}
	return nil
}

func prune(ctx context.Context, h *store.Store, s settings) error {
	keep := store.Retention{Runs: s.historyKeep}
	if s.historyAge > 0 {
		keep.Before = time.Now().Add(-s.historyAge)
	}
	if keep == (store.Retention{}) {
		return nil
	}
	_, err := h.Prune(ctx, keep)
	return err
}

// addDocument stores a judged recording.
func addDocument(ctx context.Context, h *store.Store, doc report.Document) (added bool, err error) {
	var text bytes.Buffer
	if err := report.JSON(&text, doc); err != nil {
		return false, err
	}
	r := runOf(doc)
	return h.Add(ctx, &r, text.Bytes())
}

// runOf is the document in short.
func runOf(doc report.Document) history.Run {
	return history.Of(doc.Recording, doc.Verdict, doc.Outcome, doc.ExitCode, doc.Dir)
}

// findRun finds a run by its id, or the begin of it.
func findRun(ctx context.Context, h *store.Store, id string) (history.Run, error) {
	r, err := h.Run(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return r, badUsage("leakcheck history lists the runs", "%w", err)
	}
	return r, err
}

// readHistory lists runs, at least one.
func readHistory(ctx context.Context, s settings, f store.Filter) (runs []history.Run, err error) {
	h, err := openHistory(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	runs, err = h.Runs(ctx, f)
	if err == nil && len(runs) == 0 {
		err = badUsage("leakcheck run adds one, and leakcheck import those of other machines", "no such runs in the history")
	}
	return runs, err
}
