#!/usr/bin/env bash
# Without gnuplot the run goes on to a clear error at the chart and keeps every table; without fonts or HarfBuzz the PDF says what
# to install.
. "$(dirname "$0")/lib"

cat >chart.hunt.yaml <<'YAML'
huntbook: 1
id: test-case
name: chart
cells:
  - id: numbers
    type: kql
    query: datatable(name:string, n:long)['a', 1, 'b', 2]
  - id: picture
    type: chart
    from: numbers
    chart: {kind: bar, x: name, y: n}
YAML
mkdir data && printf 'x\n1\n' >data/T.csv

mkdir bin
PATH=$work/bin "$hb" run chart.hunt.yaml -d data -o out >report 2>err
rc=$?
[ $rc -eq 1 ] || { cat err; fail "no gnuplot: exit $rc"; }
grep -q 'gnuplot is not installed' err || { cat err; fail "no gnuplot: not said"; }
run=$(dirname "$(cat report)")
[ -s "$run/cells/01-numbers.parquet" ] && [ -s "$run/report.html" ] || fail "no gnuplot: results are lost"
grep -q 'gnuplot is not installed' "$run/report.html" || fail "no gnuplot: the report does not say it"

"$hb" run chart.hunt.yaml -d data -o out >report 2>err || { cat err; fail "with gnuplot: exit $?"; }
run=$(dirname "$(cat report)")
[ -s "$run/charts/02-picture.svg" ] || fail "no chart"

have unshare || skip "unshare is not there: fonts cannot be hidden"
unshare -m true 2>/dev/null || skip "no mount namespaces here: fonts cannot be hidden"
unshare -m bash -c 'mount -t tmpfs none /usr/share/fonts && exec "$@"' _ "$hb" run chart.hunt.yaml -d data -o out >report 2>err
rc=$?
[ $rc -eq 1 ] || { cat err; fail "no fonts: exit $rc"; }
grep -q 'fonts-noto-core' err || { cat err; fail "no fonts: the packages are not named"; }

library=$(ldconfig -p | sed -n 's/.*libharfbuzz-subset.so.0 .*=> //p' | head -n 1)
[ -n "$library" ] || skip "ldconfig does not say where HarfBuzz lies"
: >empty
unshare -m bash -c 'mount --bind empty "$0" && exec "$@"' "$library" "$hb" run chart.hunt.yaml -d data -o out >report 2>err
rc=$?
[ $rc -eq 1 ] || { cat err; fail "no HarfBuzz: exit $rc"; }
grep -q 'libharfbuzz-subset0' err || { cat err; fail "no HarfBuzz: the package is not named"; }
unshare -m bash -c 'mount --bind empty "$0" && exec "$@"' "$library" "$hb" run chart.hunt.yaml -d data -o html --no-report >report 2>err || {
    cat err
    fail "no HarfBuzz: a run without reports ends with $?"
}
unshare -m bash -c 'mount --bind empty "$0" && exec "$@"' "$library" "$hb" render -o html latest --format html >report 2>err || {
    cat err
    fail "no HarfBuzz: HTML ends with $?"
}
exit 0
