#!/usr/bin/env bash
# 500,000 rows, 100 MB, in one reply: every row arrives as it is, and the whole run, reports included, has at most 200 MB.
. "$(dirname "$0")/azure-lib"
plain_only "azure-bulk: a program with sanitizers needs memory of its own"
start_service "$work/service"
sign_in
profile loganalytics
one_query 'DeviceNetworkEvents
| take 500000
| project TimeGenerated, n = long(1), big = long(1), price = decimal(1), ratio = real(1), DeviceName, CommandLine = "", more = dynamic({})'
control bulk.jsonl '"scenario":"bulk","match":"take 500000","rows":500000,"pad":60'
"$hb" run q.hunt.yaml -o out --now $sample_now >report 2>err </dev/null &
run=$!
most=0
while kill -0 $run 2>/dev/null; do
    now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' /proc/$run/status 2>/dev/null)
    [ -z "$now" ] || most=$now
    sleep 0.05
done
wait $run || { cat err; fail "exit $?"; }
[ "$(count bulk.jsonl '"kind":"sent"')" = 1 ] || fail "the reply was not sent to its end"
echo "the run took $((most / 1024)) MB"
[ "$most" -gt 20000 ] || fail "memory was not measured: $most kB"
[ "$most" -le 204800 ] || fail "the run took $most kB"
rows=$(echo out/*/*/cells/01-a.csv)
[ "$(wc -l <"$rows")" = 500001 ] || fail "$(wc -l <"$rows") lines instead of 500001"
[ "$(wc -c <"$rows")" -gt 100000000 ] || fail "less than 100 MB"
tail -1 "$rows" | grep -q '^2026-01-14T00:08:19.9990000Z,499999,9223372036854499999,499999.000000000000000001,62499.875,wks-499.corp.example,' || { tail -1 "$rows"; fail "the last row is another"; }
exit 0
