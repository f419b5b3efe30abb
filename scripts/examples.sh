#!/usr/bin/env bash
# The examples on a network of their own: the feed in Python is registered on the chain, asked by the indexer, then slow, wrong, malicious and
# gone, and its page comes all the same; the radio plays its songs in Chromium, free ones and one that is paid by the second.
# BASE_PORT moves the network's ports, BIN is where the programs are, RADIO=0 leaves the browser out.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(realpath "${BIN:-build}") base=${BASE_PORT:-8500} feedport=${FEED_PORT:-35201} chromium=${CHROMIUM:-/usr/bin/chromium}
home=$(mktemp -d) net=$home/net web=http://127.0.0.1:$((8080 + base)) limit=7 # another question each time: answers serve for a while
export PYTHONDONTWRITEBYTECODE=1
say() { echo "examples: $*"; }
fail() { say "FAILED: $*" >&2; tail -n 8 "$home"/*.log >&2; exit 1; }
stopfeed() { [ -z "${feedpid:-}" ] || { kill "$feedpid" 2>/dev/null || true; wait "$feedpid" 2>/dev/null || true; feedpid=; }; }
cleanup() { stopfeed; "$bin/streamd" localnet down --home "$net" >/dev/null 2>&1 || true; rm -rf "$home"; }
trap cleanup EXIT
person() { local from=$1; shift; "$bin/streamd" "$@" --from "$from" --home "$net/keys" --output json; }
get() { curl -fsS --max-time 10 "$web/api/v1$1"; }
# jq is not everywhere; python3 is what the example needs anyhow
pick() { python3 -c "import json,sys; d=json.load(sys.stdin); print($1)"; }
until_true() { for _ in $(seq 120); do if "$@" >/dev/null 2>&1; then return 0; fi; sleep 0.5; done; fail "never: $*"; }

say "the feed's own tests"
(cd examples/feed-python && python3 -m unittest -q)

say "a network with an indexer at $web"
"$bin/streamd" localnet up --home "$net" --base-port "$base" --nodes 3 >"$home/up.log" 2>&1 || fail "the network does not start"
chain=$(get /config | pick "d['chain_id']")

say "three songs: one free and short, one paid by the second, one that the feed must leave out"
song() { # who, file, title, licence, and how it is sold
  local who=$1 file=$2 title=$3 licence=$4; shift 4
  person "$who" publish "$home/$file" --title "$title" --licence "$licence" --language en --tag radio --copies 3 "$@" >"$home/$file.json" 2>>"$home/publish.log" || fail "publishing $title"
  pick "d['work']" <"$home/$file.json"
}
for f in "free 220 24" "paid 330 40" "other 440 20"; do
  set -- $f
  ffmpeg -v error -y -f lavfi -i "sine=frequency=$2:duration=$3" -ac 2 -c:a libvorbis "$home/$1.ogg" 2>>"$home/ffmpeg.log" || fail "ffmpeg"
done
free=$(song alice free.ogg "Morning tram" CC-BY-4.0 --free --handle alice)
paid=$(song bob paid.ogg "Night tram" CC-BY-SA-4.0 --price-per-second 0.0001stream --preview 3 --handle bob)
other=$(song op7 other.ogg "Not yours" proprietary --free)

say "the feed is registered on the chain"
key=$(python3 examples/feed-python/feed.py key "$home/feed.key")
owner=$("$bin/streamd" keys show alice -a --home "$net/keys" --keyring-backend test)
feed=$owner/short-songs path=/feeds/$owner%2Fshort-songs/items
person alice tx content register-feed short-songs "http://127.0.0.1:$feedport" "$key" "Short songs" --description "Under four minutes, Creative Commons, by newcomers" \
  --keyring-backend test --gas auto --gas-adjustment 1.5 --gas-prices 0.001ustream -y >"$home/register.json" 2>"$home/register.log" || fail "registering: $(cat "$home/register.log")"
listed() { get /feeds | grep -q "$feed"; }
indexed() { get "/works?limit=100" | grep -q "$other"; }
until_true listed; until_true indexed

good() { # starts the feed and asks it: every item has its reason, and the song that does not fit is not there
  stopfeed
  python3 examples/feed-python/feed.py serve --key "$home/feed.key" --feed "$feed" --api "$web/api/v1" --listen "127.0.0.1:$feedport" >"$home/feed.log" 2>&1 & feedpid=$!
  until_true curl -fsS "http://127.0.0.1:$feedport/v1/info"
  get "$path?limit=$((limit = limit % 90 + 3))" >"$home/page.json" || fail "no page"
  pick "'ok' if 'fallback' not in d and sorted(i['work']['root'] for i in d['items']) == sorted(['$free', '$paid']) and all('of its creator' in i['reason'] for i in d['items']) else d" \
    <"$home/page.json" | grep -qx ok || fail "not the feed's songs: $(cat "$home/page.json")"
}
good
say "the indexer serves it: $(pick "'; '.join(i['work']['title'] + ': ' + i['reason'] for i in d['items'])" <"$home/page.json")"

fallback() { # mode, slug: the page comes in time with the trending works, and says why
  local from; from=$(date +%s%N)
  get "$path?limit=$((limit = limit % 90 + 3))" >"$home/page.json" || fail "$1: no page"
  [ $(($(date +%s%N) - from)) -lt 3500000000 ] || fail "$1: the page took longer than it may"
  pick "'ok' if d.get('fallback') == '$2' and len(d['items']) == 3 else d" <"$home/page.json" | grep -qx ok || fail "$1: $(cat "$home/page.json")"
  say "$1: the page comes, fallback $2"
}
for m in slow:timeout drip:timeout unsigned:bad-signature markup:bad-response huge:too-large bomb:bad-response redirect:bad-response; do
  stopfeed
  python3 examples/feed-python/hostile.py "${m%:*}" "127.0.0.1:$feedport" "$home/feed.key" "$feed" "$chain" >"$home/hostile.log" 2>&1 & feedpid=$!
  until_true bash -c "exec 3<>/dev/tcp/127.0.0.1/$feedport"
  fallback "${m%:*}" "${m#*:}"
  good
done
stopfeed
fallback gone unreachable

if [ "${RADIO:-1}" = 1 ]; then
  say "the radio plays the feed in Chromium"
  good
  [ -d sdk/ts/dist ] || (cd sdk/ts && npm ci --no-audit --no-fund && npm run build)
  (cd examples/radio && npm ci --no-audit --no-fund --ignore-scripts && npm run check && npm run build) >"$home/radio.log" 2>&1 || fail "building the radio"
  CHROMIUM=$chromium API="$web/api/v1" FEED=$feed STREAMD="$bin/streamd" KEYS="$net/keys" node examples/radio/test/smoke.mjs || fail "the radio"
fi
say "OK"
