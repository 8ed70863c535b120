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
  - {id: stacked, type: kql, query: "DeviceNetworkEvents | summarize N = count() by bin(TimeGenerated, 2h), ActionType | render columnchart with (kind = stacked, legend = hidden, ymax = 100, ytitle = 'Connections')"}
  - {id: areas, type: kql, query: "DeviceNetworkEvents | summarize N = count() by bin(TimeGenerated, 2h), ActionType | render stackedareachart"}
  - {id: sums, type: kql, query: "range x from 1 to 4 step 1 | extend y = 10 | render linechart with (accumulate = true, xaxis = log, ysplit = panels)"}
  - {id: two_bars, type: kql, query: "datatable(a: string, b: long, c: long)['x', 1, 2, 'y', 3, 4] | render barchart with (kind = stacked100)"}
  - {id: ladder, type: kql, query: "DeviceNetworkEvents | summarize First = min(TimeGenerated), Last = max(TimeGenerated) by DeviceName | take 8 | render ladderchart"}
  - {id: odd_one, type: kql, query: "print a = 1 | render treemap"}
END
"$hb" run charts.hunt.yaml --data "$root/playbooks/data" --now 2026-01-15T00:00:00Z -o out --progress none >said 2>err || { cat err >&2; fail "run exited $?"; }
run=$(dirname "$(cat said)")
for id in 01-lines 02-series 03-two 04-bars 05-points; do
    [ -s "$run/charts/$id.svg" ] || fail "no chart $id"
done
for id in 09-stacked 10-areas 11-sums 12-two_bars 13-ladder; do
    [ -s "$run/charts/$id.svg" ] || fail "no chart $id"
done
[ "$(find "$run/charts" -name '*.svg' | wc -l)" = 10 ] || fail "more charts than queries that ask for one"
grep -q 'Odd hours' "$run/charts/02-series.svg" || fail "the title of the chart is lost"
grep -q '>443<' "$run/charts/01-lines.svg" || fail "the legend has no port"
grep -q '>A<' "$run/charts/03-two.svg" && grep -q '>B<' "$run/charts/03-two.svg" || fail "the lines are not named"
grep -q 'a pie is drawn as bars, which can be compared' "$run/run.json" || fail "it is not said that a pie became bars"
grep -q 'render timechart: not drawn: the result has no column of numbers to draw' "$run/run.json" || fail "a text was drawn"
grep -q 'render treemap: charts of this kind are not drawn' "$run/run.json" || fail "nothing is said of the treemap"
grep -q 'all series share one axis (ysplit = panels)' "$run/run.json" || fail "nothing is said of the panels"
grep -q 'of the marks reach beyond the axis' "$run/run.json" || fail "ymax is not said to cut"
grep -q '>ConnectionFailed<' "$run/charts/10-areas.svg" || fail "the areas have no legend"
! grep -q '>ConnectionFailed<' "$run/charts/09-stacked.svg" || fail "a hidden legend is shown"
grep -q 'y: 40' "$run/charts/11-sums.svg" || fail "accumulate = true does not add up"
grep -q '>100<' "$run/charts/12-two_bars.svg" || fail "stacked100 is not of a hundred"
grep -q 'print_0' "$run/run.json" || fail "the card shows nothing"
exit 0
