#!/usr/bin/env bash
# Runs at once, into one output folder and in the same second, never mix: each is whole, verifies, and has its own results.
. "$(dirname "$0")/lib"

cat >x.hunt.yaml <<'YAML'
huntbook: 1
id: test-case
name: x
params:
  which: {type: long}
cells:
  - {id: mine, type: kql, query: 'range i from 1 to 2000 step 1 | extend w = which, s = strcat(which, "-", i)'}
  - {id: sums, type: kql, query: 'mine | summarize n = count(), lo = min(w), hi = max(w)'}
  - {id: again, type: kql, query: 'mine | where i % 7 == 0'}
YAML
mkdir data && printf 'x\n1\n' >data/T.csv
print_of() { sed -n 's/^  "fingerprint": "\([0-9a-f]*\)",*$/\1/p' "$1/run.json"; }
alone() { dirname "$("$hb" run x.hunt.yaml -d data -p which="$1" --now 2026-01-15T00:00:00Z --no-report -o alone 2>/dev/null)"; }
want1=$(print_of "$(alone 1)") want2=$(print_of "$(alone 2)")
[ ${#want1} -eq 64 ] && [ "$want1" != "$want2" ] || fail "fingerprints alone"

# Twice three pairs: without, and with results of each other's earlier runs to take over.
for round in 1 2 3 4 5 6; do
    option=$([ "$round" -gt 3 ] || echo --no-cache)
    for which in 1 2; do
        # shellcheck disable=SC2086 # an option or nothing
        "$hb" run x.hunt.yaml -d data -p which=$which --now 2026-01-15T00:00:00Z $option -o out >"report-$which" 2>"talk-$which" &
    done
    wait
    for which in 1 2; do
        run=$(dirname "$(cat "report-$which")")
        [ -s "$run/report.pdf" ] || { cat "talk-$which"; fail "round $round: run $which is not whole"; }
        "$hb" verify "$run" >said || { cat said; fail "round $round: verify of run $which"; }
        want=want$which
        [ "$(print_of "$run")" = "${!want}" ] || fail "round $round: run $which has other results"
        [ "$(cut -d, -f2 "$run/cells/01-mine.csv" | sort -u | tr '\n' ' ')" = "$which w " ] || fail "round $round: rows of both in run $which"
        [ "$("$hb" verify "$run" | grep -o '[0-9]* files')" = "$("$hb" verify alone/x/* 2>/dev/null | head -n 1 | grep -o '[0-9]* files' | awk '{ print $1 + 2, $2 }')" ] ||
            fail "round $round: other files than those of a run"
    done
    [ "$(cat report-1)" != "$(cat report-2)" ] || fail "round $round: one folder for both"
done
[ "$(find out -mindepth 2 -maxdepth 2 | wc -l)" -eq 12 ] || fail "other folders than those of the runs"

# One run is written by one process.
run=$(dirname "$(cat report-1)")
"$hb" render "$run" >/dev/null 2>&1 &
flock "$run" bash -c '
    "$1" note "$2" mine --text x >/dev/null 2>err && exit 1
    grep -q "another huntbook" err' _ "$hb" "$run" || { cat err; fail "two write into one run"; }
wait
exit 0
