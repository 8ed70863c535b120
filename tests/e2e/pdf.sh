#!/usr/bin/env bash
# The PDF with the evidence attached: what comes out is what stands in the folder of the run, byte for byte; the file is
# sound, tagged, and the same wherever it is made. The variant without attachments has none.
. "$(dirname "$0")/lib"
have qpdf && have pdfdetach && have pdfinfo || skip "no qpdf or poppler here"
run=$(dirname "$("$hb" run "$playbook" -o out 2>/dev/null)") || fail "run exited $?"
pdf=$run/report.pdf

qpdf --check "$pdf" >said 2>&1 || { cat said; fail "qpdf --check"; }
pdfinfo -struct "$pdf" >tree 2>errors || fail "pdfinfo -struct"
[ ! -s errors ] || { cat errors; fail "pdfinfo complains"; }
for role in Document H1 H2 Table TH TD Figure TOC TOCI Link Code; do
    grep -qE "^ *${role}([ :]|\$)" tree || fail "no $role in the tags"
done
pdfinfo "$pdf" | grep -q '^Tagged: *yes' || fail "not tagged"

mkdir parts
pdfdetach -saveall -o parts "$pdf" || fail "pdfdetach"
for part in parts/*; do
    name=$(basename "$part")
    cmp -s "$part" "$(find "$run" -name "$name")" || fail "attachment $name is not the file of the run"
done
# Everything of the run but the reports and their sums.
(cd "$run" && find . -type f ! -name 'report.*' ! -name SHA256SUMS) | sed 's,.*/,,' | sort >want
ls parts | sort >got
diff want got || fail "attached is something else than the files of the run"
qpdf --qdf --object-streams=disable "$pdf" plain.pdf
for want in '/AFRelationship /Source' '/AFRelationship /Data' '/Subtype /text#2fcsv' '/CheckSum' '/ModDate (D:' '/AF \['; do
    grep -qaiE -- "${want//(/\\(}" plain.pdf || fail "not in the PDF: $want"
done
qpdf --list-attachments --verbose "$pdf" >list || fail "qpdf --list-attachments"
md5=$(md5sum <"$run/run.json" | cut -d ' ' -f 1)
grep -q "$md5" list || { head -n 20 list; fail "another checksum than $md5"; }

# The hash on the cover is that of the lines of SHA256SUMS, as the report says.
hash=$(grep -vE ' ((report|run|notes)[.]|theme/)' "$run/SHA256SUMS" | sha256sum | cut -d ' ' -f 1)
pdftotext -l 1 "$pdf" cover
grep -q "$hash" cover || fail "the cover does not say that the evidence is $hash"

# Numbers are rounded in tables: the report says so, and the file of the step has all digits.
pdftotext "$pdf" - | tr '\n' ' ' >all
grep -q -- '-0\.068015 ' all && grep -q -- '-0\.068015[0-9]' "$run/cells/07-top_ten.csv" || fail "no rounded number to speak of"
grep -q 'rounded to six digits behind the point' all || fail "numbers are rounded without a word"

cp -r "$run" copy
rm copy/report.pdf
mkdir -p else/where
(cd else/where && TZ=Pacific/Kiritimati LC_ALL=C SOURCE_DATE_EPOCH=1 "$hb" render ../../copy >/dev/null) || fail "render"
cmp "$pdf" copy/report.pdf || fail "rendered elsewhere it is another file"

"$hb" render copy --pdf a-1b --format pdf >/dev/null || fail "render --pdf a-1b"
[ "$(pdfdetach -list copy/report.pdf)" = "0 embedded files" ] || fail "a-1b has attachments"
"$hb" verify copy >/dev/null 2>&1 || fail "the folder does not verify any more"

# Evidence that was changed is not made a report of.
echo >>copy/cells/04-connections.csv
expect 6 "see huntbook verify" "$hb" render copy

# No page ends with the caption or the head of a table: its first row goes with them, wherever the page ends.
{
    printf 'huntbook: 1\nid: test-heads\nname: heads\ncells:\n'
    for i in $(seq 1 40); do
        printf '  - {id: t%s, type: kql, title: Words, query: "range n from 1 to 1 step 1 %s| extend HeadOfIt = strcat(n, %s)' "$i" \
            "$(printf '| where true %.0s' $(seq 1 $((i * i % 97 * 2))))" "'$(printf ' Word%.0s' $(seq 1 28))'"
        echo ' | extend B = HeadOfIt, C = HeadOfIt, D = HeadOfIt"}'
    done
} >heads.hunt.yaml
mkdir nothing && printf "x\n1\n" >nothing/T.csv
"$hb" run heads.hunt.yaml -d nothing -o heads >report 2>err || { cat err; fail "tables with long rows: exit $?"; }
pdftotext -layout "$(dirname "$(cat report)")/report.pdf" heads.txt || fail "no text in the report"
[ "$(grep -c HeadOfIt heads.txt)" -ge 40 ] || fail "tables are missing"
awk 'BEGIN { RS = "\f" } {
    n = split($0, line, "\n"); last = ""
    for (i = 1; i <= n && line[i] !~ /Page [0-9]+ of/; i++) if (line[i] ~ /[^ ]/) last = line[i]
    if (last ~ /HeadOfIt .* D *$|^ *Table [0-9]+\./) { print "page " NR " ends with: " last; bad = 1 }
} END { exit bad }' heads.txt || fail "the head of a table stands alone at the end of a page"
exit 0
