#!/usr/bin/env bash
# Only the columns that a playbook reads are loaded, and never fewer: what it gives is the same as with all of them.
. "$(dirname "$0")/lib"
mkdir data
printf 'Timestamp,DeviceName,ActionType,RemoteIP,RemotePort,Extra\n2026-01-14T10:00:00Z,a,ConnectionSuccess,1.2.3.4,443,e1\n2026-01-14T11:00:00Z,b,ConnectionFailed,1.2.3.5,80,e2\n' >data/DeviceNetworkEvents.csv
hunt() { # hunt QUERY: run it, print the note and the columns of the result
    cat >h.hunt.yaml <<YAML
huntbook: 1
id: columns
name: columns
cells:
  - id: a
    type: kql
    query: $1
YAML
    "$hb" run h.hunt.yaml -d data -o out --now 2026-01-15T00:00:00Z --no-report >report 2>err || { cat err; fail "$1"; }
    run=$(dirname "$(cat report)")
    grep -o '[0-9]* columns were loaded' "$run/run.json" || echo all
    head -1 "$run/cells/01-a.csv" | tr -d '\r'
}
check() { # check QUERY LOADED HEADER
    [ "$(hunt "$1")" = "$2
$3" ] || { hunt "$1"; fail "$1"; }
}
check 'DeviceNetworkEvents | summarize n = count() by DeviceName' '2 columns were loaded' DeviceName,n
check 'DeviceNetworkEvents | where TimeGenerated > ago(1d) | project RemoteIP' '2 columns were loaded' RemoteIP
check 'DeviceNetworkEvents | where RemotePort == 443' all Timestamp,DeviceName,ActionType,RemoteIP,RemotePort,Extra
check 'DeviceNetworkEvents | extend x = column_ifexists("Extra", "none") | project x' all x
check 'DeviceNetworkEvents | project Extra' all Extra
check 'DeviceNetworkEvents | join kind=inner (DeviceNetworkEvents | project RemotePort, DeviceName) on RemotePort | project DeviceName1' all DeviceName1

# A table has its own line in the connection, whatever it is called: "Source" is also what the cell calls the source.
printf 'A\n1\n2\n' >data/Source.csv
cat >h.hunt.yaml <<YAML
huntbook: 1
id: connection
name: connection
cells:
  - {id: c, type: connect, tables: {Source: [A], DeviceNetworkEvents: [DeviceName]}}
YAML
"$hb" run h.hunt.yaml -d data -o out --now 2026-01-15T00:00:00Z --no-report >report 2>err || { cat err; fail "connection"; }
tr -d '\n' <"$(dirname "$(cat report)")/run.json" | tr -s ' ' >record
for pair in '"Source", *"value": *"connected: ' '"Source", *"value": *"2 rows' '"Source: columns", *"value": *"A ' \
    '"DeviceNetworkEvents", *"value": *"2 rows'; do
    grep -q "$pair" record || { grep -o '"pairs".*' record; fail "connection: $pair"; }
done
exit 0
