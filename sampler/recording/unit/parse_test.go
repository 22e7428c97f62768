package unit

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	hourly := func(s string) (float64, error) { v, err := ParseMBPerHour(s); return float64(v), err }
	rate := func(s string) (float64, error) { v, err := ParsePerSecond(s); return float64(v), err }
	size := func(s string) (float64, error) { v, err := ParseBytes(s); return float64(v), err }
	speed := func(s string) (float64, error) { v, err := ParseBytesPerSecond(s); return float64(v), err }
	tests := []struct {
		parse func(string) (float64, error)
		text  string
		want  float64
	}{
		{hourly, "2 MB/h", 2},
		{hourly, "2MB/h", 2},
		{hourly, " 2  MB / hour ", 2},
		{hourly, "500 kB/h", 0.5},
		{hourly, "512 KiB/h", 0.524288}, // 512 x 1024 / 1e6
		{hourly, "1 MiB/h", 1.048576},
		{hourly, "1.5 GB/h", 1500},
		{hourly, "1 GiB/h", 1073.741824},
		{hourly, "250000 B/h", 0.25},
		{hourly, "24 MB/d", 1},
		{hourly, "1 kB/s", 3.6}, // 3600 x 1e3 / 1e6
		{hourly, "0 MB/h", 0},
		{rate, "20/s", 20},
		{rate, "20 /s", 20},
		{rate, "6/m", 0.1},
		{rate, "6/min", 0.1},
		{rate, "1800/h", 0.5},
		{rate, "0.5/s", 0.5},
		{speed, "64 KiB/s", 65536},
		{speed, "3 MB/min", 50_000},
		{size, "512 KiB", 524288},
		{size, "64 MB", 64e6},
		{size, "7 B", 7},
		{size, "1.5 GiB", 1.5 * (1 << 30)},
	}
	for _, tt := range tests {
		got, err := tt.parse(tt.text)
		if err != nil || math.Abs(got-tt.want) > 1e-9*tt.want {
			t.Errorf("parse %q: got %v, %v, want %v", tt.text, got, err, tt.want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	hourly := func(s string) error { _, err := ParseMBPerHour(s); return err }
	rate := func(s string) error { _, err := ParsePerSecond(s); return err }
	size := func(s string) error { _, err := ParseBytes(s); return err }
	speed := func(s string) error { _, err := ParseBytesPerSecond(s); return err }
	tests := []struct {
		parse func(string) error
		text  string
		want  string
	}{
		{hourly, "5", `"5" has no unit: want memory per hour, such as "2 MB/h" or "512 KiB/h"`},
		{hourly, "5 MB", `"5 MB" is an amount, not a growth: want memory per hour, such as "2 MB/h" or "512 KiB/h"`},
		{hourly, "5 mb/h", `"5 mb/h" has an unknown unit "mb" (did you mean MB?): want memory per hour, such as "2 MB/h" or "512 KiB/h"`},
		{hourly, "5 MB/fortnight", `"5 MB/fortnight" has an unknown unit "fortnight": want memory per hour, such as "2 MB/h" or "512 KiB/h"`},
		{hourly, "-1 MB/h", `"-1 MB/h" is negative: want memory per hour, such as "2 MB/h" or "512 KiB/h"`},
		{rate, "20", `"20" has no unit: want requests per second, such as "20/s" or "300/min"`},
		{rate, "20 MB/h", `"20 MB/h" is not a rate: want requests per second, such as "20/s" or "300/min"`},
		{rate, "/s", `"/s" has no number: want requests per second, such as "20/s" or "300/min"`},
		{speed, "64 KiB", `"64 KiB" is an amount, not a speed: want a speed, such as "64 KiB/s" or "1 MB/s"`},
		{size, "1.2.3 MB", `"1.2.3 MB" has a number that cannot be read: want an amount of memory, such as "64 MB" or "512 KiB"`},
		{size, "99999999999 GB", `"99999999999 GB" is out of range: want an amount of memory, such as "64 MB" or "512 KiB"`},
		{size, "", `"" has no number: want an amount of memory, such as "64 MB" or "512 KiB"`},
	}
	for _, tt := range tests {
		if got := tt.parse(tt.text); got == nil || got.Error() != tt.want {
			t.Errorf("parse %q:\n got %v\nwant %v", tt.text, got, tt.want)
		}
	}
}

func TestString(t *testing.T) {
	tests := []struct {
		got, want string
	}{
		{MBPerHour(0.5832).String(), "0.58 MB/h"},
		{MBPerHour(2).String(), "2 MB/h"},
		{MBPerHour(5.125).String(), "5.12 MB/h"},
		{MBPerHour(1234.5).String(), "1235 MB/h"},
		{MBPerHour(-0.2).String(), "-0.2 MB/h"},
		{MBPerHour(-1e-9).String(), "0 MB/h"},
		{MBPerHour(math.Inf(1)).String(), "+Inf MB/h"},
		{MBPerHour(math.NaN()).String(), "? MB/h"},
		{BytesPerRequest(16.23).String(), "16.2 B/request"},
		{BytesPerRequest(10485760).String(), "10.5 MB/request"},
		{BytesPerSecond(-2300).String(), "-2.3 kB/s"},
		{Bytes(1_200_000).String(), "1.2 MB"},
		{Bytes(999).String(), "999 B"},
		{Bytes(999_999).String(), "1 MB"},
		{Bytes(0).String(), "0 B"},
		{PerSecond(20).String(), "20/s"},
		{PerSecond(0.1).String(), "0.1/s"},
		{PerSecond(3456.7).String(), "3457/s"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

// What is printed is read back to within the digits printed: half a unit of
// the second digit is at most 5 %.
func TestRoundTrip(t *testing.T) {
	near := func(t *rapid.T, text string, got, want float64, err error) {
		if err != nil || math.Abs(got-want) > 0.05*want {
			t.Fatalf("%v printed as %q was read as %v, %v", want, text, got, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(2*smallest, 1e12).Draw(t, "v")
		m, err := ParseMBPerHour(MBPerHour(v).String())
		near(t, MBPerHour(v).String(), float64(m), v, err)
		p, err := ParsePerSecond(PerSecond(v).String())
		near(t, PerSecond(v).String(), float64(p), v, err)
		whole := Bytes(rapid.Int64Range(1, 999e9).Draw(t, "bytes"))
		b, err := ParseBytes(whole.String())
		near(t, whole.String(), float64(b), float64(whole), err)
	})
}

func TestJSONIsPlainNumbers(t *testing.T) {
	got, err := json.Marshal(struct {
		A Bytes
		B MBPerHour
		C PerSecond
	}{1, 2.5, 20})
	if want := `{"A":1,"B":2.5,"C":20}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"2 MB/h", "512 KiB", "20/s", "5", "-1/s", "1e3 MB/h", ". B/h", "2 MB//h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, errM := ParseMBPerHour(s)
		p, errP := ParsePerSecond(s)
		b, errB := ParseBytes(s)
		v, errV := ParseBytesPerSecond(s)
		for _, err := range []error{errM, errP, errB, errV} {
			var e *Error
			if err != nil && (!errors.As(err, &e) || e.Text != s) {
				t.Fatalf("got %T for %q, want an *Error that quotes it", err, s)
			}
		}
		if m < 0 || p < 0 || b < 0 || v < 0 || math.IsInf(float64(m), 0) || math.IsInf(float64(p), 0) {
			t.Fatalf("read %q as %v, %v, %v", s, m, p, b)
		}
	})
}
