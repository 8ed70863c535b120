#!/usr/bin/env bash
# The tools that judge the rest must be able to say no: layers, golden runner, totals.
set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# Layers: down and sideways within a folder is allowed, up and across is not.
mkdir -p src/base src/kql src/net include/hb
printf 'base\nkql net\nrun\n' >layers
printf '#include "hb/str.h"\n#include "kql_int.h"\n' >src/kql/good.c
printf '#include "hb/run.h"\n' >src/kql/up.c
printf '#include "hb/kql.h"\n' >src/net/across.c
printf '#include "../kql/kql_int.h"\n' >src/net/private.c
printf '#include "hb/kql.h"\n' >src/base/up.c
printf '/* layer: base */\n' >include/hb/str.h
layers() { awk -f "$top/tests/tools/check-layers.awk" layers "$@" >said; }
layers src/kql/good.c include/hb/str.h || fail "refuses includes that go down: $(cat said)"
for f in src/kql/up.c src/net/across.c src/net/private.c src/base/up.c; do
    layers "$f" && fail "allows $f"
    grep -q "^$f:1: " said || fail "says of $f: $(cat said)"
done

# The golden runner, on a program that prints its arguments: what matches passes, everything else is told and counted.
cat >echoes <<'PROGRAM'
#!/bin/sh
if [ "$1" = kql ]; then
    sed -nE 's/^\{"id":"([^"]*)","query":"good.*/{"id":"\1","columns":[{"name":"a","type":"long"},{"name":"b","type":"string"}],"rows":[[2,"],[\\""],[1,"x"]]}/p
        s/^\{"id":"([^"]*)","query":"bad.*/{"id":"\1","error":"no \\"such\\" thing","line":2,"column":7}/p' "$5" # kql --now T --batch FILE
    exit
fi
printf '%s|' "$@"
exit 3
PROGRAM
chmod +x echoes
mkdir -p top/tests/kql top/tests/cli
cp "$top/tests/run" top/tests/run
golden() {
    top/tests/run "$@" >said 2>&1
    tail -n 1 said
}
printf 'good\n' >top/tests/kql/a.kql
printf 'a:long, b:string\n[2,"],[\\""]\n[1,"x"]\n' >top/tests/kql/a.out
printf '// unordered\n' >top/tests/kql/none.kql
printf 'bad\n' >top/tests/kql/b.kql
printf '2:7: no "such" thing\n' >top/tests/kql/b.err
printf '# words\nx "a b" '"'"'c "d"'"'"' "e\\"f"\n' >top/tests/cli/words.cmd
printf 'x|{*}|c "d"|e"f|' >top/tests/cli/words.out
echo 3 >top/tests/cli/words.rc
[ "$(golden ./echoes)" = "3 passed, 1 failed" ] || fail "golden runner: $(cat said)"
grep -q '^FAILED tests/kql/none' said || fail "an answer that is missing is not told"
rm top/tests/kql/none.kql
for change in kql/a.out kql/b.err cli/words.out cli/words.rc; do
    cp "top/tests/$change" kept
    echo 9 >"top/tests/$change"
    [ "$(golden ./echoes)" = "2 passed, 1 failed" ] || fail "another $change is not noticed: $(cat said)"
    golden --update ./echoes >/dev/null
    [ "$(golden ./echoes)" = "3 passed, 0 failed" ] || fail "--update does not mend $change: $(cat said)"
    cp kept "top/tests/$change"
done

# Totals: a program that crashes, and one in which no test ran, are failures.
mkdir -p tests/unit tests/tools build/tests/unit
cp "$top/tests/tools/run-tests" tests/tools/
touch tests/unit/test_crash.c tests/unit/test_none.c tests/unit/test_two.c
printf '#!/bin/sh\necho "ok 1 - x"\nkill -SEGV $$\n' >build/tests/unit/test_crash
printf '#!/bin/sh\n' >build/tests/unit/test_none
printf '#!/bin/sh\necho "ok 1 - x"\necho "not ok 2 # SKIP y"\n' >build/tests/unit/test_two
chmod +x build/tests/unit/*
[ "$(tests/tools/run-tests build unit 2>/dev/null | tail -n 1)" = "2 passed, 2 failed, 1 skipped" ] ||
    fail "totals: $(tests/tools/run-tests build unit 2>&1 | tail -n 3)"
