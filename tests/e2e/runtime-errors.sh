#!/usr/bin/env bash
# What a query can fail with while it runs: each legal query below has rows, or an error at its line and column, in words that are
# none of DuckDB's kinds of errors. A row: `ok`, or `LINE:COLUMN text the message begins with`; a tab; the query, \n a new line.
. "$(dirname "$0")/lib"
cat >rows <<'ROWS'
ok	print 9223372036854775807 + 1, -9223372036854775807 - 9, 9223372036854775807 * 3, toint(1e300), tolong(-1e300), tolong(real(nan))
ok	print 1/0, 1.0/0, 1%0, 1.0%0, 1h/0s, 1h/0, 1h/0.0, decimal(1)/0, decimal(1)%0, 1d % 0s, -7 % 3, 7 % -3, -7.5 % 2
ok	print 365000000d * 10, 10675199d + 10675199d, 1d * 1e300, 1d / 1e-300, 1d * real(nan), -(-10675199d), 1h * decimal(1e300)
ok	print datetime(9999-12-31) + 365d, datetime(0001-01-01) - 1d, now() - 365000d * 100, ago(-3650000d), datetime(9999-12-31) * 2
ok	print todatetime(9223372036854775807), todatetime(-1), totimespan(1e300), unixtime_seconds_todatetime(9223372036854775807)
ok	print make_datetime(99999,99,99), datetime_add('year', 9223372036854775807, now()), endofyear(datetime(9999-12-31), 5), startofweek(datetime(0001-01-01), -5)
ok	print datetime_diff('nanosecond', datetime(9999-12-31), datetime(0001-01-01)), bin_at(datetime(9999-12-31), 1d, datetime(0001-01-01))
ok	print bin(5, 0), bin(5.0, 0.0), bin(1h, 0s), bin(now(), 0s), bin_at(5, 0, 1), bin(-5, 3), bin(decimal(1), 0), bin(1, -9)
ok	print sqrt(-1), log(-1), log(0), log10(-5), log2(-1), pow(0, -1), exp(10000), acos(5), asin(5), gamma(-1), loggamma(-3), cot(0), tan(1e300)
ok	print round(1e300, 400), round(1.5, -400), round(123.456, 9223372036854775807), round(decimal(1), -9223372036854775807)
ok	print decimal(1e6144) * 10, decimal(1e-6000) * decimal(1e-6000), decimal(9e6144) + decimal(9e6144), parse_version('99999999.99999999.99999999.99999999') * 1e300
ok	datatable(x:decimal) [decimal(9e6144), decimal(9e6144)] | summarize sum(x), avg(x), min(x), max(x), stdev(x), percentile(x, 50)
ok	datatable(x:decimal) [decimal(99999999999999999999), decimal(99999999999999999999)] | summarize sum(x), avg(x) | extend y = sum_x * sum_x
ok	datatable(x:long) [9223372036854775807, 9223372036854775807] | summarize sum(x), avg(x), stdev(x), variance(x), percentile(x, 50)
ok	datatable(x:real) [1e308, 1e308, real(nan), real(-inf)] | summarize sum(x), avg(x), stdev(x), variance(x), max(x)
ok	datatable(x:timespan) [10675199d, 10675199d] | summarize sum(x), avg(x) | extend y = sum_x * 9223372036854775807
ok	datatable(x:long) [9223372036854775807, 1] | serialize | extend c = row_cumsum(x), p = prev(x, 9223372036854775807)
ok	print strlen(strrep('abcdefghij', 1000000000)), array_length(repeat(1, 1000000000)), array_length(range(1, 9223372036854775807)), array_length(range(1.0, 2.0, 1e-300))
ok	print substring('abc', 9223372036854775807, 9223372036854775807), tohex(1, 9999999), binary_shift_left(1, 99999), hash('a', 0), indexof('abc', 'b', -9999999999, -99, 99999999)
ok	print make_string(99999999), unicode_codepoints_to_string(55296, 1114112, -1), make_string(dynamic([9999999999])), format_bytes(1e300), format_bytes(-1, 9999999, 'ZB')
ok	print base64_decode_tostring('!!!!'), base64_decode_toarray('***'), zlib_decompress_from_base64_string('abc'), url_decode('%zz'), parse_xml('<a'), parse_csv('"a')
ok	print ipv4_is_in_range('1.2.3.4', '1.2.3.4/99'), ipv4_compare('a', 'b'), ipv4_netmask_suffix('x/99'), parse_ipv4_mask('1.2.3.4', 77), format_ipv4('1.2.3.4', 99)
ok	print todynamic(strrep('[', 900)), parse_json(strrep('{"a":', 200)), extract_json('$.a[999999999999999999999]', '{"a":[1]}')
ok	print d = dynamic([1, 2, 3]) | extend x = d[9223372036854775807], y = array_slice(d, 9223372036854775807, -9), z = array_rotate_left(d, 9223372036854775807), s = array_shift_left(d, -99999999999)
ok	range i from 1 to 3 step 1 | mv-expand x = range(1, 300000, 1) | count
ok	range x from 9223372036854775806 to 9223372036854775807 step 1
ok	range x from 1 to 5 step 1 | take toscalar(print -5)
ok	datatable(z:string) ['Europe/Berlin', 'nowhere', ''] | extend y = datetime_utc_to_local(datetime(2020-07-01), z), w = datetime_local_to_utc(datetime(9999-12-31), z)
ok	datatable(x:string) ['(', '(b)', '[a-', '*'] | extend m = ('abc' matches regex x), e = extract(x, 0, 'abc'), a = extract_all(x, 'abc'), r = replace_regex('abc', x, 'y')
ok	datatable(x:string) ['(', '(b)', '[a-', '*'] | extend c = countof('abc', x, 'regex'), t = trim(x, 'bab'), i = indexof_regex('abc', x), s = trim_start(x, 'abc')
ok	datatable(x:long) [1, 2] | make-series n = count() on x from 1 to 1000000 step 1 | project array_length(n)
1:50 unknown time zone 'Foo/Bar'	print datetime_local_to_utc(datetime(2020-01-01),'Foo/Bar')
1:17 not a regular expression	print x='abc' | where x matches regex '('
1:15 not a regular expression	print x='a' | parse-where kind=regex x with '(' y
2:3 not a regular expression	print x='a'\n| extend y = replace_regex(x, '[', 'd')\n| extend z = 1
1:19 x is not 2	print x=1 | where assert(x == 2, 'x is not 2')
3:3 a number is too large	datatable(x:long) [1]\n| extend a = 1\n| make-series n = count() on x from -9223372036854775807 to 9223372036854775807 step 1
1:1 the range has more than	range x from 1 to 9223372036854775807 step 1 | count
1:1 the range has more than	range x from 1.0 to 2.0 step 1e-300 | count
1:1 the range has more than	range t from datetime(0001-01-01) to datetime(9999-12-31) step 1tick | count
1:1 'range' needs	range x from 1.0 to 2.0 step 0.0
1:28 the step of the range is 0	let n = toscalar(print 0); range x from 1 to 10 step n
1:32 the series has more than	datatable(x:real)[1.0,1e300] | make-series count() on x from 0.0 to 1e300 step 1.0
1:47 the series has more than	datatable(x:datetime)[datetime(2020-01-01)] | make-series count() on x from datetime(0001-01-01) to datetime(9999-12-31) step 1s
1:54 the step must be above 0	datatable(x:long)[1] | make-series count() on x step 0
1:38 the number of rows must not	range x from 1 to 10 step 1 | sample -1
1:35 the number of rows must not	range x from 1 to 10 step 1 | top -5 by x
1:35 the number of rows must not	range x from 1 to 2 step 1 | take -1
1:47 a percentile must be	datatable(x:long)[1] | summarize percentile(x,101)
1:54 a percentile must be	datatable(x:long)[1] | summarize percentiles_array(x,dynamic([0,200]))
ROWS
awk -F'\t' '{ q = $2; gsub(/"/, "\\\"", q); printf "{\"id\":\"%s\",\"query\":\"%s\"}\n", $1, q }' rows >queries.jsonl
"$hb" kql --batch queries.jsonl >answers 2>err || { cat err; fail "the batch ended with $?"; }
[ "$(wc -l <answers)" -eq "$(wc -l <rows)" ] || fail "$(wc -l <answers) answers to $(wc -l <rows) queries"
bad=$(awk '{
    match($0, /^\{"id":"[^"]*"/); id = substr($0, 8, RLENGTH - 8)
    failed = index($0, "\"error\":")
    if (id == "ok") { if (failed || !index($0, "\"rows\":[")) print "failed: " $0; next }
    split(id, at, /[: ]/); text = substr(id, length(at[1] at[2]) + 3)
    place = "\"line\":" at[1] ",\"column\":" at[2] "}"
    if (!failed || !index($0, "\"error\":\"" text) || !index($0, place)) print "expected " id ": " $0
}' answers)
[ -z "$bad" ] || { echo "$bad"; fail "run-time errors"; }
# DuckDB names the kinds of its errors: Conversion Error, Invalid Input Error ...
! grep -E '[A-Z][A-Za-z-]+ Error: ' answers || fail "raw text of DuckDB"
