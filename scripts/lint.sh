#!/usr/bin/env bash
# Runs the pinned golangci-lint (staticcheck and govet included) over all packages.
set -euo pipefail
cd "$(dirname "$0")/.."

version=v2.15.0
bin=$PWD/bin/tools/golangci-lint-$version
if [ ! -x "$bin" ]; then
  echo "building golangci-lint $version (once)"
  tmp=$(mktemp -d)
  trap 'rm -rf "$tmp"' EXIT
  GOBIN=$tmp go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$version"
  mkdir -p "$(dirname "$bin")"
  mv "$tmp/golangci-lint" "$bin"
fi
"$bin" run "${@:-./...}"
