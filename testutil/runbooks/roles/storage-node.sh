LISTEN=127.0.0.1:$((BASE_PORT + 8187))
ENDPOINT=http://$LISTEN
OPERATOR=$(address cold)
CAPACITY=1GiB
# so dear that a minute of a small work is worth a claim
PRICE=20000000
BACKUP=$PWD/backup
export STORAGED_HOME=$PWD/node
mkdir "$BACKUP"

storaged() {
  case "$1" in
    init)
      # the network is on this machine
      command storaged "$@" --local -o json >made.json
      AGENT=$(jq -er .agent made.json)
      BYTES=$(registers --capacity-bytes)
      BOND=$(registers --bond)
      ;;
    start)
      service storaged "$(type -P storaged)" start
      until_ok 30 command storaged status
      ;;
    *) command storaged "$@" ;;
  esac
}
registers() { jq -er --arg f "$1" '.register | .[index($f) + 1]' made.json; }

before_4() { until_ok 60 beacon; }
after_4() { [ -s "$BACKUP/beacon.seed" ]; }

# creators come: each work is kept by node0 and by the reader's, while node1 is too dear for them
before_8() {
  until_ok 20 dearer 100000000
  WORK=$(publish denied)
  LOST=$(publish lost)
  KEPT=$(publish kept)
  until_ok 20 dearer 1000
  CID=$(media "$WORK")
  until_ok 20 keeps 3
}
after_8() {
  until_ok 60 ends "$WORK"
  until_ok 20 answers 451 "$CID"
  until_ok 20 keeps 2
}
after_10() { until_ok 20 command storaged status; }
before_12() {
  sed -i 's/^capacity = .*/capacity = "2GiB"/' "$STORAGED_HOME/config.toml"
  stop storaged
  storaged start
  BYTES=$((2 << 30))
  # a GiB's, and what the refusal has cost
  MORE_BOND=$((BOND + 1000000 - $(bond)))
}
before_13() { stop storaged KILL; }
after_13() { whole; }
before_14() {
  stop storaged KILL
  rm -r "$STORAGED_HOME/data"
}
after_14() {
  whole
  cmp "$BACKUP/beacon.seed" "$STORAGED_HOME/data/beacon.seed"
}
after_15() {
  ends "$LOST"
  until_ok 60 copies "$LOST" 2
}
before_17() {
  AMOUNT=1000000
  HAD=$(bond)
}
after_17() { [ "$(bond)" = $((HAD + AMOUNT)) ]; }
after_19() {
  ends "$KEPT"
  copies "$KEPT" 2
}
after_20() {
  command streamd query storage provider "$OPERATOR" -o json | jq -e '.provider.status == "PROVIDER_STATUS_LEAVING"' >/dev/null
}

bond() { command streamd query storage provider "$OPERATOR" -o json | jq -er .provider.bond; }
beacon() { command storaged status -o json | jq -e .proofs.beacon; }
keeps() { command storaged status -o json | jq -e --argjson n "$1" '.info.works == $n'; }
ends() { command streamd query storage deals-of "$OPERATOR" -o json | jq -e --arg w "$1" '[.deals[]?.work] | index($w) == null' >/dev/null; }
copies() { command streamd query storage deals "$1" -o json | jq -e --argjson n "$2" '.deals | length == $n' >/dev/null; }
answers() { [ "$(curl -s -o /dev/null -w '%{http_code}' "$ENDPOINT/ipfs/$2?format=raw")" = "$1" ]; }
# every work is here again, each with all of its bytes
whole() {
  until_ok 60 keeps 2
  until_ok 60 answers 200 "$(media "$KEPT")"
  until_ok 60 answers 200 "$(media "$LOST")"
}
media() { command streamd query content work "$1" -o json | jq -er '.work.media'; }
publish() {
  head -c 200000 /dev/urandom | base64 >"$1.txt"
  command streamd publish "$1.txt" --title "$1" --licence CC0-1.0 --free --copies 2 --from alice -o json | jq -er .work
}
# dearer PRICE: node1's. Its agent signs with the same key, so it may have to be said twice.
dearer() {
  streamd tx storage update-provider --endpoints "http://127.0.0.1:$((BASE_PORT + 8181))" --region local-1 --capacity-bytes $((20 << 30)) \
    --price-per-gib-day "$1" --from op1
}
