package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/leakcheck/leakcheck/harness/examine"
)

// settingsFile is read from the working directory.
const settingsFile = "leakcheck.yaml"

// environmentPrefix begins the variable of each setting: LEAKCHECK_RUNS_DIR.
const environmentPrefix = "LEAKCHECK"

// settings are the tool's own: flags before the environment before
// leakcheck.yaml before the defaults. A command has flags for those that it
// reads. The other layers may hold any of them for all commands, and each value
// is checked.
type settings struct {
	runsDir      string
	color        string
	inconclusive int
	json         bool
	quiet        bool
	maxDuration  time.Duration // 0: the scenario's
	seed         uint64        // 0: the scenario's, or a random one
	reports      []reportFile
	shard        shard         // zero: all of the suite
	history      string        // file or URL, historyOff for none
	historyKeep  int           // runs of each scenario, 0: all
	historyAge   time.Duration // of the oldest run, 0: any
	noDiagnose   bool
	baseline     string // file, run or recording; "" for none
	snapshots    examine.Keep
}

// setting is one of the settings by its key, which is its flag's name.
type setting struct{ key, byDefault, usage string }

// declared lists all settings. Those that are false by default are
// switches.
var declared = []setting{
	{"runs-dir", filepath.Join(".leakcheck", "runs"), "folder for recordings, verdicts and logs"},
	{"color", "auto", "colour on standard output: auto, always or never"},
	{"inconclusive", "3", "exit code for an inconclusive run: 0, 1, 3 or 125 (for git bisect run: of a failed run, too)"},
	{"json", "false", "print the verdict as one JSON document"},
	{"quiet", "false", "no progress on standard error"},
	{"max-duration", "", "longest time for the whole run, such as 2m; default: the scenario's"},
	{"no-diagnose", "false", "do not look into what leaks, which takes up to 30 s after the verdict"},
	{"keep-snapshots", "redacted", "heap snapshots of what leaks: none, redacted (without the users' data) or raw"},
	{"seed", "", "order of blocks and random data; default: the scenario's, else random"},
	{"history", filepath.Join(".leakcheck", "history.db"), "where runs are remembered: a file, postgres://..., or off"},
	{"history-keep", "0", "runs of each scenario to remember; 0 for all"},
	{"history-age", "", "forget runs older than this, such as 90d; default: never"},
	{reportKey, "", "also write a report, as FORMAT=FILE; repeatable (leakcheck report --help lists formats)"},
	{"baseline", "", "let pass what leaks no more than in a baseline file, a run of the history or a recording"},
	{"shard", "", "run one part of a suite, such as 2/5; leakcheck merge joins the parts"},
}

// reportKey is the one setting that is a list.
const reportKey = "report"

func settingKeys() []string {
	keys := make([]string, len(declared))
	for i, s := range declared {
		keys[i] = s.key
	}
	return keys
}

// addSettings declares flags for the settings that a command reads.
func addSettings(f *pflag.FlagSet, keys ...string) {
	for _, s := range declared {
		switch {
		case !slices.Contains(keys, s.key):
		case s.key == reportKey:
			f.StringArray(s.key, nil, s.usage)
		case s.byDefault == "false":
			f.Bool(s.key, false, s.usage)
		default:
			f.String(s.key, s.byDefault, s.usage)
		}
	}
}

// addJSON declares the flag of the setting "json" on a command that prints
// something else than a verdict.
func addJSON(f *pflag.FlagSet, what string) {
	addSettings(f, "json")
	f.Lookup("json").Usage = "print " + what + " as JSON"
}

