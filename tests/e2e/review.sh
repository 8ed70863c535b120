#!/usr/bin/env bash
# review: true: the run waits, rows are struck with who and why, and it goes on without them; nothing that was found is lost.
. "$(dirname "$0")/lib"

mkdir data
printf 'Name,Count\na,1\nb,2\n"<b>c</b>",3\nd,4\ne,5\n' >data/T.csv
cat >x.hunt.yaml <<'YAML'
huntbook: 1
id: test-case
name: x
cells:
  - {id: before, type: kql, query: T | count}
  - {id: suspects, type: kql, query: T, review: true, finding: {when: rows > 4, title: Many}}
  - {id: pivot, type: kql, query: suspects | summarize n = count() by Name}
  - {id: other, type: kql, query: T | where Count > 3}
  - {id: told, type: markdown, text: '${{ toscalar(suspects | count) }} suspects are left of ${{ cells.suspects.rows }}'}
YAML
now=2026-01-15T00:00:00Z
print_of() { sed -n 's/^  "fingerprint": "\([0-9a-f]*\)",*$/\1/p' "$1/run.json"; }

"$hb" run x.hunt.yaml -d data -o out --now $now >report 2>talk
[ $? -eq 7 ] || { cat talk; fail "a run that waits exits otherwise than with 7"; }
grep -q 'huntbook strike' talk || { cat talk; fail "it does not say what to do"; }
run=$(dirname "$(cat report)")
"$hb" list -o out --status review | grep -q "$(basename "$run")" || fail "list"
"$hb" verify "$run" >said || { cat said; fail "verify while it waits"; }
[ -s "$run/cells/02-suspects.csv" ] && [ ! -e "$run/cells/03-pivot.csv" ] || fail "it did not stop there"
grep -q 'waits for a review' "$run/report.html" && grep -q 'Nobody has' "$run/report.html" || fail "the report does not say that it waits"
expect 7 'to be looked at' "$hb" run --resume "$run"

# What cannot be struck, and why not.
expect 2 'give one of' "$hb" strike "$run" suspects --reason x
expect 2 'give --reason' "$hb" strike "$run" suspects --row 1
expect 2 'from 1 to 5' "$hb" strike "$run" suspects --row 2-6 --reason x
expect 2 'from 1 to 5' "$hb" strike "$run" suspects --row 0 --reason x
expect 2 "'Nmae'" "$hb" strike "$run" suspects --where 'Nmae == 1' --reason x
expect 2 'no row' "$hb" strike "$run" suspects --where 'Count > 99' --reason x
expect 2 'while a run waits' "$hb" strike "$run" before --row 1 --reason x
expect 2 'no cell' "$hb" strike "$run" nothing --row 1 --reason x
"$hb" verify "$run" >said || { cat said; fail "a refused strike changed the run"; }

expect 0 '1 row struck' "$hb" strike "$run" suspects --row 1 --reason 'our <i>scanner</i>' --author ann
expect 0 '2 rows struck' "$hb" strike "$run" suspects --where 'Name startswith "<" or Count == 5' --reason 'known' --author bob
"$hb" verify "$run" >said || { cat said; fail "verify after a strike"; }
"$hb" run --resume "$run" >report 2>talk || { cat talk; fail "resume"; }
grep -q 'before .*taken over' talk && grep -q 'suspects .*taken over' talk || { cat talk; fail "finished cells ran again"; }
[ "$(tail -n +2 "$run/cells/03-pivot.csv" | cut -d, -f1 | tr '\n' ' ')" = 'b d ' ] || { cat "$run/cells/03-pivot.csv"; fail "the pivot reads struck rows"; }
[ "$(wc -l <"$run/cells/02-suspects.csv")" -eq 6 ] || fail "what was found is lost"
[ "$(wc -l <"$run/cells/04-other.csv")" -eq 3 ] || fail "a cell that does not read them is touched"
for want in 'ann' 'struck 1 row, number 1, so that' 'our &lt;i&gt;scanner' 'numbers 3,5' '2 suspects are left of 5' 'Rows struck'; do
    sed 's/<[^>]*>//g' "$run/report.html" | grep -q "$want" || fail "the report does not say: $want"
done
! grep -q '<i>scanner' "$run/report.html" || fail "a reason is live HTML"
"$hb" verify "$run" >said || { cat said; fail "verify at the end"; }
expect 2 'while a run waits' "$hb" strike "$run" suspects --row 2 --reason late
cp -r "$run" copy && "$hb" render copy >/dev/null && cmp "$run/report.pdf" copy/report.pdf || fail "render"
"$hb" replay "$run" >said 2>err || { cat said err; fail "replay strikes otherwise"; }

# The same rows by other words: the same results. Other rows: other results.
again() {
    "$hb" run x.hunt.yaml -d data -o out --now $now >report 2>talk
    [ $? -eq 7 ] || { cat talk >&2; fail "an earlier review was taken for one of this run"; }
    local r
    r=$(dirname "$(cat report)")
    "$hb" strike "$r" suspects "$@" --reason x >/dev/null 2>&1 || fail "strike $*"
    "$hb" run --resume "$r" >/dev/null 2>talk || { cat talk >&2; fail "resume"; }
    echo "$r"
}
same=$(again --row 3,1,5) && other=$(again --row 2) && none=$(again --none) || exit 1
[ "$(print_of "$same")" = "$(print_of "$run")" ] || fail "the same rows struck, another fingerprint"
[ "$(print_of "$other")" != "$(print_of "$run")" ] || fail "the fingerprint does not see which rows were struck"
grep -q 'looked at all rows' "$none/report.html" || fail "a review that strikes nothing"
"$hb" run x.hunt.yaml -d data -o out --now $now --skip-review >report 2>talk || { cat talk; fail "--skip-review"; }
skipped=$(dirname "$(cat report)")
grep -q 'nobody looked at its rows' "$skipped/report.html" || fail "the report does not say that nobody looked"
[ "$(print_of "$skipped")" = "$(print_of "$none")" ] || fail "no rows struck, another fingerprint"
"$hb" replay "$skipped" >said 2>err || { cat said err; fail "a replay waits where the run went on"; }

