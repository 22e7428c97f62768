// Command leakcheck finds memory leaks in Node.js servers under load.
package main

import (
	"os"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/cli"
	"github.com/leakcheck/leakcheck/harness/target/watchdog"
)

func main() {
	watchdog.Main(cli.Cleaners()...)
	os.Exit(cli.Main())
}
