ATTESTER=op1
CREATOR=$(creator_of alice)
DOMAIN=creator.example
printf '{"creator": "%s"}' "$CREATOR" >"$WELL_KNOWN"

level() { command streamd query content level "$CREATOR" -o json | jq -e --argjson l "$1" '(.level // 0) == $l' >/dev/null; }
after_1() { level 1; }
# another attester has seen the papers too
before_2() { streamd tx content attest "$CREATOR" 2 "$(printf '%064d' 5)" $(($(date +%s) + 86400)) --from op0; }
after_2() { level 2; }
after_3() { level 1; }
