#!/usr/bin/env bash
# A run at a service replays on what the record keeps of its answers, without asking; --live asks again and says which rows differ.
. "$(dirname "$0")/azure-lib"
start_service "$work/service"
sign_in

profile loganalytics
control loganalytics.jsonl ''
"$hb" run "$playbook" -o out --config huntbook.yaml --now $sample_now --no-report >report 2>err </dev/null || { cat err; fail "run"; }
run=$(dirname "$(cat report)")
grep -q '"libcurl"' "$run/run.json" || fail "the version of libcurl is not in the record"
sent=$(grep -c '"kind":"query"' "$service/loganalytics.jsonl")
env -u AZURE_TENANT_ID -u AZURE_CLIENT_ID -u AZURE_CLIENT_SECRET "$hb" replay "$run" >said 2>talk || { cat said talk; fail "replay on the record"; }
grep -q 'results are identical' said && grep -q 'cells were taken from the record' talk || { cat said talk; fail "what was replayed"; }
taken=$(sed -n 's/.* \([0-9]*\) of [0-9]* cells were taken.*/\1/p; s/^\([0-9]*\) of [0-9]* cells were taken.*/\1/p' talk | head -1)
cells=$(grep -c '"number":' "$run/run.json")
[ "$taken" -gt 3 ] && [ "$taken" -lt "$cells" ] || { cat talk; fail "$taken of $cells cells were taken: none of the others ran"; }
[ "$(grep -c '"kind":"query"' "$service/loganalytics.jsonl")" -eq "$sent" ] || fail "the service was asked"
"$hb" replay "$run" --live --config huntbook.yaml >said 2>talk || { cat said talk; fail "replay at the service"; }
grep -q 'results are identical' said || { cat said; fail "--live"; }
[ "$(grep -c '"kind":"query"' "$service/loganalytics.jsonl")" -gt "$sent" ] || fail "--live does not ask"
# A row that was changed in the record is no evidence.
parquet=$(echo "$run"/cells/*-connections.parquet)
printf x >>"$parquet"
expect 6 'not as they were recorded' "$hb" replay "$run"
exit 0
