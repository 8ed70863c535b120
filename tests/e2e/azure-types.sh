#!/usr/bin/env bash
# Values of every type arrive exactly as the services write them: longs above 2^53, decimals, NaN, seven digits of a second.
. "$(dirname "$0")/azure-lib"
start_service "$work/service"
sign_in
one_query 'DeviceNetworkEvents
| take 3
| project s = "", l = long(1), i = int(1), r = real(1), d = decimal(1), w = decimal(1), b = true, t = TimeGenerated, span = 1s,
          g = guid(74be27de-1e4e-49d9-b579-fe0b331d3642), dyn = dynamic({})'
{
    printf 's,l,i,r,d,w,b,t,span,g,dyn\n'
    printf '"tab\tquote""\001 😀",9223372036854775807,-2147483648,nan,0.101010000000000001,79228162514264337593543950335,true,2015-12-31T23:59:59.1234567Z,1.00:00:01.0010001,74be27de-1e4e-49d9-b579-fe0b331d3642,"{""big"":9007199254740993,""s"":""x""}"\n'
    printf ',-9223372036854775807,2147483647,-inf,-12345678901234567890.5,-0.00000015,false,0001-01-01T00:00:00.0000000Z,-00:00:00.0000001,00000000-0000-0000-0000-000000000000,"[1,2]"\n'
    printf 'a,9007199254740993,,0.1,,,,2015-12-31T23:59:59.9000000Z,00:00:10,,\n'
} >right
for kind in loganalytics adx defender; do
    profile $kind
    control $kind.jsonl '"scenario":"types","match":"take 3"'
    [ "$(run_it)" = 0 ] || { cat err; fail "$kind: a run fails"; }
    # A cell that begins like a formula has an apostrophe in front in the file for spreadsheets.
    sed "s/,'-/,-/g" rows.csv | tr -d '\r' | cmp -s - right || { cat rows.csv right; fail "$kind: other values"; }
done

# Of the time's two names a service has one, the other is added for the query alone: what the query calls by such a name it keeps.
columns() { # columns KIND HEADER QUERY
    profile "$1"
    one_query "$3"
    control columns.jsonl
    [ "$(run_it)" = 0 ] || { cat err; fail "$1: a run fails: $3"; }
    [ "$(head -1 rows.csv | tr -d '\r')" = "$2" ] || { head -1 rows.csv; fail "$1: other columns: $3"; }
    [ "$(wc -l <rows.csv)" -gt 1 ] || fail "$1: no rows: $3"
}
own='| where %s >= ago(1d) | project %s, %s1 = %s, DeviceName'
# shellcheck disable=SC2059 # a pattern of our own
columns loganalytics TimeGenerated,Timestamp1,DeviceName \
    "DeviceNetworkEvents $(printf "$own" Timestamp TimeGenerated Timestamp Timestamp)"
# shellcheck disable=SC2059
columns defender Timestamp,TimeGenerated1,DeviceName \
    "DeviceNetworkEvents $(printf "$own" TimeGenerated Timestamp TimeGenerated TimeGenerated)"
columns loganalytics Timestamp,DeviceName 'DeviceNetworkEvents | where Timestamp >= ago(1d) | project Timestamp, DeviceName'
columns loganalytics DeviceName,RemotePort,RemoteIP,TimeGenerated "DeviceNetworkEvents
| where Timestamp >= ago(1d) | project-keep DeviceName, RemotePort, RemoteIP, TimeGenerated
| project-reorder DeviceName, RemotePort, RemoteIP"
exit 0
