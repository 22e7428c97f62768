#!/usr/bin/env bash
# Runs each fuzz target of the module for the given time. go test takes one
# target of one package at a time.
set -euo pipefail
time=${1:-10s}
found=0
packages=$(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./...)
for package in $packages; do
  names=$(go test -list '^Fuzz' "$package") # a package that does not build ends it here
  for target in $(grep '^Fuzz' <<<"$names" || true); do
    found=1
    echo "== $package $target"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package"
  done
done
[ $found -eq 1 ] || { echo "fuzz: no target found" >&2; exit 1; }
