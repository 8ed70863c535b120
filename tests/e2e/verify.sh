#!/usr/bin/env bash
# Every changed, missing or added byte of a run is found, and the cell it touches is named; runs are found by name.
. "$(dirname "$0")/lib"

"$hb" run "$playbook" -o out >report 2>talk || { cat talk; fail "run exited $?"; }
run=$(dirname "$(cat report)")
"$hb" note "$run" conclusion --verdict inconclusive --text 'Too few days.' --author Ann >/dev/null || fail "note"
if have ssh-keygen; then
    ssh-keygen -q -t ed25519 -N '' -C '' -f key </dev/null
    "$hb" sign "$run" --key key >/dev/null 2>&1 && "$hb" note "$run" conclusion --verdict refuted --text 'It was an updater.' --author Ann >/dev/null &&
        "$hb" sign "$run" --key key --role reviewer >/dev/null 2>&1 || fail "sign"
fi
"$hb" verify "$run" >said || { cat said; fail "an untouched run has faults"; }
grep -q ': ok, ' said || { cat said; fail "it does not say ok"; }

# A byte of every file (also the log of notes, signatures, lists that were signed), at its first, middle and last place and
# three places between: found, exit 6, and the file is named.
files=0
while read -r file; do
    size=$(stat -c %s "$run/$file")
    cp "$run/$file" kept
    files=$((files + 1))
    for offset in 0 $((size / 7)) $((size / 3)) $((size / 2)) $((size * 5 / 6)) $((size - 1)); do
        byte=$(od -An -tu1 -j "$offset" -N 1 "$run/$file")
        # shellcheck disable=SC2059 # an octal escape
        printf "$(printf '\\%03o' $((byte ^ 1)))" | dd of="$run/$file" bs=1 seek="$offset" conv=notrunc status=none
        "$hb" verify "$run" >said
        [ $? -eq 6 ] || { cat said; fail "a change of $file at $offset is not found"; }
        [ "$file" = SHA256SUMS ] || grep -qF "${file##*/}" said || { cat said; fail "$file is not named"; }
        cp kept "$run/$file"
    done
done < <(cd "$run" && find . -type f -printf '%P\n')
for file in notes.jsonl run.json playbook.hunt.yaml report.pdf SHA256SUMS; do [ -e "$run/$file" ] || fail "no $file was looked at"; done
[ ! -e key ] || [ -e "$run/SHA256SUMS.analyst" ] || fail "no signed list was looked at"
echo "$files files, six bytes each"
"$hb" verify "$run" >said || { cat said; fail "an untouched run has faults"; }
rm -f "$run"/SHA256SUMS.*

csv=$(cd "$run" && echo cells/*-temp_path.csv)
printf x >>"$run/$csv"
"$hb" verify "$run" >said && fail "an appended byte is not found"
grep -q "^changed  *$csv  (cell temp_path)" said || { cat said; fail "the cell is not named"; }
"$hb" verify --format json "$run" | grep -q '"ok":false.*"kind":"changed","path":"'"$csv"'","cell":"temp_path"' || fail "JSON"
truncate -s -1 "$run/$csv"
mv "$run/$csv" gone
"$hb" verify "$run" >said && fail "a missing file is not found"
grep -q "^missing  *$csv  (cell temp_path)" said || { cat said; fail "the missing file is not named"; }
ln -s "$work/gone" "$run/$csv"
"$hb" verify "$run" >said && fail "a link in place of a file is not found"
rm "$run/$csv" && mv gone "$run/$csv"
echo x >"$run/cells/99-new.csv"
"$hb" verify "$run" >said && fail "an added file is not found"
grep -q '^added  *cells/99-new.csv  (cell new)' said || { cat said; fail "the added file is not named"; }
rm "$run/cells/99-new.csv"

# Whoever mends SHA256SUMS behind a change is contradicted by the record; a changed record by its fingerprint.
cp -r "$run" forged
printf x >>"forged/$csv"
(cd forged && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum >sums && mv sums SHA256SUMS)
"$hb" verify forged >said && fail "a mended list hides a change"
grep -q "^contradiction  *$csv" said || { cat said; fail "the record does not contradict"; }
rm -r forged && cp -r "$run" forged
sed -i '0,/"status": "ok"/s//"status": "skipped"/' forged/run.json
(cd forged && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum >sums && mv sums SHA256SUMS)
"$hb" verify forged >said && fail "a changed record goes through"
grep -q 'fingerprint' said || { cat said; fail "the fingerprint does not contradict"; }
for file in run.json SHA256SUMS; do
    rm -r forged && cp -r "$run" forged && rm "forged/$file"
    "$hb" verify forged >said
    [ $? -eq 6 ] || fail "without $file: not exit 6"
done
mkdir strange && echo x >strange/x && (cd strange && sha256sum x >SHA256SUMS)
"$hb" verify strange >said
[ $? -eq 6 ] && grep -q '^missing  *run.json.*not the folder of a run' said || { cat said; fail "a list of its own makes any folder a run"; }
for list in 0 1; do
    checked=$([ $list = 1 ] && echo true || echo false)
    [ $list = 0 ] || { have ssh-keygen && echo "ann $(cat key.pub)" >list || continue; }
    # shellcheck disable=SC2046 # words, or none
    "$hb" verify --format json $([ $list = 1 ] && echo "--allowed-signers list") "$run" | grep -q "\"checked_by_list\":$checked" || fail "JSON does not say whether signers were checked"
done

# A number of rows that no result has is a damaged record, not a demand for memory.
cat >struck.hunt.yaml <<'YAML'
huntbook: 1
id: struck-case
name: x
cells:
  - {id: suspects, type: kql, query: T, review: true}
YAML
mkdir struck && printf 'x\n1\n2\n' >struck/T.csv
"$hb" run struck.hunt.yaml -d struck -o many >report 2>/dev/null
many=$(dirname "$(cat report)")
"$hb" strike "$many" suspects --row 1 --reason x >/dev/null 2>&1 || fail "strike"
cp "$many/run.json" kept
sed 's/"rows": 2,/"rows": 9000000000000000,/' kept >"$many/run.json"
cmp -s kept "$many/run.json" && fail "the edit does nothing"
"$hb" verify "$many" >said 2>&1
[ $? -eq 6 ] && grep -q "^contradiction  *run.json.*'rows'" said || { cat said; fail "a number of rows is believed"; }
cp kept "$many/run.json"

# Names of runs.
"$hb" run "$playbook" -o out --no-report >report 2>/dev/null
"$hb" run "$playbook" -o out --no-report >report 2>/dev/null
newest=$(dirname "$(cat report)")
hunt=$(basename "$(dirname "$newest")")
for name in latest "$hunt/latest" "$(basename "$newest")" "$newest"; do
    "$hb" show -o out "$name" | grep -q "$(basename "$newest")" || fail "$name is not the newest run"
done
expect 2 'begin with' "$hb" show -o out 2
expect 2 'no such run' "$hb" show -o out other/latest
[ "$("$hb" list -o out -f csv | wc -l)" -eq 4 ] || fail "list"
[ "$("$hb" list -o out -f csv --last 1 | wc -l)" -eq 2 ] || fail "list --last"
[ "$("$hb" list -o out -f csv --status failed | wc -l)" -eq 1 ] || fail "list --status"
[ "$("$hb" list -o out -f csv --findings --playbook anomalous --since 2001-01-01 | wc -l)" -eq 4 ] || fail "list filters"
[ "$("$hb" list -o out -f csv --until 2001-01-01 | wc -l)" -eq 1 ] || fail "list --until"
exit 0
