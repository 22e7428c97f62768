package testenv

import (
	"bytes"
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

	dir    string
	cmd    *exec.Cmd
	output bytes.Buffer  // read only after exited is closed
	exited chan struct{} // closed when the server is gone
	err    error         // of Wait, valid after exited
}

// ErrNoMariaDB says that the server is not installed on this machine.
var ErrNoMariaDB = errors.New("mariadbd is not installed (Debian: apt-get install mariadb-server)")

const (
	// startWithin bounds the first start on a slow disk; it takes about 1 s.
	startWithin = 60 * time.Second
	stopWithin  = 10 * time.Second
	pollEvery   = 50 * time.Millisecond
)

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
	m := &MariaDB{User: "app", Password: "app-on-loopback", Database: "app", dir: dir, exited: make(chan struct{})}
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
	if m.cmd != nil && m.cmd.Process != nil {
		// An error means that it is gone already, which exited tells.
		_ = m.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-m.exited:
		case <-time.After(stopWithin):
			_ = m.cmd.Process.Kill()
			<-m.exited
		}
	}
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
	m.cmd = exec.CommandContext(ctx, server, append([]string{
		"--no-defaults", "--datadir=" + data,
		"--bind-address=127.0.0.1", "--port=" + strconv.Itoa(m.Port), "--socket=" + filepath.Join(m.dir, "sock"),
		"--init-file=" + m.initFile(), "--skip-name-resolve", "--skip-log-bin",
		"--innodb-buffer-pool-size=16M", "--max-connections=5000",
	}, owner...)...)
	m.cmd.Stdout, m.cmd.Stderr = &m.output, &m.output
	m.cmd.Cancel = func() error { return m.cmd.Process.Signal(syscall.SIGTERM) }
	m.cmd.WaitDelay = stopWithin
	if err := m.cmd.Start(); err != nil {
		return err
	}
	go func() {
		defer close(m.exited)
		m.err = m.cmd.Wait()
	}()
	return m.awaitReady(ctx)
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

// awaitReady polls until the server greets, which it does only when the init
// file has been run.
func (m *MariaDB) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if m.greets(ctx) {
			return nil
		}
		select {
		case <-m.exited:
			return fmt.Errorf("it ended at once: %w\n%s", m.err, m.output.Bytes())
		case <-ctx.Done():
			return fmt.Errorf("wait until it answers: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

// greets says whether the server sent the first byte of its handshake.
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

func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find free port: %w", err)
	}
	defer l.Close()
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("find free port: %v is no TCP address", l.Addr())
	}
	return addr.Port, nil
}
