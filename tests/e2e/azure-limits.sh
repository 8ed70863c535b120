#!/usr/bin/env bash
# Limits of time, rows and retries hold, and what they cut is said.
. "$(dirname "$0")/azure-lib"
query='DeviceNetworkEvents | where DeviceName != "a-marker" | summarize n = count() by ActionType'

# limited NAME EXIT TEXT SECONDS: q.hunt.yaml ends so, and within that time (what hangs would hang for minutes).
limited() {
    local name=$1 want=$2 text=$3 most=$4 from=$SECONDS rc
    control "$name.jsonl" "${faults-}"
    rc=$(run_it)
    [ "$rc" = "$want" ] || { cat err; fail "$name: exit $rc instead of $want"; }
    grep -qF -- "$text" err || { cat err; fail "$name: '$text' is not said"; }
    [ $((SECONDS - from)) -le "$most" ] || fail "$name: took $((SECONDS - from)) s"
}

# at_a_service NAME: in a folder of its own.
at_a_service() {
    services=
    mkdir "$1" && cd "$1" || exit 1
    start_service "$work/service-$1"
    sign_in
}

# Each has a service of its own and they run side by side: most of the time is spent waiting.
limits_of() {
    local kind=$1
    at_a_service "$kind"
    profile $kind
    one_query "$query" 'timeout: 1s'
    faults='"scenario":"hang","match":"a-marker"' limited "$kind-hang" 4 'time' 60
    faults='"scenario":"hang-body","match":"a-marker"' limited "$kind-hang-body" 4 '' 60
    one_query "$query" 'max_rows: 2'
    faults='' limited "$kind-max-rows" 5 '2' 60
    one_query "$query"
    profile $kind 'retry_budget: 1s'
    faults='"scenario":"500-forever","match":"a-marker"' limited "$kind-retry-budget" 4 'HTTP 500' 60
    [ "$(count "$kind-retry-budget.jsonl" a-marker)" -le 2 ] || fail "$kind: $(count "$kind-retry-budget.jsonl" a-marker) requests with a second to wait"
    profile $kind
    faults='"scenario":"429-seconds","match":"a-marker"' limited "$kind-waiting" 0 'waiting 1.0 s: 429' 60
}

other_limits() {
    at_a_service other

    # A place that a service tells is one of the playbook: line and column.
    profile loganalytics
    one_query "$query"
    faults='"scenario":"syntax","match":"a-marker"' limited place 4 'line 8, column 12 of the playbook' 60

    # What is partial is refused, or taken with a mark all over the report.
    profile loganalytics
    one_query "$query" 'on_partial: accept'
    control accept.jsonl '"scenario":"partial","match":"a-marker"'
    rm -rf out
    "$hb" run q.hunt.yaml -o out --now $sample_now >report 2>err || { cat err; fail "on_partial: accept is refused"; }
    grep -qi 'partial\|part of the rows' "$(cat report | head -1)" || fail "the report does not say that rows are missing"
    grep -qF 'internal record count limit' "$(dirname "$(head -1 report)")/run.json" || fail "the record does not keep what the service said"
}

jobs=
for kind in loganalytics adx defender; do
    (limits_of $kind) >"$work/log-$kind" 2>&1 &
    jobs="$jobs $!"
done
(other_limits) >"$work/log-other" 2>&1 &
bad=0
for job in $jobs $!; do
    wait "$job" || bad=1
done
cat log-*
exit $bad
