package target

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/leakcheck/leakcheck/harness/target/proctree"
)

// inspectorPatience is how long an app that is ready may take to show its
// inspector: on a busy machine it serves before its inspector answers.
const inspectorPatience = 3 * time.Second

// clusterVariable is in the environment of node:cluster's workers.
const clusterVariable = "NODE_UNIQUE_ID"

// serving is the process to measure.
type serving struct {
	pid       int
	inspector string
	shared    []int // all that serve the port, when there are several
}

// discover is findServing, asked again while no inspector is found.
func (p *Process) discover(ctx context.Context) (*serving, error) {
	limit, cancel := context.WithTimeout(ctx, inspectorPatience)
	defer cancel()
	for {
		found, err := findServing(ctx, p.tree, p.port, p.out.inspectors())
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != NoInspector {
			return found, err
		}
		select {
		case <-p.ended:
			return nil, err
		case <-limit.Done():
			return nil, err
		case <-time.After(readyPoll):
		}
	}
}

// findServing looks for the process behind the port. Where processes' sockets
// are not visible (macOS), it is taken to be the one that announced its
// inspector last, and its pid is not known: the command's is used.
func findServing(ctx context.Context, tree proctree.Tree, port int, announced []string) (*serving, error) {
	pids, err := tree.PIDs()
	if err != nil {
		return nil, err
	}
	sockets, err := proctree.Listening(pids)
	if errors.Is(err, errors.ErrUnsupported) {
		return lastAnnounced(tree, announced)
	}
	if err != nil {
		return nil, err
	}
	owners := holders(sockets, func(l proctree.Listener) bool { return int(l.Addr.Port()) == port })
	if len(owners) == 0 {
		return nil, foreign(port)
	}
	return firstInspected(ctx, answering(owners, pids), sockets, port)
}

// answering are the processes that take the connections to a port of owners: the
// primary of a cluster owns it, and its workers, among pids, answer.
func answering(owners, pids []int) []int {
	if workers := clusterWorkers(pids); len(workers) > 0 {
		return workers
	}
	return owners
}

func lastAnnounced(tree proctree.Tree, announced []string) (*serving, error) {
	if len(announced) == 0 {
		return nil, noInspector(tree.Root)
	}
	return &serving{pid: tree.Root, inspector: announced[len(announced)-1]}, nil
}

// holders are the processes that hold a socket which matches, ascending.
func holders(sockets []proctree.Listener, match func(proctree.Listener) bool) []int {
	var pids []int
	for _, l := range sockets {
		if match(l) {
			pids = append(pids, l.PIDs...)
		}
	}
	slices.Sort(pids)
	return slices.Compact(pids)
}

func clusterWorkers(pids []int) []int {
	var workers []int
	for _, pid := range pids {
		if proctree.HasEnv(pid, clusterVariable) {
			workers = append(workers, pid)
		}
	}
	return workers
}

// firstInspected is the candidate with the lowest pid that has an inspector.
func firstInspected(ctx context.Context, candidates []int, sockets []proctree.Listener, port int) (*serving, error) {
	for _, pid := range candidates {
		for _, l := range sockets {
			if int(l.Addr.Port()) == port || !slices.Contains(l.PIDs, pid) {
				continue
			}
			url, err := InspectorAt(ctx, reachable(l))
			if err != nil {
				continue // a port of the app's own
			}
			s := &serving{pid: pid, inspector: url}
			if len(candidates) > 1 {
				s.shared = candidates
			}
			return s, nil
		}
	}
	return nil, noInspector(candidates[0])
}

// foreign is a port that something else than the command serves.
func foreign(port int) error {
	e := portTaken(port)
	e.Err = fmt.Errorf("%w, which the command did not start", e.Err)
	return e
}

func noInspector(pid int) error {
	e := &Error{
		Kind: NoInspector,
		Err:  fmt.Errorf("process %s serves the port, and has no inspector", describe(pid)),
		Hint: "it must be Node, must not call inspector.close(), and needs NODE_OPTIONS passed on to it by whatever starts it",
	}
	if flag := proctree.Argument(pid, "--permission", "--experimental-permission"); flag != "" {
		e.Hint = "with " + flag + " Node opens no inspector: give --allow-inspector (Node 24 or later), or measure without " + flag
	}
	return e
}