// loadSettings merges the four layers and checks each value.
func loadSettings(flags *pflag.FlagSet) (settings, error) {
	v := viper.New()
	v.SetEnvPrefix(environmentPrefix)
	v.SetEnvKeyReplacer(strings.NewReplacer("-", "_"))
	v.AutomaticEnv()
	if err := readSettingsFile(v); err != nil {
		return settings{}, err
	}
	for _, s := range declared {
		v.SetDefault(s.key, s.byDefault)
		flag := flags.Lookup(s.key)
		if flag == nil {
			continue // not read by this command, and checked all the same
		}
		if err := v.BindPFlag(s.key, flag); err != nil {
			return settings{}, fmt.Errorf("bind flag: %w", err)
		}
	}
	s, err := parseSettings(func(key string) raw {
		return raw{v.GetString(key), origin(v, flags, key)}
	})
	if err != nil {
		return s, err
	}
	s.reports, err = parseReports(v.GetStringSlice(reportKey), origin(v, flags, reportKey))
	return s, err
}

// readSettingsFile reads leakcheck.yaml, where there is one, into a viper that
// has no other layer yet. It knows no other keys than the settings', so that a
// misspelt one is not ignored.
func readSettingsFile(v *viper.Viper) error {
	v.SetConfigFile(settingsFile)
	err := v.ReadInConfig()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return badUsage("", "read %s: %w", settingsFile, err)
	}
	known := settingKeys()
	for _, key := range v.AllKeys() {
		if !slices.Contains(known, key) {
			return badUsage("known keys: "+strings.Join(known, ", "), "%s: unknown key %q", settingsFile, key)
		}
	}
	return nil
}

// raw is a setting's text, and where it came from, for errors.
type raw struct{ text, origin string }

func origin(v *viper.Viper, flags *pflag.FlagSet, key string) string {
	variable := environmentPrefix + "_" + strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
	switch {
	case flags.Changed(key):
		return "--" + key
	case os.Getenv(variable) != "":
		return variable
	case v.InConfig(key):
		return settingsFile + ": " + key
	}
	return key
}

func parseSettings(get func(key string) raw) (settings, error) {
	s := settings{runsDir: get("runs-dir").text, color: get("color").text, history: get("history").text, baseline: get("baseline").text}
	var errs [11]error
	s.inconclusive, errs[0] = parseInconclusive(get("inconclusive"))
	s.json, errs[1] = parseBool(get("json"))
	s.quiet, errs[2] = parseBool(get("quiet"))
	s.maxDuration, errs[3] = parseMaxDuration(get("max-duration"))
	s.seed, errs[4] = parseSeed(get("seed"))
	s.historyKeep, errs[6] = parseKeep(get("history-keep"))
	s.historyAge, errs[7] = parseAge(get("history-age"))
	s.snapshots, errs[9] = parseSnapshots(get("keep-snapshots"))
	s.noDiagnose, errs[8] = parseBool(get("no-diagnose"))
	s.shard, errs[10] = parseShard(get("shard"))
	if !slices.Contains([]string{"auto", "always", "never"}, s.color) {
		errs[5] = badUsage("", "%s: %q is not auto, always or never", get("color").origin, s.color)
	}
	return s, errors.Join(errs[:]...)
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

func parseSnapshots(r raw) (examine.Keep, error) {
	keep := examine.Keep(r.text)
	if !slices.Contains([]examine.Keep{examine.KeepNone, examine.KeepRedacted, examine.KeepRaw}, keep) {
		return "", badUsage("", "%s: %q is not none, redacted or raw", r.origin, r.text)
	}
	return keep, nil
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

// parseAge reads days and weeks, which time.ParseDuration does not.
func parseAge(r raw) (time.Duration, error) {
	if r.text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(r.text)
	for unit, length := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if count, ok := strings.CutSuffix(r.text, unit); ok {
			var n float64
			n, err = strconv.ParseFloat(count, 64)
			d = time.Duration(n * float64(length))
		}
	}
	if err != nil || d <= 0 {
		return 0, badUsage("", "%s: %q is not an age such as 12h, 90d or 4w", r.origin, r.text)
	}
	return d, nil
}

// useColor says whether standard output is painted.
func (s settings) useColor(io *streams) bool {
	switch s.color {
	case "always":
		return true
	case "never":
		return false
	}
	return io.outTTY && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// seedOrRandom is a seed for one run.
func (s settings) seedOrRandom() uint64 {
	if s.seed != 0 {
		return s.seed
	}
	return randomSeed()
}
