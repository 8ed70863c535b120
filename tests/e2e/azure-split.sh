#!/usr/bin/env bash
# split: a result that hits a limit of the service is asked for again in parts, which make the whole; what cannot be cut fails.
. "$(dirname "$0")/azure-lib"
start_service "$work/service"
sign_in
profile loganalytics
text='DeviceNetworkEvents
| where TimeGenerated >= ago(1d)
| where RemotePort == 443
| project TimeGenerated, DeviceName, RemoteIP'

one_query "$text"
control whole.jsonl ''
[ "$(run_it)" = 0 ] || { cat err; fail "whole: no success"; }
sort rows.csv >whole.csv
[ "$(wc -l <whole.csv)" -gt 1000 ] || fail "fewer rows than the sample has"

one_query "$text" 'split: 6h'
control parts.jsonl '"scenario":"partial","skip":1,"times":1'
[ "$(run_it --no-cache)" = 0 ] || { cat err; fail "parts: no success"; }
sort rows.csv | cmp -s - whole.csv || fail "the parts do not make the whole"
[ "$(count parts.jsonl 'TimeGenerated < datetime(')" = 4 ] || fail "not four parts were asked for"
for id in $(grep -F RemotePort "$service/parts.jsonl" | sed 's/.*client-request-id":"\([^"]*\)".*/\1/'); do
    grep -qF "\"$id\"" "$(cat report)" || fail "the record does not keep request $id"
done

one_query "$text" 'split: 1s'
control many.jsonl '"scenario":"partial","skip":1,"times":1'
[ "$(run_it --no-cache)" = 5 ] || { cat err; fail "too many parts: not exit 5"; }
grep -qF 'more than 1000' err || fail "the number of parts is not told"

one_query "$text" 'split: 6h'
control again.jsonl '"scenario":"partial","skip":1,"times":9'
[ "$(run_it --no-cache)" = 5 ] || { cat err; fail "a part that is partial: not exit 5"; }

one_query 'DeviceNetworkEvents | summarize count() by DeviceName' 'split: 6h'
control no.jsonl '"scenario":"partial","skip":1,"times":1'
[ "$(run_it --no-cache)" = 5 ] || { cat err; fail "summarize: not exit 5"; }
grep -qF 'each row by itself' err || fail "it is not said why it cannot be cut"

# The parts together hold to max_rows, as one answer does; here none of them alone has more.
few="$text"'
| where RemoteIP == "2606:4700:38c9::dd66"'
one_query "$few"
control few.jsonl ''
[ "$(run_it --no-cache)" = 0 ] || { cat err; fail "few: no success"; }
[ "$(wc -l <rows.csv)" = 6 ] || { cat rows.csv; fail "few: not the five rows of the sample"; }
one_query "$few" 'split: 3h
max_rows: 2'
control most.jsonl '"scenario":"504-forever","skip":1,"times":2'
[ "$(run_it --no-cache)" = 5 ] || { cat err; fail "parts beyond max_rows: not exit 5"; }
grep -qF 'more than max_rows = 2' err || { cat err; fail "parts beyond max_rows: not said"; }
[ "$(count most.jsonl 'TimeGenerated < datetime(')" -ge 1 ] || fail "parts beyond max_rows: no part was asked for"
one_query "$few" 'split: 3h
max_rows: 2
on_partial: accept'
control accept.jsonl '"scenario":"504-forever","skip":1,"times":2'
[ "$(run_it --no-cache)" = 0 ] || { cat err; fail "parts cut at max_rows are not accepted"; }
[ "$(wc -l <rows.csv)" = 3 ] || { cat rows.csv; fail "parts cut at max_rows: other than two rows"; }
rows=$(($(wc -l <whole.csv) - 1))
one_query "$text" "split: 6h
max_rows: $rows"
control exact.jsonl '"scenario":"504-forever","skip":1,"times":2'
[ "$(run_it --no-cache)" = 0 ] || { cat err; fail "parts of just max_rows rows are refused"; }
sort rows.csv | cmp -s - whole.csv || fail "parts of just max_rows rows are not the whole"

# A part may be as long as can be.
one_query "$text" 'split: 10000000d'
control long.jsonl '"scenario":"504-forever","skip":1,"times":2'
[ "$(run_it --no-cache)" = 0 ] || { cat err; fail "one long part: no success"; }
sort rows.csv | cmp -s - whole.csv || fail "one long part is not the whole"
