#!/usr/bin/env bash
# Runs each fuzz target of the module for the given time. go test takes one
# target of one package at a time.
set -euo pipefail
time=${1:-10s}
found=0
while read -r package; do
  for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
    found=1
    echo "== $package $target"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package"
  done
done < <(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./...)
[ $found -eq 1 ] || { echo "fuzz: no target found" >&2; exit 1; }
