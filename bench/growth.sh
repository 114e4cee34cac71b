#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Server CPU and bytes written per declaration at 10,000 stored declarations and at the number given.
# Use: bench/growth.sh [STORED]      default 1000000; the database takes about 5 kB a declaration
. "$(dirname "$0")/lib.sh"
target=${1:-1000000}
prepare_peers
fresh_database "$work/growth.db"
start_server "$work/growth.db"
stored=0
fill() { # until that many
    while [ "$stored" -lt "$1" ]; do
        read -r requests rate p50 p99 errors < <(load 64 "$2")
        [ "$errors" = 0 ] || die "$errors errors while filling"
        stored=$((stored + requests))
    done
}
measure() {
    local t0 w0 n=0 requests rate p50 p99 errors
    t0=$(ticks_of "$pid"); w0=$(written_of "$pid")
    for _ in 1 2 3 4 5; do
        read -r requests rate p50 p99 errors < <(load 32 3)
        n=$((n + requests))
    done
    stored=$((stored + n))
    awk -v t=$(($(ticks_of "$pid") - t0)) -v w=$(($(written_of "$pid") - w0)) -v n=$n -v s=$stored \
        'BEGIN { printf "at %d stored: CPU %.1f us, written %.0f bytes a declaration (%d measured)\n", s, t * 10000 / n, w / n, n }'
}
fill 10000 1
measure
fill "$target" 20
measure
ls -l "$work"/growth.db* | awk '{ s += $5 } END { printf "files: %.0f MB\n", s / 1e6 }'
