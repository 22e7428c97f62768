#!/usr/bin/env bash
# Installs what the tests need and the machine lacks: a C compiler for the race
# detector, MariaDB for the connection leak, PostgreSQL for shared histories, wrk
# for the throughput ratio, Chromium for the report, and validators of the
# formats that it writes, and what makes writes and clocks fail.
# Does nothing where all of it is there.
set -euo pipefail

have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }

for tool in go node npm; do
  have "$tool" || { echo "deps: $tool is not on PATH; install it first" >&2; exit 1; }
done

missing=()
have gcc || missing+=(gcc libc6-dev)
have mariadbd || missing+=(mariadb-server)
have postgres || compgen -G "/usr/lib/postgresql/*/bin/postgres" >/dev/null || missing+=(postgresql)
have wrk || missing+=(wrk)
have dockerd || docker version >/dev/null 2>&1 || missing+=(docker.io iptables)
have tini || missing+=(tini)
have dumb-init || missing+=(dumb-init)
have busybox || missing+=(busybox-static)
have chromium || missing+=(chromium)
have strace || missing+=(strace)
have faketime || missing+=(faketime)
have xmllint || missing+=(libxml2-utils)
/usr/bin/python3 -c 'import prometheus_client' 2>/dev/null || missing+=(python3-prometheus-client)
[ ${#missing[@]} -gt 0 ] || exit 0

install="apt-get install -y --no-install-recommends ${missing[*]}"
if [ "$(uname)" = Darwin ]; then
  echo "deps: on macOS the tests that need ${missing[*]} are skipped" >&2
  exit 0
fi
if [ "$(id -u)" -ne 0 ] || ! have apt-get; then
  echo "deps: missing ${missing[*]}; as root on Debian: $install" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
$install </dev/null
