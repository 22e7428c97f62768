package archive

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/store"
	"github.com/leakcheck/leakcheck/verdict/history"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// OpenHistory opens the history for a command that needs it.
func OpenHistory(ctx context.Context, s settings.Settings) (*store.Store, error) {
	if s.History == settings.HistoryOff {
		return nil, command.BadUsage("set it to a file or postgres://...", "the history is off")
	}
	return openStore(ctx, s.History)
}

func openStore(ctx context.Context, location string) (*store.Store, error) {
	h, err := store.Open(ctx, location)
	switch {
	case err == nil && !store.IsURL(location):
		err = IgnoreOurs(filepath.Dir(location))
	case errors.Is(err, store.ErrNewer):
		return nil, command.BadMachine("update leakcheck, or name another with --history", "%w", err)
	case errors.Is(err, store.ErrLocked):
		return nil, command.BadMachine("try again when it is done; fuser "+location+" names it", "%w", err)
	}
	if err != nil {
		return h, command.BadMachine("--history names another file or database", "%w", err)
	}
	return h, nil
}

// rememberWithin bounds how long a run waits for its history.
const rememberWithin = time.Minute

// Remember adds a run to the history, or takes the place of what was remembered of
// it, and prunes the history. A run that never reached its target is not kept.
// Waiting is called when another process has locked the history, before it is
// tried again.
func Remember(ctx context.Context, s settings.Settings, doc report.Document, waiting func()) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rememberWithin)
	defer cancel()
	err := RememberNow(ctx, s, doc)
	if errors.Is(err, store.ErrLocked) {
		waiting()
	}
	for errors.Is(err, store.ErrLocked) && ctx.Err() == nil {
		err = RememberNow(ctx, s, doc)
	}
	return err
}

// RememberNow is Remember, but gives up after a few seconds of waiting.
func RememberNow(ctx context.Context, s settings.Settings, doc report.Document) error {
	if s.History == settings.HistoryOff || doc.Recording == nil {
		return nil
	}
	h, err := openStore(ctx, s.History)
	if err == nil {
		err = errors.Join(putDocument(ctx, h, doc), prune(ctx, h, s), h.Close())
	}
	if err != nil {
		return command.BadMachine("leakcheck import "+doc.Dir+" adds it later", "the run is not in the history: %w", err)
	}
	return nil
}

func prune(ctx context.Context, h *store.Store, s settings.Settings) error {
	keep := store.Retention{Runs: s.HistoryKeep}
	if s.HistoryAge > 0 {
		keep.Before = time.Now().Add(-s.HistoryAge)
	}
	if keep == (store.Retention{}) {
		return nil
	}
	_, err := h.Prune(ctx, keep)
	return err
}

// AddDocument stores a judged recording, unless it is there already.
func AddDocument(ctx context.Context, h *store.Store, doc report.Document) (added bool, err error) {
	var text bytes.Buffer
	if err := report.JSON(&text, doc); err != nil {
		return false, err
	}
	r := RunOf(doc)
	return h.Add(ctx, &r, text.Bytes())
}

func putDocument(ctx context.Context, h *store.Store, doc report.Document) error {
	var text bytes.Buffer
	if err := report.JSON(&text, doc); err != nil {
		return err
	}
	r := RunOf(doc)
	return h.Put(ctx, &r, text.Bytes())
}

// RunOf is the document in short.
func RunOf(doc report.Document) history.Run {
	return history.Of(doc.Recording, doc.Verdict, doc.Outcome, doc.ExitCode, doc.Dir)
}

// FindRun finds a run by its id, or the begin of it.
func FindRun(ctx context.Context, h *store.Store, id string) (history.Run, error) {
	r, err := h.Run(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return r, command.BadUsage("leakcheck history lists the runs", "%w", err)
	}
	return r, err
}

// ReadHistory lists runs, at least one.
func ReadHistory(ctx context.Context, s settings.Settings, f store.Filter) (runs []history.Run, err error) {
	h, err := OpenHistory(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	runs, err = h.Runs(ctx, f)
	if err == nil && len(runs) == 0 {
		err = command.BadUsage("leakcheck run adds one, and leakcheck import those of other machines", "no such runs in the history")
	}
	return runs, err
}
