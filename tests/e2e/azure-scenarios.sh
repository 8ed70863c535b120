#!/usr/bin/env bash
# Whatever a service or the way to it does, a run ends in the right rows or in an error that says what happened.
#
# Each row of the table: services it is for (l Log Analytics), scenario of tests/service/scenarios.mjs, exit code,
# requests of the kind it is about (`-`: any number), and what is seen: `rows` for the rows of a service at which
# nothing goes wrong, `none` for no rows, else a text of the error.
. "$(dirname "$0")/azure-lib"

table='
l plain                 0 1 rows
l gzip                  0 1 rows
l chunked               0 1 rows
l drip                  0 1 rows
l empty                 0 1 none
l capital-type          0 1 rows
l bom                   0 1 rows
l trailing-space        0 1 rows
l partial               5 1 internal record count limit
l warning               5 1 a part of the rows
l 400                   4 1 HTTP 400: the query was refused: BadRequest
l 401                   4 2 HTTP 401: the token was refused
l 401-once              0 2 rows
l 403                   4 2 HTTP 403
l 404                   4 1 HTTP 404
l 408                   0 2 rows
l 413                   4 1 HTTP 413
l 429-seconds           0 3 rows
l 429-date              0 2 rows
l 429-past-date         0 2 rows
l 429-ms                0 2 rows
l 429-x-ms              0 2 rows
l 429-zero              0 2 rows
l 429-bare              0 2 rows
l 429-bad               0 2 rows
l 429-negative          0 2 rows
l 429-hour              4 1 HTTP 429: too many requests
l 429-forever           4 4 HTTP 429: too many requests
l 500                   0 2 rows
l 500-forever           4 4 HTTP 500
l 501                   4 1 HTTP 501
l 502                   0 2 rows
l 503                   0 2 rows
l 504                   0 2 rows
l 504-forever           4 2 HTTP 504: the query took longer than its timeout
l 520                   0 2 rows
l html-502              0 2 rows
l control-403           4 2 ring \u{7} clear \u{1B}[2J
l revoked               0 2 rows
l revoked-for-good      4 2 HTTP 401
l reset-before          0 2 rows
l reset-before-forever  4 - Connection reset by peer
l reset-headers         0 2 rows
l reset-body            0 2 rows
l reset-chunked         0 2 rows
l reset-body-forever    4 2 no whole reply
l close-body            0 2 rows
l close-body-forever    4 2 no whole reply
l bad-chunk             4 2 no whole reply
l bad-header            4 1 Invalid Content-Length
l not-http              4 1 no whole reply
l truncated             4 1 it breaks off
l truncated-end         4 1 it breaks off
l trailing              4 1 something stands behind its end
l second-value          4 1 something stands behind its end
l nothing               4 1 answered with nothing
l 204                   4 1 holds no data at all
l html                  4 1 instead of JSON; is a proxy between?
l html-as-json          4 1 is no JSON object
l wrong-type            4 1 instead of JSON
l no-type               4 1 instead of JSON
l null                  4 1 is no JSON object
l string                4 1 is no JSON object
l array                 4 1 is no JSON object
l object                4 1 holds no table
l other-object          4 1 holds no table
l no-tables             4 1 holds no table
l deep                  4 1 is no JSON object
l ragged-short          4 1 row 2 of the reply has 0 values for 1 columns
l ragged-long           4 1 row 2 of the reply has 2 values for 1 columns
l row-is-text           4 1 a list is missing
l text-as-long          4 1 is no long
l real-as-long          4 1 is no long
l too-long              4 1 is no long
l gzip-cut              4 1 it breaks off
l gzip-checksum         4 2 incorrect data check
l gzip-bits             4 2 no whole reply
l gzip-not              4 2 incorrect header check
l encoding-unknown      4 2 no whole reply
l redirect-other        4 1 redirects are not followed
l redirect-302          4 1 redirects are not followed
l redirect-same         4 1 redirects are not followed
l token-500             0 2 rows
l token-429             0 2 rows
'

# row SCENARIO EXIT REQUESTS SEEN
row() {
    local name=$1 want=$2 requests=$3 seen=$4 log=$1.jsonl kind=query rc n
    control "$log" "\"scenario\":\"$name\",\"match\":\"${marker[$kind]}\""
    case $name in token-*) kind=token && control "$log" "\"scenario\":\"$name\"" ;; esac
    rc=$(run_it)
    [ "$rc" = "$want" ] || { cat err; fail "$where $name: exit $rc instead of $want"; }
    case $seen in
    rows) cmp -s rows.csv right.csv || { cat err rows.csv; fail "$where $name: other rows"; } ;;
    none) [ "$(wc -l <rows.csv)" = 1 ] || { cat rows.csv; fail "$where $name: rows out of nothing"; } ;;
    *) grep -qF -- "$seen" err || { cat err; fail "$where $name: '$seen' is not said"; } ;;
    esac
    ! grep -qE 'AddressSanitizer|runtime error:' err || { cat err; fail "$where $name: sanitizer"; }
    n=$(grep -F "\"kind\":\"$kind\"" "$service/$log" | grep -cF "${marker[$kind]}")
    [ "$requests" = - ] || [ "$n" = "$requests" ] || fail "$where $name: $n requests instead of $requests"
    [ "$(count "$log" '"listener":"other"')" = 0 ] || fail "$where $name: somebody else's server was asked"
    # All tries of a query carry the same id.
    n=$(grep -F "${marker[query]}" "$service/$log" | grep -o '"x-ms-client-request-id":"[^"]*"' | sort -u | wc -l)
    [ "$n" -le 1 ] || fail "$where $name: $n ids of one query"
}

# share KIND LETTER N: every SHARES-th row of the table for this service, at a service of its own.
share() {
    local for name want requests seen at=0
    where=$1
    services=
    declare -A marker=([query]=a-marker [token]=client_credentials)
    mkdir "$1-$3" && cd "$1-$3" || exit 1
    start_service "$work/service-$1-$3"
    sign_in
    profile "$1"
    one_query 'DeviceNetworkEvents
| where DeviceName != "a-marker"
| summarize n = count() by ActionType'
    control first.jsonl ''
    [ "$(run_it)" = 0 ] || { cat err; fail "$1: a run without a fault fails"; }
    cp rows.csv right.csv
    [ "$(wc -l <right.csv)" = 5 ] || { cat right.csv; fail "$1: other rows than those of the sample"; }
    while read -r for name want requests seen; do
        [[ $for == *$2* ]] || continue
        at=$((at + 1))
        [ $((at % shares)) -ne "$3" ] || row "$name" "$want" "$requests" "$seen"
    done <<<"$table"
    ! [ -s "$service/log" ] || { cat "$service/log"; fail "$1: the test service complains"; }
}

# Most of the time is spent waiting, so the shares run side by side.
shares=5
jobs=
# shellcheck disable=SC2043 # a list that grows
for pair in "loganalytics l"; do
    for ((n = 0; n < shares; n++)); do
        # shellcheck disable=SC2086 # two words
        (share $pair $n) >"$work/log-${pair% *}-$n" 2>&1 &
        jobs="$jobs $!"
    done
done
bad=0
for job in $jobs; do
    wait "$job" || bad=1
done
cat log-*
exit $bad
