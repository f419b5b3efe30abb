#!/usr/bin/env bash
# Builds the web app into web/dist, from which indexerd embeds it. Without Node the Go programs still build and serve the API alone.
#   scripts/web.sh            build when sources are newer than what was built
#   scripts/web.sh --optional say so and go on where Node is missing
set -euo pipefail
cd "$(dirname "$0")/.."

need=20
if ! command -v node >/dev/null || [ "$(node -p 'process.versions.node.split(".")[0]')" -lt "$need" ] || ! command -v npm >/dev/null; then
  echo "The web app needs Node $need or newer and npm, to compile it once (Debian: apt install nodejs npm)." >&2
  [ "${1:-}" = --optional ] && { echo "Going on without it: indexerd will serve its API and no pages." >&2; exit 0; }
  exit 1
fi

# What is built is named after what it was built of.
sum=$({ git ls-files -s sdk/ts web proto 2>/dev/null; git diff HEAD -- sdk/ts web proto 2>/dev/null; git ls-files -o --exclude-standard sdk/ts web | xargs -r -d '\n' sha256sum; } | sha256sum | cut -d' ' -f1)
if [ -f web/dist/index.html ] && [ "$(cat web/dist/.built 2>/dev/null)" = "$sum" ]; then
  exit 0
fi

echo "Building the web app (npm ci, SDK, app) …"
npm ci --prefix sdk/ts --no-audit --no-fund --loglevel=error
npm run --prefix sdk/ts build --silent
npm ci --prefix web --no-audit --no-fund --loglevel=error
find web/dist -mindepth 1 ! -name .placeholder -delete
npm run --prefix web build --silent -- --logLevel error
echo "$sum" >web/dist/.built
echo "web/dist is built: $(find web/dist -type f | wc -l) files, $(du -sh web/dist | cut -f1)."
