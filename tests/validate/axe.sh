#!/usr/bin/env bash
# The HTML report before axe-core in Chromium: no violation in light, in dark and at the width of a phone, nothing said on the
# console, nothing asked of the network.
. "$(dirname "$0")/../e2e/lib"
[ -d "$validators/axe-core" ] && have node || skip "no axe-core here (make validate)"
have chromium || have chromium-browser || have google-chrome || skip "no Chromium here"
demo=$("$hb" run "$playbook" -o demo 2>/dev/null) || fail "run exited $?"
hostile=$(hostile_report) || fail "hostile run exited $?"
rows=$(rows_report 20000) || fail "run of many rows exited $?"
million=$(million_report) && million_themed=$(million_themed "$million") || fail "run of a million rows exited $?"
gallery=$("$hb" run "$root/playbooks/chart-gallery.hunt.yaml" -o gallery 2>/dev/null) || fail "run of the gallery exited $?"
cp -r "$(dirname "$demo")" counsel
"$hb" render counsel --theme counsel >/dev/null 2>&1 || fail "render in the other theme"
VALIDATE_PACKAGES=$validators timeout 540 node "$root/tests/validate/axe.js" "$demo" counsel/report.html "$hostile" "$rows" "$gallery" "$million" "$million_themed" >said 2>&1 || { cat said; fail "axe"; }
[ "$(grep -c ': 0 violations, [1-9]' said)" -eq 21 ] || { cat said; fail "axe has not looked at all"; }
exit 0
