package store

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// migrationLock is any number that no other program takes for its own lock.
const migrationLock = "SELECT pg_advisory_xact_lock(7236837591)"

// dialectOf opens nothing but the folder of a SQLite file. Its transactions
// take the write lock when they begin, and wait for others before they fail with
// ErrLocked: a transaction that reads first and then writes could not wait.
func dialectOf(location string) (dialect, error) {
	if IsURL(location) {
		return dialect{driver: "pgx", source: location, lock: migrationLock}, nil
	}
	path, err := filepath.Abs(location)
	if err != nil {
		return dialect{}, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return dialect{}, fmt.Errorf("make folder: %w", err)
	}
	query := url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)"},
	}
	source := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: query.Encode()}
	return dialect{driver: "sqlite", source: source.String()}, nil
}
