#!/usr/bin/env bash
# SIGINT at every cell: exit 130, every finished cell on disk, the record says where it stopped.
. "$(dirname "$0")/lib"

cat >slow.hunt.yaml <<'YAML'
huntbook: 1
id: test-case
name: slow
cells:
  - {id: c1, type: kql, query: range i from 1 to 10 step 1}
  - {id: c2, type: kql, query: 'range i from 1 to 3 step 1 | extend k = 1 | join kind=inner (range j from 1 to 3 step 1 | extend k = 1) on k | count'}
  - {id: c3, type: kql, query: c1 | count}
  - {id: c4, type: kql, query: 'range i from 1 to 30000000 step 1 | extend k = 1 | join kind=inner (range j from 1 to 30000 step 1 | extend k = 1) on k | summarize sum(i * j)'}
YAML
mkdir data && printf 'x\n1\n' >data/T.csv

# At the start of each cell in turn, as the progress events tell it.
for cell in c1 c2 c3 c4; do
    mkfifo "events-$cell"
    "$hb" run slow.hunt.yaml -d data -o "out-$cell" --progress json >report 2>"events-$cell" &
    pid=$!
    while read -r line; do
        case $line in
        *'"start"'*"\"$cell\""*) kill -INT $pid ;;
        esac
    done <"events-$cell"
    wait $pid
    rc=$?
    [ $rc -eq 130 ] || fail "SIGINT at $cell: exit $rc"
    run=$(echo out-"$cell"/slow/*)
    "$hb" show "$run" >shown || fail "SIGINT at $cell: the record cannot be read"
    grep -q interrupted shown || { cat shown; fail "SIGINT at $cell: the record does not say it"; }
    (cd "$run" && sha256sum --quiet -c SHA256SUMS) || fail "SIGINT at $cell: files are not whole"
    for done in c1 c2 c3; do
        [ $done = "$cell" ] && break
        [ -s "$(echo "$run"/cells/*-$done.csv)" ] || fail "SIGINT at $cell: $done is lost"
    done
done
exit 0
