#!/usr/bin/env bash
# A full disk: a clear error, exit 1, and every cell that had finished is whole on disk.
. "$(dirname "$0")/lib"
have unshare && unshare -m true 2>/dev/null || skip "no mount namespaces here: a full disk cannot be made"

cat >grow.hunt.yaml <<'YAML'
huntbook: 1
id: test-case
name: grow
cells:
  - id: small
    type: kql
    query: range i from 1 to 1000 step 1
  - id: large
    type: kql
    max_rows: 3000000
    query: range i from 1 to 2000000 step 1 | extend s = hash_sha256(tostring(i))
YAML
mkdir data disk && printf 'x\n1\n' >data/T.csv
unshare -m bash -c '
    mount -t tmpfs -o size=8m none disk || exit 77
    "$1" run grow.hunt.yaml -d data -o disk/out >report 2>err
    echo $? >rc
    cp -r disk/out kept' _ "$hb" || skip "no tmpfs here"
[ "$(cat rc)" -eq 1 ] || { cat err; fail "exit $(cat rc)"; }
grep -qiE 'no space|space left|disk' err || { cat err; fail "the full disk is not named"; }
run=$(echo kept/grow/*)
[ -s "$run/cells/01-small.parquet" ] && [ -s "$run/cells/01-small.csv" ] || fail "the finished cell is lost"
[ "$(wc -l <"$run/cells/01-small.csv")" -eq 1001 ] || fail "the finished cell is not whole"
"$hb" show "$run" small >shown || fail "the record cannot be read"
exit 0
