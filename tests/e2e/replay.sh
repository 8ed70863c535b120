#!/usr/bin/env bash
# A record run again on its evidence gives the same results; other evidence is refused, and --live says which rows differ.
. "$(dirname "$0")/lib"

"$hb" run "$playbook" -o out -p contamination=0.02 --no-report >report 2>talk || { cat talk; fail "run"; }
run=$(dirname "$(cat report)")
TZ=Asia/Kathmandu "$hb" replay "$run" --threads 1 >said 2>talk || { cat said talk; fail "the demo does not replay"; }
grep -q 'results are identical' said || { cat said; fail "it does not say so"; }
"$hb" verify "$run" >said || { cat said; fail "a replay changes the run"; }

mkdir data && printf 'Name,Count\na,1\nb,2\n' >data/T.csv
cat >x.hunt.yaml <<'YAML'
huntbook: 1
id: test-case
name: x
params:
  words: {type: list<string>, default: [z]}
  at: {type: datetime, default: "2026-01-01T00:00:00Z"}
  span: {type: timespan, default: 1d}
  share: {type: real, default: 0.5}
  text: {type: string, default: x}
cells:
  - {id: all, type: kql, query: 'T | extend now(), words, at, span, share, text, word = tostring(words[0])'}
  - {id: few, type: kql, query: 'all | where Count > 1', on_empty: run}
YAML
"$hb" run x.hunt.yaml -d data -o out --no-report -p 'words=["a, b","c"]' -p at=2026-01-02T03:04:05.0000001Z -p span=36h -p share=0.1 \
    -p 'text=a=b "c"' >report 2>talk || { cat talk; fail "run"; }
run=$work/$(dirname "$(cat report)")
rm x.hunt.yaml
(cd / && "$hb" replay "$run" >"$work/said" 2>"$work/talk") || { cat said talk; fail "replay from another folder"; }
mv data elsewhere
# The files are gone: what was read of them is in the record, the rest runs again.
"$hb" replay "$run" --keep recorded >said 2>talk || { cat said talk; fail "replay on recorded rows"; }
grep -q 'results are identical' said && grep -q '1 of 2 cells were taken from the record' talk || { cat said talk; fail "what was taken"; }
"$hb" verify -o recorded latest >/dev/null || fail "--keep of recorded rows"
cp -r "$run" tampered && sed -i 's/b,2/b,9/' tampered/cells/01-all.csv
expect 6 'not as they were recorded' "$hb" replay tampered
expect 2 'cannot open data' "$hb" replay "$run" --live
"$hb" replay "$run" -d elsewhere --keep kept >said 2>talk || { cat said talk; fail "--data"; }
"$hb" verify -o kept latest >/dev/null || fail "--keep"

printf 'c,3\n' >>elsewhere/T.csv
expect 6 'not those of the record' "$hb" replay "$run" -d elsewhere
"$hb" replay "$run" -d elsewhere --live >said 2>talk
[ $? -eq 6 ] || { cat said talk; fail "--live on other data"; }
grep -q '^all: changed' said && grep -q '1 new, 0 gone' said && grep -q '^new  *c  *3' said || { cat said; fail "which rows differ"; }
# By key, a row of another value is one that changed.
printf 'Name,Count\na,1\nb,7\n' >elsewhere/T.csv
"$hb" replay "$run" -d elsewhere --live --key Name >said 2>talk
[ $? -eq 6 ] && grep -q '0 new, 0 gone, 1 changed' said || { cat said talk; fail "--key"; }
expect 2 'Nmae' "$hb" replay "$run" -d elsewhere --live --key Nmae
printf 'Name,Count\na,1\nb,2\n' >elsewhere/T.csv
sed -i 's/Count > 1/Count > 0/' "$run/playbook.hunt.yaml"
expect 6 'not the playbook of the record' "$hb" replay "$run" -d elsewhere
exit 0
