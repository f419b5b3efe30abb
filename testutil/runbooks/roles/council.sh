MEMBER=op4

paused() { command streamd query governance council -o json | jq -e '[.pauses[]? | select((.paused_until // "0") | tonumber > now)] | length == '"$1" >/dev/null; }
# two more members see it the same way
before_2() {
  for m in op5 op6; do
    streamd tx governance pause /streamchain.content.v1.MsgPublish 7200 "the same here" --from $m
  done
}
after_2() { paused 1; }
after_3() { paused 0; }
