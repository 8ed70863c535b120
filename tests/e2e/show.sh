#!/usr/bin/env bash
# huntbook show: a run and the rows of a cell; pages, formats, widths, colours on a terminal only, a stranger's texts harmless.
. "$(dirname "$0")/lib"
cat >many.hunt.yaml <<'END'
huntbook: 1
id: 6f1b5c9e-6d3e-4a0e-9c58-0d6f4c1f7a44
name: Many rows
version: 1.0.0
hunt: {kind: baseline}
cells:
  - {id: intro, type: markdown, text: "words"}
  - {id: many, type: kql, query: "range n from 1 to 2500 step 1 | extend Name = strcat('row ', n), Evil = strcat('a', unicode_codepoints_to_string(27), '[31mred', unicode_codepoints_to_string(0x202E))"}
  - {id: odd, type: kql, query: "print 1", finding: {title: "Odd \e]0;owned\a", severity: high}}
END
"$hb" run many.hunt.yaml --data "$root/playbooks/data" --now 2026-01-15T00:00:00Z -o out --progress none --no-report >said 2>err || { cat err >&2; fail "run exited $?"; }
run=$(dirname "$(cat said)")
"$hb" show "$run" >shown 2>err || fail "show"
grep -q '^Many rows$' shown && grep -q 'completed, 1 finding, TLP:' shown && grep -q '2,500 rows' shown || { cat shown >&2; fail "the run is not shown"; }
! grep -q "$(printf '\033')" shown || fail "colours or escapes in a file"
"$hb" show "$run" many >page 2>err || fail "show many"
[ "$(grep -c 'row ' page)" = 100 ] || fail "not 100 rows by default"
grep -q 'rows 1 to 100 of 2500; --offset goes on' err || { cat err >&2; fail "nothing is said of the other rows"; }
! grep -q "$(printf '\033')" page || fail "an escape of the data reaches the terminal"
grep -q 'u{1B}' page && grep -q 'u{202E}' page || fail "hidden characters are not shown"
"$hb" show "$run" many --offset 2000 --limit 3 >page 2>err || fail "--offset"
grep -q 'row 2001' page && grep -q 'row 2003' page && ! grep -q 'row 2004' page || { cat page >&2; fail "another page"; }
[ "$("$hb" show "$run" many --all 2>/dev/null | grep -c 'row ')" = 2500 ] || fail "--all"
[ "$("$hb" show "$run" many --csv 2>/dev/null | grep -c '^[0-9]')" = 2500 ] || fail "--csv is not whole"
"$hb" show "$run" many --json 2>/dev/null >rows.json || fail "--json"
grep -q 'row 2500' rows.json || fail "--json is not whole"
[ "$("$hb" show "$run" many -f ndjson --limit 7 2>/dev/null | wc -l)" = 7 ] || fail "--limit with ndjson"
expect 2 "did you mean 'many'?" "$hb" show "$run" mani
expect 2 'exclude each other' "$hb" show "$run" many --all --limit 3
expect 2 'one of --format' "$hb" show "$run" many --csv --json
# On a terminal: no line wider than it, colours unless NO_COLOR says no.
if have script; then
    script -qec "stty cols 60; $hb show $run many --limit 5; $hb show $run" /dev/null </dev/null >typed 2>/dev/null
    grep -q "$(printf '\033')\[" typed || fail "no colours on a terminal"
    sed 's/\x1b\[[0-9;]*m//g; s/\r//' typed | grep -v '^rows 1 to' >plain
    awk '{ gsub(/[\x80-\xBF]/, ""); if (length($0) > 60) bad = 1 } END { exit bad }' plain || { cat plain >&2; fail "a line is wider than the terminal"; }
    ! grep -q 'owned' typed || grep -q 'u{1B}' typed || fail "a title reaches the terminal as it is"
    NO_COLOR=1 script -qec "$hb show $run" /dev/null </dev/null >typed 2>/dev/null
    ! grep -q "$(printf '\033')" typed || fail "colours despite NO_COLOR"
fi
# A changed file is told, not shown.
parquet=$(find "$run/cells" -name '*many.parquet')
cp -r "$run" outside && cp "$parquet" many.parquet
sed -i 's|"cells/[^"]*many.parquet"|"../many.parquet"|' outside/run.json
cmp -s "$run/run.json" outside/run.json && fail "the edit does nothing"
expect 6 'no file of the run' "$hb" show outside many --all
chmod u+w "$parquet" && cp "$(find "$run/cells" -name '*odd.parquet')" "$parquet"
"$hb" show "$run" many --all >page 2>err && fail "changed rows are shown"
[ $? -ne 0 ] && grep -q 'not as it was recorded' err || { cat err >&2; fail "nothing is said of changed rows"; }
exit 0
