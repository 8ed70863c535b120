#!/usr/bin/env bash
# Hostile text in every column: visible and harmless in HTML, PDF, CSV and the terminal.
. "$(dirname "$0")/lib"

hostile_files
"$hb" run hostile.hunt.yaml -d data -o out --analyst $'<b>ana\u202Elyst</b>' >report 2>err || { cat err; fail "run exited $?"; }
run=$(dirname "$(cat report)")
! grep -q $'\033' err || fail "a terminal escape reached the terminal"
! grep -qE '<script>alert|<img src=x|<b>hostile' "$run/report.html" || fail "HTML of the data is live in the report"
# Tooltips of the chart hold every label whole, by the display rule.
for want in 'Text: &lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;' 'Text: \u{1B}[31mred\u{1B}]0;title\u{7}' \
    'Text: invoice_\u{202E}fdp.exe' 'Text: a\u{200B}b' 'Text: c1 \u{85} del \u{7F} bell \u{7}' 'Text: \u{2067}x\u{2069} mark \u{61C} soft\u{AD}hyphen' \
    'tag \u{E0041} private \u{E000} nonchar \u{FFFF}' 'Text: &lt;/style&gt;&lt;/script&gt;&lt;/textarea&gt;&lt;/title&gt;' \
    'Text: `touch pwned` EOD\u{A}plot 1' 'Text: &amp;#x202e;&amp;lt;b&amp;gt;]]&gt;--&gt;'; do
    grep "<title>" "$run/report.html" | grep -qF -- "$want" || fail "no tooltip '$want'"
done
grep -q 'javascript:' "$run/report.html" && ! grep -qiE 'href="javascript:' "$run/report.html" || fail "a javascript: link"
grep -qF '\u{202E}' "$run/report.html" || fail "the bidi control is not visible in HTML"
! grep -q $'\xe2\x80\xae' "$run/report.html" || fail "a raw bidi control in HTML"
grep -qF '\u{1B}' "$run/report.html" || fail "the escape character is not visible in HTML"
! grep -q $'\033' "$run/report.html" || fail "a raw escape character in HTML"
! find . -name pwned | grep -q . || fail "gnuplot ran a command"
grep -q "'=cmd|" "$run/cells/01-rows_.csv" || fail "the formula is live in the CSV"
[ "$(wc -c <"$run/cells/01-rows_.csv")" -gt 1048576 ] || fail "the long value is not whole in the CSV"
"$hb" show "$run" rows_ >shown || fail "show"
! grep -q $'\033' shown || fail "a terminal escape reached stdout"
grep -qF '\u{202E}' shown || fail "the bidi control is not visible in the terminal"
"$hb" kql 'print s = "a\u0000b"' >nul || fail "kql"
grep -qF 'a\u{0}b' nul || { cat nul; fail "NUL is not visible"; }
if have pdftotext && have qpdf; then
    qpdf --check "$run/report.pdf" >qpdf 2>&1 || { cat qpdf; fail "qpdf --check"; }
    pdftotext "$run/report.pdf" text
    for want in '\u{202E}' '\u{200B}' '\u{1B}' 'alert(1)' 'javascript:alert(3)' '&#x202e;'; do
        grep -qF -- "$want" text || fail "not visible in the PDF: $want"
    done
    ! grep -q $'\xe2\x80\xae' text || fail "a raw bidi control in the PDF"
    pdfinfo "$run/report.pdf" >info
    for want in 'Title: .*<b>hostile</b> \\u{202E} title' 'Author: .*<b>ana\\u{202E}lyst</b>' 'Keywords: .*<tag>, a\\u{200B}b'; do
        grep -q "^$want" info || { cat info; fail "not in the metadata: $want"; }
    done
fi
printf 'x,y\n1,a\0b\n' >data/N.csv
"$hb" kql N -d data/N.csv >nul || fail "a NUL in a file"
grep -qF 'a\u{0}b' nul || { cat nul; fail "NUL of a file is not visible"; }
printf 'x,y\n1,ab\xff\xfecd\n2,good\n' >data/B.csv
expect 0 "2 bytes are not valid text and are shown as U+FFFD" "$hb" kql 'B | count' -d data/B.csv
exit 0