# Rows that are other ones now are to be looked at again.
sed -i 's/    *query: T, review/ query: T, review/; s/query: T | count/query: T | take 2 | count/' x.hunt.yaml
"$hb" run x.hunt.yaml -d data -o out --now $now >report 2>talk
w=$(dirname "$(cat report)")
"$hb" strike "$w" suspects --row 1 --reason x >/dev/null 2>&1 || fail "strike"
rm "$w/SHA256SUMS" && printf x >>"$w/cells/02-suspects.csv"
"$hb" run --resume "$w" >/dev/null 2>talk || { cat talk; fail "the same rows, computed again, are to be looked at again"; }

# A condition with a remark at its end; what is more than an expression stays outside.
"$hb" run x.hunt.yaml -d data -o out --now $now >report 2>talk
w=$(dirname "$(cat report)")
expect 2 '--where' "$hb" strike "$w" suspects --where 'Count == 1) | take 0 | project x = (true' --reason x
expect 2 '--where' "$hb" strike "$w" suspects --where 'Count == 1, y = true' --reason x
expect 0 '1 row struck' "$hb" strike "$w" suspects --where 'Count == 2 // known' --reason x

# A strike that is stopped after it is in the record: the run goes on from there.
rm "$w/report.html" && mkdir "$w/report.html"
"$hb" strike "$w" suspects --row 1 --reason halfway >/dev/null 2>talk && fail "a report was written over a folder"
rmdir "$w/report.html"
grep -q halfway "$w/run.json" || fail "it was stopped too early to show anything"
"$hb" render "$w" --format md >/dev/null 2>&1 || fail "render"
expect 0 '1 row struck' "$hb" strike "$w" suspects --row 3 --reason 'third row'
grep -q 'third row' "$w/report.md" || fail "report.md lacks a strike"
"$hb" verify "$w" >said || { cat said; fail "verify after a strike that was stopped"; }
"$hb" run --resume "$w" >report 2>talk || { cat talk; fail "resume after a strike that was stopped"; }
[ "$(tail -n +2 "$w/cells/03-pivot.csv" | cut -d, -f1 | tr '\n' ' ')" = 'd e ' ] || { cat "$w/cells/03-pivot.csv"; fail "not three rows are struck"; }
[ ! -e "$w/report.md" ] || fail "a report of the run as it waited stands beside those of its end"

# Rows in another order: a number means another row, so nothing is struck until somebody looks again.
cp -r data turned && { head -1 data/T.csv; tail -n +2 data/T.csv | tac; } >turned/T.csv
"$hb" run x.hunt.yaml -d data -o out --now $now >report 2>/dev/null
w=$(dirname "$(cat report)")
"$hb" strike "$w" suspects --row 1 --reason x >/dev/null 2>&1 && "$hb" run --resume "$w" >/dev/null 2>&1 || fail "strike"
"$hb" replay "$w" --live --data data >said 2>err || { cat said err; fail "the same rows in the same order are not struck again"; }
"$hb" replay "$w" --live --data turned --keep live >said 2>err
[ $? -eq 6 ] && grep -q '^pivot: .*not-run' said || { cat said err; fail "rows in another order do not wait for a look"; }
live=$(dirname "$(find live -name run.json)")
cmp -s "$w/cells/02-suspects.csv" "$live/cells/02-suspects.csv" && fail "the rows are in the same order"
! grep -q '"strikes"' "$live/run.json" || fail "another row is struck"

# A cell that failed before: the run waits all the same, goes on after that, and has failed in the end.
sed 's/{id: before, type: kql, query: T . take 2 . count}/{id: before, type: kql, query: "T | extend x = toint(Name) | take 2 | count", on_error: continue, expect: [{that: "rows > 5", severity: fail}]}/' x.hunt.yaml >f.hunt.yaml
cmp -s x.hunt.yaml f.hunt.yaml && fail "the edit does nothing"
"$hb" run f.hunt.yaml -d data -o out --now $now >report 2>talk
[ $? -eq 7 ] || { cat talk; fail "a run with a failed cell does not wait"; }
w=$(dirname "$(cat report)")
expect 0 '1 row struck' "$hb" strike "$w" suspects --row 1 --reason x
"$hb" run --resume "$w" >report 2>talk && { cat talk; fail "the failed cell is forgotten"; }
grep -q '"status": "failed"' "$w/run.json" && [ -s "$w/cells/03-pivot.csv" ] || { cat talk; fail "it does not go on after the review"; }

# While it waits, it is not compared with anything.
"$hb" run x.hunt.yaml -d data -o out --now $now --since "$run" >report 2>talk
w=$(dirname "$(cat report)")
! grep -q '"run_id": "'"$(basename "$run")" "$w/run.json" || fail "half a run is compared"
"$hb" strike "$w" suspects --row 1 --reason x >/dev/null 2>&1 && "$hb" run --resume "$w" >/dev/null 2>talk || { cat talk; fail "resume"; }
grep -q '"run_id": "'"$(basename "$run")" "$w/run.json" || fail "a run is not compared once it is done"

sed -i 's/type: markdown,/type: markdown, review: true,/' x.hunt.yaml
expect 2 'has no rows to review' "$hb" check x.hunt.yaml
exit 0
