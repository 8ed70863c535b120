#!/usr/bin/env bash
# Bad input: each ends in a clear error with the right exit code, and nothing is lost.
. "$(dirname "$0")/lib"

cat >ok.hunt.yaml <<'YAML'
huntbook: 1
id: test-case
name: small
params:
  n: {type: int, default: 1, min: 1, max: 5}
cells:
  - id: a
    type: kql
    query: T | where x >= n
  - id: b
    type: kql
    query: a | count
YAML
mkdir data
printf 'x,y\n1,one\n2,two\n' >data/T.csv

"$hb" run ok.hunt.yaml -d data -o out >report 2>err || { cat err; fail "the good playbook does not run"; }

# -- data --
expect 2 'No such file' "$hb" run ok.hunt.yaml -d missing -o out
expect 2 'no table file' "$hb" run ok.hunt.yaml -d ok.hunt.yaml -o out
mkdir empty
expect 2 'holds no table' "$hb" run ok.hunt.yaml -d empty -o out
mkdir d1 && : >d1/T.csv
expect 1 "'d1/T.csv' is empty" "$hb" run ok.hunt.yaml -d d1 -o out
mkdir d2 && printf 'y\none\n' >d2/T.csv
expect 2 "unknown column 'x'" "$hb" run ok.hunt.yaml -d d2 -o out
mkdir d3 && printf 'x,y\n1,one\n2\n3,three,more\n4,four\n' >d3/T.csv
expect 5 'line 3' "$hb" run ok.hunt.yaml -d d3 -o out
"$hb" run ok.hunt.yaml -d d3 -o out --allow-partial >report 2>err || { cat err; fail "--allow-partial"; }
grep -q 'left out' "$(dirname "$(cat report)")/report.html" || grep -q '2 left out' err || fail "rows left out are not said"
mkdir d4 && printf 'x,y\n1,one\nabc,two\n' >d4/T.csv
expect 2 "'>=' cannot take string and int" "$hb" run ok.hunt.yaml -d d4 -o out
mkdir d5 && { printf 'x,y\n1,'; head -c 104857600 /dev/zero | tr '\0' a; printf '\n'; } >d5/T.csv
"$hb" run ok.hunt.yaml -d d5 -o out >report 2>err
rc=$?
[ $rc -eq 5 ] || [ $rc -eq 1 ] || { cat err; fail "a line of 100 MB: exit $rc"; }
grep -q 'T.csv' err || { cat err; fail "a line of 100 MB: no word of the file"; }
rm -r d5
mkdir d6 && { printf '\001\002\377'; head -c 100000 /dev/urandom; } >d6/T.csv
expect 1 "is not a text file" "$hb" run ok.hunt.yaml -d d6 -o out
mkdir d7 && head -c 100000 /dev/urandom >d7/T.parquet
expect 1 "is not a Parquet file" "$hb" run ok.hunt.yaml -d d7 -o out
mkdir d8 && gzip -c data/T.csv | head -c 20 >d8/T.csv.gz
expect 5 "the gzip data is cut short" "$hb" run ok.hunt.yaml -d d8 -o out

# -- playbook --
expect 2 'No such file' "$hb" run missing.hunt.yaml
expect 2 'directory' "$hb" run data
bad() { # bad TEXT: the playbook on stdin must be refused with TEXT, at a line and column
    cat >bad.hunt.yaml
    expect 2 "$1" "$hb" check bad.hunt.yaml
    grep -qE '^bad\.hunt\.yaml:[0-9]+:[0-9]+: error: ' err || { cat err; fail "no place: $1"; }
}
sed 's/^    query: a | count/    qeury: a | count/' ok.hunt.yaml | bad "qeury"
grep -q "did you mean 'query'" err || fail "no suggestion"
sed 's/^name: small/name: small\nname: again/' ok.hunt.yaml | bad "duplicate key 'name', first on line 3"
sed 's/^  - id: a/\t- id: a/' ok.hunt.yaml | bad 'a tab cannot indent YAML'
sed 's/query: T | where x >= n/query: b | where x >= n/' ok.hunt.yaml | bad "reads cell 'b', which comes later"
sed 's/where x >= n/wehre x >= n/' ok.hunt.yaml | bad 'wehre'
{ echo 'huntbook: 1'; echo 'id: bomb'; echo 'name: bomb'; echo 'x-a: &a [x, x, x, x, x, x, x, x, x, x]'
  for i in b c d e f g h i j; do
      p=$(echo "$i" | tr b-j a-i); echo "x-$i: &$i [*$p, *$p, *$p, *$p, *$p, *$p, *$p, *$p, *$p, *$p]"; done
  echo 'cells: *j'; } | bad 'alias'
expect 2 "unknown parameter 'm'" "$hb" run ok.hunt.yaml -d data -p m=1
expect 2 "parameter 'n' must be at most 5, not 9" "$hb" run ok.hunt.yaml -d data -p n=9
expect 2 "takes a whole number of 32 bits, not the text 'abc'" "$hb" run ok.hunt.yaml -d data -p n=abc

# -- limits --
cat >slow.hunt.yaml <<'YAML'
huntbook: 1
id: slow
name: slow
cells:
  - id: endless
    type: kql
    timeout: 1s
    on_error: continue
    query: range i from 1 to 30000000 step 1 | extend k = 1 | join kind=inner (range j from 1 to 30000 step 1 | extend k = 1) on k | summarize sum(i * j)
  - id: after
    type: kql
    query: print x = 1
  - id: reader
    type: kql
    query: endless | count
YAML
expect 1 'timed out' "$hb" run slow.hunt.yaml -d data -o out
grep -q "reads 'endless', which failed" err || { cat err; fail "a cell that reads a failed one is not skipped"; }
"$hb" show "$(dirname "$(cat printed)")" >shown
grep -qE '^[^ ]+ +2 +after +kql +1 row' shown || { cat shown; fail "on_error: continue does not go on"; }
sed 's/    query: T | where x >= n/    max_rows: 1\n    query: T | where x >= n/' ok.hunt.yaml >many.hunt.yaml
expect 5 'max_rows = 1' "$hb" run many.hunt.yaml -d data -o out
sed 's/^  - id: b/  - id: b\n    source: other/' ok.hunt.yaml >source.hunt.yaml
expect 2 "asks for source 'other'" "$hb" run source.hunt.yaml -d data -o out

# -- output --
: >file
expect 1 "cannot make folder 'file': Not a directory" "$hb" run ok.hunt.yaml -d data -o file/x
if [ "$(id -u)" -ne 0 ]; then
    mkdir locked && chmod 500 locked
    expect 1 'locked' "$hb" run ok.hunt.yaml -d data -o locked
fi

# -- command line --
expect 2 "did you mean 'run'" "$hb" rnu
expect 2 "did you mean '--data'" "$hb" run --dta x
expect 2 'needs a value' "$hb" run ok.hunt.yaml --data
expect 2 '--now takes a time' "$hb" run ok.hunt.yaml -d data --now yesterday
expect 2 'no run folder' "$hb" render nowhere
exit 0
