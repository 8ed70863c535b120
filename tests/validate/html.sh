#!/usr/bin/env bash
# The HTML report before vnu (the Nu Html Checker) and html-validate: no error in the demo, in one of hostile text, in one of
# 100,000 rows, and in the demo over a million in both themes.
. "$(dirname "$0")/../e2e/lib"
vnu=$validators/vnu-jar/build/dist/vnu.jar
[ -f "$vnu" ] && have java || skip "no vnu or no Java here (make validate)"
[ -x "$validators/.bin/html-validate" ] && have node || skip "no html-validate here (make validate)"
demo=$("$hb" run "$playbook" -o demo 2>/dev/null) || fail "run exited $?"
hostile=$(hostile_report) || fail "hostile run exited $?"
rows=$(rows_report 100000) || fail "run of many rows exited $?"
million=$(million_report) && million_themed=$(million_themed "$million") || fail "run of a million rows exited $?"
gallery=$("$hb" run "$root/playbooks/chart-gallery.hunt.yaml" -o gallery 2>/dev/null) || fail "run of the gallery exited $?"
themed=$("$hb" run "$playbook" --theme counsel -o themed 2>/dev/null) || fail "run with a theme exited $?"
java -jar "$vnu" --errors-only --format gnu "$demo" "$hostile" "$rows" "$gallery" "$themed" "$million" "$million_themed" >said 2>&1 || { head -n 20 said; fail "vnu"; }
"$validators/.bin/html-validate" "$demo" "$hostile" "$rows" "$gallery" "$themed" "$million" "$million_themed" >said 2>&1 || { head -n 40 said; fail "html-validate"; }
exit 0
