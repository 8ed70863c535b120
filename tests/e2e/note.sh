#!/usr/bin/env bash
# Notes: kept in a chained log and in the record, shown in the reports; nothing can be changed or taken out unseen.
. "$(dirname "$0")/lib"

mkdir data && printf 'x\n1\n' >data/T.csv
cat >x.hunt.yaml <<'YAML'
huntbook: 1
id: test-case
name: x
cells:
  - {id: rows_, type: kql, query: T}
  - {id: end, type: note, prompt: Is it so?, verdict: [confirmed, refuted], required: true}
YAML
"$hb" run x.hunt.yaml -d data -o out >report 2>talk || { cat talk; fail "run"; }
run=$(dirname "$(cat report)")
grep -q 'none was recorded' "$run/report.html" || fail "a missing note is not told"

expect 2 "no verdict 'perhaps'" "$hb" note "$run" end --verdict perhaps --text x
expect 2 'asks for a verdict' "$hb" note "$run" end --text x
expect 2 "no cell 'nowhere'" "$hb" note "$run" nowhere --text x
expect 2 'set EDITOR' env -u EDITOR -u VISUAL "$hb" note "$run" end --verdict refuted
[ ! -e "$run/notes.jsonl" ] || fail "a refused note leaves a log"

# shellcheck disable=SC2016 # the text is hostile on purpose
"$hb" note "$run" end --verdict refuted --text 'Not so: <script>alert(1)</script> $(id)' --author 'Ann' >/dev/null || fail "note"
grep -q 'Not so:' "$run/report.html" && ! grep -q 'none was recorded' "$run/report.html" || fail "the report does not show it"
! grep -q '<script>alert(1)' "$run/report.html" || fail "a note is not escaped"
"$hb" verify "$run" >said || { cat said; fail "verify after a note"; }
(cd "$run" && sha256sum --quiet -c SHA256SUMS) || fail "SHA256SUMS after a note"

record=$(sha256sum <"$run/run.json" | cut -d ' ' -f 1)
grep -q "$record" "$run/report.html" || fail "the cover does not show the hash of the record"
if have pdftotext; then
    pdftotext -f 1 -l 2 "$run/report.pdf" - | tr -d ' \n' | grep -q "$record" || fail "the cover of the PDF does not show the hash of the record"
fi

# From an editor: what stands below the line is not kept.
cat >edit <<'PROGRAM'
#!/bin/sh
grep -q 'Is it so' "$2" || exit 1
printf 'Second thoughts\n' | cat - "$2" >edited && cat edited >"$2"
PROGRAM
chmod +x edit
EDITOR="$work/edit --wait" "$hb" note -o out latest end --verdict confirmed --author Bob >/dev/null || fail "editor"
"$hb" note "$run" rows_ --text 'One row only' --author Bob >/dev/null || fail "a note on any cell"
"$hb" note "$run" --list >said || fail "note --list"
# Custody shows all of them, and what the last line of the log hashes to.
last=$(tail -n 1 "$run/notes.jsonl" | tr -d '\n' | sha256sum | cut -d ' ' -f 1)
grep -q "$last" "$run/report.html" || fail "the report does not name the end of the chain, $last"
[ "$(grep -o 'Note recorded: ' "$run/report.html" | wc -l)" -eq 3 ] || fail "the custody log does not have three notes"
[ "$(grep -cE '  (Ann|Bob)  ' said)" -eq 3 ] || { cat said; fail "the log"; }
grep -q 'Second thoughts' said && ! grep -q 'nothing below' said || { cat said; fail "the editor's text"; }
[ "$(wc -l <"$run/notes.jsonl")" -eq 3 ] || fail "three lines"
"$hb" verify "$run" >said || { cat said; fail "verify after notes"; }
while read -r line; do
    hash=$(printf %s "$line" | sha256sum | cut -c 1-16)
    grep -q "$hash" "$run/report.html" || fail "line $hash of the log is not in the custody log"
done <"$run/notes.jsonl"
grep -q 'Second thoughts' "$run/report.html" && grep -q 'One row only' "$run/report.html" || fail "the newest notes are not shown"

