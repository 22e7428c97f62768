package rates

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// Labels by which common Node.js instrumentation names what was requested.
var (
	methodLabels = []string{"method", "http_method", "http_request_method", "verb"}
	routeLabels  = []string{"route", "http_route", "path", "handler", "uri", "endpoint", "url"}
	statusLabels = []string{"status_code", "status", "code", "http_status_code", "http_response_status_code"}
)

// startMetric is when the process began to count, in seconds since 1970.
const startMetric = "process_start_time_seconds"

func readSnapshot(r io.Reader, o Options, each func(Hit)) (Coverage, error) {
	text, at, err := plain(r)
	if err != nil {
		return Coverage{}, fmt.Errorf("read metrics: %w", err)
	}
	var parser expfmt.TextParser
	families, err := parser.TextToMetricFamilies(text)
	if err != nil {
		return Coverage{}, fmt.Errorf("read metrics: %w", err)
	}
	family, err := choose(families, o.Metric)
	if err != nil {
		return Coverage{}, err
	}
	c := Coverage{Over: o.Over}
	if c.Over == 0 {
		c.Over = uptime(families, family, at)
	}
	for _, m := range family.GetMetric() {
		if h, ok := hitOf(m); ok {
			c.Requests += h.Count
			each(h)
		}
	}
	return c, nil
}

// exemplar is what OpenMetrics adds to a sample: labels, a value and a time.
var exemplar = regexp.MustCompile(` # \{[^}]*\} \S+(?: ([0-9.]+))?\s*$`)

// plain turns OpenMetrics into the text format that its parser reads: without
// exemplars, and with counters called what their samples are. at is the latest
// time of an exemplar, in milliseconds since 1970; 0 for none.
func plain(r io.Reader) (text io.Reader, at int64, err error) {
	var b strings.Builder
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		line := lines.Text()
		if m := exemplar.FindStringSubmatchIndex(line); m != nil && !strings.HasPrefix(line, "#") {
			if m[2] >= 0 {
				seconds, _ := strconv.ParseFloat(line[m[2]:m[3]], 64) // the form has digits only
				at = max(at, int64(seconds*1000))
			}
			line = line[:m[0]]
		}
		if line != "# EOF" {
			b.WriteString(line + "\n")
		}
	}
	out := b.String()
	for _, m := range counterType.FindAllStringSubmatch(out, -1) {
		if strings.Contains(out, "\n"+m[1]+"_total") {
			out = strings.Replace(out, m[0], "# TYPE "+m[1]+"_total counter", 1)
			out = strings.Replace(out, "# HELP "+m[1]+" ", "# HELP "+m[1]+"_total ", 1)
		}
	}
	return strings.NewReader(out), at, lines.Err()
}

var counterType = regexp.MustCompile(`(?m)^# TYPE (\S+) counter$`)

// choose finds the family that counts requests: the one that is named, or the
// one that has labels for method and route. Of several that count the same, as
// a counter beside a histogram does, it takes the first.
func choose(families map[string]*dto.MetricFamily, name string) (*dto.MetricFamily, error) {
	var fit []string
	for _, n := range slices.Sorted(maps.Keys(families)) {
		if slices.ContainsFunc(families[n].GetMetric(), func(m *dto.Metric) bool { _, ok := hitOf(m); return ok }) {
			fit = append(fit, n)
		}
	}
	switch {
	case slices.Contains(fit, name):
		return families[name], nil
	case name != "":
		return nil, fmt.Errorf("metric %q is no counter or histogram by method and route in it", name)
	case len(fit) == 0:
		return nil, errors.New("no counter or histogram in it has labels for method and route")
	case len(fit) > 1 && !sameCounts(families, fit):
		return nil, fmt.Errorf("several metrics count by method and route; name one as metric: %s", strings.Join(fit, ", "))
	}
	return families[fit[0]], nil
}

// sameCounts reports whether the families count the same requests.
func sameCounts(families map[string]*dto.MetricFamily, names []string) bool {
	counts := func(name string) map[[2]string]float64 {
		all := map[[2]string]float64{}
		for _, m := range families[name].GetMetric() {
			if h, ok := hitOf(m); ok {
				all[[2]string{h.Method, h.Path}] += h.Count
			}
		}
		return all
	}
	first := counts(names[0])
	return !slices.ContainsFunc(names[1:], func(n string) bool { return !maps.Equal(first, counts(n)) })
}

// hitOf reads one series. What was never requested counts as nothing.
func hitOf(m *dto.Metric) (Hit, bool) {
	labels := map[string]string{}
	for _, l := range m.GetLabel() {
		labels[l.GetName()] = l.GetValue()
	}
	h := Hit{Method: strings.ToUpper(first(labels, methodLabels)), Path: first(labels, routeLabels)}
	h.Status, _ = strconv.Atoi(first(labels, statusLabels)) // "2xx" says less than is needed
	switch {
	case m.GetCounter() != nil:
		h.Count = m.GetCounter().GetValue()
	case m.GetHistogram() != nil:
		h.Count = float64(m.GetHistogram().GetSampleCount())
	case m.GetSummary() != nil:
		h.Count = float64(m.GetSummary().GetSampleCount())
	default:
		return h, false
	}
	return h, h.Method != "" && strings.HasPrefix(h.Path, "/") && h.Count >= 0
}

func first(labels map[string]string, names []string) string {
	for _, n := range names {
		if v := labels[n]; v != "" {
			return v
		}
	}
	return ""
}

// uptime is how long the process had counted at the time that the series
// carry, or at; 0 when there is none.
func uptime(families map[string]*dto.MetricFamily, counted *dto.MetricFamily, at int64) time.Duration {
	starts := families[startMetric].GetMetric()
	if len(starts) != 1 {
		return 0
	}
	began := cmp.Or(starts[0].GetGauge().GetValue(), starts[0].GetUntyped().GetValue())
	for _, m := range counted.GetMetric() {
		at = max(at, m.GetTimestampMs())
	}
	if began <= 0 || at == 0 {
		return 0
	}
	return time.Duration((float64(at)/1000 - began) * float64(time.Second))
}
