# Makes src/kql/known_data.inc from lists of columns.
#
#   LC_ALL=C sort -s -k1,1 -t "$(printf '\t')" COLUMNS.tsv | LC_ALL=C awk -f tests/tools/known-tables.awk >src/kql/known_data.inc
#
# A line of COLUMNS.tsv: table, column, type, in which portal (loganalytics, defender, both), parted by tabs. Rows of the
# table "*" are the columns that every table of Log Analytics has; they are known.c's own and left out here. A column with
# two rows has a type in each portal.

BEGIN {
    FS = "\t"
    split("string dynamic datetime int long real bool guid timespan decimal", names, " ")
    split("s d t i l r b g n m", letters, " ")
    for (i in names)
        letter[names[i]] = letters[i]
    print "/* Made by tests/tools/known-tables.awk; a table more may be written by hand, in the order of names. */"
}

function flush_table(   i, line, word) {
    if (table == "")
        return
    printf "KNOWN(\"%s\", %s,\n", table, log_analytics ? "true" : "false"
    line = ""
    for (i = 1; i <= n; i++) {
        word = column[i] ":" (first[i] != "" ? first[i] : second[i])
        if (first[i] != "" && second[i] != "" && first[i] != second[i])
            word = word second[i]
        if (length(line) + length(word) > 108) {
            printf "      \"%s \"\n", line
            line = word
        } else {
            line = line (line == "" ? "" : " ") word
        }
    }
    printf "      \"%s\")\n", line
}

/^#/ || $1 == "*" { next }

$1 != table {
    flush_table()
    table = $1
    n = 0
    log_analytics = 0
    split("", place)
    split("", first)
    split("", second)
}

{
    if (!($3 in letter)) {
        print "line " FNR ": unknown type " $3 >"/dev/stderr"
        exit 1
    }
    if (!($2 in place)) {
        place[$2] = ++n
        column[n] = $2
    }
    if ($4 != "loganalytics")
        first[place[$2]] = letter[$3]
    if ($4 != "defender") {
        second[place[$2]] = letter[$3]
        log_analytics = 1
    }
}

END { flush_table() }
