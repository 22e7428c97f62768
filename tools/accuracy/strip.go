package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/tools/accuracy/series"
	"github.com/leakcheck/leakcheck/verdict"
)

// mostBytes is what one series may weigh: they live in the repository.
const mostBytes = 20_000

// keepSeries writes the recordings that keep has of the jobs to dir, small, and
// enters them in its index. It says how many.
func keepSeries(keep, dir string, jobs []job) (int, error) {
	index, err := series.ReadIndex(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, fmt.Errorf("make folder of series: %w", err)
	}
	kept := 0
	for _, j := range jobs {
		path, err := recordingOf(filepath.Join(keep, j.key().String()))
		if err != nil {
			return kept, err
		}
		if path == "" {
			continue
		}
		entry, err := keepOne(path, dir, j)
		if err != nil {
			return kept, fmt.Errorf("keep %s: %w", j.key(), err)
		}
		index = append(slices.DeleteFunc(index, func(e series.Entry) bool { return e.File == entry.File }), entry)
		kept++
	}
	slices.SortFunc(index, func(a, b series.Entry) int { return cmp.Compare(a.File, b.File) })
	return kept, series.WriteIndex(dir, index)
}

// recordingOf finds the recording below a run's folder, "" when the job was
// not run.
func recordingOf(folder string) (string, error) {
	found, err := filepath.Glob(filepath.Join(folder, ".leakcheck", "runs", "*", "recording.jsonl"))
	if err != nil || len(found) == 0 {
		return "", err
	}
	if len(found) > 1 {
		return "", fmt.Errorf("%s holds %d recordings, want one", folder, len(found))
	}
	return found[0], nil
}

func keepOne(path, dir string, j job) (series.Entry, error) {
	rec, err := recording.ReadFile(path)
	if err != nil {
		return series.Entry{}, err
	}
	if rec.End == nil {
		return series.Entry{}, errors.New("the run was cut off, or still goes on")
	}
	small := series.Strip(rec)
	var b bytes.Buffer
	if err := series.Write(&b, small); err != nil {
		return series.Entry{}, err
	}
	if b.Len() > mostBytes {
		return series.Entry{}, fmt.Errorf("%d bytes are more than %d", b.Len(), mostBytes)
	}
	if err := sameVerdict(rec, small); err != nil {
		return series.Entry{}, err
	}
	entry := series.Entry{
		File: j.key().String() + series.Extension, App: j.Name + "/" + j.Variant, Node: rec.Header.Environment.Node,
		Leaky: j.Leaking, BytesPerRequest: j.BytesPerRequest,
	}
	return entry, os.WriteFile(filepath.Join(dir, entry.File), b.Bytes(), 0o644)
}

// sameVerdict holds Strip to its word.
func sameVerdict(rec, small *recording.Recording) error {
	want, err := verdict.Judge(rec, verdict.Options{})
	if err != nil {
		return err
	}
	got, err := verdict.Judge(small, verdict.Options{})
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(got, want) {
		return errors.New("the verdict reads what Strip takes away")
	}
	return nil
}
