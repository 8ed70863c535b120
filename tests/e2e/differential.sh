#!/usr/bin/env bash
# The KQL compiler beside Microsoft's own parser and binder, on the queries of this repository: what the reference accepts
# we accept, what it refuses we refuse, with the same columns. Floors are a little below what is reached; the rest is
# printed by `node tests/differential/compare.js`, and docs/TESTING.md says why it stays.
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
node tests/differential/compare.js --floor parsed=100 --floor supported=98 --floor columns=91 \
    "$HUNTBOOK" tests/kql playbooks docs || exit 1
[ ! -d "${HUNTBOOK_SHARED:-}/kql-cases" ] ||
    node tests/differential/compare.js --floor parsed=100 --floor refused=70 --floor columns=96 "$HUNTBOOK" "$HUNTBOOK_SHARED/kql-cases"
