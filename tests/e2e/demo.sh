#!/usr/bin/env bash
# The demo: the shipped playbook on the shipped data finds the planted intrusion, and leaves what the design promises.
. "$(dirname "$0")/lib"

"$hb" run "$playbook" -o out >report 2>talk || { cat talk; fail "run exited $?"; }
run=$(dirname "$(cat report)")
for f in report.html report.pdf run.json playbook.hunt.yaml SHA256SUMS; do
    [ -s "$run/$f" ] || fail "no $f"
done
(cd "$run" && sha256sum --quiet -c SHA256SUMS) || fail "SHA256SUMS does not verify"
cmp -s "$playbook" "$run/playbook.hunt.yaml" || fail "the playbook is not kept verbatim"
[ -z "$(find "$run" -name '*.part')" ] || fail "temporary files stay behind"
for dir in cells queries charts; do
    [ -n "$(ls "$run/$dir")" ] || fail "nothing in $dir"
done
grep -q 'finding' talk || { cat talk; fail "no finding"; }

# The planted intrusion is what the follow-up cells show.
"$hb" show "$run" temp_path >shown || fail "show"
grep -qi 'temp' shown || { cat shown; fail "the implant in the temp folder is not found"; }

# The record names what the reports are drawn with.
grep -q '"libharu"' "$run/run.json" || fail "the record does not name libharu"
font=$(sed -n 's/^ *"name": "\(NotoSans-Regular.ttf\|DejaVuSans.ttf\)",*$/\1/p' "$run/run.json" | head -n 1)
[ -n "$font" ] || fail "the record names no font"
grep -qF "$(sha256sum "$(find /usr/share/fonts /usr/local/share/fonts -name "$font" 2>/dev/null | head -n 1)" | cut -d ' ' -f 1)" "$run/run.json" ||
    fail "the record has another hash of $font"

# Sample data is said so, in HTML and on every page of the PDF.
grep -qi 'sample data' "$run/report.html" || fail "HTML does not say it is sample data"
if have pdftotext && have qpdf; then
    qpdf --check "$run/report.pdf" >qpdf 2>&1 || { cat qpdf; fail "qpdf --check"; }
    pages=$(qpdf --show-npages "$run/report.pdf")
    for i in $(seq 1 "$pages"); do
        pdftotext -f "$i" -l "$i" "$run/report.pdf" - | grep -qi 'sample data' || fail "page $i does not say it is sample data"
    done
fi

# Rendered again from the record alone, elsewhere, in another time zone and locale: the same bytes.
cp -r "$run" copy
rm copy/report.html copy/report.pdf
mkdir elsewhere
(cd elsewhere && TZ=Asia/Kathmandu LC_ALL=C "$hb" render ../copy >/dev/null) || fail "render"
cmp "$run/report.html" copy/report.html || fail "HTML differs when rendered again"
cmp "$run/report.pdf" copy/report.pdf || fail "PDF differs when rendered again"

# The same results whatever the threads, the time zone and the output folder.
print=$(sed -n 's/^  "fingerprint": "\([0-9a-f]*\)",*$/\1/p' "$run/run.json")
[ ${#print} -eq 64 ] || fail "no fingerprint"
again=$(TZ=America/Lima "$hb" run "$playbook" -o other --threads 1 --no-report 2>/dev/null)
[ "$(sed -n 's/^  "fingerprint": "\([0-9a-f]*\)",*$/\1/p' "$again")" = "$print" ] || fail "another fingerprint"
changed=$("$hb" run "$playbook" -o other -p contamination=0.05 --no-report 2>/dev/null)
[ "$(sed -n 's/^  "fingerprint": "\([0-9a-f]*\)",*$/\1/p' "$changed")" != "$print" ] || fail "the fingerprint sees no change"

"$hb" run "$playbook" -o other --no-report --fail-on finding >/dev/null 2>&1
[ $? -eq 3 ] || fail "--fail-on finding does not exit with 3"
exit 0
