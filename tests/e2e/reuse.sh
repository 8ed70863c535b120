#!/usr/bin/env bash
# Unchanged cells are not run again: what an earlier run has with the same key is taken over, whole and recorded so; plan says which.
. "$(dirname "$0")/lib"

mkdir data
printf 'Name,Count,At\na,1,2026-01-14T00:00:00Z\nb,=2,2026-01-10T00:00:00Z\nc,3,2025-12-01T00:00:00Z\n' >data/T.csv
printf 'Name,Owner\na,ann\nb,bob\n' >data/U.csv
cat >x.hunt.yaml <<'YAML'
huntbook: 1
id: test-case
name: x
entityMappings:
  - {entityType: Host, fieldMappings: [{identifier: FullName, columnName: Name}]}
params:
  least: {type: string, default: a}
  other: {type: long, default: 1}
cells:
  - {id: base, type: kql, query: 'T | where strcmp(Name, least) >= 0', finding: {when: rows > 1, title: Many}}
  - {id: lately, type: kql, query: 'let random_state = 7d; T | where At > ago(random_state)'}
  - {id: owned, type: kql, query: 'base | join kind=inner U on Name | project Name, Owner'}
  - {id: bars, type: chart, query: 'base | summarize n = count() by Name', chart: {kind: bar, x: Name, y: n}}
  - {id: told, type: markdown, text: '${{ toscalar(owned | count) }} owned at ${{ run.now }}, ${{ other }}'}
  - {id: dice, type: kql, query: print r = rand ()}
  - {id: many, type: kql, query: 'range i from 1 to 3000 step 1 | extend s = strcat("=", i)'}
YAML
now=2026-01-15T00:00:00Z
run() { "$hb" run x.hunt.yaml -d data -o out "$@" 2>talk >report || { cat talk >&2; fail "run $*"; }; dirname "$(cat report)"; }
reused() { sed -n '/\[ *[0-9]*\/[0-9]*\] .* taken over/s/.*\] \([a-z]*\) .*/\1/p' talk | tr '\n' ' '; }
expect_reused() { [ "$(reused)" = "$1" ] || { cat talk; fail "taken over: '$(reused)', not '$1'"; }; }
print_of() { sed -n 's/^  "fingerprint": "\([0-9a-f]*\)",*$/\1/p' "$1/run.json"; }
# The record without what may differ: names and times of the run, and where a cell ran.
same_record() {
    for r in "$1" "$2"; do
        sed -E -e '/^ *"(run_id|started|ended|duration_us|command_line|reused_run|reused_sha256)":/d' -e '/^      "sha256":/d' -e 's/,$//' "$r/run.json" |
            sed -E -e "s/$(basename "$r")/RUN/g"
    done >both
    head -n $(($(wc -l <both) / 2)) both >one
    tail -n +$(($(wc -l <both) / 2 + 1)) both >other
    cmp one other || { diff one other | head -20; fail "$3"; }
}

"$hb" plan x.hunt.yaml -d data -o out --now $now >said || fail "plan"
grep -q 'there is no earlier run' said || { cat said; fail "plan of a first run"; }
sed -i '/id: dice/d' x.hunt.yaml
a=$(run --now $now) || exit 1
expect_reused ''
b=$(run --now $now) || exit 1
expect_reused 'base lately owned bars many '
grep -q '5 of 6 cells taken over' talk || { cat talk; fail "the sum is not told"; }
c=$(run --now $now --no-cache) || exit 1
expect_reused ''
same_record "$b" "$c" "a cell that was taken over is not what it would have been"
[ "$(print_of "$b")" = "$(print_of "$c")" ] || fail "another fingerprint"
"$hb" verify "$b" >said || { cat said; fail "verify"; }
grep -q "\"reused_run\": \"$(basename "$a")\"" "$b/run.json" || fail "the record does not say where it ran"
grep -q "\"reused_sha256\": \"$(sha256sum "$a/run.json" | cut -c 1-64)\"" "$b/run.json" || fail "nor with which hash"
grep -q "taken over from run" "$b/report.html" || fail "the report does not say it"
rm -r "$b/report.html" && "$hb" render "$b" >/dev/null || fail "render"

# A parameter, the clock, a file: only what depends on it runs.
run --now $now -p other=2 >/dev/null
expect_reused 'base lately owned bars many '
run --now 2026-01-16T00:00:00Z >/dev/null
expect_reused 'base owned bars many '
run --now $now -p least=b >/dev/null
expect_reused 'lately many '
"$hb" plan x.hunt.yaml -d data -o out --now $now -p least=c >said || fail "plan"
grep -A1 ' base' said | grep -q 'runs: parameter least is "c", was "b"' || { cat said; fail "plan: parameter"; }
grep -A1 ' lately' said | grep -q 'taken over from run' || { cat said; fail "plan: taken over"; }
grep -A1 ' owned' said | grep -q "runs: it reads 'base', which runs" || { cat said; fail "plan: an input runs"; }
"$hb" plan x.hunt.yaml -d data -o out --now 2026-01-17T00:00:00Z -p least=b >said
grep -A1 ' lately' said | grep -q 'clock is 2026-01-17.*, was 2026-01-15' || { cat said; fail "plan: clock"; }
printf 'c,cay\n' >>data/U.csv
"$hb" plan x.hunt.yaml -d data -o out --now $now -p least=b >said
grep -A1 ' owned' said | grep -q "files of table 'U' changed" || { cat said; fail "plan: files"; }
run --now $now >/dev/null
expect_reused 'base lately bars many '

