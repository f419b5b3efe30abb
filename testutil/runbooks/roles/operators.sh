# What the operators' network has before anybody opens a runbook: a creator with a work that people pay for, and keys with coins.
streamd tx content register-creator --from alice
streamd tx content register-creator --from bob
streamd tx content publish-manifest "$(creator_of bob)" bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi --kind video \
  --title "A film by bob" --duration-seconds 30 --piece-root "$(printf '%064d' 7)" --piece-size 1024 --licence CC-BY-4.0 --from bob
for who in cold newcomer; do
  command streamd keys add $who --output json >/dev/null 2>&1
done
streamd tx bank send ecosystem "$(address cold)" 5000stream
streamd tx bank send ecosystem "$(address newcomer)" 500ustream
