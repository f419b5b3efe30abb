LISTEN=127.0.0.1:$((BASE_PORT + 8189))
ORIGIN=http://$LISTEN
FROM=viewer
export STREAMD_SPONSOR_HOME=$PWD/sponsor
NEW_HOME=$PWD/moved
ADDRESS=$(address newcomer)
PASSPHRASE="long enough"

sponsor() {
  case "$1" in
    init)
      command streamd sponsor "$@" -o json >made.json < <(printf '%s\n%s\n' "$PASSPHRASE" "$PASSPHRASE")
      SPONSOR=$(jq -er .address made.json)
      ;;
    start)
      service sponsor "$(type -P streamd)" sponsor start <<<"$PASSPHRASE"
      until_ok 30 command streamd sponsor status
      ;;
    revoke) command streamd sponsor "$@" <<<"$PASSPHRASE" ;;
    *) command streamd sponsor "$@" ;;
  esac
}

tips() { command streamd tip "$(creator_of bob)" 100ustream --from newcomer --sponsor "$ORIGIN"; }
granted() { command streamd sponsor status -o json | jq -e --argjson n "$1" '.granted == $n and .pending == 0' >/dev/null; }
balance() { command streamd query bank balance "$ADDRESS" ustream -o json | jq -er .balance.amount; }
allowed() { command streamd query feegrant grant "$SPONSOR" "$ADDRESS" >/dev/null 2>&1; }

# a newcomer comes, the machine fails, and the newcomer comes again
after_2() {
  tips
  granted 1
  stop sponsor KILL
  sponsor start
  granted 1
  tips
  [ "$(balance)" = 300 ]
  allowed
}
after_3() { ! allowed; }
before_4() { stop sponsor; }
# who was sponsored is known in the new home
after_4() {
  granted 1
  tips 2>refused && return 1
  grep -q "sponsored" refused
}
