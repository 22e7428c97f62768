package driver

import (
	"encoding/json"
	"os"
	"strconv"

	"github.com/leakcheck/leakcheck/loadgen"
)

// What a driver is told, by the names of its environment.
const (
	urlVariable        = "LEAKCHECK_URL"
	operationsVariable = "LEAKCHECK_OPERATIONS"
	workersVariable    = "LEAKCHECK_WORKERS"
	seedVariable       = "LEAKCHECK_SEED"
	firstVariable      = "LEAKCHECK_FIRST"
	capturesVariable   = "LEAKCHECK_CAPTURES"
)

// Marks of the processes of one block, and of all drivers of a run.
const (
	blockVariable = "LEAKCHECK_DRIVER_BLOCK"
	runVariable   = "LEAKCHECK_DRIVER_RUN"
)

// environment is this process's, with the job on top.
func environment(job *loadgen.Job, marks ...string) []string {
	captures := job.Captures
	if captures == nil {
		captures = map[string]string{}
	}
	values, err := json.Marshal(captures)
	if err != nil {
		panic("driver: marshal captures: " + err.Error()) // texts only
	}
	return append(append(os.Environ(), marks...),
		urlVariable+"="+job.URL,
		operationsVariable+"="+strconv.Itoa(job.Operations),
		workersVariable+"="+strconv.Itoa(job.Workers),
		seedVariable+"="+strconv.FormatUint(job.Seed, 10),
		firstVariable+"="+strconv.FormatUint(job.First, 10),
		capturesVariable+"="+string(values),
	)
}
