#!/usr/bin/env bash
# The demo under other settings (time zone, locale, threads, folder, home, file mode mask): one results fingerprint, one report.
# HUNTBOOK_REPEATS says how often (make repeat: 50). Reports name their run and say when it was; so each record is given the first one's
# name and times, and rendered under its own settings: the bytes must be the same.
. "$(dirname "$0")/lib"
repeats=${HUNTBOOK_REPEATS:-4}
zones=(UTC Asia/Kathmandu America/St_Johns Pacific/Kiritimati Europe/Kyiv)
locales=(C C.UTF-8 de_DE.UTF-8 tr_TR.UTF-8 POSIX)
print_of() { sed -n 's/^  "fingerprint": "\([0-9a-f]*\)",*$/\1/p' "$1/run.json"; }

for i in $(seq "$repeats"); do
    mkdir -p "at/$i/home"
    settings=(TZ="${zones[$((i % 5))]}" LC_ALL="${locales[$((i / 2 % 5))]}" LANG="${locales[$((i / 3 % 5))]}" HOME="$work/at/$i/home")
    # The same name of the folder of all runs from everywhere: paths of the record are as they were given.
    (cd "at/$i" && umask "$((i % 2 ? 22 : 77))" &&
        env "${settings[@]}" "$hb" run "$playbook" -o out --no-cache --analyst ann --threads $((i % 2 + 1)) >report 2>talk) ||
        { cat "at/$i/talk"; fail "run $i exits otherwise than with 0"; }
    run=at/$i/$(dirname "$(cat "at/$i/report")")
    print_of "$run" >>prints
    [ "$i" -gt 1 ] || cp -r "$run" first
    cp -r "$run" "at/$i/copy"
    rm "at/$i/copy/"{SHA256SUMS,report.html,report.pdf}
    # Every line that says when, where or how fast (a cell's hash does, too), from the first record; all others as they are.
    awk -v first=first/run.json '
        function key(line) { return match(line, /^ *"(run_id|started|ended|duration_us|command_line|cwd)":|^      "sha256":/) ? substr(line, RSTART, RLENGTH) : "" }
        BEGIN { while ((getline line <first) > 0) lines[++n] = line }
        { print key($0) != "" && key($0) == key(lines[NR]) ? lines[NR] : $0 }' "$run/run.json" >"at/$i/copy/run.json"
    (cd "at/$i" && env "${settings[@]}" "$hb" render copy >/dev/null 2>talk) || { cat "at/$i/talk"; fail "render $i"; }
    sha256sum <"at/$i/copy/report.html" >>html
    sha256sum <"at/$i/copy/report.pdf" >>pdf
    cmp "at/$i/copy/run.json" first/run.json || fail "record $i says something else than when, where and how fast"
    [ "$i" -gt 1 ] || cmp "at/$i/copy/report.pdf" "$run/report.pdf" || fail "the first record renders otherwise"
    rm -r "at/$i"
done
for what in prints html pdf; do
    [ "$(wc -l <$what)" -eq "$repeats" ] && [ "$(sort -u $what | wc -l)" -eq 1 ] || { sort $what | uniq -c; fail "not one of: $what"; }
done
echo "$repeats runs: fingerprint $(head -n 1 prints | cut -c 1-16), HTML $(head -n 1 html | cut -c 1-16), PDF $(head -n 1 pdf | cut -c 1-16)"
exit 0
