#!/usr/bin/env bash
# The output folder is moved, removed or made read-only while a run is at work: a clear error, exit 1, and no finished cell is lost.
. "$(dirname "$0")/lib"

cat >steps.hunt.yaml <<'YAML'
huntbook: 1
id: test-case
name: steps
cells:
  - {id: c1, type: kql, query: T | extend w = 1}
  - {id: c2, type: kql, query: c1 | count}
  - {id: c3, type: kql, query: 'range i from 1 to 200000 step 1 | extend k = 1 | join kind=inner (range j from 1 to 600 step 1 | extend k = 1) on k | summarize sum(i * j)'}
  - {id: c4, type: kql, query: c3 | count}
YAML
mkdir data && printf 'x\n1\n2\n' >data/T.csv
print_of() { sed -n 's/^  "fingerprint": "\([0-9a-f]*\)",*$/\1/p' "$1/run.json"; }
# at_c3 OUT COMMAND...: a run into OUT, and the command while its third cell is at work. Sets rc.
at_c3() {
    local out=$1 events
    shift
    events=$(mktemp -u)
    mkfifo "$events"
    "$hb" run steps.hunt.yaml -d data --now 2026-01-15T00:00:00Z --progress json --no-cache -o "$out" >report 2>"$events" &
    local pid=$!
    while read -r line; do
        case $line in
        *'"start"'*'"c3"'*) "$@" ;;
        *'"event"'*) ;;
        *) echo "$line" >>err ;;
        esac
    done <"$events"
    wait $pid
    rc=$?
}
finished() { [ "$(wc -l <"$1/cells/01-c1.csv")" -eq 3 ] && [ -s "$1/cells/02-c2.parquet" ]; }

at_c3 calm true
[ $rc -eq 0 ] || { cat err; fail "an undisturbed run exits $rc"; }
want=$(print_of calm/steps/*)

: >err
at_c3 out mv out moved
[ $rc -eq 1 ] || { cat err; fail "moved: exit $rc"; }
grep -q 'was moved or removed' err || { cat err; fail "moved: not said"; }
[ ! -e out ] || fail "moved: half a run is made where it was"
run=$(echo moved/steps/*)
finished "$run" || { ls -R moved; fail "moved: a finished cell is lost"; }
"$hb" run --resume "$run" >report 2>talk || { cat talk; fail "moved: resume"; }
grep -q 'c2 .*taken over' talk || { cat talk; fail "moved: a finished cell ran again"; }
[ "$(print_of "$run")" = "$want" ] || fail "moved: another fingerprint"
"$hb" verify "$run" >said || { cat said; fail "moved: verify"; }

: >err
remove() { sleep 0.2; rm -r gone; }
at_c3 gone remove
[ $rc -eq 1 ] || { cat err; fail "removed: exit $rc"; }
grep -q 'was moved or removed' err || { cat err; fail "removed: not said"; }
[ ! -e gone ] || fail "removed: half a run is made where it was"

# Another folder of the same name is not taken for it.
: >err
replace() { sleep 0.2; mv twin elsewhere && cp -r elsewhere twin; }
at_c3 twin replace
[ $rc -eq 1 ] && grep -q 'was moved or removed' err || { cat err; fail "replaced: exit $rc"; }
finished elsewhere/steps/* || fail "replaced: a finished cell is lost"

have unshare && unshare -m true 2>/dev/null || skip "no mount namespaces here: a read-only folder cannot be made (the other cases passed)"
mkdir disk
export hb want
export -f at_c3 print_of finished fail
: >err
unshare -m bash -c '
    mount -t tmpfs none disk || exit 77
    at_c3 disk/out mount -o remount,ro disk
    [ $rc -eq 1 ] || { cat err; fail "read-only: exit $rc"; }
    grep -qi "read-only" err || { cat err; fail "read-only: not said"; }
    run=$(echo disk/out/steps/*)
    finished "$run" || fail "read-only: a finished cell is lost"
    mount -o remount,rw disk
    "$hb" run --resume "$run" >report 2>talk || { cat talk; fail "read-only: resume"; }
    grep -q "c2 .*taken over" talk || { cat talk; fail "read-only: a finished cell ran again"; }
    [ "$(print_of "$run")" = "$want" ] || fail "read-only: another fingerprint"
    mount -o remount,ro disk
    "$hb" run steps.hunt.yaml -d data -o disk/out >report 2>err && fail "a run into a read-only folder"
    grep -qi "read-only" err || { cat err; fail "read-only from the start: not said"; }'
case $? in
0) exit 0 ;;
77) skip "no tmpfs here: a read-only folder cannot be made (the other cases passed)" ;;
*) exit 1 ;;
esac
