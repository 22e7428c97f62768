package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/verdict/report"
)

// raw is a setting as it was given, and where it came from, for errors.
type raw struct {
	text   string
	list   []string // of a setting that is a list
	origin string
}

func text(r raw) (string, error) { return r.text, nil }

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
		return "", badUsage("", "%s: %q is not %s or %s", r.origin, r.text, strings.Join(names[:last], ", "), names[last])
	}
}

func parseInconclusive(r raw) (int, error) {
	n, err := strconv.Atoi(r.text)
	if err != nil || !slices.Contains([]int{exitPass, exitLeak, exitInconclusive, bisectSkip}, n) {
		return 0, badUsage("", "%s: %q is not 0, 1, 3 or 125", r.origin, r.text)
	}
	return n, nil
}

func parseBool(r raw) (bool, error) {
	b, err := strconv.ParseBool(r.text)
	if err != nil {
		return false, badUsage("", "%s: %q is not true or false", r.origin, r.text)
	}
	return b, nil
}

func parseMaxDuration(r raw) (time.Duration, error) {
	if r.text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(r.text)
	if err != nil || d <= 0 {
		return 0, badUsage("", "%s: %q is not a duration such as 90s or 5m", r.origin, r.text)
	}
	return d, nil
}

func parseSeed(r raw) (uint64, error) {
	if r.text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(r.text, 10, 64)
	if err != nil || n == 0 {
		return 0, badUsage("", "%s: %q is not a whole number from 1 on", r.origin, r.text)
	}
	return n, nil
}

func parseKeep(r raw) (int, error) {
	n, err := strconv.Atoi(r.text)
	if err != nil || n < 0 {
		return 0, badUsage("", "%s: %q is not a number of runs", r.origin, r.text)
	}
	return n, nil
}

func parseAge(r raw) (time.Duration, error) {
	if r.text == "" {
		return 0, nil
	}
	d, err := ageOf(r.text)
	if err != nil || d <= 0 {
		return 0, badUsage("", "%s: %q is not an age such as 12h, 90d or 4w", r.origin, r.text)
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

// parseSince reads a day or an age, "" as the begin of time.
func parseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	age, err := ageOf(text)
	if err != nil || age <= 0 {
		return time.Time{}, badUsage("", "--since: %q is neither a day such as 2026-11-01 nor an age such as 90d", text)
	}
	return now.Add(-age), nil
}

// shard is one part of a suite, counted from 1. The zero value is all of it.
type shard struct{ index, of int }

func (s shard) String() string { return fmt.Sprintf("%d/%d", s.index, s.of) }

func parseShard(r raw) (shard, error) {
	var s shard
	if r.text == "" {
		return s, nil
	}
	_, err := fmt.Sscanf(r.text, "%d/%d", &s.index, &s.of)
	if err != nil || s.String() != r.text || s.index < 1 || s.index > s.of {
		return shard{}, badUsage("the first of five parts is 1/5", "%s: %q is not a part such as 2/5", r.origin, r.text)
	}
	return s, nil
}

// reportFile is a report that was asked for, and where it goes.
type reportFile struct {
	format report.Format
	path   string
}

// parseReports reads "junit=leakcheck.xml".
func parseReports(r raw) ([]reportFile, error) {
	var out []reportFile
	var errs []error
	for _, text := range r.list {
		name, path, ok := strings.Cut(text, "=")
		f, err := report.FindFormat(name)
		switch {
		case !ok || path == "":
			errs = append(errs, badUsage("such as junit=leakcheck.xml", "%s: %q is not FORMAT=FILE", r.origin, text))
		case err != nil:
			errs = append(errs, badUsage("", "%s: %w", r.origin, err))
		}
		out = append(out, reportFile{f, path})
	}
	return out, errors.Join(errs...)
}
