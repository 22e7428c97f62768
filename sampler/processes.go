package sampler

import (
	"errors"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/procmem"
	"github.com/leakcheck/leakcheck/sampler/recording"
)

// readProcesses fills in what the operating system knows of the tree. Where it
// tells nothing, the measured process' own resident memory is all there is.
func (s *Sampler) readProcesses(sample *recording.Sample, own statistics) error {
	procs, err := procmem.Tree(s.options.Root, s.options.RunID)
	if s.options.PID == 0 || errors.Is(err, procmem.ErrUnsupported) {
		procs = []recording.Process{{PID: s.options.PID, Name: "node", RSS: own.RSS}}
	} else if err != nil {
		return err
	}
	sample.Procs = measuredFirst(procs, s.options.PID)
	for _, p := range procs {
		sample.Memory.RSS += p.RSS
		sample.Memory.PSS += p.PSS
	}
	sample.Resources["process"] = len(procs)
	countDescriptors(sample)
	return nil
}

// countDescriptors sums over the tree, and leaves out what it cannot read.
func countDescriptors(sample *recording.Sample) {
	fds, sockets := 0, 0
	for _, p := range sample.Procs {
		fds += p.FDs
		if n, err := procmem.Sockets(p.PID); err == nil {
			sockets += n
		}
	}
	if fds > 0 {
		sample.Resources["fd"], sample.Resources["socket"] = fds, sockets
	}
}

// measuredFirst moves pid to the front.
func measuredFirst(procs []recording.Process, pid int) []recording.Process {
	i := slices.IndexFunc(procs, func(p recording.Process) bool { return p.PID == pid })
	if i <= 0 {
		return procs
	}
	p := procs[i]
	return slices.Insert(slices.Delete(procs, i, i+1), 0, p)
}
