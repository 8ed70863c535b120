#!/usr/bin/env bash
# Limits of time, rows and retries hold, and what they cut is said.
. "$(dirname "$0")/azure-lib"
start_service "$work/service"
sign_in
query='DeviceNetworkEvents | where DeviceName != "a-marker" | summarize n = count() by ActionType'

# limited NAME EXIT TEXT SECONDS: q.hunt.yaml ends so, and within that time.
limited() {
    local name=$1 want=$2 text=$3 most=$4 from=$SECONDS rc
    control "$name.jsonl" "${faults-}"
    rc=$(run_it)
    [ "$rc" = "$want" ] || { cat err; fail "$name: exit $rc instead of $want"; }
    grep -qF -- "$text" err || { cat err; fail "$name: '$text' is not said"; }
    [ $((SECONDS - from)) -le "$most" ] || fail "$name: took $((SECONDS - from)) s"
}

for kind in loganalytics adx defender; do
    profile $kind
    one_query "$query" 'timeout: 1s'
    faults='"scenario":"hang","match":"a-marker"' limited "$kind-hang" 4 'time' 15
    faults='"scenario":"hang-body","match":"a-marker"' limited "$kind-hang-body" 4 '' 20
    one_query "$query" 'max_rows: 2'
    faults='' limited "$kind-max-rows" 5 '2' 15
    one_query "$query"
    profile $kind 'retry_budget: 1s'
    faults='"scenario":"500-forever","match":"a-marker"' limited "$kind-retry-budget" 4 'HTTP 500' 8
    [ "$(count "$kind-retry-budget.jsonl" a-marker)" -le 2 ] || fail "$kind: $(count "$kind-retry-budget.jsonl" a-marker) requests with a second to wait"
    profile $kind
    faults='"scenario":"429-seconds","match":"a-marker"' limited "$kind-waiting" 0 'waiting 1.0 s: 429' 15
done

# A place that a service tells is one of the playbook: line and column.
profile loganalytics
one_query "$query"
faults='"scenario":"syntax","match":"a-marker"' limited place 4 'line 8, column 12 of the playbook' 15

# What is partial is refused, or taken with a mark all over the report.
profile loganalytics
one_query "$query" 'on_partial: accept'
control accept.jsonl '"scenario":"partial","match":"a-marker"'
rm -rf out
"$hb" run q.hunt.yaml -o out --now $sample_now >report 2>err || { cat err; fail "on_partial: accept is refused"; }
grep -qi 'partial\|part of the rows' "$(cat report | head -1)" || fail "the report does not say that rows are missing"
grep -qF 'internal record count limit' "$(dirname "$(head -1 report)")/run.json" || fail "the record does not keep what the service said"
exit 0
