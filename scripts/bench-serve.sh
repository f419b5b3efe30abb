#!/usr/bin/env bash
# Measures how a storage node serves beside nginx and boxo's gateway and writes docs/bench/serving.md. Installs nginx
# where it is missing. ROUNDS (3), CONNS (16), PASSES (2) and OUT (the file) may be set.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || {
  echo "nginx-light: the web server that the node is measured against"
  command -v apt-get >/dev/null || { echo "This machine has no apt-get. Install nginx by hand." >&2; exit 1; }
  sudo=
  [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  # only the program is wanted, no service on port 80
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 $sudo apt-get install -y -qq --no-install-recommends nginx-light >/dev/null
}
nginx=$(PATH=$PATH:/usr/sbin command -v nginx)

tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT
(cd testutil/boxogateway && go build -o "$tmp/boxogateway" .)
go build -o "$tmp/servebench" ./testutil/servebench
out=${OUT:-docs/bench/serving.md}
mkdir -p "$(dirname "$out")"
"$tmp/servebench" -nginx "$nginx" -boxo "$tmp/boxogateway" -out "$out" -commit "$(git rev-parse --short HEAD 2>/dev/null || echo unknown)" \
  -rounds "${ROUNDS:-3}" -conns "${CONNS:-16}" -passes "${PASSES:-2}"
cat "$out"
