#!/usr/bin/env bash
# The seed playbook, unchanged, at the test service instead of files: the same rows give the same results fingerprint, by each
# protocol, and also when every token is taken back in the middle of the run.
. "$(dirname "$0")/azure-lib"
start_service "$work/service"
sign_in

# hunt FOLDER OPTIONS: the playbook; prints the fingerprints of its cells and, last, of its results.
hunt() {
    local folder=$1
    shift
    "$hb" run "$playbook" -o "$folder" --now $sample_now --no-report "$@" >report 2>err </dev/null || { cat err; fail "$folder: exit $?"; }
    sed -n 's/^ *"fingerprint": "\(.*\)",*$/\1/p' "$(cat report)"
}
asked() { grep -cF '"kind":"query"' "$service/$1.jsonl"; }
same() { # same NAME: a run at the service of huntbook.yaml
    there=$(hunt "$1" --config huntbook.yaml)
    [ "$there" = "$files" ] || { cat err; fail "$1: fingerprints $there instead of $files"; }
}

files=$(hunt files --data "$root/playbooks/data")
[ "$(wc -w <<<"$files")" -gt 11 ] || fail "fewer cells than those of the seed have results: $files"
for kind in loganalytics adx defender; do
    profile $kind
    control $kind.jsonl ''
    same $kind
    # A service may have heard of more by now: another run with the same clock asks it again, whatever an earlier one found.
    queries=$(asked $kind)
    same $kind
    [ "$(asked $kind)" -eq $((2 * queries)) ] || fail "$kind: the second run did not ask all again"
    # The rows came from the service: the query of every cell that names the table was sent there.
    for part in ipv4_is_private 'FolderPath contains' 'CommandLine contains' 'ParentFileName !~'; do
        [ "$(grep -F '"kind":"query"' "$service/$kind.jsonl" | grep -cF "$part")" -ge 1 ] || fail "$kind: no query with '$part' was sent"
    done
    # Every token is taken back when some queries have been answered: one is refused, a new token is fetched, the run goes on.
    control $kind-revoked.jsonl '"scenario":"revoked","skip":3,"times":1'
    same $kind-revoked
    [ "$(asked $kind-revoked)" -eq $((queries + 1)) ] || fail "$kind-revoked: not one query more than in a run without a fault"
    [ "$(grep -F '"kind":"query"' "$service/$kind-revoked.jsonl" | grep -cF '"status":401')" = 1 ] || fail "$kind-revoked: no token was refused"
    [ "$(grep -cF '"kind":"token"' "$service/$kind-revoked.jsonl")" = 2 ] || fail "$kind-revoked: not one new token"
    # Taken back for good: the run ends there.
    control $kind-shut.jsonl '"scenario":"revoked-for-good","skip":3'
    "$hb" run "$playbook" -o shut --config huntbook.yaml --now $sample_now --no-report >report 2>err </dev/null
    [ $? = 4 ] || { cat err; fail "$kind-shut: not exit 4"; }
    grep -qF 'HTTP 401' err || { cat err; fail "$kind-shut: it is not said why"; }
    [ ! -s "$service/log" ] || { cat "$service/log"; fail "$kind: the test service complains"; }
done

# A cluster that knows version 1 alone, and an identity that may not use Graph: the first question finds it out.
older() { # older NAME PATH-OF-THE-NEWER PATH-OF-THE-OLDER MOST
    control "$1.jsonl" '"older_only":true'
    same "$1"
    [ "$(grep -cF "\"path\":\"$2\"" "$service/$1.jsonl")" -le "$4" ] || fail "$1: $2 is asked again and again"
    [ "$(grep -cF "\"path\":\"$3\"" "$service/$1.jsonl")" -gt 3 ] || fail "$1: $3 is not asked"
}
profile adx
older adx-v1 /v2/rest/query /v1/rest/query 1
profile defender "older_endpoint: $WORLD_HTTP"
older defender-older /v1.0/security/runHuntingQuery /api/advancedhunting/run 2
profile defender
control defender-refused.jsonl '"older_only":true'
"$hb" run "$playbook" -o refused --config huntbook.yaml --now $sample_now --no-report >report 2>err </dev/null
[ $? = 4 ] || { cat err; fail "defender-refused: not exit 4"; }
grep -qF 'ThreatHunting.Read.All' err || { cat err; fail "defender-refused: the missing right is not named"; }
[ ! -s "$service/log" ] || { cat "$service/log"; fail "the test service complains"; }
exit 0
