package testenv

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Postgres is a database server on a free loopback port, with its data in a
// temporary folder.
type Postgres struct {
	Port                     int
	User, Password, Database string

	dir string
	daemon
}

// ErrNoPostgres says that the server is not installed on this machine.
var ErrNoPostgres = errors.New("postgres is not installed (Debian: apt-get install postgresql)")

// StartPostgres starts Debian's server and returns when it answers. Close stops
// it; so does the end of ctx.
func StartPostgres(ctx context.Context) (*Postgres, error) {
	server, err := lookPostgres("postgres")
	if err != nil {
		return nil, err
	}
	initdb, err := lookPostgres("initdb")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "postgres-")
	if err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	p := &Postgres{User: "app", Password: "app-on-loopback", Database: "postgres", dir: dir}
	if err := p.start(ctx, server, initdb); err != nil {
		return nil, errors.Join(fmt.Errorf("start postgres: %w", err), p.Close())
	}
	return p, nil
}

// URL is the address of the database, with user and password.
func (p *Postgres) URL() string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(p.User, p.Password),
		Host: "127.0.0.1:" + strconv.Itoa(p.Port), Path: "/" + p.Database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Close stops the server, waits for its end and removes its data. It may be
// called twice.
func (p *Postgres) Close() error {
	p.stop()
	if err := os.RemoveAll(p.dir); err != nil {
		return fmt.Errorf("remove postgres data: %w", err)
	}
	return nil
}

func (p *Postgres) start(ctx context.Context, server, initdb string) error {
	owner, err := p.handOver()
	if err != nil {
		return err
	}
	password := filepath.Join(p.dir, "password")
	if err := os.WriteFile(password, []byte(p.Password), 0o644); err != nil {
		return err
	}
	data := filepath.Join(p.dir, "data")
	create := exec.CommandContext(ctx, initdb, "--pgdata="+data, "--username="+p.User, "--pwfile="+password,
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")
	create.SysProcAttr, create.Dir = owner, p.dir
	if out, err := create.CombinedOutput(); err != nil {
		return fmt.Errorf("create database: %w\n%s", err, out)
	}
	if p.Port, err = freePort(ctx); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, server, "-D", data, "-h", "127.0.0.1", "-p", strconv.Itoa(p.Port),
		"-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "shared_buffers=16MB")
	cmd.SysProcAttr, cmd.Dir = owner, p.dir
	return p.run(ctx, cmd, syscall.SIGINT, func(context.Context) bool { return p.ready() })
}

// handOver gives the folder to the unprivileged user that Debian's package
// makes, because the server refuses to run as root.
func (p *Postgres) handOver() (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	cred := &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return &syscall.SysProcAttr{Credential: cred}, os.Chown(p.dir, int(uid), int(gid))
}

// ready reads the last line of the server's own lock file, which says so once
// it takes connections.
func (p *Postgres) ready() bool {
	const statusLine = 8
	text, err := os.ReadFile(filepath.Join(p.dir, "data", "postmaster.pid"))
	if err != nil {
		return false
	}
	lines := strings.Split(string(text), "\n")
	return len(lines) >= statusLine && strings.TrimSpace(lines[statusLine-1]) == "ready"
}

// lookPostgres looks where Debian puts each version's programs, which is not
// on PATH. The newest one is taken.
func lookPostgres(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("look for %s: %w", name, ErrNoPostgres)
	}
	return slices.Max(found), nil
}
