#!/usr/bin/env bash
# The seed playbook, unchanged, at the test service instead of files: the same rows give the same results fingerprint.
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

files=$(hunt files --data "$root/playbooks/data")
[ "$(wc -w <<<"$files")" -gt 11 ] || fail "fewer cells than those of the seed have results: $files"
for kind in loganalytics adx defender; do
    profile $kind
    control $kind.jsonl ''
    there=$(hunt $kind --config huntbook.yaml)
    [ "$there" = "$files" ] || { cat err; fail "$kind: fingerprints $there instead of $files"; }
    # A service may have heard of more by now: another run with the same clock asks it again, whatever an earlier one found.
    asked=$(grep -cF '"kind":"query"' "$service/$kind.jsonl")
    there=$(hunt $kind --config huntbook.yaml)
    [ "$there" = "$files" ] || { cat err; fail "$kind, again: fingerprints $there instead of $files"; }
    [ "$(grep -cF '"kind":"query"' "$service/$kind.jsonl")" -eq $((2 * asked)) ] || fail "$kind: the second run did not ask all again"
    # The rows came from the service: the query of every cell that names the table was sent there.
    for part in ipv4_is_private 'FolderPath contains' 'CommandLine contains' 'ParentFileName !~'; do
        [ "$(grep -F '"kind":"query"' "$service/$kind.jsonl" | grep -cF "$part")" -ge 1 ] || fail "$kind: no query with '$part' was sent"
    done
    [ ! -s "$service/log" ] || { cat "$service/log"; fail "$kind: the test service complains"; }
done
exit 0
