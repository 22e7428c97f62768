package testenv

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// NodeImage makes an image of a Node binary and the libraries that it needs,
// with no registry, and returns its name. It has a shell (busybox), tini and
// dumb-init where this machine has them, and a user "node" (1000).
func NodeImage(ctx context.Context, node Node) (string, error) {
	name := "leakcheck-test/node:" + strings.TrimPrefix(node.Version, "v")
	files := map[string]string{"/usr/local/bin/node": node.Path}
	for at, program := range map[string]string{"/bin/busybox": "busybox", "/usr/bin/tini": "tini-static", "/usr/bin/dumb-init": "dumb-init"} {
		if path, err := exec.LookPath(program); err == nil {
			files[at] = path
		}
	}
	return name, importImage(ctx, name, files, "ENV NODE_VERSION="+strings.TrimPrefix(node.Version, "v"), "CMD [\"node\"]")
}

// MariaDBImage makes an image of this machine's MariaDB, and returns its name.
// Its command makes an empty database, user root without a password, and
// serves on port 3306 of all addresses.
func MariaDBImage(ctx context.Context) (string, error) {
	const name = "leakcheck-test/mariadb:local"
	files := map[string]string{}
	for _, program := range []string{"mariadbd", "mariadb-install-db", "mariadb", "busybox"} {
		path, err := lookServer(program)
		if err != nil {
			return "", err
		}
		files["/usr/bin/"+program] = path
	}
	files["/usr/sbin/mariadbd"] = files["/usr/bin/mariadbd"] // where the installer looks
	delete(files, "/usr/bin/mariadbd")
	for _, program := range []string{"my_print_defaults", "resolveip"} {
		if path, err := exec.LookPath(program); err == nil {
			files["/usr/bin/"+program] = path
		}
	}
	files["/bin/busybox"] = files["/usr/bin/busybox"]
	if err := addFolder(files, "/usr/share/mysql"); err != nil {
		return "", err
	}
	return name, importImage(ctx, name, files,
		`CMD ["sh", "-c", "mkdir -p /data /run/mysqld && mariadb-install-db --no-defaults --user=root --basedir=/usr --datadir=/data --auth-root-authentication-method=normal --skip-test-db >/dev/null && printf \"CREATE DATABASE app;\nCREATE USER 'app'@'%%' IDENTIFIED BY 'app';\nGRANT ALL ON app.* TO 'app'@'%%';\n\" > /init.sql && exec mariadbd --no-defaults --user=root --datadir=/data --bind-address=0.0.0.0 --port=3306 --init-file=/init.sql --skip-name-resolve --innodb-buffer-pool-size=16M --max-connections=5000"]`)
}

// addFolder adds a folder's files under their own paths.
func addFolder(files map[string]string, dir string) error {
	return filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files[path] = path
		}
		return err
	})
}

// importImage makes an image of files (by their path in it), unless the engine
// has one of that name. Libraries are found by ldd.
func importImage(ctx context.Context, name string, files map[string]string, changes ...string) error {
	if exec.CommandContext(ctx, "docker", "image", "inspect", name).Run() == nil {
		return nil
	}
	for _, path := range slices.Collect(maps.Values(files)) {
		libs, err := libraries(ctx, path)
		if err != nil {
			return err
		}
		for _, lib := range libs {
			files[lib] = lib
		}
	}
	tools, err := busyboxTools(ctx, files)
	if err != nil {
		return err
	}
	args := []string{"import"}
	for _, c := range append(changes, "ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/bin") {
		args = append(args, "--change", c)
	}
	cmd := exec.CommandContext(ctx, "docker", append(args, "-", name)...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("make image %s: %w", name, err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("make image %s: %w", name, err)
	}
	err = errors.Join(writeRoot(pipe, files, tools), pipe.Close())
	if waitErr := cmd.Wait(); waitErr != nil {
		return fmt.Errorf("make image %s: %w: %s", name, waitErr, firstLine(said.Bytes()))
	}
	if err != nil {
		return fmt.Errorf("make image %s: %w", name, err)
	}
	return nil
}

// libraries are those that a program is linked with, by their paths.
func libraries(ctx context.Context, program string) ([]string, error) {
	out, err := exec.CommandContext(ctx, "ldd", program).CombinedOutput()
	if err != nil {
		if bytes.Contains(out, []byte("not a dynamic executable")) || bytes.Contains(out, []byte("statically linked")) {
			return nil, nil
		}
		return nil, fmt.Errorf("list the libraries of %s: %w: %s", program, err, firstLine(out))
	}
	var libs []string
	for _, word := range strings.Fields(string(out)) {
		if strings.HasPrefix(word, "/") {
			libs = append(libs, strings.TrimSuffix(word, ":"))
		}
	}
	return libs, nil
}

// busyboxTools are the names under which busybox is a shell and its commands,
// none where it is not among the files.
func busyboxTools(ctx context.Context, files map[string]string) ([]string, error) {
	path, there := files["/bin/busybox"]
	if !there {
		return nil, nil
	}
	out, err := exec.CommandContext(ctx, path, "--list").Output()
	if err != nil {
		return nil, fmt.Errorf("list the tools of busybox: %w", err)
	}
	return slices.DeleteFunc(strings.Fields(string(out)), func(tool string) bool { return tool == "busybox" }), nil
}

// writeRoot writes a root filesystem as a tar.
func writeRoot(w io.Writer, files map[string]string, tools []string) error {
	t := tar.NewWriter(w)
	for _, dir := range []string{"tmp/", "app/", "root/", "etc/", "home/node/"} {
		mode := int64(0o755)
		if dir == "tmp/" {
			mode = 0o1777
		}
		if err := t.WriteHeader(&tar.Header{Name: dir, Mode: mode, Typeflag: tar.TypeDir}); err != nil {
			return err
		}
	}
	texts := map[string]string{
		"etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n",
		"etc/group":  "root:x:0:\nnode:x:1000:\n",
	}
	for name, text := range texts {
		if err := writeEntry(t, name, 0o644, int64(len(text)), strings.NewReader(text)); err != nil {
			return err
		}
	}
	for _, tool := range tools {
		if err := t.WriteHeader(&tar.Header{Name: "bin/" + tool, Linkname: "busybox", Typeflag: tar.TypeSymlink, Mode: 0o777}); err != nil {
			return err
		}
	}
	for at, path := range files {
		if err := writeFile(t, strings.TrimPrefix(at, "/"), path); err != nil {
			return err
		}
	}
	return t.Close()
}

func writeFile(t *tar.Writer, name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return writeEntry(t, name, int64(info.Mode().Perm()), info.Size(), f)
}

func writeEntry(t *tar.Writer, name string, mode, size int64, r io.Reader) error {
	if err := t.WriteHeader(&tar.Header{Name: name, Mode: mode, Size: size}); err != nil {
		return err
	}
	_, err := io.Copy(t, r)
	return err
}

func firstLine(text []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return line
}
