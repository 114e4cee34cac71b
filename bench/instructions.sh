#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Instructions per registered declaration (callgrind), split by room and by thread: the steadiest figure here.
# The real server under wrk, 32 connections; counting is switched on when it is warm. The build is that of
# ./run with debug information, which changes no instruction. Valgrind has neither SHA nor AVX-512
# instructions: SHA-256 runs its portable path there and is shown apart.
# Use: bench/instructions.sh [SECONDS]
here=$(cd "$(dirname "$0")/.." && pwd)
counted=$here/build/count
if [ -z "${HAIQUAN:-}" ]; then
    [ -f "$counted/build.ninja" ] || meson setup "$counted" "$here" --buildtype=release -Ddebug=true > /dev/null
    ninja -C "$counted" src/cli/haiquan > /dev/null
    HAIQUAN=$counted/src/cli/haiquan
fi
. "$(dirname "$0")/lib.sh"
seconds=${1:-20}
prepare_peers
fresh_database "$work/count.db"
rm -f "$work"/callgrind.out*
valgrind --tool=callgrind --instr-atstart=no --separate-threads=yes \
    --callgrind-out-file="$work/callgrind.out" "$binary" serve --db "sqlite:$work/count.db" \
    --listen "127.0.0.1:$port" > "$work/server.log" 2>&1 &
pid=$!
for _ in $(seq 600); do
    curl -sf -o /dev/null "$url/readyz" && break
    kill -0 "$pid" 2> /dev/null || { cat "$work/server.log" >&2; die "the server did not start"; }
    sleep 0.1
done
load 32 5 > /dev/null
sleep 2 # followers come to rest
callgrind_control -i on "$pid" > /dev/null
read -r requests rate p50 p99 errors < <(load 32 "$seconds")
sleep 2 # and take what came
callgrind_control -i off "$pid" > /dev/null
[ "$errors" = 0 ] || die "$errors errors"
stop_server
echo "$requests declarations"
for file in "$work"/callgrind.out-*; do
    callgrind_annotate --auto=no --threshold=100 --show-percs=no --inclusive=no "$file"
done > "$work/instructions.txt"
awk -v n="$requests" -f "$here/bench/rooms.awk" "$work/instructions.txt"
