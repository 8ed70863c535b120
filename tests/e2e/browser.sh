#!/usr/bin/env bash
# The report in a browser: no message on the console, and the script has done its work.
. "$(dirname "$0")/lib"
plain_only "browser: it is Chromium that judges, and demo.sh makes such reports under sanitizers"
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip "no Chromium here"
run=$("$hb" run "$playbook" -o out 2>/dev/null) || fail "run exited $?"
timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --user-data-dir="$work/profile" --enable-logging=stderr --v=0 \
    --virtual-time-budget=5000 --dump-dom "file://$work/$run" >dom 2>log || skip "Chromium does not start here"
! grep 'CONSOLE' log || fail "the console says something"
grep -q '<table' dom || fail "no table"
grep -q 'type="search"' dom || fail "the script has not run"

# Rows beyond those that are elements of the page: search and order over all of them. The policy of the page would not let a
# probe in, so a copy without it is asked.
cat >rows.hunt.yaml <<'END'
huntbook: 1
id: 6f1b5c9e-6d3e-4a0e-9c58-0d6f4c1f7a22
name: Many rows
version: 1.0.0
hunt: {kind: baseline}
cells:
  - {id: many, type: kql, display: {rows: 10, html_rows: 3000}, query: "range n from 1 to 4000 step 1 | extend Name = strcat('row ', n), Part = 0.5 - n * 0.000000001"}
END
many=$("$hb" run rows.hunt.yaml --data "$root/playbooks/data" --now 2026-01-15T00:00:00Z -o many 2>/dev/null) || fail "run exited $?"
cat >probe.js <<'END'
addEventListener("load", () => {
  const box = document.querySelector(".tbl.data"), input = box.querySelector("input[type=search]"), said = [];
  const look = () => said.push(box.querySelector("tbody tr").textContent + " / " + box.querySelector("output").textContent);
  look();
  input.value = "ROW 2999"; input.dispatchEvent(new Event("input")); look();
  input.value = ""; input.dispatchEvent(new Event("input"));
  box.querySelector("th button").click(); box.querySelector("th button").click(); look();
  // Shown alike, numbers are ordered by and copied with all digits.
  let copied = "";
  Object.defineProperty(navigator, "clipboard", { value: { writeText: (text) => { copied = text; return Promise.resolve(); } } });
  const copy = () => { [...box.querySelectorAll("button")].find((b) => b.textContent.startsWith("Copy")).click(); said.push(copied.split("\r\n")[1]); };
  const part = [...box.querySelectorAll("th button")].at(-1);
  part.click(); look(); copy();
  input.value = "row 7"; input.dispatchEvent(new Event("input")); part.click(); part.click(); part.click(); copy();
  document.title = "probe: " + said.join("; ");
});
END
sed -e 's/<meta http-equiv="Content-Security-Policy"[^>]*>//' "$many" >probe.html
{ echo '<script>' && cat probe.js && echo '</script>'; } >>probe.html
timeout 60 "$browser" --headless --no-sandbox --disable-gpu --no-first-run --user-data-dir="$work/profile" \
    --virtual-time-budget=5000 --dump-dom "file://$work/probe.html" >dom 2>log || skip "Chromium does not start here"
grep -o '<title>probe:[^<]*' dom >probe || fail "the probe has not run"
for want in '1row 10.5 / 10 of 3,000 rows shown' '2999row 29990.499997 / 1 of 3,000 rows match' '3000row 30000.499997 / 10 of 3,000 rows shown' \
    '; 3000,row 3000,0.499997;' '; 7,row 7,0.499999993'; do
    grep -qF "$want" probe || { cat probe >&2; fail "not: $want"; }
done
exit 0