# Another place in the playbook: files and texts get the new number.
sed -i 's/^cells:/cells:\n  - {id: hello, type: markdown, text: Hello}/' x.hunt.yaml
d=$(run --now $now) || exit 1
expect_reused 'base lately owned bars many '
e=$(run --now $now --no-cache) || exit 1
same_record "$d" "$e" "a cell that moved is not what it would have been"
[ -s "$d/charts/05-bars.svg" ] && [ -s "$d/cells/07-many-rows-1.jsonl" ] || { ls "$d"/*; fail "files of a cell that moved"; }
"$hb" verify "$d" >said || { cat said; fail "verify"; }

# Its own text; what findings name.
sed -i "s/Name, Owner'/Owner, Name'/" x.hunt.yaml
run --now $now >/dev/null
expect_reused 'base lately bars many '
"$hb" plan x.hunt.yaml -d data -o elsewhere --now $now | grep -q 'no earlier run' || fail "plan looks into another folder"
sed -i 's/entityType: Host/entityType: DNS/' x.hunt.yaml
"$hb" plan x.hunt.yaml -d data -o out --now $now >said
grep -A1 ' owned' said | grep -q 'if what it reads is the same again' || { cat said; fail "plan: perhaps"; }
run --now $now >/dev/null
expect_reused 'lately owned bars many '

# Another text that gives the same: what reads it does not run.
sed -i 's/strcmp(Name, least) >= 0/not(strcmp(Name, least) < 0)/' x.hunt.yaml
run --now $now >/dev/null
expect_reused 'lately owned bars many '

# From a run of which any byte was changed since nothing is taken over, and plan names the file; nor is what chance gave.
sed -i 's/^  - {id: many/  - {id: dice, type: kql, query: print r = rand()}\n  - {id: many/' x.hunt.yaml
f=$(run --now $now) || exit 1
find out -mindepth 2 -maxdepth 2 ! -path "$f" -exec rm -r {} +
run --now $now >/dev/null
expect_reused 'base lately owned bars many '
for file in cells/02-base.csv cells/07-dice.parquet playbook.hunt.yaml report.html queries/03-lately.sql added; do
    find out -mindepth 2 -maxdepth 2 ! -path "$f" -exec rm -r {} +
    [ ! -e "$f/$file" ] || cp "$f/$file" kept
    printf x >>"$f/$file"
    "$hb" plan x.hunt.yaml -d data -o out --now $now >said
    grep -A1 ' base' said | grep -qE "runs: '$file' of run $(basename "$f"): (changed|added) since" || { cat said; fail "plan: $file"; }
    run --now $now >/dev/null
    expect_reused ''
    rm "$f/$file"
    [ $file = added ] || cp kept "$f/$file"
done
find out -mindepth 2 -maxdepth 2 ! -path "$f" -exec rm -r {} +
sed -i 's/"rows": 3,/"rows": 4,/' "$f/run.json"
run --now $now >/dev/null
expect_reused ''
"$hb" list -o out | tail -n 1 | grep -q completed || fail "list"

# Nor is it from a run that was sealed anew behind a change of its record: of what a cell depends on, of the results, of
# what was signed.
f=$(run --now $now) || exit 1
find out -mindepth 2 -maxdepth 2 ! -path "$f" -exec rm -r {} +
cp -r "$f" sound
# forge EXPRESSION TEXT: sed of run.json, and verify says so
forge() {
    sed -i "$1" "$f/run.json"
    (cd "$f" && find . -type f ! -name 'SHA256SUMS*' -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum >SHA256SUMS)
    "$hb" verify "$f" >said
    [ $? -eq 6 ] && grep -q "$2" said || { cat said; fail "verify after $1"; }
    run --now $now >/dev/null
    expect_reused ''
    find out -mindepth 2 -maxdepth 2 -exec rm -r {} +
    cp -r sound "$f"
}
forge '/"name": "DuckDB"/{n;s/"value": "v/"value": "w/}; s/"DuckDB", "value": "v/"DuckDB", "value": "w/' 'not that of what it depends on'
forge '0,/"status": "ok"/s//"status": "skipped"/' 'fingerprint'
forge 's/"=2"/"=7"/' "what it says of cell 'base' is not what was written"
forge 's/ owned at / were owned at /' "what it says of cell 'told' is not what was written"
forge '/^      "sha256":/d; s/^      ],$/      ]/' 'run.json'
# Whoever forges the hashes too, as another version of a library would have them: the plan says which.
if have python3; then
    cat >forge.py <<'PY'
import hashlib, json, re, sys
text = open(sys.argv[1]).read()
text = text.replace('"name": "DuckDB",\n          "value": "v1', '"name": "DuckDB",\n          "value": "v0')
for c in json.loads(text)["cells"]:
    parts = b"".join(b"%d %d %s %s\n" % (len(n), len(v), n, v)
                     for n, v in ((p["name"].encode(), p.get("value", "").encode()) for p in c.get("depends", [])))
    text = text.replace(c.get("key", "none"), hashlib.sha256(parts).hexdigest())
head, cells = text.split('\n  "cells": [', 1)
hashed = lambda m: m[1] + ',\n      "sha256": "' + hashlib.sha256(m[1].lstrip().encode()).hexdigest() + '"'
cells = re.sub(r'(?ms)^(    \{.*?),\n      "sha256": "[0-9a-f]{64}"', hashed, cells)
open(sys.argv[1], "w").write(head + '\n  "cells": [' + cells)
PY
    python3 forge.py "$f/run.json" || fail "forge.py"
    cmp -s "$f/run.json" sound/run.json && fail "nothing is forged"
    (cd "$f" && find . -type f ! -name 'SHA256SUMS*' -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum >SHA256SUMS)
    "$hb" verify "$f" >said || { cat said; fail "the hash of a cell is not as documented"; }
    "$hb" plan x.hunt.yaml -d data -o out --now $now >said
    grep -A1 ' base' said | grep -q 'runs: DuckDB is v1.*, was v0' || { cat said; fail "plan: another version"; }
    run --now $now >/dev/null
    expect_reused ''
    find out -mindepth 2 -maxdepth 2 -exec rm -r {} +
    cp -r sound "$f"
fi
if have ssh-keygen; then
    ssh-keygen -q -t ed25519 -N '' -C '' -f key </dev/null
    "$hb" sign "$f" --key key >/dev/null 2>&1 || fail "sign"
    forge 's/"host": "/"host": "not-/' 'SHA256SUMS.analyst.sig'
    "$hb" sign "$f" --key key >/dev/null 2>&1 && run --now $now >/dev/null || fail "sign"
    expect_reused 'base lately owned bars many '
fi

# Nobody gets another person's results for what names the person.
sed -i 's/  - {id: dice.*/  - {id: mine, type: kql, query: T, expect: [{that: run.analyst != ""}]}/' x.hunt.yaml
run --now $now --analyst ann >/dev/null
run --now $now --analyst bob >/dev/null
expect_reused 'base lately owned bars many '
run --now $now --analyst ann >/dev/null
expect_reused 'base lately owned bars mine many '

# A watchlist that changed; a configuration that means other files, or the same ones elsewhere.
mkdir lists && cp data/T.csv lists/ && printf 'Name\na\n' >lists/Known.csv
cat >w.hunt.yaml <<'YAML'
huntbook: 1
id: watch-case
name: w
cells:
  - {id: strange, type: kql, query: "T | where Name !in ((_GetWatchlist('Known') | project Name))"}
  - {id: plain, type: kql, query: T | count}
YAML
watch() { "$hb" run w.hunt.yaml --source here --config huntbook.yaml -o watched --now $now >report 2>talk || { cat talk >&2; fail "run w"; }; }
config() { printf 'sources:\n  here: {kind: files, path: %s}\n' "$1" >huntbook.yaml; }
config lists
watch
watch
expect_reused 'strange plain '
cp -r lists moved && config moved
watch
expect_reused 'strange plain '
printf 'b\n' >>moved/Known.csv
"$hb" plan w.hunt.yaml --source here --config huntbook.yaml -o watched --now $now >said || fail "plan"
grep -A1 ' strange' said | grep -q "runs: files of table 'Known' changed" || { cat said; fail "plan: a watchlist"; }
grep -A1 ' plain' said | grep -q 'taken over' || { cat said; fail "plan: no watchlist"; }
watch
expect_reused 'plain '
printf 'd,4,2026-01-14T00:00:00Z\n' >>lists/T.csv && config lists
"$hb" plan w.hunt.yaml --source here --config huntbook.yaml -o watched --now $now >said || fail "plan"
grep -A1 ' plain' said | grep -q "runs: files of table 'T' changed" || { cat said; fail "plan: a configuration"; }
watch
expect_reused ''

# What a service said is asked again: that, too, is known without asking it.
printf 'sources:\n  here: {kind: loganalytics, workspaces: [74be27de-1e4e-49d9-b579-fe0b331d3642]}\n' >huntbook.yaml
"$hb" plan w.hunt.yaml --source here --config huntbook.yaml -o watched --now $now >said || fail "plan"
grep -A1 ' plain' said | grep -q 'every run asks a service anew' || { cat said; fail "plan: a service"; }
exit 0
