#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Durable rate at 128 connections as a share of our own rate with fsync off, alternated in one run.
# Use: bench/durable_share.sh [ROUNDS]
. "$(dirname "$0")/lib.sh"
rounds=${1:-5}
prepare_peers
fresh_database "$work/sync.db"
rm -f "$work"/nosync.db*
for part in '' .key .pub; do # one key for both
    cp "$work/sync.db$part" "$work/nosync.db$part"
done
for round in $(seq "$rounds"); do
    for mode in sync nosync; do
        if [ $mode = nosync ]; then
            start_server "$work/$mode.db" --no-sync
        else
            start_server "$work/$mode.db"
        fi
        load 128 1 > /dev/null
        read -r requests rate p50 p99 errors < <(load 128 3)
        [ "$errors" = 0 ] || die "$errors errors"
        echo "$mode $round $rate $p50 $p99 $errors"
        stop_server
    done
done | tee "$work/share.txt"
awk '{ n[$1]++; v[$1, n[$1]] = $3 }
    function median(k,   i, j, x) { for (i = 2; i <= n[k]; i++) for (j = i; j > 1 && v[k, j-1] > v[k, j]; j--) { x = v[k, j]; v[k, j] = v[k, j-1]; v[k, j-1] = x } return v[k, int((n[k] + 1) / 2)] }
    END { a = median("sync"); b = median("nosync"); printf "median durable %d/s, fsync off %d/s, share %.2f\n", a, b, a / b }' "$work/share.txt"
