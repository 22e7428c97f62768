package settings

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// raw is a setting as it was given, and where it came from, for errors.
type raw struct {
	text   string
	list   []string // of a setting that is a list
	origin string
}

func text(r raw) (string, error) { return r.text, nil }

func texts(r raw) ([]string, error) { return r.list, nil }

// oneOf reads one of some words.
func oneOf[T ~string](words ...T) func(raw) (T, error) {
	return func(r raw) (T, error) {
		if slices.Contains(words, T(r.text)) {
			return T(r.text), nil
		}
		names := make([]string, len(words))
		for i, w := range words {
			names[i] = string(w)
		}
		last := len(names) - 1
		return "", command.BadUsage("", "%s: %q is not %s or %s", r.origin, r.text, strings.Join(names[:last], ", "), names[last])
	}
}

func parseInconclusive(r raw) (int, error) {
	n, err := strconv.Atoi(r.text)
	if err != nil || !slices.Contains([]int{command.ExitPass, command.ExitLeak, command.ExitInconclusive, command.BisectSkip}, n) {
		return 0, command.BadUsage("", "%s: %q is not 0, 1, 3 or 125", r.origin, r.text)
	}
	return n, nil
}

func parseBool(r raw) (bool, error) {
	b, err := strconv.ParseBool(r.text)
	if err != nil {
		return false, command.BadUsage("", "%s: %q is not true or false", r.origin, r.text)
	}
	return b, nil
}

func parseMaxDuration(r raw) (time.Duration, error) {
	if r.text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(r.text)
	if err != nil || d <= 0 {
		return 0, command.BadUsage("", "%s: %q is not a duration such as 90s or 5m", r.origin, r.text)
	}
	return d, nil
}

func parseSeed(r raw) (uint64, error) {
	if r.text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(r.text, 10, 64)
	if err != nil || n == 0 {
		return 0, command.BadUsage("", "%s: %q is not a whole number from 1 on", r.origin, r.text)
	}
	return n, nil
}

func parseKeep(r raw) (int, error) {
	n, err := strconv.Atoi(r.text)
	if err != nil || n < 0 {
		return 0, command.BadUsage("", "%s: %q is not a number of runs", r.origin, r.text)
	}
	return n, nil
}

func parseAge(r raw) (time.Duration, error) {
	if r.text == "" {
		return 0, nil
	}
	d, err := ageOf(r.text)
	if err != nil || d <= 0 {
		return 0, command.BadUsage("", "%s: %q is not an age such as 12h, 90d or 4w", r.origin, r.text)
	}
	return d, nil
}

// ageOf reads days and weeks, which time.ParseDuration does not.
func ageOf(text string) (time.Duration, error) {
	for unit, length := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if count, ok := strings.CutSuffix(text, unit); ok {
			n, err := strconv.ParseFloat(count, 64)
			return time.Duration(n * float64(length)), err
		}
	}
	return time.ParseDuration(text)
}

// ParseSince reads a day or an age, "" as the begin of time.
func ParseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	age, err := ageOf(text)
	if err != nil || age <= 0 {
		return time.Time{}, command.BadUsage("", "--since: %q is neither a day such as 2026-11-01 nor an age such as 90d", text)
	}
	return now.Add(-age), nil
}

// Shard is one part of a suite, counted from 1. The zero value is all of it.
type Shard struct{ Index, Of int }

func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

func parseShard(r raw) (Shard, error) {
	var s Shard
	if r.text == "" {
		return s, nil
	}
	_, err := fmt.Sscanf(r.text, "%d/%d", &s.Index, &s.Of)
	if err != nil || s.String() != r.text || s.Index < 1 || s.Index > s.Of {
		return Shard{}, command.BadUsage("the first of five parts is 1/5", "%s: %q is not a part such as 2/5", r.origin, r.text)
	}
	return s, nil
}

// Report is a report that was asked for, and where it goes.
type Report struct {
	Format report.Format
	Path   string
}

// parseReports reads "junit=leakcheck.xml".
func parseReports(r raw) ([]Report, error) {
	var out []Report
	var errs []error
	for _, text := range r.list {
		name, path, ok := strings.Cut(text, "=")
		f, err := report.FindFormat(name)
		switch {
		case !ok || path == "":
			errs = append(errs, command.BadUsage("such as junit=leakcheck.xml", "%s: %q is not FORMAT=FILE", r.origin, text))
		case err != nil:
			errs = append(errs, command.BadUsage("", "%s: %w", r.origin, err))
		}
		out = append(out, Report{f, path})
	}
	return out, errors.Join(errs...)
}

// parseNotify wants addresses. What is wrong is told without them: they are secrets.
func parseNotify(r raw) ([]string, error) {
	for _, address := range r.list {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, command.BadUsage("such as https://hooks.slack.com/services/...", "%s: not an address of http or https", r.origin)
		}
	}
	return r.list, nil
}
