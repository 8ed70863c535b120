#!/usr/bin/env bash
# What a reader does with the HTML report, done in Chromium: see reader.js.
. "$(dirname "$0")/../e2e/lib"
[ -d "$validators/playwright-core" ] && have node || skip "no playwright-core here (make validate)"
have chromium || have chromium-browser || have google-chrome || skip "no Chromium here"
demo=$("$hb" run "$playbook" -o demo 2>/dev/null) || fail "run exited $?"
rows=$(rows_report 100000) || fail "run of many rows exited $?"
VALIDATE_PACKAGES=$validators timeout 200 node "$root/tests/validate/reader.js" "$demo" "$rows" >said 2>&1 || { cat said; fail "reader"; }
exit 0
