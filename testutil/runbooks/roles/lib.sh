# What the reader of a runbook does without being told: say yes, and wait until the block is there.
set -euo pipefail

streamd() {
  case "$1" in
    tx) confirmed "$@" ;;
    # the domain of the test is on this machine
    attest) command streamd "$@" --private --resolve "$RESOLVE" ;;
    sponsor) sponsor "${@:2}" ;;
    *) command streamd "$@" ;;
  esac
}

# confirmed sends a transaction and fails where the chain refuses it.
confirmed() {
  local sent hash end=$((SECONDS + 30))
  sent=$(command streamd "$@" --yes --output json)
  hash=$(jq -er 'if .code == 0 then .txhash else empty end' <<<"$sent") || { echo "not taken: $sent" >&2; return 1; }
  until sent=$(command streamd query tx "$hash" --output json 2>/dev/null); do
    [ $SECONDS -lt $end ] || { echo "no block holds $hash" >&2; return 1; }
    sleep 0.3
  done
  jq -e '.code == 0' >/dev/null <<<"$sent" || { echo "refused: $(jq -r .raw_log <<<"$sent")" >&2; return 1; }
  echo "$hash is in block $(jq -r .height <<<"$sent")"
}

# until_ok SECONDS COMMAND...: repeats a command until it succeeds.
until_ok() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { echo "gave up on: $*" >&2; "$@" >&2 || true; return 1; }
    sleep 0.5
  done
}

address() { command streamd keys show "$1" -a; }
creator_of() { command streamd query content creator-of "$(address "$1")" -o json | jq -er .creator.id; }

# service NAME COMMAND...: runs it beside the script, as a service manager does, until it is stopped or the script ends.
service() {
  local name=$1
  shift
  "$@" <&0 >>"$name.log" 2>&1 &
  echo $! >"$name.pid"
}
# stop NAME [SIGNAL]
stop() {
  local pid
  pid=$(cat "$1.pid")
  rm "$1.pid"
  kill "-${2:-TERM}" "$pid"
  wait "$pid" || true
}
# leave is the last that a script does: what still runs ends, and its last words are shown where something failed.
leave() {
  local f
  for f in *.pid; do
    [ -e "$f" ] || continue
    [ "$code" = 0 ] || { echo "the end of ${f%.pid}.log:"; tail -n 20 "${f%.pid}.log"; }
    kill -KILL "$(cat "$f")" || true
  done
}
