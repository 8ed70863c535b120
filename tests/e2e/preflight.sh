#!/usr/bin/env bash
# Apache PDFBox Preflight: the variant without attachments is valid PDF/A-1b. Of the PDF/A-3b file it says exactly what it must,
# as it knows only part 1: there are files inside (told of the name tree and of each file), and the part is not 1.
# `make validate` installs what this needs.
. "$(dirname "$0")/lib"
plain_only "preflight: it is PDFBox that judges, and pdf.sh makes such reports under sanitizers"
java=/usr/share/java
path=
for jar in preflight pdfbox2 fontbox2 xmpbox commons-logging javax.activation jaxb-api; do
    [ -f $java/$jar.jar ] || skip "no PDFBox Preflight here (libpdfbox2-java; make validate)"
    path=$path:$java/$jar.jar
done
have java || skip "no Java here (make validate)"
have qpdf && have pdfinfo || skip "no qpdf or poppler here"
preflight() { java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$path" org.apache.pdfbox.preflight.Validator_A1b "$1" 2>&1; }

# judge NAME RUN
judge() {
    local name=$1 run=$2 files
    qpdf --check "$run/report.pdf" >said 2>&1 || { cat said; fail "qpdf --check ($name)"; }
    pdfinfo -struct "$run/report.pdf" >tree 2>errors || fail "pdfinfo -struct ($name)"
    [ -s tree ] && [ ! -s errors ] || { cat errors; fail "pdfinfo complains ($name)"; }
    files=$(pdfdetach -list "$run/report.pdf" | sed -n 's/ embedded files$//p')
    preflight "$run/report.pdf" | sed '/^$/d' | sort | uniq -c | sed 's/^ *//' >said
    cat >want <<END
1 1.4.7 : Trailer Syntax error, EmbeddedFile entry is present in the Names dictionary
1 7.11.2 : Error on MetaData, part must be 1
1 The file report.pdf is not a valid PDF/A-1b file, error(s) :
$files 1.2.9 : Body Syntax error, EmbeddedFile entry is present in a FileSpecification dictionary
END
    diff <(sort want) <(sort said) || fail "Preflight says something else of the A-3b file ($name)"
    "$hb" render "$run" --pdf a-1b >/dev/null || fail "render"
    preflight "$run/report.pdf" >said
    grep -q 'is a valid PDF/A-1b file' said || { cat said; fail "Preflight finds faults in the A-1b file ($name)"; }
}

report=$("$hb" run "$playbook" -o out 2>/dev/null) || fail "run exited $?"
judge demo "$(dirname "$report")"
report=$(hostile_report) || fail "the hostile run exited $?"
judge hostile "$(dirname "$report")"
report=$("$hb" run "$playbook" --theme counsel -o themed 2>/dev/null) || fail "the run with a theme exited $?"
judge themed "$(dirname "$report")"
if [ -n "${HUNTBOOK_MILLION:-}" ]; then
    themed=$(million_themed "$HUNTBOOK_MILLION") || fail "a million rows in the other theme"
    judge "million, themed" "$(dirname "$themed")"
    cp -rl "$(dirname "$HUNTBOOK_MILLION")" million || fail "no run of a million rows"
    judge million million
fi
exit 0
