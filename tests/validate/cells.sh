#!/usr/bin/env bash
# Text extraction gives every cell back: each cell of each table that the PDF shows, by its tag and in the text of the pages, beside
# the HTML report; the demo, the other theme, a million rows, hostile text, the gallery of charts.
. "$(dirname "$0")/../e2e/lib"
[ -d "$validators/playwright-core" ] && have node || skip "no node packages here (make validate)"
have chromium || have chromium-browser || have google-chrome || skip "no Chromium here"
have pdfinfo && have pdftotext || skip "no poppler here"
demo=$("$hb" run "$playbook" -o demo 2>/dev/null) || fail "run exited $?"
counsel=$("$hb" run "$playbook" --theme counsel -o counsel 2>/dev/null) || fail "run with a theme exited $?"
million=$(million_report) || fail "run of a million rows exited $?"
hostile=$(hostile_report) || fail "hostile run exited $?"
gallery=$("$hb" run "$root/playbooks/chart-gallery.hunt.yaml" -o gallery 2>/dev/null) || fail "run of the gallery exited $?"
cells() { VALIDATE_PACKAGES=$validators timeout 400 node "$root/tests/validate/cells.js" "$@" >said 2>&1; }
cells "$demo" "$counsel" "$million" "$hostile" "$gallery" || { cat said; fail "cells are missing"; }
[ "$(grep -cE ': [0-9]{3,} cells of [1-9][0-9]* tables, 0 faults' said)" -eq 5 ] || { cat said; fail "not all tables were looked at"; }
# It finds what is missing: the PDF of another run.
mkdir other
cp "$demo" other/
cp "$(dirname "$million")/report.pdf" other/
! cells other/report.html || fail "the tables of another run are taken for these"
exit 0
