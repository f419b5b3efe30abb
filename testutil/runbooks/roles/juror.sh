JUROR=op2

# somebody makes a claim, and the jury is drawn: every seat is this juror's, who is the only one
before_2() {
  local work
  work=$(command streamd query content works "$(creator_of bob)" -o json | jq -er '.works[0].cid')
  streamd tx dispute open-dispute infringement "$work" bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy 200000000 --from op3
  DISPUTE=$(command streamd query dispute disputes -o json | jq -er '.disputes[0].id')
  until_ok 100 status STATUS_COMMIT
}
before_4() { until_ok 20 status STATUS_REVEAL; }
before_5() { until_ok 40 status STATUS_CLOSED; }
after_5() {
  command streamd query dispute dispute "$DISPUTE" -o json | jq -e '.dispute.rounds[0].ruling == "CHOICE_UPHOLD"' >/dev/null
}
before_6() {
  BEFORE=$(balance)
  sleep 12
}
after_6() { [ "$(balance)" -gt $((BEFORE + 490000000)) ]; }

balance() { command streamd query bank balance "$(address op2)" ustream -o json | jq -er .balance.amount; }
status() { command streamd query dispute dispute "$DISPUTE" -o json | jq -e --arg s "$1" '.dispute.status == $s'; }
