package repository

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree maps the files below dir to their modes and contents.
func tree(t *testing.T, dir string, skip ...string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, name)
		for _, s := range skip {
			if rel == s {
				return fs.SkipDir
			}
		}
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text, target := []byte(nil), ""
		if info.Mode()&fs.ModeSymlink != 0 {
			target, err = os.Readlink(name)
		} else {
			text, err = os.ReadFile(name)
		}
		out[rel] = info.Mode().String() + " " + string(text) + target
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// changed is a checkout in which all has happened that can to files since HEAD.
func changed(t *testing.T) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	sh := exec.Command("sh", "-ec", `
git init --quiet
git config user.name A && git config user.email a@example.org
mkdir src lib
echo 'node_modules/
*.log' > .gitignore
for f in src/kept src/edited src/staged src/deleted src/moved lib/file; do echo $f > $f; done
echo file > folder-later
ln -s src/kept link
git add . && git commit --quiet --message first
echo more >> src/edited
echo more >> src/staged && git add src/staged
rm src/deleted && git mv src/moved src/elsewhere && chmod +x src/kept
rm folder-later && mkdir folder-later && echo new > folder-later/new
rm -r lib && echo a file now > lib
ln -sf src/edited link
echo new > ' new by name'
chmod 400 ' new by name'
mkdir node_modules && echo module > node_modules/index.js
echo said > app.log
`)
	sh.Dir = root
	if out, err := sh.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return root
}

// A worktree of the working tree has its files, but for those that git ignores,
// and leaves it and git's index as they were, byte for byte.
func TestCheckOutWorking(t *testing.T) {
	root := changed(t)
	before := tree(t, root)
	r, err := Find(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	w, err := r.CheckOutWorking(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := tree(t, root, ".git", "node_modules")
	delete(want, "app.log")
	want[" new by name"] = strings.Replace(want[" new by name"], "-r-", "-rw", 1) // made writable
	got := tree(t, w.Dir)
	delete(got, ".git")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the worktree's files (-want +got):\n%s", diff)
	}
	if !w.Dirty {
		t.Error("the worktree is taken for its commit")
	}
	if err := w.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, tree(t, root)); diff != "" {
		t.Errorf("the checkout has changed (-before +after):\n%s", diff)
	}
}

// Without a change the working tree is its commit.
func TestCheckOutWorkingUnchanged(t *testing.T) {
	root := changed(t)
	if out, err := exec.Command("git", "-C", root, "stash", "--quiet", "--include-untracked").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	r, err := Find(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	w, err := r.CheckOutWorking(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if w.Dirty {
		t.Error("the working tree is not taken for its commit")
	}
	if err := w.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
}
