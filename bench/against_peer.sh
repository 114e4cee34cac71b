#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Durable declarations beside the warm Node peer, alternated rounds; with the real-time writer and without.
# Also holds the 200 expected declarations against ours. Use: bench/against_peer.sh [ROUNDS]
. "$(dirname "$0")/lib.sh"
rounds=${1:-5}
prepare_peers
for mode in realtime ordinary; do
    fresh_database "$work/peer.db"
    if [ $mode = ordinary ]; then
        start_server "$work/peer.db" --no-realtime
    else
        start_server "$work/peer.db"
    fi
    [ $mode = ordinary ] || KEY=$(cat "$work/declarant.key") node "$peers/haiquan/check_haiquan.js" "$url"
    echo "== writer: $mode ($(grep -o '"writer":"[a-z-]*"' "$work/server.log" || true))"
    DBDIR=$work KEY=$(cat "$work/declarant.key") "$peers/compare.sh" "$url" --pid "$pid" --rounds "$rounds" --seconds 3
    stop_server
done
