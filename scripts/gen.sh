#!/usr/bin/env bash
# Generates Go code, the OpenAPI document and the TypeScript SDK's code from proto/. Everything runs
# offline from the module cache, and from npm's for TypeScript. With arguments, only those proto paths are generated:
#   scripts/gen.sh proto/streamchain/content
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$PWD/bin/tools
if [ ! -x "$tools/buf" ] || [ tools/go.mod -nt "$tools/buf" ]; then
  mkdir -p "$tools"
  (cd tools && go build -o "$tools/" \
    github.com/bufbuild/buf/cmd/buf \
    github.com/cosmos/gogoproto/protoc-gen-gocosmos \
    github.com/grpc-ecosystem/grpc-gateway/protoc-gen-grpc-gateway \
    github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2)
fi
[ -d third_party/cosmos ] || scripts/protos.sh
export PATH="$tools:$PATH"

paths=()
for p in "$@"; do paths+=(--path "$p"); done
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
buf generate --template buf.gen.yaml -o "$out" "${paths[@]}"
# the generators name files by Go import path
cp -r "$out"/github.com/streamchain/streamchain/* .
if [ $# -eq 0 ]; then
  buf generate --template buf.gen.openapi.yaml -o "$out"
  mkdir -p app/openapi
  cp "$out"/openapi.swagger.json app/openapi/openapi.json
  if command -v npm >/dev/null; then
    [ -x sdk/ts/node_modules/.bin/buf ] || npm ci --prefix sdk/ts --no-audit --no-fund --loglevel=error
    npm run --prefix sdk/ts gen --silent
  else
    echo "sdk/ts/src/gen stays as it is: generating it needs Node.js 20 and npm" >&2
  fi
fi
