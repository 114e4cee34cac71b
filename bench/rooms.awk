# SPDX-License-Identifier: Apache-2.0
# Sums the lines of callgrind_annotate, "count  file:function [object]", by room and by library.
/^ *[0-9,]+ +[^ ]/ && !/PROGRAM TOTALS/ {
    count = $1
    gsub(",", "", count)
    what = $0
    sub(/^ *[0-9,]+ +/, "", what)
    object = ""
    if (match(what, /\[[^\]]*\]$/)) {
        object = substr(what, RSTART + 1, RLENGTH - 2)
        sub(/.*\//, "", object)
    }
    total += count
    if (match(what, /(^|\/)src\/[a-z]+\//)) {
        room = substr(what, RSTART, RLENGTH)
        sub(/^.*src\//, "", room)
        sub(/\/$/, "", room)
        if (what ~ /base\/sha256\.c/) room = "base: SHA-256 (portable)"
        rooms[room] += count
        application += count
    } else {
        if (object ~ /^haiquan/) object = "headers and C++ inlined"
        else sub(/\.so.*/, "", object)
        libraries[object == "" ? "unknown" : object] += count
        rest += count
    }
}
function show(list,   k, sorter) {
    sorter = "sort -k1,1nr"
    for (k in list) printf "%10.0f  %s\n", list[k] / n, k | sorter
    close(sorter)
}
END {
    printf "application: %.0f instructions a declaration\n", application / n
    show(rooms)
    printf "libraries: %.0f\n", rest / n
    show(libraries)
    printf "together: %.0f\n", total / n
}