# Two at once: both count.
for i in 1 2 3 4 5 6; do
    "$hb" note "$run" rows_ --text "at once $i" >/dev/null 2>"err$i" &
    "$hb" note "$run" end --verdict refuted --text "at once $i" >/dev/null 2>"errx$i" &
    wait
done
"$hb" verify "$run" >said || { cat said; fail "notes at once"; }
[ "$(wc -l <"$run/notes.jsonl")" -eq $((3 + 12 - $(cat err? errx? | grep -c 'another huntbook'))) ] || fail "a note was lost"

seal() { (cd "$1" && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum >sums && mv sums SHA256SUMS); }
for edit in 1d 2d 's/Second/First/' 's/Ann/Eve/' '$d' '1{h;d};2{G}'; do
    rm -rf forged && cp -r "$run" forged
    sed -i "$edit" forged/notes.jsonl
    seal forged
    "$hb" verify forged >said
    [ $? -eq 6 ] && grep -q 'notes.jsonl' said || { cat said; fail "the log changed by '$edit' goes through"; }
done

# A note that was stopped half way, after each of the files it writes: verify says what it is, render or another note completes it.
cp -r "$run" before
"$hb" note "$run" rows_ --text 'half way' --author Cy >/dev/null || fail "note"
files=
for file in notes.jsonl run.json report.html report.pdf; do
    files="$files $file"
    for mend in "render half" "note half end --verdict refuted --text more"; do
        rm -rf half && cp -r before half
        for f in $files; do cp "$run/$f" half/; done
        printf x >half/$file.tmp4711
        "$hb" verify half >said
        [ $? -eq 6 ] && grep -q 'a note was stopped' said && grep -q 'stopped while writing' said || { cat said; fail "half a note: $files"; }
        # shellcheck disable=SC2086 # words
        "$hb" $mend >/dev/null 2>talk || { cat talk; fail "$mend after $files"; }
        "$hb" verify half >said || { cat said; fail "$mend does not complete: $files"; }
        grep -q 'half way' half/run.json && grep -q 'half way' half/report.html || fail "the note is lost: $files"
    done
done
rm -rf half && cp -r before half && sed 's/"total_rows": 1/"total_rows": 2/' "$run/run.json" >half/run.json && cp "$run/notes.jsonl" half/
expect 6 'since it was sealed' "$hb" render half
rm -rf half && cp -r before half && cp "$run/notes.jsonl" half/ && echo x >>half/cells/01-rows_.csv
expect 6 'since it was sealed' "$hb" render half

# A report in Markdown that is there is made again too.
"$hb" render "$run" --format md >/dev/null 2>&1 && "$hb" note "$run" rows_ --text 'seen twice' --author Cy >/dev/null || fail "note"
grep -q 'seen twice' "$run/report.md" || fail "report.md lacks the newest note"
"$hb" verify "$run" >said || { cat said; fail "verify with report.md"; }
rm -rf half && cp -r "$run" half && rm half/report.md && "$hb" note half rows_ --text x --author Cy >/dev/null && [ ! -e half/report.md ] || fail "report.md is made unasked"

# Killed at any moment.
lines=$(wc -l <before/notes.jsonl) half=0
for i in $(seq 1 30); do
    "$hb" note before rows_ --text "kill $i" --author Cy >/dev/null 2>&1 &
    sleep "$(printf '0.%03d' $((i * 7 % 30)))"
    kill -9 $! 2>/dev/null
    wait $! 2>/dev/null
    "$hb" verify before >/dev/null 2>&1 || half=$((half + 1))
    "$hb" render before >/dev/null 2>talk || { cat talk; fail "render after kill $i"; }
    "$hb" verify before >said || { cat said; fail "kill $i"; }
done 2>/dev/null
killed=$(wc -l <before/notes.jsonl)
[ "$killed" -ge "$lines" ] && [ "$killed" -le $((lines + 30)) ] || fail "notes before: $lines, after 30 kills: $killed"
echo "30 kills left $((killed - lines)) notes, $half of them half way"

# What was changed is not sealed again by a note or by render.
printf x >>"$run/cells/01-rows_.csv"
expect 6 'since it was sealed' "$hb" note "$run" rows_ --text x
expect 6 'since it was sealed' "$hb" render "$run"
exit 0
