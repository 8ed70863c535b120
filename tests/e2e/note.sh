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
[ "$(grep -cE '  (Ann|Bob)  ' said)" -eq 3 ] || { cat said; fail "the log"; }
grep -q 'Second thoughts' said && ! grep -q 'nothing below' said || { cat said; fail "the editor's text"; }
[ "$(wc -l <"$run/notes.jsonl")" -eq 3 ] || fail "three lines"
"$hb" verify "$run" >said || { cat said; fail "verify after notes"; }
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

# What was changed is not sealed again by a note or by render.
printf x >>"$run/cells/01-rows_.csv"
expect 6 'since it was sealed' "$hb" note "$run" rows_ --text x
expect 6 'since it was sealed' "$hb" render "$run"
exit 0
