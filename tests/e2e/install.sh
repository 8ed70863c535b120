#!/usr/bin/env bash
# `make install` puts everything where the installed program finds it, and `make uninstall` takes it away again.
set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
hb=${HUNTBOOK:-$top/build/debug/huntbook}
variant=$(basename "$(dirname "$hb")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
    echo "FAILED: $*" >&2
    exit 1
}
# What is built is installed: a run of the tests does not build again.
unset MAKEFLAGS MFLAGS MAKELEVEL
in_tree() { make -s -C "$top" -o all V="$variant" DESTDIR="$work" PREFIX=/usr "$@" || fail "make $*"; }
in_tree install
[ -f "$work/usr/lib/huntbook/libduckdb.so" ] || fail "no DuckDB library"
[ -f "$work/usr/share/huntbook/playbooks/anomalous-process-network-connections.hunt.yaml" ] || fail "no playbooks"
cd "$work" || exit 1
env -i PATH="$PATH" ${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} HOME="$work" "$work/usr/bin/huntbook" \
    kql 'print x = 1 + 1' --format csv >said 2>&1 || fail "the installed program: $(cat said)"
[ "$(tail -n 1 said | tr -d '\r')" = 2 ] || fail "1 + 1 = $(cat said)"
# What people change is found beside the program, also below DESTDIR and from any folder.
env -i PATH="$PATH" ${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} HOME="$work" "$work/usr/bin/huntbook" \
    run usr/share/huntbook/playbooks/chart-gallery.hunt.yaml --theme counsel -o out >said 2>&1 || fail "a theme by name: $(cat said)"
[ -n "$(find out -path '*/theme/theme.yaml')" ] || fail "the run keeps no theme"
env -i PATH="$PATH" ${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} HOME="$work" "$work/usr/bin/huntbook" \
    new mine >said 2>&1 || fail "a playbook to start from: $(cat said)"
in_tree uninstall
left=$(cd "$work" && find usr -type f)
[ -z "$left" ] || fail "left behind: $left"
