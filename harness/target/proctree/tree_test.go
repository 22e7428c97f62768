package proctree

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMembers(t *testing.T) {
	self := os.Getpid()
	table := []process{
		{pid: 1, ppid: 0, pgid: 1},
		{pid: 10, ppid: self, pgid: 10, marked: true},    // the root
		{pid: 11, ppid: 10, pgid: 10},                    // in the group, environment cleared
		{pid: 12, ppid: 11, pgid: 12},                    // left the group
		{pid: 13, ppid: 1, pgid: 13, marked: true},       // daemonised
		{pid: 14, ppid: 13, pgid: 13},                    // a daemon's child
		{pid: 15, ppid: 1, pgid: 10},                     // orphan of the group
		{pid: 16, ppid: 10, pgid: 10, zombie: true},      // ended
		{pid: 20, ppid: 1, pgid: 20},                     // somebody else's
		{pid: self, ppid: 1, pgid: self, marked: true},   // never itself
		{pid: 21, ppid: self, pgid: self, marked: false}, // its other children neither
	}
	tests := []struct {
		name string
		tree Tree
		want []int
	}{
		{"with a root", Tree{Root: 10, Marker: "A=b"}, []int{10, 11, 12, 13, 14, 15}},
		{"a root that leads no group", Tree{Root: 21, Marker: "A=b"}, []int{10, 11, 12, 13, 14, 21}},
		{"root not known", Tree{Marker: "A=b"}, []int{10, 11, 12, 13, 14}},
	}
	for _, tt := range tests {
		got := tt.tree.members(table)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
