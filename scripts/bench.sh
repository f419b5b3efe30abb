#!/usr/bin/env bash
# Runs each benchmark beside its peer and writes docs/BENCHMARKS.md. The best of ROUNDS (3) is
# taken, of both: rounds alternate, so that what else the machine does touches both alike.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${ROUNDS:-3} doc=docs/BENCHMARKS.md
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT

# folder, benchmarks, time or count of each
suites=(
  "voucher ^Benchmark(MeterAccept|Ed25519Verify)$ 1s"
  "storagenode/ledger ^Benchmark(PaidTick|PaidTickDurable|Ed25519)$ 1s"
  "x/stream/keeper ^Benchmark(Settle|Verify)$ 20x"
  "piece ^Benchmark(Sum|SHA256)$ 5x"
  "media ^Benchmark(Piece|SHA256|Encrypt|AESCBC)$ 5x"
  "storagenode/upload ^Benchmark(Import|SHA256)$ 5x"
  "storagenode/repair ^Benchmark(Repair|Copy)$ 5x"
  "keyshare ^Benchmark(Answer|Combine)$ 1s"
  "storagenode/keys ^Benchmark(Release|Multiply)$ 1s"
  "app ^BenchmarkBlock$ 10x"
  "watch ^BenchmarkFirstSegment$ 20x"
)
load() { cut -d' ' -f1 /proc/loadavg; }
before=$(load) # what we compile ourselves does not count
for suite in "${suites[@]}"; do
  read -r dir _ <<<"$suite"
  go test -c -o "$tmp/${dir//\//_}.test" "./$dir"
done
for round in $(seq "$rounds"); do
  for suite in "${suites[@]}"; do
    read -r dir which time <<<"$suite"
    echo "round $round of $rounds: $dir" >&2
    (cd "$dir" && "$tmp/${dir//\//_}.test" -test.run '^$' -test.bench "$which" -test.benchtime "$time" -test.benchmem) >"$tmp/out" ||
      { cat "$tmp/out" >&2; exit 1; }
    # folder/benchmark, unit, value
    awk -v dir="$dir" '/^Benchmark/ { sub(/-[0-9]+$/, "", $1); for (i = 3; i < NF; i += 2) print dir "/" $1, $(i + 1), $i }' "$tmp/out" >>"$tmp/figures"
  done
done

# best NAME [UNIT]: the least of all rounds
best() {
  awk -v k="$1" -v u="${2:-ns/op}" '$1 == k && $2 == u && (!n++ || $3 < b) { b = $3 } END { if (!n) { print "no figure " k > "/dev/stderr"; exit 1 }; print b }' "$tmp/figures"
}

