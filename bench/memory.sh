#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Resident memory when idle with the demo reference data, and per idle connection (4,000 of them that sent
# nothing, and 4,000 kept open after one request).
. "$(dirname "$0")/lib.sh"
rm -f "$work"/memory.db*
"$binary" init --db "sqlite:$work/memory.db" > "$work/administrator.key"
"$binary" reference load-demo --db "sqlite:$work/memory.db" > /dev/null
start_server "$work/memory.db"
sleep 2
idle=$(resident_kb "$pid")
echo "idle with demo reference data: $idle kB"
for kind in silent kept; do
    node -e '
        const net = require("net"), [port, kind, count] = [Number(process.argv[1]), process.argv[2], 4000];
        let open = 0;
        for (let i = 0; i < count; i++) {
            const s = net.connect(port, "127.0.0.1", () => {
                if (kind === "kept") s.write("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
                if (++open === count) setTimeout(() => console.log("open"), 1000);
            });
            s.on("error", () => {}); s.on("data", () => {});
        }
        setTimeout(() => process.exit(0), 8000);' "$port" $kind > "$work/open.txt" &
    opener=$!
    for _ in $(seq 60); do grep -q open "$work/open.txt" && break; sleep 0.1; done
    grep -q open "$work/open.txt" || echo "not all connections were accepted"
    now=$(resident_kb "$pid")
    awk -v a="$idle" -v b="$now" -v k=$kind 'BEGIN { printf "4,000 connections, %s: %.2f kB each\n", k, (b - a) / 4000 }'
    wait $opener || true
    sleep 1
done
