#!/bin/sh
# Installs what `npm run bench -- versus` compares this project with on a Debian: nginx, Redis, PostgreSQL, and wrk, which
# loads them. Starts nothing: the bench does that, with folders and ports of its own.
set -eu

as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
# A packaged daemon must not start by itself.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
  $as_root chmod 755 "$policy"
  trap '$as_root rm -f "$policy"' EXIT
fi
$as_root apt-get update -q
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
  wrk nginx-light redis-server postgresql
