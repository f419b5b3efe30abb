#!/usr/bin/env bash
# The TypeScript SDK, whole: build, unit tests, sizes; then its tests and its README against a network with storage nodes, an indexer and two
# works of real media.
#   STREAMCHAIN_NET=home/of/a/running/net scripts/sdk.sh    uses that one instead of its own, which it stops at the end
#   STREAMD=dir/streamd scripts/sdk.sh                      starts its own with these programs, without building them
#   scripts/sdk.sh --quick                                  what needs no network
set -euo pipefail
cd "$(dirname "$0")/.."

command -v npm >/dev/null || { echo "Node.js 20.19 or newer and npm are missing: the SDK is TypeScript (Debian: apt install nodejs npm)" >&2; exit 1; }
ts=$PWD/sdk/ts
[ "$ts/node_modules/.package-lock.json" -nt "$ts/package-lock.json" ] || npm ci --prefix "$ts" --no-audit --no-fund --loglevel=error
npm run --prefix "$ts" build --silent
npm run --prefix "$ts" check --silent
npm run --prefix "$ts" size --silent
if [ "${1:-}" = --quick ]; then
  npm test --prefix "$ts" --silent
  exit
fi

if [ -z "${STREAMD:-}" ] && [ -z "${STREAMCHAIN_NET:-}" ]; then
  mkdir -p build
  go build -o build/ ./cmd/streamd ./cmd/storaged ./cmd/indexerd
fi
STREAMD=$(realpath "${STREAMD:-build/streamd}") && export STREAMD
if [ -z "${STREAMCHAIN_NET:-}" ]; then
  scripts/deps.sh
  # the first hundred of port numbers at which nothing of a network answers
  base=$(node -e '
    const net = require("node:net"), ports = [26656, 26657, 9090, 1317, 8080, 8180, 8181, 8182, 8190];
    const free = (p) => new Promise((ok) => { const s = net.createServer().once("error", () => ok(false)).listen(p, "127.0.0.1", () => s.close(() => ok(true))); });
    (async () => { for (let b = 5000; b < 30000; b += 100) if ((await Promise.all(ports.map((p) => free(p + b)))).every(Boolean)) return console.log(b); process.exit(1); })()')
  demo=$(mktemp -d)
  trap '"$STREAMD" localnet down --home "$demo/net" >/dev/null 2>&1 || true; rm -rf "$demo"' EXIT
  echo "A network at ports + $base …"
  "$STREAMD" demo --home "$demo" --base-port "$base" >"$demo/demo.log" 2>&1 || { tail -30 "$demo/demo.log" >&2; exit 1; }
  export STREAMCHAIN_NET=$demo/net
fi
base=$(node -p 'require(require("node:path").resolve(process.env.STREAMCHAIN_NET, "net.json")).base_port')
export STREAMCHAIN_RPC=http://127.0.0.1:$((26657 + base)) STREAMCHAIN_DISCOVERY=http://127.0.0.1:$((8080 + base))/api/v1 STREAMCHAIN_SPONSOR=http://127.0.0.1:$((8190 + base))
STREAMCHAIN_NET=$(realpath "$STREAMCHAIN_NET") && export STREAMCHAIN_NET

npm test --prefix "$ts" --silent
npm run --prefix "$ts" snippets --silent
