#!/usr/bin/env bash
# Replies of more than 64 MB arrive whole from Data Explorer and Defender, too; from Log Analytics: azure-bulk.sh.
. "$(dirname "$0")/azure-lib"
! grep -qa __asan_init "$hb" || skip "a program with sanitizers reads the same forms in azure-scenarios.sh; this much of them takes it a minute"
start_service "$work/service"
sign_in
rows=99999 # one more would be what Defender cuts at
one_query "DeviceNetworkEvents
| take $rows
| project TimeGenerated, n = long(1), big = long(1), price = decimal(1), ratio = real(1), DeviceName, CommandLine = \"\", more = dynamic({})"

arrives() {
    control "$1.jsonl" "\"scenario\":\"bulk\",\"match\":\"take $rows\",\"rows\":$rows,\"pad\":520"
    [ "$(run_it)" = 0 ] || { cat err; fail "$1: no success"; }
    [ "$(wc -l <rows.csv)" = $((rows + 1)) ] || fail "$1: $(wc -l <rows.csv) lines instead of $((rows + 1))"
    tail -1 rows.csv | grep -q '^2026-01-14T00:01:39.9980000Z,99998,9223372036854099998,99998.000000000000000001,12499.75,wks-498.corp.example,' ||
        { tail -1 rows.csv | cut -c1-200; fail "$1: the last row is another"; }
    bytes=$(tr -d '\n' <"$(cat report)" | sed -n 's/.*"name": "Bytes", *"value": "\([0-9]*\)".*/\1/p')
    [ "$bytes" -gt 67108864 ] || fail "$1: only $bytes bytes"
}
profile adx
arrives adx
profile defender
arrives defender
exit 0