# row FIGURE WHAT OURS COUNT PEER PEERS-COUNT UNIT TARGET [ABSOLUTE] [PROCESSOR-RATIO]: both are
# names of benchmarks that do COUNT units an iteration
row() {
  local ours peer unit=ns/op
  [[ $3 != app/* ]] || unit=best-ns/op
  ours=$(best "$3" $unit) peer=$(best "$5" $unit)
  awk -v id="$1" -v what="$2" -v o="$ours" -v on="$4" -v peer="${5#*Benchmark}" -v p="$peer" -v pn="$6" -v unit="$7" -v target="$8" -v abs="${9:-0}" -v cpu="${10:-–}" '
    function show(x) { return x >= 1e6 ? sprintf("%.2f M", x / 1e6) : x >= 1e4 ? sprintf("%.1f k", x / 1e3) : sprintf("%.0f", x) }
    BEGIN {
      ours = on * 1e9 / o; peers = pn * 1e9 / p; ratio = ours / peers
      want = target == "" ? "–" : "≥ " target " ×" (abs ? ", ≥ " show(abs) : "")
      met = target == "" ? "–" : ratio >= target && ours >= abs ? "met" : "**not met**"
      printf "| %s | %s | %s %s | %s (%s) | %.2f × | %s | %s | %s |\n", id, what, show(ours), unit, show(peers), peer, ratio, cpu, want, met
    }'
}

# busy OURS PEER: how much less processor time ours takes than the peer
busy() { awk -v a="$(best "app/BenchmarkBlock/$1" cpu-ns/op)" -v b="$(best "app/BenchmarkBlock/$2" cpu-ns/op)" 'BEGIN { printf "%.2f ×", b / a }'; }

# start NAME: median and 95th percentile of the best round
start() { printf '%.0f ms, %.0f ms' "$(best "watch/BenchmarkFirstSegment/$1" median-ms)" "$(best "watch/BenchmarkFirstSegment/$1" p95-ms)"; }

# starts: what encryption adds until a work begins to play
starts() {
  printf '\n| from nothing to the first segment (nodes and holders 40 ms away) | clear | encrypted |\n|---|---|---|\n'
  for by in owned metered; do
    printf '| %s: median, 95th percentile of 20 | %s | %s |\n' "$by" "$(start "$by/clear")" "$(start "$by/encrypted")"
  done
}

table() {
  printf '| figure | what | ours | peer | ratio | by processor time | target | |\n|---|---|---|---|---|---|---|---|\n'
  row P1 "a paid tick accepted ($(best voucher/BenchmarkMeterAccept allocs/op) allocations)" voucher/BenchmarkMeterAccept 1 voucher/BenchmarkEd25519Verify 1 /s 100 2000000
  row P1 "the same in the node's ledger: cap, ticks used, journal ($(best storagenode/ledger/BenchmarkPaidTick allocs/op) allocations)" storagenode/ledger/BenchmarkPaidTick 1 storagenode/ledger/BenchmarkEd25519 1 /s 100 2000000
  row P1 "the same on stable storage, 64 viewers at once" storagenode/ledger/BenchmarkPaidTickDurable 1 storagenode/ledger/BenchmarkEd25519 1 /s ""
  row P3 "sessions settled first, 200 a message" x/stream/keeper/BenchmarkSettle/first 200 x/stream/keeper/BenchmarkVerify/200 200 /s 0.5
  row P3 "sessions settled again, by words alone" x/stream/keeper/BenchmarkSettle/later 200 x/stream/keeper/BenchmarkVerify/200 200 /s 0.5
  for m in publish deposit purchase subscribe tip settle; do
    row P3 "blocks of \`$m\`" "app/BenchmarkBlock/$m/sequential" 200 app/BenchmarkBlock/send/sequential 200 tx/s 0.7 0 "$(busy "$m/sequential" send/sequential)"
  done
  for m in send publish deposit purchase subscribe tip settle; do
    row P4 "\`$m\` with 2 workers" "app/BenchmarkBlock/$m/parallel" 200 "app/BenchmarkBlock/$m/sequential" 200 tx/s 1.6 0 "$(busy "$m/parallel" "$m/sequential")"
  done
  row – "windows released by a holder to who has a right, 16 a request" storagenode/keys/BenchmarkRelease/right 16 storagenode/keys/BenchmarkMultiply 1 /s ""
  row – "the same to who pays: words checked, a synced line in the book" storagenode/keys/BenchmarkRelease/paid 16 storagenode/keys/BenchmarkMultiply 1 /s ""
  row – "an answer with its proof, alone" keyshare/BenchmarkAnswer 1 storagenode/keys/BenchmarkMultiply 1 /s ""
  row – "a window's key out of 4 answers of 7, all proofs checked" keyshare/BenchmarkCombine/4of7 1 storagenode/keys/BenchmarkMultiply 1 /s ""
  row P7 "publish a folder: DAG, CAR and piece" media/BenchmarkPiece 64 media/BenchmarkSHA256 64 MiB/s 0.8
  row – "encrypt a packaged song: read, hash, encrypt, write" media/BenchmarkEncrypt 64 media/BenchmarkAESCBC 64 MiB/s ""
  row P7 "piece root alone (BLAKE3)" piece/BenchmarkSum 64 piece/BenchmarkSHA256 64 MiB/s 0.8
  row – "a node takes a piece, by HTTP and to its disk" storagenode/upload/BenchmarkImport/whole 64 storagenode/upload/BenchmarkSHA256 64 MiB/s ""
  for stage in "receive the body to disk" "blocks against their CIDs" "piece root of the canonical CAR" "ingest into the block store"; do
    row – "– $stage" "storagenode/upload/BenchmarkImport/${stage%% *}" 64 storagenode/upload/BenchmarkSHA256 64 MiB/s ""
  done
  row – "a lost copy brought back from another node, disk to disk, every byte verified" storagenode/repair/BenchmarkRepair 64 storagenode/repair/BenchmarkCopy 64 MiB/s ""
}

{
  cat <<HEAD
# Benchmarks

Written by \`make bench\` on $(date -u +'%Y-%m-%d %H:%M') UTC at commit $(git rev-parse --short HEAD). Only "Gaps" is written by hand.

- Machine: $(nproc) cores, $(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo), $(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), $(uname -s), $(go env GOVERSION).
- Load average before: $before, after: $(load). $(awk -v l="$before" 'BEGIN { print (l > 0.7) ? "**Other work ran beside it**: ratios mean more than rates, and what needs both cores shows least." : "Nothing else ran." }')
- Each figure is the best of $rounds rounds (of blocks, the best one), and so is its peer. Compare only within this table.
- *By processor time* is the peer's processor time, all cores, over ours: it does not depend on what else ran.
- Blocks are FinalizeBlock and Commit of 200 transactions with fees on an in-memory
  database, each of another account (\`app/bench_test.go\`); the peer of P3 is the bank's MsgSend in the same app, of P4 the
  same block in sequence. P7's peer, and that of imports, is one core that only computes SHA-256.
- Serving beside nginx and boxo's gateway is measured apart, by \`make bench-serve\`: [bench/serving.md](bench/serving.md);
  making and checking storage proofs: [bench/proofs.md](bench/proofs.md).

HEAD
  table
  starts
  printf '\nCommands:\n\n'
  for suite in "${suites[@]}"; do
    read -r dir which time <<<"$suite"
    echo "    go test ./$dir -run '^\$' -bench '$which' -benchtime $time -benchmem"
  done
  printf '\n' && sed -n '/^## Gaps/,$p' "$doc" # kept
} >"$tmp/doc"
cp "$tmp/doc" "$doc"
cat "$doc"
