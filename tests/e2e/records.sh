#!/usr/bin/env bash
# Records of every version stay readable, verifiable and comparable; what is written follows docs/run.schema.json.
. "$(dirname "$0")/lib"
records=$root/tests/records

for v in v1 v2; do
    mkdir -p out/small && cp -r "$records/$v" "out/small/2026011${v#v}T000000Z-$v"
    run=out/small/2026011${v#v}T000000Z-$v
    "$hb" verify "$run" >said || { cat said; fail "verify $v"; }
    grep -q 'analyst: ssh-ed25519 .*not checked' said || { cat said; fail "the signature of $v"; }
    "$hb" show "$run" >said || fail "show $v"
    grep -q 'Something counts' said || { cat said; fail "show $v lacks the finding"; }
    "$hb" show "$run" many -f csv | grep -q 'b,2' || fail "show a cell of $v"
    "$hb" render "$run" >/dev/null 2>talk || { cat talk; fail "render $v"; }
    grep -q 'It is so.' "$run/report.html" || fail "the report of $v lacks the note"
    "$hb" verify "$run" >said || { cat said; fail "verify $v after render"; }
    grep -q 'before the reports were made' said || { cat said; fail "what the signature of $v covers"; }
    "$hb" note "$run" end --verdict refuted --text 'It is not so.' --author Bob >/dev/null 2>talk || { cat talk; fail "note on $v"; }
    "$hb" verify "$run" >said && grep -q 'before 1 note' said || { cat said; fail "verify $v after a note"; }
    "$hb" replay "$run" -d "$records/data" >said 2>talk || { cat said talk; fail "replay $v"; }
done
"$hb" diff out/small/*v1 out/small/*v2 >said || fail "diff"
grep -q 'results are identical' said || { cat said; fail "versions are not compared by one rule"; }
[ "$("$hb" list -o out -f csv | wc -l)" -eq 3 ] || fail "list"
sed -i 's/"huntbook_record": 2/"huntbook_record": 99/' out/small/*v2/run.json
expect 2 'use a newer huntbook' "$hb" show out/small/*v2

# The latest run, wherever a command takes one.
cp -r "$records/v2" out/small/20990101T000000Z-latest
for command in "show latest" "show small/latest many" "verify latest" "render latest" "note latest --list" "diff latest small/latest" \
    "replay latest -d $records/data" "run --resume latest" "sign latest --key key" "verify 20990101"; do
    ssh-keygen -q -t ed25519 -N '' -C '' -f key </dev/null >/dev/null 2>&1 || install -m 600 "$root/tests/sign/ed25519" key
    # shellcheck disable=SC2086 # words
    "$hb" $command -o out >said 2>talk || { cat said talk; [ "${command%% *}" = sign ] && grep -q 'signed as' talk || fail "$command"; }
done

have python3 || skip "the schema: python3 is not installed"
check() { python3 "$records/schema.py" "$root/docs/run.schema.json" "$@"; }
"$hb" run "$playbook" -o demo --no-report >/dev/null 2>&1 || fail "the demo"
cat >fails.hunt.yaml <<'YAML'
huntbook: 1
id: test-case
name: "x\u202e"
params: {words: {type: list<string>, default: ["a, b"]}, when_: {type: datetime, default: "2026-01-01"}}
cells:
  - {id: wide, type: kql, query: 'print a = 9223372036854775807, b = real(nan), c = datetime(null), d = dynamic({"x":1}), e = 1d, f = words'}
  - {id: fails, type: kql, query: 'wide | where assert(false, "no")', on_error: continue}
  - {id: judged, type: kql, query: wide, expect: [{that: rows > 5, severity: warn, message: few}], finding: {when: rows > 5, severity: low, title: none}}
  - {id: skipped, type: kql, query: fails}
  - {id: final, type: kql, query: wide, expect: [{that: rows > 5, severity: fail, message: few}]}
YAML

"$hb" run fails.hunt.yaml -d "$records/data" -o failed --no-report >/dev/null 2>talk
grep -q '"status": "failed"' failed/*/*/run.json || { cat talk; fail "it does not fail"; }
"$hb" run fails.hunt.yaml -d "$records/data" -o failed --no-report --since latest >/dev/null 2>talk
check "$records"/v*/run.json demo/*/*/run.json failed/*/*/run.json out/small/*v1/run.json || fail "a record does not follow the schema"
run=$(echo demo/*/*/run.json)
for edit in 's/"status": "ok"/"status": "fine"/' 's/"run_id":/"runid":/' 's/"now": "2026-01-15T/"now": "2026-01-15 /' 's/"number": 3/"number": "3"/' \
    's/"huntbook_record": 3/"huntbook_record": 4/' 's/"open": true/"open": 1/'; do
    sed "$edit" "$run" >edited.json
    cmp -s edited.json "$run" && fail "nothing to edit: $edit"
    check edited.json >/dev/null && fail "the schema takes $edit"
done
exit 0
