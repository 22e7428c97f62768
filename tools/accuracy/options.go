package main

import (
	"errors"
	"flag"
	"fmt"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

type options struct {
	nodes     []nodeChoice
	set       caseSet
	cases     *regexp.Regexp
	seeds     []uint64
	out       string
	keep      string
	series    string
	shard     shard
	parallel  int
	tableOnly bool
	container bool
	mixed     bool
	simulated int
	recorded  string
}

// nodeChoice is a major version, and the binary to use for it; without one it
// is looked for and fetched.
type nodeChoice struct {
	major int
	path  string
}

// shard is part index (from 1) of count equal parts of the work.
type shard struct{ index, count int }

func parseOptions(args []string) (options, error) {
	fs := flag.NewFlagSet("accuracy", flag.ContinueOnError)
	o := options{}
	nodes := fs.String("nodes", "24", "Node versions: `MAJOR[=PATH],...`; without a path, from PATH or npm")
	set := fs.String("set", "all", "the `SET` of cases: catalog (bundled programs), packages (published ones), all")
	cases := fs.String("cases", "", "only the cases whose name/variant matches this `REGEXP`")
	seeds := fs.String("seeds", "1", "seeds to run each case with: `N,...`")
	part := fs.String("shard", "1/1", "do only part `I/N` of the work")
	fs.StringVar(&o.out, "out", "", "append each finished run to this `FILE` (JSON lines), and skip what it holds")
	fs.StringVar(&o.keep, "keep", "", "keep each run's folder with its recording below this `DIR`")
	fs.StringVar(&o.series, "series", "", "run nothing: write the runs that -keep holds to this `DIR`, stripped and compressed, with an index")
	fs.IntVar(&o.parallel, "parallel", 1, "runs at the same time; live ones disturb each other. With -simulate, all cores unless given")
	fs.BoolVar(&o.tableOnly, "table", false, "run nothing, print what -out holds")
	fs.BoolVar(&o.container, "container", false, "run each case in a container too, and print both runs beside each other")
	fs.BoolVar(&o.mixed, "mixed", false, "run each case in mixed mode too, and print both runs beside each other")
	fs.IntVar(&o.simulated, "simulate", 0, "instead, judge this many simulated runs of each kind and print the error rates")
	fs.StringVar(&o.recorded, "recorded", "", "instead, judge the series kept in `DIR`")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	if !given(fs, "parallel") && o.simulated > 0 {
		o.parallel = runtime.NumCPU() // nothing is measured that they could disturb
	}
	if o.parallel < 1 {
		return o, fmt.Errorf("-parallel %d: want 1 or more", o.parallel)
	}
	if o.tableOnly && o.out == "" {
		return o, errors.New("-table prints what -out holds: give -out FILE")
	}
	if o.container && o.mixed {
		return o, errors.New("-container and -mixed each print pairs of runs: give one of them")
	}
	if o.series != "" && o.keep == "" {
		return o, errors.New("-series takes its runs from -keep: give -keep DIR")
	}
	err := o.parseLists(*nodes, *set, *cases, *seeds, *part)
	return o, err
}

// given reports whether a flag stood on the command line.
func given(fs *flag.FlagSet, name string) (yes bool) {
	fs.Visit(func(f *flag.Flag) { yes = yes || f.Name == name })
	return yes
}

func (o *options) parseLists(nodes, set, cases, seeds, part string) (err error) {
	if o.set, err = parseSet(set); err != nil {
		return fmt.Errorf("-set: %w", err)
	}
	if o.nodes, err = parseList(nodes, parseNode); err != nil {
		return fmt.Errorf("-nodes: %w", err)
	}
	if o.seeds, err = parseList(seeds, parseSeed); err != nil {
		return fmt.Errorf("-seeds: %w", err)
	}
	if o.cases, err = regexp.Compile(cases); err != nil {
		return fmt.Errorf("-cases: %w", err)
	}
	if o.shard, err = parseShard(part); err != nil {
		return fmt.Errorf("-shard: %w", err)
	}
	return nil
}

func parseList[T any](list string, parse func(string) (T, error)) ([]T, error) {
	var all []T
	for item := range strings.SplitSeq(list, ",") {
		v, err := parse(strings.TrimSpace(item))
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

func parseSeed(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n == 0 { // 0 asks leakcheck for a random one
		return 0, fmt.Errorf("%q is no seed", s)
	}
	return n, nil
}

func parseNode(s string) (nodeChoice, error) {
	digits, path, _ := strings.Cut(s, "=")
	major, err := strconv.Atoi(digits)
	if err != nil || major < 1 {
		return nodeChoice{}, fmt.Errorf("%q: want MAJOR or MAJOR=PATH", s)
	}
	return nodeChoice{major: major, path: path}, nil
}

func parseShard(s string) (shard, error) {
	left, right, _ := strings.Cut(s, "/")
	i, errI := strconv.Atoi(left)
	n, errN := strconv.Atoi(right)
	if errI != nil || errN != nil || i < 1 || i > n {
		return shard{}, fmt.Errorf("%q: want I/N with I from 1 to N", s)
	}
	return shard{index: i, count: n}, nil
}

// of deals jobs out like cards, so that the long cases spread evenly.
func (s shard) of(jobs []job) []job {
	var mine []job
	for i := s.index - 1; i < len(jobs); i += s.count {
		mine = append(mine, jobs[i])
	}
	return mine
}
