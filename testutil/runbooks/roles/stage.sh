# What a network has before anybody opens a runbook: creators with a work, an attester, a council.
media=bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi
for who in val0 alice bob; do
  streamd tx content register-creator --from $who
done
for who in val0 bob; do
  streamd tx content publish-manifest "$(creator_of $who)" $media --kind video --title "A film by $who" --duration-seconds 30 \
    --piece-root "$(printf '%064d' 7)" --piece-size 1024 --licence CC-BY-4.0 --from $who
done
streamd tx stream tip "$(creator_of val0)" 5000000ustream --from viewer

members=$(for m in op3 op4 op5 op6 op7; do address $m; done | jq -R . | jq -sc .)
jq -n --arg attester "$(address op1)" --arg other "$(address op0)" --argjson members "$members" '{
  title: "An attester and a council", summary: "As elected.", metadata: "", deposit: "10000000ustream",
  messages: [{
    "@type": "/streamchain.governance.v1.MsgEnact", authority: "stream10d07y265gmmuvt4z0w9aw880jnsr700jtpedau",
    messages: [
      {"@type": "/streamchain.content.v1.MsgSetAttester", authority: "stream1h72z9g4qf2kjrq866zgn78xl32wn0q8a456ahk", attester: $attester, levels: [1, 2], active: true},
      {"@type": "/streamchain.content.v1.MsgSetAttester", authority: "stream1h72z9g4qf2kjrq866zgn78xl32wn0q8a456ahk", attester: $other, levels: [1, 2], active: true},
      {"@type": "/streamchain.governance.v1.MsgSetCouncil", authority: "stream1h72z9g4qf2kjrq866zgn78xl32wn0q8a456ahk", members: $members}
    ]
  }]
}' >stage.json
streamd tx gov submit-proposal stage.json --from val0
streamd tx gov vote 1 yes --from val0
seated() { command streamd query governance council -o json | jq -e '.council.members | length == 5'; }
until_ok 40 seated
# a creator is at level n once n attesters say so
for who in op0 op1; do
  streamd tx content attest "$(creator_of val0)" 2 "$(printf '%064d' 5)" $(($(date +%s) + 86400)) --from $who
done
