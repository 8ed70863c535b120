# Checks that includes only go down the layers of docs/layers.
#
#   awk -f tests/tools/check-layers.awk docs/layers FILE...
#
# The first file lists folders of src/, one line a layer, lowest first. A file in src/X may include "hb/Y.h" if Y's
# folder is X or in a lower line. A header named after no folder belongs to base, and says so in its first lines
# with "layer: base". Private headers are included from their own folder by their bare name.

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
        owned = name in level
        says_base = 0
    } else {
        owned = 1
    }
    if (!(where in level))
        complain("folder '" where "' is not in docs/layers")
}

FNR <= 5 && /layer: base/ { says_base = 1 }

FNR == 6 && !owned && !says_base {
    complain("a header named after no folder must say 'layer: base' in its first lines")
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
    target = $0
    sub(/^[^"]*"/, "", target)
    sub(/".*/, "", target)
    if (target ~ /^hb\//) {
        sub(/^hb\//, "", target)
        sub(/\.h$/, "", target)
        owner = target in level ? target : "base"
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
    return part[n] in level ? part[n] : "base"
}

function complain(text) {
    printf "%s:%d: %s\n", FILENAME, FNR, text
    failed++
}
