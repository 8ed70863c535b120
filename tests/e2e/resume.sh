#!/usr/bin/env bash
# A run killed at any moment continues to the same results: nothing finished runs again, nothing half done is kept.
# HUNTBOOK_KILLS says how many random moments are tried (make kills: 200).
. "$(dirname "$0")/lib"
kills=${HUNTBOOK_KILLS:-10}
# Kills it after so many milliseconds, and waits until it is gone: the lock on its run is what tells.
killed_after() {
    local ms=$1
    shift
    { timeout -s KILL "$((ms / 1000)).$(printf %03d $((ms % 1000)))" "$hb" "$@" >report; } 2>talk
    for run in out/*/*/; do [ ! -d "$run" ] || flock "$run" true; done
}
print_of() { sed -n 's/^  "fingerprint": "\([0-9a-f]*\)",*$/\1/p' "$1"; }

start=$(date +%s%N)
"$hb" run "$playbook" -o calm >report 2>talk || { cat talk; fail "run"; }
took=$((($(date +%s%N) - start) / 1000000))
want=$(print_of "$(dirname "$(cat report)")/run.json")
[ ${#want} -eq 64 ] || fail "no fingerprint"

resumed=0 kept=0
for i in $(seq "$kills"); do
    after=$(((RANDOM * 32768 + RANDOM) % (took * 11 / 10)))
    killed_after "$after" run "$playbook" -o out
    # Every other one is killed once more while it continues.
    [ $((i % 2)) -eq 0 ] || killed_after $((RANDOM % took)) run --resume -o out
    if [ -z "$(find out -name run.json 2>/dev/null)" ]; then
        rm -rf out
        continue
    fi
    "$hb" run --resume -o out >report 2>talk || { cat talk; fail "killed after $after ms: resume exited $?"; }
    run=$(dirname "$(cat report)")
    [ "$(print_of "$run/run.json")" = "$want" ] || { cat talk; fail "killed after $after ms: another fingerprint"; }
    "$hb" verify "$run" >said || { cat said; fail "killed after $after ms: verify"; }
    [ -s "$run/report.pdf" ] || fail "killed after $after ms: no report"
    resumed=$((resumed + 1))
    kept=$((kept + $(grep -c 'taken over' talk)))
    rm -rf out
done
echo "$resumed of $kills continued, $kept cells taken over"

# Interrupted at a known place: what had finished is taken over and not run again, what had not runs.
cat >slow.hunt.yaml <<'YAML'
huntbook: 1
id: test-case
name: slow
params:
  words: {type: list<string>, default: [a]}
  many: {type: long, default: 30000}
cells:
  - {id: c1, type: kql, query: 'T | extend w = tostring(words[0]), d = dynamic({"k":[1,2.5]}), s = 1.5h, t = now()'}
  - {id: c2, type: kql, query: 'c1 | count', finding: {when: rows > 0, title: There it is}}
  - {id: c3, type: kql, on_error: stop, query: 'union c* | count'}
  - {id: c4, type: kql, query: 'range i from 1 to 30000000 step 1 | extend k = 1 | join kind=inner (range j from 1 to many step 1 | extend k = 1) on k | summarize sum(i * j)'}
YAML
mkdir data && printf 'x\n1\n2\n' >data/T.csv
killed_at c4 events "$hb" run slow.hunt.yaml -d data -p 'words=["a, b","c"]' --progress json -o out
run=$(echo out/slow/*)
"$hb" list -o out | grep -q unfinished || { "$hb" list -o out; fail "a killed run is not listed as unfinished"; }
"$hb" verify "$run" >said && fail "a killed run verifies"
"$hb" run --resume "$run" --progress json >report 2>events-2 &
pid=$!
for _ in $(seq 600); do
    grep -q '"start","cell":"c4"' events-2 && break
    sleep 0.1
done
expect 2 'another huntbook' "$hb" run --resume "$run"
kill -INT $pid
wait $pid
for c in c1 c2 c3; do grep -q "\"end\",\"cell\":\"$c\".*\"kept\":true" events-2 || { cat events-2; fail "$c ran again"; }; done
grep -q '"end","cell":"c4".*"kept"' events-2 && fail "c4 was never finished"
grep -q 'a, b' "$run/cells/01-c1.csv" || fail "the parameter is lost"

# From another folder; a damaged result is not taken over, and what it was made into neither.
printf x >>"$run/cells/02-c2.parquet"
expect 6 'since it was sealed' "$hb" run --resume "$run"
rm "$run/SHA256SUMS"
full=$work/$run
killed_at c4 events-3 env -C / "$hb" run --resume "$full" --progress json
grep -q '"end","cell":"c1".*"kept":true' events-3 || { cat events-3; fail "c1 ran again"; }
grep -q '"end","cell":"c2".*"kept"' events-3 && fail "a damaged result was taken over"
grep -q '"end","cell":"c2","status":"ok"' events-3 || { cat events-3; fail "c2 did not run"; }
killed_at c4 events-4 "$hb" run --resume "$run" --no-cache --progress json
grep -q '"cell":"c3"' events-4 || { cat events-4; fail "--no-cache"; }
grep -q '"kept"' events-4 && fail "--no-cache takes results over"
expect 2 'from the record' "$hb" run --resume "$run" -p many=3

# Other evidence is no continuation.
printf '3\n' >>data/T.csv
expect 6 'not those of the record' "$hb" run --resume "$run"
exit 0
