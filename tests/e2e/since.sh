#!/usr/bin/env bash
# run --since: what changed since another run stands in the report, and render makes it again from the record alone.
. "$(dirname "$0")/lib"

mkdir old new
{
    echo 'Name,Count,Note'
    for i in $(seq 100); do echo "n$i,$i,same"; done
    printf 'x,7,"<script>alert(1)</script>"\n'
} >old/T.csv
{
    echo 'Name,Count,Note'
    for i in $(seq 100); do echo "n$i,$i,other"; done
    printf 'y,7,"</script><img src=x onerror=alert(2)>\xe2\x80\xae"\n'
} >new/T.csv
cat >x.hunt.yaml <<'YAML'
huntbook: 1
id: test-case
name: x
params:
  least: {type: long, default: 1}
cells:
  - id: all
    type: kql
    query: T | where Count >= least
  - id: loud
    type: kql
    query: T | where Name == 'y'
    finding: {when: rows > 0, severity: high, title: "<b>loud</b>"}
  - id: calm
    type: kql
    query: T | count
YAML
run() { "$hb" run x.hunt.yaml --now 2026-01-15T00:00:00Z -o out "$@" 2>talk >report || { cat talk; fail "run $*"; }; dirname "$(cat report)"; }
a=$(run -d old) || exit 1
! grep -q 'Since last time' "$a/report.html" || fail "a report nobody asked to compare has the section"
b=$(run -d new -p least=0 --since latest --key Name) || exit 1
grep -q 'Since last time' "$b/report.html" || fail "no section in the report"
for want in 'Compared with run' "$(basename "$a")" 'appeared' 'Changed parameters, sources and tools' 'The text of the playbook is the same' \
    'An excerpt, at most 20 rows of each kind: 1 rows are new, 1 gone, 100 changed'; do
    grep -q "$want" "$b/report.html" || fail "the report does not say: $want"
done
grep -q '<bdi>least</bdi></td><td class="c"><bdi>1</bdi></td><td class="c"><bdi>0</bdi>' "$b/report.html" ||
    { grep least "$b/report.html"; fail "the report does not say which parameter changed"; }
! grep -qE '<script>alert|<img src=x|<b>loud' "$b/report.html" || fail "HTML of the data is live in the report"
! grep -q $'\xe2\x80\xae' "$b/report.html" || fail "a raw bidi control in HTML"
if have pdftotext; then
    pdftotext "$b/report.pdf" text
    grep -q 'Since last time' text && grep -q '1 gone, 100 changed' text || fail "not in the PDF"
fi
"$hb" verify "$b" >said || { cat said; fail "verify"; }

# From the record alone: the other run is gone, the bytes are the same.
mkdir elsewhere && cp -r "$b" elsewhere/copy && cp -r "$a" kept-run
rm -r "$a" elsewhere/copy/report.*
(cd elsewhere && "$hb" render copy >/dev/null) || fail "render"
cmp "$b/report.html" elsewhere/copy/report.html && cmp "$b/report.pdf" elsewhere/copy/report.pdf || fail "rendered otherwise"

# The comparison is no result: the fingerprint is that of the same run without it.
print_of() { sed -n 's/^  "fingerprint": "\([0-9a-f]*\)",*$/\1/p' "$1/run.json"; }
c=$(run -d new -p least=0)
[ "$(print_of "$b")" = "$(print_of "$c")" ] || fail "the comparison changed the fingerprint"
"$hb" diff kept-run "$b" --json --key Name | grep -q '"changed_rows":100' || fail "diff --json"

# Equal runs; another playbook text; a step that is skipped now says that nobody looked.
d=$(run -d new -p least=0 --since "$c")
grep -q 'The results are identical' "$d/report.html" || fail "identical runs"
sed -i -e 's/    finding/    when: "false"\n    finding/' x.hunt.yaml
e=$(run -d new -p least=0 --since "$(basename "$c")")
grep -q 'not looked at' "$e/report.html" || fail "a finding whose step was skipped counts as closed"
grep -q 'Changed lines of the playbook' "$e/report.html" || fail "changed lines"

# Said early, or at the end without the run being lost.
expect 2 'has a column' "$hb" run x.hunt.yaml -d new -o out --since latest --key Nmae
expect 2 'no run' "$hb" run x.hunt.yaml -d new -o other --since latest
expect 2 'goes with --since' "$hb" run x.hunt.yaml -d new -o out --key Name
printf x >>"$c/cells/01-all.parquet"
expect 6 'not compared' "$hb" run x.hunt.yaml -d old --now 2026-01-15T00:00:00Z -o out --since "$c"
"$hb" list -o out | tail -n 1 | grep -q completed || fail "the run is lost with the comparison"
f=$(dirname "$(cat printed)")
grep -q 'Not compared' "$f/report.html" || fail "the report does not say that it was not compared"

# A run stopped before the comparison makes it when it is continued.
cat >slow.hunt.yaml <<'YAML'
huntbook: 1
id: test-slow
name: slow
params:
  many: {type: long, default: 1}
cells:
  - {id: c1, type: kql, query: print a = 1}
  - {id: c2, type: kql, query: 'range i from 1 to 10000000 step 1 | extend k = 1 | join kind=inner (range j from 1 to many step 1 | extend k = 1) on k | summarize sum(i * j)'}
YAML
"$hb" run slow.hunt.yaml -d new -o out >report 2>talk || { cat talk; fail "run"; }
killed_at c2 events "$hb" run slow.hunt.yaml -d new -o out -p many=20 --since latest --progress json
(mkdir -p there && cd there && "$hb" run --resume -o ../out >report 2>talk) || { cat there/talk; fail "resume"; }
grep -q 'Compared with run' there/"$(cat there/report)" || fail "the resumed run was not compared"
exit 0
