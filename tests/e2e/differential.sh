#!/usr/bin/env bash
# The KQL compiler beside Microsoft's own parser and binder, on the queries of this repository: what the reference accepts
# we accept, what it refuses we refuse, with the same columns; then on generated queries. Where the engine or Microsoft's
# pages contradict the reference, tests/differential/settled.js says so. Floors are what is reached, or a little below
# where queries come from elsewhere.
set -u
cd "$(dirname "$0")/../.." || exit 1
for file in bridge.min.js Kusto.Language.Bridge.min.js; do
    [ -f "build/deps/kusto/$file" ] || { echo "skipped: differential test: no build/deps/kusto (make deps fetches it)" && exit 77; }
done
command -v node >/dev/null || { echo "skipped: differential test: no node" && exit 77; }
! grep -qa __asan_init "$HUNTBOOK" || {
    echo "skipped: differential test: tests/run and conformance.sh run these queries under sanitizers"
    exit 77
}
generator=$(dirname "$HUNTBOOK")/tests/kqlgen/kqlgen
node tests/differential/compare.js --floor parsed=100 --floor supported=99 --floor refused=100 --floor columns=100 \
    "$HUNTBOOK" tests/kql playbooks docs || exit 1
if [ -x "$generator" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    "$generator" --jsonl --seed 500 -n 80 >"$work/generated.jsonl" || exit 1
    node tests/differential/compare.js --floor parsed=100 --floor supported=70 --floor refused=20 --floor columns=90 \
        "$HUNTBOOK" "$work/generated.jsonl" || exit 1
else
    echo "skipped: generated queries beside the reference: no $generator (make unit-programs builds it)"
fi
[ ! -d "${HUNTBOOK_SHARED:-}/kql-cases" ] ||
    node tests/differential/compare.js --floor parsed=100 --floor refused=97 --floor columns=99 "$HUNTBOOK" "$HUNTBOOK_SHARED/kql-cases"
