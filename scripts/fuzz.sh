#!/usr/bin/env bash
# Runs every fuzz target for a counted number of executions (default 100000; quick
# for targets that link the SDK, whose instrumented build would take minutes).
#   scripts/fuzz.sh [EXECUTIONS]
set -euo pipefail
cd "$(dirname "$0")/.."

count=${1:-100000}
ran=0
while IFS=: read -r file target; do
  dir=./$(dirname "$file")
  echo "== $dir $target ${count}x"
  go test -run '^$' -fuzz "^$target\$" -fuzztime "${count}x" "$dir"
  ran=$((ran + 1))
done < <(grep -rnoE '^func Fuzz[A-Za-z0-9_]+' --include=*_test.go manifest voucher piece keyshare media storagenode x/subscription/template indexer/ask | sed -E 's/:[0-9]+:func /:/')
[ "$ran" -gt 0 ] || { echo "no fuzz target found" >&2; exit 1; }
echo "$ran fuzz targets"
