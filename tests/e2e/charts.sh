#!/usr/bin/env bash
# The gallery of charts: every kind is drawn, in HTML, PDF and the record; what is left out is said on every paper; and a million
# points are drawn in bounded size with their extremes, without a limit raised for the chart.
. "$(dirname "$0")/lib"
have gnuplot || skip "no gnuplot here"
gallery=$root/playbooks/chart-gallery.hunt.yaml
"$hb" sample -o data >/dev/null 2>&1 || fail "sample"
"$hb" run "$gallery" --data data --now 2026-01-15T00:00:00Z -o out --progress none >said 2>err || { cat err >&2; fail "run exited $?"; }
run=$(dirname "$(cat said)")
cells=$(grep -c '^  - id: ' "$gallery")
drawn=$(find "$run/charts" -name '*.svg' | wc -l)
[ "$drawn" = "$cells" ] || fail "$drawn charts of $cells cells"
for kind in scatter bar line timechart histogram heatmap column area timeline; do
    grep -qE "kind: $kind\b" "$gallery" || fail "the gallery lacks $kind"
done
[ "$(grep -o '<svg ' "$run/report.html" | wc -l)" = "$cells" ] || fail "HTML does not show every chart"
# The peak and the dip of the long line, and the notes.
grep -q '200,000 points are drawn by [0-9,]* of them: the first, lowest, highest and last of every step' "$run/report.html" || fail "HTML does not say how the line is thinned"
grep -q 'the 10 largest of 106 rows are drawn' "$run/report.html" || fail "HTML does not say how many bars there are"
grep -q 'X: 1[0-9.]*&#10;Y: 400\|Y: 400' "$run/charts/20-cloud.svg" || fail "the outermost point of the cloud is lost"
if have pdftotext; then
    pdftotext "$run/report.pdf" text && tr '\n' ' ' <text >flat
    grep -q 'the 10 largest of 106 rows are drawn' flat || fail "the PDF does not say how many bars there are"
    grep -q '200,000 points are drawn by' flat || fail "the PDF does not say how the line is thinned"
    grep -q 'Hour of the day, UTC' flat || fail "the labels of a chart are not text"
fi
# The same drawings again.
"$hb" run "$gallery" --data data --now 2026-01-15T00:00:00Z -o again --progress none --no-report >said 2>/dev/null || fail "second run"
diff -r "$run/charts" "$(dirname "$(cat said)")/charts" >/dev/null || fail "the charts differ from run to run"

cat >million.hunt.yaml <<'END'
huntbook: 1
id: 6f1b5c9e-6d3e-4a0e-9c58-0d6f4c1f7a33
name: A million
version: 1.0.0
hunt: {kind: baseline}
cells:
  - id: numbers
    type: kql
    max_rows: 1000000
    query: |
      range a from 0 to 999 step 1 | extend j = 1
      | join kind=inner (range b from 1 to 1000 step 1 | extend j = 1) on j
      | project n = a * 1000 + b, v = iff(a == 700 and b == 7, 99999.0, toreal((a * 1000 + b) * 7919 % 1000))
  - {id: line, type: chart, from: numbers, chart: {kind: line, x: n, y: v}}
  - {id: cloud, type: chart, from: numbers, chart: {kind: scatter, x: n, y: v}}
  - {id: asked, type: kql, max_rows: 1000000, query: "numbers | render linechart"}
END
"$hb" run million.hunt.yaml --data data --now 2026-01-15T00:00:00Z -o million --progress none --no-report >said 2>err || { cat err >&2; fail "a million rows: exit $?"; }
run=$(dirname "$(cat said)")
grep -q '1,000,000 points are drawn by [0-9,]* of them' "$run/run.json" || fail "the line of a million points is not said to be thinned"
grep -q 'v: 99999' "$run/charts/03-cloud.svg" || fail "the one extreme of a million points is lost"
[ "$(stat -c %s "$run/charts/03-cloud.svg")" -lt 600000 ] || fail "the cloud is too big"
[ "$(grep -c "1,000,000 points are drawn by [0-9,]* of them" "$run/run.json")" -ge 2 ] || fail "render does not draw all of a million rows"
exit 0
