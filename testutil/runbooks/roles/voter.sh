VOTER=val0
DELEGATE=$(address alice)
CREATOR=$(creator_of val0)

newest() { command streamd query gov proposals -o json | jq -er '[.proposals[].id | tonumber] | max'; }

before_3() {
  PROPOSAL=$(newest)
  command streamd query gov proposal "$PROPOSAL" -o json | jq -e '.proposal.title == "Pay for the audit"' >/dev/null
  PAID=$(balance)
}
before_4() { until_ok 30 passed; }
after_4() {
  until_ok 30 received
}
after_5() {
  command streamd query governance delegations "$(address val0)" -o json | jq -e '(.delegations // []) | length == 0' >/dev/null
}
after_6() {
  command streamd query governance seats -o json | jq -e --arg c "$CREATOR" '[.seats[].creator] | index($c) != null' >/dev/null
}

balance() { command streamd query bank balance "$DELEGATE" ustream -o json | jq -er .balance.amount; }
passed() { command streamd query gov proposal "$PROPOSAL" -o json | jq -e '.proposal.status | test("PASSED")'; }
received() { [ "$(balance)" = $((PAID + 1000000)) ]; }
