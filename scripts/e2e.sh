#!/usr/bin/env bash
# The web app end to end, in Chromium, on a network of its own with real media: no mocks. `make build` must have run.
#   scripts/e2e.sh                      all of web/e2e
#   scripts/e2e.sh newcomer pages       these
#   STREAMCHAIN_NET=home scripts/e2e.sh uses a network of `streamd demo` that runs; some tests stop and start its parts
# BIN is where the programs are, BASE_PORT moves the network's ports, CHROMIUM is the browser.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(realpath "${BIN:-build}")
export STREAMD=$bin/streamd CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}

command -v node >/dev/null || { echo "Node.js 20.19 or newer is missing (Debian: apt install nodejs npm)" >&2; exit 1; }
[ -n "$CHROMIUM" ] || { echo "Chromium is missing (Debian: apt install chromium)" >&2; exit 1; }
for program in streamd storaged indexerd; do
  [ -x "$bin/$program" ] || { echo "$bin/$program is missing: run 'make build'" >&2; exit 1; }
done
[ -d sdk/ts/dist ] || { npm ci --prefix sdk/ts --no-audit --no-fund --loglevel=error; npm run --prefix sdk/ts build --silent; }
[ -d web/node_modules/@axe-core ] || npm ci --prefix web --no-audit --no-fund --loglevel=error

if [ -z "${STREAMCHAIN_NET:-}" ]; then
  scripts/deps.sh
  # the first hundred of port numbers at which nothing of a network answers
  base=${BASE_PORT:-$(node -e '
    const net = require("node:net"), ports = [26656, 26657, 9090, 1317, 8080, 8180, 8181, 8182, 8190, 8145];
    const free = (p) => new Promise((ok) => { const s = net.createServer().once("error", () => ok(false)).listen(p, "127.0.0.1", () => s.close(() => ok(true))); });
    (async () => { for (let b = 10000; b < 30000; b += 100) if ((await Promise.all(ports.map((p) => free(p + b)))).every(Boolean)) return console.log(b); process.exit(1); })()')}
  demo=$(mktemp -d)
  trap '"$STREAMD" localnet down --home "$demo/net" >/dev/null 2>&1 || true; rm -rf "$demo"' EXIT
  echo "e2e: a network at ports + $base, with the demo's song and film"
  "$STREAMD" demo --home "$demo" --base-port "$base" >"$demo/demo.log" 2>&1 || { tail -30 "$demo/demo.log" >&2; exit 1; }
  STREAMCHAIN_NET=$demo/net
fi
STREAMCHAIN_NET=$(realpath "$STREAMCHAIN_NET") && export STREAMCHAIN_NET
web=$("$STREAMD" localnet status --home "$STREAMCHAIN_NET" -o json | node -p 'JSON.parse(require("node:fs").readFileSync(0, "utf8")).endpoints.web ?? ""')
[ -n "$web" ] || { echo "this network has no web app: indexerd has to be beside streamd" >&2; exit 1; }
echo "e2e: the app is at $web"

tests=()
for name in "$@"; do tests+=("web/e2e/$name.test.mjs"); done
# the one that stops the chain comes last, the ones that make much of everything before it
[ $# -gt 0 ] || for name in newcomer keyboard timing extension publish govern pages hostile recovery; do tests+=("web/e2e/$name.test.mjs"); done
log=$(mktemp)
rc=0
node --test --test-concurrency=1 --test-reporter=spec "${tests[@]}" 2>&1 | tee "$log" || rc=$?
echo "e2e: figures"
grep -h 'figure: ' "$log" | sed 's/.*figure: /  /' || true
rm -f "$log"
exit "$rc"
