#!/usr/bin/env bash
# connect says who is connected where and what is there; what is missing stops a run before its first query. Every query leaves
# behind what was sent and answered, and a place that the service tells is one of the playbook.
. "$(dirname "$0")/azure-lib"
start_service "$work/service"
sign_in

playbook_of() { # playbook_of TABLES QUERY [PARAMETERS]: connect, and one query
    printf 'huntbook: 1\nid: q\nname: q\n%s' "${3-}" >q.hunt.yaml
    printf 'cells:\n  - {id: there, type: connect, window: 1h, tables: {%s}}\n  - id: a\n    type: kql\n    query: |\n' "$1" >>q.hunt.yaml
    sed 's/^/      /' <<<"$2" >>q.hunt.yaml
}
# hunt NAME EXIT: q.hunt.yaml at the service; its record, in one line, is in record.
hunt() {
    local rc
    control "$1.jsonl" "${faults-}"
    rm -rf out
    timeout 60 "$hb" run q.hunt.yaml -o out --now $sample_now --no-report >report 2>err </dev/null
    rc=$?
    [ "$rc" = "$2" ] || { cat err; fail "$1: exit $rc instead of $2"; }
    tr -d '\n' <"$(head -1 report)" | tr -s ' ' >record
}
keeps() { # keeps NAME TEXT...: in the record
    local text
    for text in "${@:2}"; do
        grep -qF -- "$text" record || { grep -o '"blocks".*' record | head -c 3000; fail "$1: the record has no '$text'"; }
    done
}
pair() { printf '"name": "%s", "value": "%s' "$1" "$2"; }

for kind in loganalytics adx defender; do
    profile $kind
    time=Timestamp
    other=TimeGenerated
    [ $kind != loganalytics ] || { time=TimeGenerated other=Timestamp; }

    # The other name of the time is there, too, for queries are bridged to it.
    playbook_of "DeviceNetworkEvents: [$time, $other, DeviceName, RemotePort]" \
        'DeviceNetworkEvents | count'
    hunt $kind 0
    keeps $kind "$(pair Source 'connected: ')" "as application $WORLD_CLIENT_ID" \
        "$(pair 'DeviceNetworkEvents: columns' "$time datetime, $other datetime (it is $time), DeviceName string, RemotePort ")"
    grep -qE '"name": "DeviceNetworkEvents", "value": "20000 rows, 2026-01-14 [0-9:.]+Z to 2026-01-14 23:[0-9:.]+Z; [1-9][0-9]* in the window of 1h"' record ||
        { grep -o '"pairs".*' record | head -c 1500; fail "$kind: rows, first and last event, rows in the window"; }
    ! grep -qF -- "$WORLD_CLIENT_SECRET" record || fail "$kind: the secret is in the record"
    # What the query left behind: as sent, ids, tries, time, and what the service said of its work.
    id=$(tail -1 "$service/$kind.jsonl" | sed 's/.*client-request-id":"\([^"]*\)".*/\1/')
    keeps $kind "$(pair Address "$WORLD_HTTP/v")" "$(pair Request "$id\"")" \
        "$(pair Answer 'HTTP 200 after ')" "$(pair Rows '1"')" "$(pair Bytes '')"
    # So do the questions of connect.
    id=$(grep -F 'summarize Rows' "$service/$kind.jsonl" | sed 's/.*client-request-id":"\([^"]*\)".*/\1/')
    keeps $kind '"Also asked at the source"' "$(pair "$id" 'HTTP 200 after ')" "1 row: ['DeviceNetworkEvents'] | summarize Rows = count(), First = min($time)"
    [ $kind = loganalytics ] || keeps $kind "$(pair 'Id at the service' '')"
    [ $kind != loganalytics ] || keeps $kind "$(pair 'Statistics of the service' '{\"query\":{')"

    # All that is missing, at once, and no query but for the shapes of the tables.
    playbook_of 'DeviceNetworkEvents: [DeviceName, RemotePorts, Nowhere], NoSuchTable: [A], Neither: []' 'DeviceNetworkEvents | count'
    hunt $kind-missing 4
    for text in "column 'RemotePorts' of table 'DeviceNetworkEvents' (did you mean 'RemotePort'?)" "column 'Nowhere'" \
        "table 'NoSuchTable'" "table 'Neither'"; do
        grep -qF -- "$text" err || { cat err; fail "$kind: '$text' is not said"; }
    done
    grep -F '"kind":"query"' "$service/$kind-missing.jsonl" | grep -vF 'take 0' && fail "$kind: a query was sent in spite of what is missing"

    # Parameters stand in front of the query that is sent; the place is found behind them.
    playbook_of 'DeviceNetworkEvents: [DeviceName]' $'DeviceNetworkEvents\n| where RemotePort == port and DeviceName != who' \
        $'params:\n  port: {type: int, default: 443}\n  who: {type: string, default: "a-marker"}\n'
    faults='"scenario":"syntax","match":"a-marker","line":4,"pos":9' hunt $kind-place 4
    grep -qF 'line 13, column 15 of the playbook' err || { cat -n q.hunt.yaml; cat err; fail "$kind: another place"; }
done

# What Defender gives no more of, it does not say.
profile defender
one_query 'DeviceNetworkEvents | project a = "a-marker"'
control most.jsonl '"scenario":"bulk","match":"a-marker","rows":100000,"pad":1'
[ "$(run_it)" = 5 ] || { cat err; fail "100,000 rows of Defender: not exit 5"; }
grep -qF '100000 rows are the most' err || { cat err; fail "100,000 rows of Defender: it is not said why"; }
[ ! -s "$service/log" ] || { cat "$service/log"; fail "the test service complains"; }
exit 0
