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
)

// settingsFile is read from the working directory.
const settingsFile = "leakcheck.yaml"

// environmentPrefix begins the variable of each setting: LEAKCHECK_RUNS_DIR.
const environmentPrefix = "LEAKCHECK"

// settings are the tool's own, for all commands: flags before the environment
// before leakcheck.yaml before the defaults.
type settings struct {
	runsDir      string
	color        string
	inconclusive int
	json         bool
	quiet        bool
	maxDuration  time.Duration // 0: the scenario's
	seed         uint64        // 0: the scenario's, or a random one
}

// addSettings declares the flags; their names are the settings' keys.
func addSettings(f *pflag.FlagSet) {
	f.String("runs-dir", filepath.Join(".leakcheck", "runs"), "folder for recordings, verdicts and logs")
	f.String("color", "auto", "colour on standard output: auto, always or never")
	f.String("inconclusive", "3", "exit code for an inconclusive run: 0, 1, 3 or 125 (git bisect skip)")
	f.Bool("json", false, "print the verdict as one JSON document")
	f.Bool("quiet", false, "no progress on standard error")
	f.String("max-duration", "", "longest time to measure, such as 2m; default: the scenario's")
	f.String("seed", "", "order of blocks and random data; default: the scenario's, else random")
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
	for _, key := range settingKeys() {
		if err := v.BindPFlag(key, flags.Lookup(key)); err != nil {
			return settings{}, fmt.Errorf("bind flag: %w", err)
		}
	}
	return parseSettings(func(key string) raw {
		return raw{v.GetString(key), origin(v, flags, key)}
	})
}

// settingKeys lists the settings in the order of addSettings.
func settingKeys() []string {
	var keys []string
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.SortFlags = false
	addSettings(f)
	f.VisitAll(func(flag *pflag.Flag) { keys = append(keys, flag.Name) })
	return keys
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
	s := settings{runsDir: get("runs-dir").text, color: get("color").text}
	var errs [6]error
	s.inconclusive, errs[0] = parseInconclusive(get("inconclusive"))
	s.json, errs[1] = parseBool(get("json"))
	s.quiet, errs[2] = parseBool(get("quiet"))
	s.maxDuration, errs[3] = parseMaxDuration(get("max-duration"))
	s.seed, errs[4] = parseSeed(get("seed"))
	if !slices.Contains([]string{"auto", "always", "never"}, s.color) {
		errs[5] = badUsage("", "%s: %q is not auto, always or never", get("color").origin, s.color)
	}
	return s, errors.Join(errs[:]...)
}

func parseInconclusive(r raw) (int, error) {
	n, err := strconv.Atoi(r.text)
	if err != nil || !slices.Contains([]int{exitPass, exitLeak, exitInconclusive, 125}, n) {
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
