# SPDX-License-Identifier: Apache-2.0
# Sourced by the benchmarks. Everything they make lies in build/bench (set HQ_BENCH_DIR for another disk).
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
binary=${HAIQUAN:-$top/build/release/src/cli/haiquan}
work=${HQ_BENCH_DIR:-$top/build/bench}
peers=$top/build/peers
port=${HQ_BENCH_PORT:-8095}
url=http://127.0.0.1:$port
agent=2000000003
pid=
mkdir -p "$work"

die() { echo "$*" >&2; exit 1; }
[ -x "$binary" ] || die "build first: ./run builds $binary"

# The peer and the declarations in both formats, made once from ../shared/peers.
prepare_peers() {
    [ -d "$top/../shared/peers" ] || die "../shared/peers is not there: nothing to compare with"
    if [ ! -f "$peers/data/haiquan_bodies.ndjson" ]; then
        mkdir -p "$top/build"
        cp -r "$top/../shared/peers" "$peers"
        chmod -R u+w "$peers"
        "$peers/install.sh" > "$work/peers.log" 2>&1 || { tail -n 20 "$work/peers.log" >&2; exit 1; }
    fi
}

# Dates of the declarations lie around this day (what their checksums are made with).
today=2026-11-20

fresh_database() { # FILE
    rm -f "$1" "$1"-* "$1".*
    "$binary" init --db "sqlite:$1" > "$work/administrator.key"
    local table
    for table in nomenclature exchange_rates schemes kinds offices enterprises tariff; do
        "$binary" reference import --db "sqlite:$1" $table "$peers/data/haiquan_reference/$table.csv" > /dev/null
    done
    "$binary" key add --db "sqlite:$1" --role declarant --tax-code $agent --name benchmark > "$work/declarant.key"
}

start_server() { # FILE, further flags
    local file=$1
    shift
    "$binary" serve --db "sqlite:$file" --listen "127.0.0.1:$port" "$@" > "$work/server.log" 2>&1 &
    pid=$!
    for _ in $(seq 100); do
        # Its own word first: another server may have the port.
        grep -q '"listening"' "$work/server.log" && curl -sf -o /dev/null "$url/readyz" && return
        kill -0 "$pid" 2> /dev/null || { cat "$work/server.log" >&2; die "the server did not start"; }
        sleep 0.1
    done
    die "the server is not ready after 10 s"
}

stop_server() {
    [ -n "$pid" ] || return 0
    kill "$pid" 2> /dev/null || true
    wait "$pid" 2> /dev/null || true
    pid=
}
trap stop_server EXIT

ticks_of() { sed 's/^.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }
written_of() { awk '/^write_bytes/ { print $2 }' "/proc/$1/io"; }
resident_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }

# One run of wrk: prints "requests rate p50 p99 errors".
load() { # connections seconds
    KEY=$(cat "$work/declarant.key") SEED=$((RANDOM * 32768 + RANDOM)) \
        wrk -t1 "-c$1" "-d${2}s" --timeout 20s -s "$peers/haiquan/load_haiquan.lua" "$url" |
        awk '/^RESULT/ { for (i = 1; i < NF; i++) v[$i] = $(i + 1); print v["requests"], v["rps"], v["p50"], v["p99"], v["status_errors"] + v["socket_errors"] }'
}
