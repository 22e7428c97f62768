// Command leakcheck finds memory leaks in Node.js servers under load.
package main

import (
	"os"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/cli"
	"github.com/leakcheck/leakcheck/harness/target/container"
	"github.com/leakcheck/leakcheck/harness/target/watchdog"
)

func main() {
	watchdog.Main(container.RemoveOrphans)
	os.Exit(cli.Main())
}
