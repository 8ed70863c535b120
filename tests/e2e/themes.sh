#!/usr/bin/env bash
# --theme: another look from the same record; kept with the run, so that render makes the same bytes; a stranger's faults are told.
. "$(dirname "$0")/lib"
"$hb" run "$playbook" --theme counsel -o out --progress none >said 2>err || { cat err >&2; fail "run exited $?"; }
run=$(dirname "$(cat said)")
[ -s "$run/theme/theme.yaml" ] && [ -s "$run/theme/logo.svg" ] || fail "the theme is not kept with the run"
grep -q 'Report of findings' "$run/report.html" && grep -q 'Prepared for counsel' "$run/report.html" || fail "the words of the cover are lost"
grep -q 'TLP:AMBER' "$run/report.html" || fail "the label is gone"
order=$(grep -o '<section [^>]*id="[a-z-]*"' "$run/report.html" | grep -oE '"(summary|contents|method|scope|limitations|findings|custody)"' | tr -d '\n')
[ "$order" = '"summary""contents""method""scope""limitations""findings""custody"' ] || fail "parts in the order $order"
cp "$run/report.html" own.html
cp "$run/report.pdf" own.pdf
(cd / && "$hb" render "$work/$run" >/dev/null) || fail "render"
cmp -s own.html "$run/report.html" && cmp -s own.pdf "$run/report.pdf" || fail "render differs from the run"
"$hb" render --theme default "$run" >/dev/null || fail "render --theme default"
! cmp -s own.html "$run/report.html" || fail "--theme default changes nothing"
grep -q 'Threat hunt report' "$run/report.html" || fail "--theme default is not the default"
"$hb" verify "$run" >/dev/null 2>&1 || fail "verify"
# The hash of the evidence is that of the results, whatever the theme: the command the report prints gives the hash it prints.
line=$(sed -n "s/.*<code[^>]*>\(grep -vE [^<]*sha256sum\)<.*/\1/p" own.html | head -n 1 | sed -e "s/&#39;/'/g" -e "s/&#x27;/'/g" -e "s/&apos;/'/g")
[ -n "$line" ] || fail "the report names no command for the hash of the evidence"
hash=$(cd "$run" && bash -c "$line" | cut -d ' ' -f 1)
for page in own.html "$run/report.html"; do
    tr '\n' ' ' <"$page" | grep -oE "One hash for all of them: .{0,200}" | grep -q "$hash" || fail "$page: the evidence is not $hash"
done
if have pdffonts && ls /usr/share/fonts/truetype/noto/NotoSerif-Regular.ttf >/dev/null 2>&1; then
    pdffonts own.pdf | grep -q 'NotoSerif-Regular' || fail "the PDF has no serif"
    # The record names the fonts of this theme, not those of the built-in one.
    grep -q '"NotoSerif-Regular.ttf"' "$run/run.json" || fail "the record does not name the serif"
    ! grep -q '"NotoSans-Regular.ttf"' "$run/run.json" || fail "the record names a font that the PDF does not have"
fi
if have qpdf; then
    qpdf --check own.pdf >checked 2>&1 || { cat checked; fail "qpdf --check"; }
fi

# A folder of one's own, with a PNG.
mkdir mine
printf '%s' 'iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAMAAACDKl70AAAAA1BMVEXAIDCFiL+UAAAAC0lEQVQI12NgQAEAAA8AAS0uh5oAAAAASUVORK5CYII=' | base64 -d >mine/logo.png
printf 'theme: 1\nname: Mine\ncolours: {light: {accent: "#005F56"}}\nlogo: {file: logo.png, alt: ours}\n' >mine/theme.yaml
"$hb" render --theme ./mine "$run" >/dev/null 2>err || { cat err >&2; fail "a theme of one's own"; }
grep -q 'src="data:image/png;base64,' "$run/report.html" || fail "the logo is not in the page"
grep -q -- '--accent:#005F56' "$run/report.html" || fail "the colour is not in the page"
! grep -qE 'src="(https?:)?//|url\(' "$run/report.html" || fail "the page asks the network"

# Faults, each at its place; nothing is run.
expect 2 "there is no theme 'nosuch'" "$hb" run "$playbook" --theme nosuch -o none
expect 2 'write ./mine' "$hb" run "$playbook" --theme mine -o none
printf 'theme: 1\nname: Mine\ncolors: {}\n' >mine/theme.yaml
expect 2 "mine/theme.yaml:3:1: error: unknown key 'colors'" "$hb" run "$playbook" --theme ./mine -o none
printf 'theme: 1\nname: Mine\ncolours: {light: {ink: "#EEEEEE"}}\n' >mine/theme.yaml
expect 2 'this cannot be read' "$hb" render --theme ./mine "$run"
[ ! -e none ] || fail "a run began with a bad theme"

# A theme that was changed in the run's folder is told, not used.
printf '# changed\n' >>"$run/theme/theme.yaml"
"$hb" render "$run" >/dev/null 2>err && fail "a changed theme was used"
grep -q 'theme' err || { cat err >&2; fail "nothing is said of the changed theme"; }
exit 0
