// Package settings are the tool's own: flags, environment, leakcheck.yaml, defaults.
package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/harness/examine"
)

// settingsFile is read from the working directory.
const settingsFile = "leakcheck.yaml"

// environmentPrefix begins the variable of each setting: LEAKCHECK_RUNS_DIR.
const environmentPrefix = "LEAKCHECK"

// Settings are the tool's own: flags before the environment before
// leakcheck.yaml before the defaults. A command has flags for those that it
// reads. The other layers may hold any of them for all commands, and each value
// is checked.
type Settings struct {
	RunsDir      string
	color        string
	Inconclusive int
	JSON         bool
	Quiet        bool
	MaxDuration  time.Duration // 0: the scenario's
	Seed         uint64        // 0: the scenario's, or a random one
	Reports      []Report
	Shard        Shard         // zero: all of the suite
	History      string        // file or URL, historyOff for none
	HistoryKeep  int           // runs of each scenario, 0: all
	HistoryAge   time.Duration // of the oldest run, 0: any
	NoDiagnose   bool
	Notify       []string // addresses to tell of leaks and changes
	Baseline     string   // file, run or recording; "" for none
	Snapshots    examine.Keep

	Endpoints, Tags []string // which endpoints to measure, by names or patterns; none is all
	Failed          bool     // only what did not pass when it was last measured
	Quick           bool     // promise less, in less time
	All             bool     // every endpoint has a row of its own
}

// HistoryOff is the setting for no history.
const HistoryOff = "off"

// setting is one row of the table: its key is its flag's name.
type setting struct {
	key, byDefault, usage string
	read                  func(*Settings, raw) error
}

// table holds all settings. Those that are false by default are switches, and
// those of lists are given several times.
var table = []setting{
	{
		"runs-dir", filepath.Join(".leakcheck", "runs"), "folder for recordings, verdicts and logs",
		into(func(s *Settings) *string { return &s.RunsDir }, text),
	},
	{
		"color", "auto", "colour on standard output: auto, always or never",
		into(func(s *Settings) *string { return &s.color }, oneOf("auto", "always", "never")),
	},
	{
		"inconclusive", "3", "exit code of an inconclusive run: 0, 1, 3, or 125 (also of failed runs, so that git bisect skips them)",
		into(func(s *Settings) *int { return &s.Inconclusive }, parseInconclusive),
	},
	{
		"json", "false", "print the verdict as one JSON document",
		into(func(s *Settings) *bool { return &s.JSON }, parseBool),
	},
	{
		"quiet", "false", "no progress on standard error",
		into(func(s *Settings) *bool { return &s.Quiet }, parseBool),
	},
	{
		"max-duration", "", "longest time for the whole run, such as 2m; default: the scenario's",
		into(func(s *Settings) *time.Duration { return &s.MaxDuration }, parseMaxDuration),
	},
	{
		"no-diagnose", "false", "do not diagnose leaks, which takes up to 30 s after the verdict",
		into(func(s *Settings) *bool { return &s.NoDiagnose }, parseBool),
	},
	{
		"keep-snapshots", "redacted", "heap snapshots of leaking endpoints: none, redacted (without user data) or raw",
		into(func(s *Settings) *examine.Keep { return &s.Snapshots }, oneOf(examine.KeepNone, examine.KeepRedacted, examine.KeepRaw)),
	},
	{
		"seed", "", "order of blocks and random data; default: the scenario's, else random",
		into(func(s *Settings) *uint64 { return &s.Seed }, parseSeed),
	},
	{
		"history", filepath.Join(".leakcheck", "history.db"), "where runs are remembered: a file, postgres://..., or off",
		into(func(s *Settings) *string { return &s.History }, text),
	},
	{
		"history-keep", "0", "runs of each scenario to remember; 0 for all",
		into(func(s *Settings) *int { return &s.HistoryKeep }, parseKeep),
	},
	{
		"history-age", "", "forget runs older than this, such as 90d; default: never",
		into(func(s *Settings) *time.Duration { return &s.HistoryAge }, parseAge),
	},
	{
		"report", "", "also write a report, as FORMAT=FILE; repeatable (leakcheck report --help lists formats)",
		into(func(s *Settings) *[]Report { return &s.Reports }, parseReports),
	},
	{
		"notify", "", "address to post a leak or a changed outcome to, as JSON or to Slack; repeatable, signed with LEAKCHECK_NOTIFY_SECRET",
		into(func(s *Settings) *[]string { return &s.Notify }, parseNotify),
	},
	{
		"baseline", "", "accept known leaks: an endpoint passes if it leaks no more than in this baseline file, past run or recording",
		into(func(s *Settings) *string { return &s.Baseline }, text),
	},
	{
		"shard", "", "run one part of a suite, such as 2/5; leakcheck merge joins the parts",
		into(func(s *Settings) *Shard { return &s.Shard }, parseShard),
	},
	{
		"endpoint", "", "only this endpoint, or those of a pattern such as 'users-*'; repeatable",
		into(func(s *Settings) *[]string { return &s.Endpoints }, texts),
	},
	{
		"tag", "", "only endpoints with this tag; repeatable",
		into(func(s *Settings) *[]string { return &s.Tags }, texts),
	},
	{
		"failed", "false", "only endpoints that did not pass when they were last measured, by the history",
		into(func(s *Settings) *bool { return &s.Failed }, parseBool),
	},
	{
		"quick", "false", "promise less: 90 % confidence, within a minute",
		into(func(s *Settings) *bool { return &s.Quick }, parseBool),
	},
	{
		"all", "false", "show every endpoint, also where many pass",
		into(func(s *Settings) *bool { return &s.All }, parseBool),
	},
}

