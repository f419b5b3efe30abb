#!/usr/bin/env bash
# Measures an index of a made-up chain: WORKS in the genesis, BLOCKS after it, QUESTIONS of each kind. Writes docs/bench/discovery.md.
set -euo pipefail
cd "$(dirname "$0")/.."
WORKS=${WORKS:-100000} BLOCKS=${BLOCKS:-1000} QUESTIONS=${QUESTIONS:-1000}
OUT=${OUT:-docs/bench/discovery.md}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
go build -o "$tmp/bench" ./testutil/indexscale/bench
"$tmp/bench" -works "$WORKS" -blocks "$BLOCKS" -questions "$QUESTIONS" -dir "$tmp/index" >"$tmp/result.json"
cpu=$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | xargs)
python3 - "$tmp/result.json" "$OUT" "$cpu, $(nproc) threads, load $(cut -d' ' -f1 /proc/loadavg) at the end" "$(git rev-parse --short HEAD)" <<'PY'
import json, sys
r, out, machine, commit = json.load(open(sys.argv[1])), sys.argv[2], sys.argv[3], sys.argv[4]
try:
    text = open(out).read()
except FileNotFoundError:
    text = ""
begin, end = "<!-- measured %d -->" % r["works"], "<!-- end %d -->" % r["works"]
rows = "\n".join("| %s | %d | %.1f | %.1f | %.1f | %.1f |" % (k, v["n"], v["p50"], v["p99"], v["max"], v["cpu"]) for k, v in r["questions_ms"].items())
block = f"""{begin}
## {r['works']:,} works

`WORKS={r['works']} BLOCKS={r['blocks']} scripts/bench-index.sh` at {commit}, on {machine}.

| | |
|---|---|
| genesis in | {r['genesis_seconds']:.1f} s, {r['works_per_second']:,.0f} works/s; {r['genesis_cpu_seconds']:.1f} s of one processor, {r['works'] / r['genesis_cpu_seconds']:,.0f} works/s of it |
| {r['blocks']:,} blocks in ({r['events']:,} events) | {r['blocks_seconds']:.1f} s, {r['blocks_per_second']:,.0f} blocks/s; {r['blocks_cpu_seconds']:.1f} s of one processor, {r['blocks'] / r['blocks_cpu_seconds']:,.0f} blocks/s and {r['events'] / r['blocks_cpu_seconds']:,.0f} events/s of it |
| database | {r['database_bytes'] / 1e6:,.0f} MB |

| question (ms) | n | p50 | p99 | worst | p99 of processor time |
|---|---|---|---|---|---|
{rows}
{end}
"""
if begin in text:
    text = text[:text.index(begin)] + block + text[text.index(end) + len(end):].lstrip("\n")
else:
    text = text.rstrip("\n") + "\n\n" + block
open(out, "w").write(text.lstrip("\n"))
PY
grep -A60 "measured $WORKS" "$OUT"
