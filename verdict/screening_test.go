package verdict

import (
	"slices"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/verdict/simulate"
)

// screened runs a simulated API as the harness would, and judges it.
func screened(t *testing.T, run simulate.Run) (*Verdict, *recording.Recording) {
	t.Helper()
	suspect := ""
	rec, _ := simulate.Screening{
		Run: run,
		Decide: func(rec *recording.Recording) (simulate.Turn, bool) {
			v, err := Judge(rec, Options{Live: true})
			if err != nil {
				t.Fatal(err)
			}
			u := v.Undecided()
			suspect = u.Suspect
			return simulate.Turn{Alone: u.Endpoints, Others: u.Others, Interaction: u.Interaction, Locate: u.Suspect != ""}, v.Rounds >= minLook && !u.Any()
		},
		Locate: func(rec *recording.Recording) (load, found []int, pair bool) {
			l := Locate(rec, suspect)
			return l.Load, l.Found, l.Pair
		},
	}.Record()
	v, err := Judge(rec, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return v, rec
}

// blamed are those that leak, by name; an interaction by the names of its parts.
func blamed(v *Verdict) (names []string) {
	for i, e := range v.All() {
		switch {
		case e.Outcome != Leak:
		case i == recording.Mixed:
			names = append(names, e.Request)
		default:
			names = append(names, e.Name)
		}
	}
	return names
}

// api is a hundred endpoints of an app that is as quiet as most, with what leaks in it.
func api(seed uint64, leaks ...simulate.Memory) simulate.Run {
	return simulate.Run{
		Seed: seed, Endpoints: 100, Rounds: 25, PerBlock: 4000, Noise: 3e3, Budget: 1,
		Apps: append([]simulate.Memory{simulate.NewWander(seed, 3e3, 0.7)}, leaks...),
	}
}

func TestScreening(t *testing.T) {
	tests := []struct {
		name  string
		leaks []simulate.Memory
		want  []string
	}{
		{"healthy", nil, nil},
		{"one leak", []simulate.Memory{&simulate.Linear{Endpoint: 41, PerRequest: 200}}, []string{"p1"}},
		{
			"two leaks",
			[]simulate.Memory{&simulate.Linear{Endpoint: 3, PerRequest: 200}, &simulate.Linear{Endpoint: 77, PerRequest: 400}},
			[]string{"d", "z2"},
		},
		{"a pair", []simulate.Memory{&simulate.Interaction{First: 10, Second: 60, PerRequest: 400}}, []string{"k + i2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v, rec := screened(t, api(3, tt.leaks...))
			if got := blamed(v); !slices.Equal(got, tt.want) {
				t.Errorf("leaks: %v, want %v", got, tt.want)
			}
			for i, e := range v.Endpoints {
				if e.Outcome == Inconclusive {
					t.Errorf("%s is inconclusive: %s", e.Name, e.Reason)
				}
				if e.Outcome == Pass && e.MinDetectable > 2 {
					t.Errorf("%s passes, and less than %s could not have been seen", e.Name, e.MinDetectable)
				}
				if sent := requestsTo(rec, i); e.Requests <= 0 || e.Requests > sent {
					t.Errorf("%s: %d requests are told, of %d", e.Name, e.Requests, sent)
				}
			}
		})
	}
}

func requestsTo(rec *recording.Recording, endpoint int) (n int) {
	for i := range rec.Observations {
		n += rec.Observations[i].Block.RequestsOf(endpoint)
	}
	return n
}

// An endpoint with little of the load is bounded less closely, by its share.
func TestScreeningShares(t *testing.T) {
	run := api(1)
	rec, _ := simulate.Screening{
		Run: run,
		Decide: func(r *recording.Recording) (simulate.Turn, bool) {
			return simulate.Turn{Others: true}, len(r.Observations) > 45
		},
	}.Record()
	for i := range rec.Observations { // endpoint 7 was sent a fifth of what the others were
		b := &rec.Observations[i].Block
		if b.Endpoint != recording.Mixed {
			continue
		}
		few := b.Parts[7].Requests * 4 / 5
		b.Parts[7].Requests, b.Parts[7].Landed = b.Parts[7].Requests-few, b.Parts[7].Landed-few
		b.Load.Requests, b.Load.Landed = b.Load.Requests-few, b.Load.Landed-few
	}
	v, err := Judge(rec, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rare, usual := v.Endpoints[7], v.Endpoints[8]
	if ratio := float64(rare.MinDetectable / usual.MinDetectable); ratio < 4 || ratio > 6 {
		t.Errorf("the detection limit is %.1f times that of others, want about 5", ratio)
	}
	if rare.Outcome == Pass && rare.Retained.High > rare.allowed() {
		t.Errorf("passes with an upper bound of %s, beyond %s", rare.Retained.High, rare.allowed())
	}
	if v.Screening == nil || len(v.Screening.Members) != 100 {
		t.Errorf("screening: %+v, want all endpoints in it", v.Screening)
	}
}

// What leaves more and more sockets open is located by their number.
func TestScreeningResources(t *testing.T) {
	rec, _ := simulate.Screening{
		Run: api(2),
		Decide: func(r *recording.Recording) (simulate.Turn, bool) {
			return simulate.Turn{Others: true}, len(r.Observations) > 45
		},
	}.Record()
	open := 0
	for i := range rec.Observations {
		open += rec.Observations[i].Block.RequestsOf(5)
		rec.Observations[i].Sample.Resources = map[string]int{"socket": open}
	}
	v, err := Judge(rec, Options{Live: true})
	if err != nil {
		t.Fatal(err)
	}
	if v.Screening.Suspect != "socket" || v.Undecided().Suspect != "socket" {
		t.Errorf("suspect: %q, want the sockets", v.Screening.Suspect)
	}
	for _, e := range v.Endpoints {
		if e.Outcome == Pass {
			t.Fatalf("%s passes while sockets are left open", e.Name)
		}
	}
}
