#!/usr/bin/env bash
# Whatever a service or the way to it does, a run ends in the right rows or in an error that says what happened.
#
# Each row of the table: services it is for (l Log Analytics, a Data Explorer, v its version 1, d Defender, o its older API), scenario of tests/service/scenarios.mjs, exit code,
# requests of the kind it is about (`-`: any number), and what is seen: `rows` for the rows of a service at which
# nothing goes wrong, `none` for no rows, else a text of the error.
. "$(dirname "$0")/azure-lib"

table='
ladvo plain                  0 1 rows
ladvo gzip                   0 1 rows
ladv  chunked                0 1 rows
lad   drip                   0 1 rows
ladvo empty                  0 1 none
lad   capital-type           0 1 rows
ladv  bom                    0 1 rows
lad   trailing-space         0 1 rows
l     partial                5 1 internal record count limit
l     warning                5 1 a part of the rows
ladvo 400                    4 1 HTTP 400: the query was refused: BadRequest
ladvo syntax                 4 1 line 8, column 12 of the playbook
lad   401                    4 2 HTTP 401: the token was refused
ladvo 401-once               0 2 rows
ladvo 403                    4 2 HTTP 403
lad   404                    4 1 HTTP 404
lad   408                    0 2 rows
lad   413                    4 1 HTTP 413
ladvo 429-seconds            0 3 rows
lad   429-date               0 2 rows
lad   429-past-date          0 2 rows
ladv  429-ms                 0 2 rows
lad   429-x-ms               0 2 rows
lad   429-zero               0 2 rows
lad   429-bare               0 2 rows
lad   429-bad                0 2 rows
lad   429-negative           0 2 rows
lad   429-hour               4 1 HTTP 429: too many requests
lad   429-forever            4 4 HTTP 429: too many requests
ladvo 500                    0 2 rows
lad   500-forever            4 4 HTTP 500
lad   501                    4 1 HTTP 501
lad   502                    0 2 rows
lad   503                    0 2 rows
ladvo 504                    0 2 rows
lad   504-forever            4 2 HTTP 504: the query took longer than its timeout
lad   520                    0 2 rows
lad   html-502               0 2 rows
lad   control-403            4 2 ring \u{7} clear \u{1B}[2J
ladvo revoked                0 2 rows
lad   revoked-for-good       4 2 HTTP 401
lad   reset-before           0 2 rows
lad   reset-before-forever   4 - Connection reset by peer
lad   reset-headers          0 2 rows
ladvo reset-body             0 2 rows
lad   reset-chunked          0 2 rows
lad   reset-body-forever     4 2 no whole reply
lad   close-body             0 2 rows
ladv  close-body-forever     4 2 no whole reply
lad   bad-chunk              4 2 no whole reply
lad   bad-header             4 1 Invalid Content-Length
lad   not-http               4 1 no whole reply
ladvo truncated              4 2 it breaks off
lad   truncated-end          4 2 it breaks off
ladv  trailing               4 1 something stands behind its end
lad   second-value           4 1 something stands behind its end
ladv  nothing                4 2 answered with nothing
l     204                    4 1 holds no data at all
ladvo html                   4 1 instead of JSON; is a proxy between?
ld    html-as-json           4 1 is no JSON object
a     html-as-json           4 1 it is no list of frames
lad   wrong-type             4 1 instead of JSON
lad   no-type                4 1 instead of JSON
ld    null                   4 1 is no JSON object
a     null                   4 1 it is no list of frames
ld    string                 4 1 is no JSON object
a     string                 4 1 it is no list of frames
ld    array                  4 1 is no JSON object
a     array                  4 2 its last frame is missing, so it was cut
ld    object                 4 1 holds no table
a     object                 4 1 it is no list of frames
ld    other-object           4 1 holds no table
a     other-object           4 1 it is no list of frames
l     no-tables              4 1 holds no table
ld    deep                   4 1 is no JSON object
a     deep                   4 1 an object is missing
lav   ragged-short           4 1 row 2 of the reply has 0 values for 1 columns
d     ragged-short           4 1 an object is missing
lav   ragged-long            4 1 row 2 of the reply has 2 values for 1 columns
do    ragged-long            4 1 which is not in its schema
lav   row-is-text            4 1 a list is missing
do    row-is-text            4 1 an object is missing
ladvo text-as-long           4 1 is no long
lad   real-as-long           4 1 is no long
lad   too-long               4 1 is no long
ladv  decimal-too-long       4 1 is no decimal, or has more than 34 digits
ladv  gzip-cut               4 2 it breaks off
lad   gzip-checksum          4 2 incorrect data check
lad   gzip-bits              4 2 no whole reply
lad   gzip-not               4 2 incorrect header check
lad   encoding-unknown       4 2 no whole reply
ladvo redirect-other         4 1 redirects are not followed
lad   redirect-302           4 1 redirects are not followed
lad   redirect-same          4 1 redirects are not followed
av    partial                5 1 internal record count limit
av    deferred               5 1 one shard did not answer
a     completion-errors      5 1 too much memory
a     cancelled              5 1 cancelled
a     no-completion          4 2 its last frame is missing, so it was cut
lad   401-claims             0 2 rows
ld    bad-utf8               4 1 a text is no UTF-8
a     bad-utf8               4 1 cannot be read
ladvo bad-utf8-text          4 1 a text is no UTF-8
lad   gzip-bomb              4 1 is larger than 512 MiB
lado  leaky-403              4 2 ***
lad   token-500              0 2 rows
lad   token-429              0 2 rows
'

# row SCENARIO EXIT REQUESTS SEEN
row() {
    local name=$1 want=$2 requests=$3 seen=$4 log=$1.jsonl kind=query rc n
    control "$log" "\"scenario\":\"$name\",\"match\":\"${marker[$kind]}\"$older"
    case $name in token-*) kind=token && control "$log" "\"scenario\":\"$name\"$older" ;; esac
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

# share KIND LETTER SHARES N: every SHARES-th row of the table for this service, at a service of its own.
share() {
    local for name want requests seen at=0 bad=0
    where=$1-$2
    services=
    older=
    [[ $2 != [vo] ]] || older=',"older_only":true'
    declare -A marker=([query]=a-marker [token]=client_credentials)
    mkdir "$where-$4" && cd "$where-$4" || exit 1
    start_service "$work/service-$where-$4"
    sign_in
    profile "$1" "$([ "$2" != o ] || echo "older_endpoint: $WORLD_HTTP")"
    one_query 'DeviceNetworkEvents
| where DeviceName != "a-marker"
| summarize n = count() by ActionType'
    control first.jsonl "${older:1}"
    [ "$(run_it)" = 0 ] || { cat err; fail "$where: a run without a fault fails"; }
    cp rows.csv right.csv
    [ "$(wc -l <right.csv)" = 5 ] || { cat right.csv; fail "$where: other rows than those of the sample"; }
    while read -r for name want requests seen; do
        [[ $for == *$2* ]] || continue
        at=$((at + 1))
        [ $((at % $3)) -ne "$4" ] || (row "$name" "$want" "$requests" "$seen") || bad=1
    done <<<"$table"
    ! [ -s "$service/log" ] || { cat "$service/log"; fail "$where: the test service complains"; }
    return $bad
}

# Most of the time is spent waiting, so the shares run side by side.
jobs=
for part in "loganalytics l 4" "adx a 4" "adx v 2" "defender d 4" "defender o 2"; do
    for ((n = 0; n < ${part##* }; n++)); do
        # shellcheck disable=SC2086 # three words
        (share $part $n) >"$work/log-${part// /-}-$n" 2>&1 &
        jobs="$jobs $!"
    done
done
bad=0
for job in $jobs; do
    wait "$job" || bad=1
done
cat log-*
exit $bad
