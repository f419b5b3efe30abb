#!/usr/bin/env bash
# Plays encrypted works in a real Chromium: what `streamd play` shows, against a chain, nodes and holders of its own (testutil/browser).
# STARTS says how often the time from the click to the first frame is taken (20), SHOTS where screenshots go.
set -euo pipefail
cd "$(dirname "$0")/.."
export CHROMIUM=${CHROMIUM:-/usr/bin/chromium} BROWSER=1 STARTS=${STARTS:-20}
if [ ! -x "$CHROMIUM" ]; then
  echo "Chromium is missing. The tests play works in it, since that is what people do. Installing Debian's package chromium; set CHROMIUM to use another." >&2
  sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq && $sudo apt-get install -qq -y --no-install-recommends chromium
fi
command -v node >/dev/null || { echo "Node.js 20 or newer is missing: it drives the browser" >&2; exit 1; }
npm ci --prefix testutil/browser --no-audit --no-fund --ignore-scripts
go test -timeout 20m -count=1 -v ./testutil/browser
