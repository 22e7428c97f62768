package testenv

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// MariaDB is a database server on a free loopback port, with its data in a
// temporary folder.
type MariaDB struct {
	Port                     int
	User, Password, Database string

	dir string
	daemon
}

// ErrNoMariaDB says that the server is not installed on this machine.
var ErrNoMariaDB = errors.New("mariadbd is not installed (Debian: apt-get install mariadb-server)")

// StartMariaDB starts Debian's server and returns when it answers. Close stops
// it; so does the end of ctx.
func StartMariaDB(ctx context.Context) (*MariaDB, error) {
	server, err := lookServer("mariadbd")
	if err != nil {
		return nil, err
	}
	installer, err := lookServer("mariadb-install-db")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "mariadb-")
	if err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	m := &MariaDB{User: "app", Password: "app-on-loopback", Database: "app", dir: dir}
	if err := m.start(ctx, server, installer); err != nil {
		return nil, errors.Join(fmt.Errorf("start mariadb: %w", err), m.Close())
	}
	return m, nil
}

// Env is how the catalog's apps are told of the server.
func (m *MariaDB) Env() []string {
	return []string{
		"DB_HOST=127.0.0.1", "DB_PORT=" + strconv.Itoa(m.Port),
		"DB_USER=" + m.User, "DB_PASSWORD=" + m.Password, "DB_NAME=" + m.Database,
	}
}

// Close stops the server, waits for its end and removes its data. It may be
// called twice.
func (m *MariaDB) Close() error {
	m.stop()
	if err := os.RemoveAll(m.dir); err != nil {
		return fmt.Errorf("remove mariadb data: %w", err)
	}
	return nil
}

func (m *MariaDB) start(ctx context.Context, server, installer string) error {
	owner, err := m.handOver()
	if err != nil {
		return err
	}
	data := filepath.Join(m.dir, "data")
	// --no-defaults has to come first.
	install := exec.CommandContext(ctx, installer, append([]string{
		"--no-defaults", "--datadir=" + data,
		"--auth-root-authentication-method=normal", "--skip-test-db",
	}, owner...)...)
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("create database: %w\n%s", err, out)
	}
	if err := m.writeInit(); err != nil {
		return err
	}
	if m.Port, err = freePort(ctx); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, server, append([]string{
		"--no-defaults", "--datadir=" + data,
		"--bind-address=127.0.0.1", "--port=" + strconv.Itoa(m.Port), "--socket=" + filepath.Join(m.dir, "sock"),
		"--init-file=" + m.initFile(), "--skip-name-resolve", "--skip-log-bin",
		"--innodb-buffer-pool-size=16M", "--max-connections=5000",
	}, owner...)...)
	// It greets only when the init file has been run.
	return m.run(ctx, cmd, syscall.SIGTERM, m.greets)
}

// handOver gives the folder to the unprivileged user that Debian's package
// makes, because the server refuses to run as root.
func (m *MariaDB) handOver() (flags []string, err error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("mysql")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	return []string{"--user=mysql"}, os.Chown(m.dir, uid, -1)
}

func (m *MariaDB) initFile() string { return filepath.Join(m.dir, "init.sql") }

// writeInit has the server make the app's user and database before it listens.
func (m *MariaDB) writeInit() error {
	sql := fmt.Sprintf("CREATE DATABASE %[3]s;\nCREATE USER '%[1]s'@'127.0.0.1' IDENTIFIED BY '%[2]s';\n"+
		"GRANT ALL ON %[3]s.* TO '%[1]s'@'127.0.0.1';\n", m.User, m.Password, m.Database)
	return os.WriteFile(m.initFile(), []byte(sql), 0o644)
}

// greets reports whether the server sent the first byte of its handshake.
func (m *MariaDB) greets(ctx context.Context) bool {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(m.Port)))
	if err != nil {
		return false
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
		return false
	}
	n, err := conn.Read(make([]byte, 1))
	return err == nil && n == 1
}

// lookServer looks where Debian puts servers too, which is not on every PATH.
func lookServer(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	path, err := exec.LookPath("/usr/sbin/" + name)
	if err != nil {
		return "", fmt.Errorf("look for %s: %w", name, ErrNoMariaDB)
	}
	return path, nil
}
