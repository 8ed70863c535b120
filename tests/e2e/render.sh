#!/usr/bin/env bash
# `render` at the end of a query: drawn when it can be, said when it cannot, and never a reason to fail.
. "$(dirname "$0")/lib"
have gnuplot || skip "no gnuplot here"
cat >charts.hunt.yaml <<'END'
huntbook: 1
id: 6f1b5c9e-6d3e-4a0e-9c58-0d6f4c1f7a23
name: Charts
version: 1.0.0
hunt: {kind: baseline}
cells:
  - {id: lines, type: kql, query: "DeviceNetworkEvents | where RemotePort in (443, 80) | summarize Connections = count() by bin(TimeGenerated, 1h), Port = tostring(RemotePort) | render timechart"}
  - {id: series, type: kql, query: "DeviceNetworkEvents | make-series Connections = count() default = 0 on TimeGenerated from ago(1d) to now() step 1h | extend Odd = series_greater(Connections, series_multiply(Connections, 0)) | render anomalychart with (anomalycolumns = Odd, title = 'Odd hours')"}
  - {id: two, type: kql, query: "range x from 1 to 20 step 1 | extend A = x * 2, B = x * x | render linechart with (xcolumn = x, ycolumns = A, B)"}
  - {id: bars, type: kql, query: "DeviceNetworkEvents | summarize N = count() by ActionType | render piechart"}
  - {id: points, type: kql, query: "range x from 1 to 20 step 1 | extend y = x % 7 | render scatterchart"}
  - {id: text, type: kql, query: "print a = 'b' | render timechart"}
  - {id: a_card, type: kql, query: "print 1 | render card"}
  - {id: plain, type: kql, query: "print 1 | render table"}
END
"$hb" run charts.hunt.yaml --data "$root/playbooks/data" --now 2026-01-15T00:00:00Z -o out --progress none >said 2>err || { cat err >&2; fail "run exited $?"; }
run=$(dirname "$(cat said)")
for id in 01-lines 02-series 03-two 04-bars 05-points; do
    [ -s "$run/charts/$id.svg" ] || fail "no chart $id"
done
[ "$(find "$run/charts" -name '*.svg' | wc -l)" = 5 ] || fail "more charts than queries that ask for one"
grep -q 'Odd hours' "$run/charts/02-series.svg" || fail "the title of the chart is lost"
grep -q '>443<' "$run/charts/01-lines.svg" || fail "the legend has no port"
grep -q '>A<' "$run/charts/03-two.svg" && grep -q '>B<' "$run/charts/03-two.svg" || fail "the lines are not named"
grep -q 'drawn as bars, which can be compared' "$run/run.json" || fail "it is not said that a pie became bars"
grep -q 'render timechart: not drawn: the result has no column of numbers to draw' "$run/run.json" || fail "a text was drawn"
grep -q 'render card: charts of this kind are not drawn' "$run/run.json" || fail "nothing is said of the card"
exit 0
