# Checks that includes only go down the layers of docs/layers.
#
#   awk -f tests/tools/check-layers.awk docs/layers FILE...
#
# The first file lists folders of src/, one line a layer, lowest first. A file in src/X may include "hb/Y.h" if Y's
# folder is X or in a lower line. A header named after no folder says whose it is in its first lines, "layer: FOLDER".
# Private headers are included from their own folder by their bare name.

FILENAME == ARGV[1] {
    for (i = 1; i <= NF; i++)
        level[$i] = FNR
    next
}

FNR == 1 {
    where = folder_of_file(FILENAME)
    if (FILENAME ~ /^include\//) {
        name = FILENAME
        sub(/.*\//, "", name)
        sub(/\.h$/, "", name)
        owned = name in level || owner_said(name) != ""
    } else {
        owned = 1
    }
    if (!(where in level))
        complain("folder '" where "' is not in docs/layers")
}

FNR == 6 && !owned {
    complain("a header named after no folder must say 'layer: FOLDER' in its first lines")
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
    target = $0
    sub(/^[^"]*"/, "", target)
    sub(/".*/, "", target)
    if (target ~ /^hb\//) {
        sub(/^hb\//, "", target)
        sub(/\.h$/, "", target)
        owner = owner_of(target)
        if (owner != where && level[owner] >= level[where])
            complain("'" where "' may not include \"hb/" target ".h\" of '" owner "'")
    } else if (target ~ /\//) {
        complain("include \"" target "\": private headers are for their own folder only")
    }
}

END { exit failed > 0 }

function folder_of_file(path,    part, n) {
    n = split(path, part, "/")
    if (part[1] == "src" && n > 2)
        return part[2]
    sub(/\.h$/, "", part[n])
    return owner_of(part[n])
}

function owner_of(name) {
    return name in level ? name : owner_said(name) != "" ? owner_said(name) : "base"
}

# The folder that include/hb/NAME.h says it belongs to; "" when it says none.
function owner_said(name,    file, line, i) {
    if (name in said)
        return said[name]
    said[name] = ""
    file = "include/hb/" name ".h"
    for (i = 0; i < 5 && (getline line < file) > 0; i++)
        if (match(line, /layer: [a-z]+/))
            said[name] = substr(line, RSTART + 7, RLENGTH - 7)
    close(file)
    return said[name]
}

function complain(text) {
    printf "%s:%d: %s\n", FILENAME, FNR, text
    failed++
}
