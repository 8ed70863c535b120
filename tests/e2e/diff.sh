#!/usr/bin/env bash
# Two runs compared: rows new, gone and changed by key, findings, parameters, sources, playbook text.
. "$(dirname "$0")/lib"

mkdir old new
cat >old/T.csv <<'CSV'
Name,Count,Note
a,1,same
b,2,same
c,3,"=first"
d,4,same
d,4,same
CSV
cat >new/T.csv <<'CSV'
Name,Count,Note
d,4,same
a,1,same
c,3,"=second"
e,5,same
CSV
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
    query: T | where Count > 4
    on_empty: run
    finding: {when: rows > 0, severity: high, title: Something is loud}
  - id: typed
    type: kql
    query: |
      print t = datetime(2026-01-15 01:02:03.4567891), s = time(1.02:03:04.5), d = dynamic({"a":[1,2.50]}), g = guid(74be27de-1e4e-49d9-b579-fe0b331d3642), r = 0.1, b = true, m = decimal(1.20), n = real(null)
YAML
run() { "$hb" run x.hunt.yaml --now 2026-01-15T00:00:00Z -o out --no-report "$@" 2>talk >report || { cat talk; fail "run"; }; dirname "$(cat report)"; }
a=$(run -d old) || exit 1
b=$(run -d new -p least=0) || exit 1
again=$(run -d old)

"$hb" diff "$a" "$again" >said || fail "diff"
grep -qx 'results are identical' said || { cat said; fail "equal runs differ"; }
[ "$(wc -l <said)" -eq 1 ] || { cat said; fail "equal runs have differences"; }

"$hb" diff "$a" "$b" >said || fail "diff"
grep -q '2 new, 3 gone, 0 changed rows' said || { cat said; fail "rows"; }
grep -q 'parameters *least: 1 -> 0' said || { cat said; fail "parameters"; }
grep -q 'sources *T: 5 rows.* -> 4 rows' said || { cat said; fail "sources"; }
grep -q 'findings *appeared (high) in loud: Something is loud' said || { cat said; fail "findings"; }
grep -q 'typed' said && { cat said; fail "a cell with the same result is told"; }
"$hb" diff "$b" "$a" | grep -q 'closed (high) in loud' || fail "a closed finding"

"$hb" diff "$a" "$b" --key Name >said || fail "diff --key"
grep -q '1 new, 2 gone, 1 changed rows' said || { cat said; fail "rows by key"; }
grep -A1 'before *|* *c' said | grep -q 'after' || { cat said; fail "before and after"; }
"$hb" diff "$a" "$b" --key Name,Count --format json >said || fail "JSON"
grep -q '"id":"all","change":"changed".*"new_rows":1,"gone_rows":2,"changed_rows":1' said || { cat said; fail "JSON counts"; }
grep -q '"params":\[{"name":"least","old":"1","new":"0"}\]' said || { cat said; fail "JSON parameters"; }
grep -q '\["before","c",3,"=first"\],\["after","c",3,"=second"\]' said || { cat said; fail "JSON rows"; }
expect 2 "has a column 'Nmae'" "$hb" diff "$a" "$b" --key Nmae

# Playbook text: lines; a cell that is new, one that is gone; a changed query is told even with the same result.
sed -e 's/T | where Count > 4/T | where Count >= 5/' -e 's/id: typed/id: other/' -i x.hunt.yaml
c=$(run -d old)
"$hb" diff "$a" "$c" >said || fail "diff"
grep -q '^  -.*Count > 4' said && grep -q '^  +.*Count >= 5' said || { cat said; fail "playbook lines"; }
grep -q '^other: new' said && grep -q '^typed: gone' said || { cat said; fail "new and gone cells"; }
grep -A1 '^loud: same' said | grep -q 'query' || { cat said; fail "a changed query"; }

# What was changed since is not compared.
printf x >>"$b/cells/01-all.parquet"
expect 6 'not as it was recorded' "$hb" diff "$a" "$b"
exit 0
