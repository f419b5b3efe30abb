#!/usr/bin/env bash
# A second home joins the local network as a full node, syncs, and bonds as a validator, by the
# steps of docs/quickstart.md; then coins are sent by CLI and by REST. Ends with what it saw.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=$PWD/build
home=$PWD/.join
base=4000
net=$home/net
full=$home/full
keys=$net/keys
rest=http://127.0.0.1:$((1317 + base))
export PATH="$bin:$PATH"

stop() {
  [ ! -f "$home/full.pid" ] || kill "$(cat "$home/full.pid")" 2>/dev/null || true
  streamd localnet down --home "$net" 2>/dev/null || true
}
trap stop EXIT
stop
rm -rf "$home"
mkdir -p "$home"

# try SECONDS COMMAND...: repeats a command until it succeeds
try() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { echo "gave up on: $*" >&2; tail -5 "$home/full.log" >&2 || true; exit 1; }
    sleep 0.5
  done
}
# field PATH: a field of the JSON on standard input
field() { node -e 'let v=JSON.parse(require("fs").readFileSync(0)); for (const k of process.argv[1].split(".")) v=v[k]; console.log(String(v))' "$1"; }
fullrpc=tcp://127.0.0.1:$((36657 + base))
synced() { [ "$(streamd status --node "$fullrpc" | field sync_info.catching_up)" = false ]; }
bonded() { [ "$(streamd query staking validator "$1" --home "$keys" -o json | field validator.status)" = BOND_STATUS_BONDED ]; }
balance() { curl -sf "$rest/cosmos/bank/v1beta1/balances/$1/by_denom?denom=ustream" | field balance.amount; }
holds() { [ "$(balance "$1")" = "$2" ]; }

streamd localnet up --home "$net" --nodes 0 --base-port $base >/dev/null

echo "a second home joins as a full node"
streamd init joiner --chain-id streamchain-local-1 --home "$full" >/dev/null 2>&1
cp "$net/val0/config/genesis.json" "$full/config/genesis.json"
peer=$(streamd comet show-node-id --home "$net/val0")@127.0.0.1:$((26656 + base))
streamd start --home "$full" --p2p.persistent_peers "$peer" --p2p.laddr tcp://127.0.0.1:$((36656 + base)) --rpc.laddr "$fullrpc" \
  --grpc.address 127.0.0.1:$((19090 + base)) --api.enable=false >"$home/full.log" 2>&1 &
echo $! >"$home/full.pid"
try 60 synced

echo "it bonds as a validator"
streamd keys add joiner --keyring-backend test --keyring-dir "$keys" --home "$keys" >/dev/null 2>&1
addr=$(streamd keys show joiner -a --keyring-backend test --home "$keys")
streamd localnet fund "$addr" 1000stream --home "$net" >/dev/null
cat >"$home/validator.json" <<J
{"pubkey": $(streamd comet show-validator --home "$full"), "amount": "900000000ustream", "moniker": "joiner",
 "commission-rate": "0.1", "commission-max-rate": "0.2", "commission-max-change-rate": "0.01", "min-self-delegation": "1"}
J
streamd tx staking create-validator "$home/validator.json" --from joiner --home "$keys" --yes >/dev/null
oper=$(streamd keys show joiner --bech val -a --keyring-backend test --home "$keys")
try 30 bonded "$oper"

echo "coins are sent by CLI and by REST"
to=$(streamd keys show bob -a --home "$keys" --keyring-backend test)
before=$(balance "$to")
streamd tx bank send viewer "$to" 1500000ustream --home "$keys" --yes >/dev/null
try 20 holds "$to" $((before + 1500000))
streamd tx bank send viewer "$to" 250000ustream --home "$keys" --generate-only >"$home/tx.json"
streamd tx sign "$home/tx.json" --from viewer --home "$keys" --output-document "$home/signed.json" >/dev/null 2>&1
bytes=$(streamd tx encode "$home/signed.json" --home "$keys")
curl -sf -X POST "$rest/cosmos/tx/v1beta1/txs" -d "{\"tx_bytes\":\"$bytes\",\"mode\":\"BROADCAST_MODE_SYNC\"}" >/dev/null
try 20 holds "$to" $((before + 1750000))
curl -sf "$rest/openapi/" | grep -qi openapi

height=$(streamd status --node "$fullrpc" | field sync_info.latest_block_height)
echo "joined, synced to height $height, bonded as $oper, sent by CLI and REST"
echo "1 passed, 0 failed"
