#!/usr/bin/env bash
# Pages of the PDF are filled: neither a cover that goes on by a line nor a wide table on a turned page leaves one mostly empty.
. "$(dirname "$0")/lib"
have pdftotext || skip "no poppler here"

# How much of the height between header and footer each page uses, in percent.
used() {
    pdftotext -bbox "$1" - | awk '
        /<page / { match($0, /height="[0-9.]+/); height = substr($0, RSTART + 8, RLENGTH - 8); low = 0 }
        /<word/ { match($0, /yMax="[0-9.]+/); y = substr($0, RSTART + 6, RLENGTH - 6) + 0; if (y < height - 60 && y > low) low = y }
        /<\/page>/ { printf "%d\n", (low - 78) * 100 / (height - 78 - 68) }'
}
# filled NAME PDF: every page but the last, where the report ends.
filled() {
    used "$2" >"$1.used"
    [ "$(wc -l <"$1.used")" -gt 5 ] || fail "$1: no pages"
    sed '$d' "$1.used" | awk '$1 < 45 { print "page", NR, "uses", $1, "percent"; bad = 1 } END { exit bad }' || fail "$1: a page is mostly empty"
}

run=$(dirname "$("$hb" run "$playbook" -o out 2>/dev/null)") || fail "run exited $?"
filled demo "$run/report.pdf"
"$hb" render "$run" --theme counsel --format pdf >/dev/null || fail "render"
filled counsel "$run/report.pdf"

# Wide tables after little and after much, short and long.
cat >wide.hunt.yaml <<'YAML'
huntbook: 1
id: 6f1b5c9e-6d3e-4a0e-9c58-0d6f4c1f7a44
name: Wide tables
version: 1.0.0
hunt: {kind: baseline}
cells:
  - {id: a, type: markdown, text: One line.}
  - id: b
    type: kql
    display: {rows: 6}
    query: |
      range n from 1 to 60 step 1
      | extend Name = strcat('workstation-', n)
      | project n, A = Name, B = strcat('b', Name), C = strcat('c', Name), D = strcat('d', Name), E = strcat('e', Name),
                F = strcat('f', Name), G = strcat('g', Name), H = strcat('h', Name), I = strcat('i', Name), J = strcat('j', Name)
  - {id: c, type: kql, display: {rows: 60}, query: b}
  - {id: d, type: markdown, text: One line.}
  - {id: e, type: kql, display: {rows: 3}, query: b}
  - {id: f, type: kql, display: {rows: 70}, query: b | project n}
  - {id: g, type: kql, display: {rows: 6}, query: b}
YAML
wide=$(dirname "$("$hb" run wide.hunt.yaml -d "$root/playbooks/data" --now 2026-01-15T00:00:00Z -o wide 2>/dev/null)") || fail "run exited $?"
pdfinfo -l 99 "$wide/report.pdf" | grep -q 'size: *842 x 595' || fail "no page is turned"
filled wide "$wide/report.pdf"
exit 0
