#!/usr/bin/env bash
# The report in a browser: no message on the console, and the script has done its work.
. "$(dirname "$0")/lib"
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip "no Chromium here"
run=$("$hb" run "$playbook" -o out 2>/dev/null) || fail "run exited $?"
timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --user-data-dir="$work/profile" --enable-logging=stderr --v=0 \
    --virtual-time-budget=5000 --dump-dom "file://$work/$run" >dom 2>log || skip "Chromium does not start here"
! grep 'CONSOLE' log || fail "the console says something"
grep -q '<table' dom || fail "no table"
grep -q 'type="search"' dom || fail "the script has not run"
exit 0
