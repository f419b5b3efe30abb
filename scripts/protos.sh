#!/usr/bin/env bash
# Copies the third-party proto files from the Go module cache into ./third_party
# (ignored by git), so that code generation needs no network registry of protos.
set -euo pipefail
cd "$(dirname "$0")/.."

# dir MODULE: the module's directory at the version go.mod pins
dir() { go mod download "$1" && go list -m -f '{{.Dir}}' "$1"; }

sdk=$(dir github.com/cosmos/cosmos-sdk)
gogo=$(dir github.com/cosmos/gogoproto)
cosmosproto=$(dir github.com/cosmos/cosmos-proto)
gateway=$(dir github.com/grpc-ecosystem/grpc-gateway)

rm -rf third_party
mkdir -p third_party/gogoproto third_party/google/api
cp -r "$sdk"/proto/{cosmos,amino,tendermint} third_party/
cp -r "$cosmosproto"/proto/cosmos_proto third_party/
cp "$gogo"/gogoproto/gogo.proto third_party/gogoproto/
cp "$gateway"/third_party/googleapis/google/api/{annotations,http,httpbody}.proto third_party/google/api/
chmod -R u+w third_party