// ReportKey is the setting of reports, and lists are all that are lists.
const ReportKey = "report"

var lists = []string{ReportKey, "endpoint", "tag", "notify"}

// into reads a value into a field.
func into[T any](field func(*Settings) *T, parse func(raw) (T, error)) func(*Settings, raw) error {
	return func(s *Settings, r raw) (err error) {
		*field(s), err = parse(r)
		return err
	}
}

// Keys are those of all settings but some.
func Keys(but ...string) []string {
	var keys []string
	for _, s := range table {
		if !slices.Contains(but, s.key) {
			keys = append(keys, s.key)
		}
	}
	return keys
}

// AddFlags declares flags for the settings that a command reads.
func AddFlags(f *pflag.FlagSet, keys ...string) {
	for _, s := range table {
		switch {
		case !slices.Contains(keys, s.key):
		case slices.Contains(lists, s.key):
			f.StringArray(s.key, nil, s.usage)
		case s.byDefault == "false":
			f.Bool(s.key, false, s.usage)
		default:
			f.String(s.key, s.byDefault, s.usage)
		}
	}
}

// AddJSON declares the flag of the setting "json" on a command that prints
// something else than a verdict.
func AddJSON(f *pflag.FlagSet, what string) {
	AddFlags(f, "json")
	f.Lookup("json").Usage = "print " + what + " as JSON"
}

// With is what a command runs once its settings are read.
func With(run func(cmd *cobra.Command, s Settings, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		s, err := Load(cmd.Flags())
		if err != nil {
			return err
		}
		return run(cmd, s, args)
	}
}

// Load merges the four layers and checks each value.
func Load(flags *pflag.FlagSet) (Settings, error) {
	v := viper.New()
	v.SetEnvPrefix(environmentPrefix)
	v.SetEnvKeyReplacer(strings.NewReplacer("-", "_"))
	v.AutomaticEnv()
	if err := readSettingsFile(v); err != nil {
		return Settings{}, err
	}
	var all Settings
	var errs []error
	for _, s := range table {
		v.SetDefault(s.key, s.byDefault)
		if flag := flags.Lookup(s.key); flag != nil { // else not read by this command, and checked all the same
			if err := v.BindPFlag(s.key, flag); err != nil {
				return all, fmt.Errorf("bind flag: %w", err)
			}
		}
		r := raw{origin: origin(v, flags, s.key)}
		if slices.Contains(lists, s.key) {
			r.list = v.GetStringSlice(s.key)
		} else {
			r.text = v.GetString(s.key)
		}
		errs = append(errs, s.read(&all, r))
	}
	return all, errors.Join(errs...)
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
		return command.BadUsage("", "read %s: %w", settingsFile, err)
	}
	known := Keys()
	for _, key := range v.AllKeys() {
		if !slices.Contains(known, key) {
			return command.BadUsage("known keys: "+strings.Join(known, ", "), "%s: unknown key %q", settingsFile, key)
		}
	}
	return nil
}

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

// UseColor reports whether standard output, a terminal or none, is painted.
func (s Settings) UseColor(tty bool) bool {
	switch s.color {
	case "always":
		return true
	case "never":
		return false
	}
	return tty && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
