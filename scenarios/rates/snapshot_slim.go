//go:build slim

package rates

import (
	"errors"
	"io"
)

// readSnapshot refuses: the parser of metrics was left out of this build.
func readSnapshot(io.Reader, Options, func(Hit)) (Coverage, error) {
	return Coverage{}, errors.New("this leakcheck was built without metrics snapshots (tag slim): install it without -tags slim, or give an access log")
}
