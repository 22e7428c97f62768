package testenv

import (
	"errors"
	"os/exec"
	"testing"
)

func TestMariaDBImage(t *testing.T) {
	NeedEngine(t)
	image, err := MariaDBImage(t.Context())
	if errors.Is(err, ErrNoMariaDB) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("docker", "run", "--rm", "--network=none", image, "mariadbd", "--version").CombinedOutput()
	if err != nil {
		t.Errorf("mariadbd --version in %s: %v\n%s", image, err, out)
	}
}
