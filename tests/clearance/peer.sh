#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The 200 declarations that lie beside the project with what they must come to. Generates them into
# the build folder and compares. Usage: peer.sh PEERS WORK TEST
peers=$1
work=$2
test=$3
if [ ! -f "$peers/haiquan/gen_haiquan.js" ]; then
    echo "SKIPPED: no $peers/haiquan/gen_haiquan.js; the 200 expected declarations were not compared"
    exit 77
fi
if ! command -v node >/dev/null; then
    echo "SKIPPED: node is not installed; the 200 expected declarations were not compared"
    exit 77
fi
set -e
mkdir -p "$work/haiquan" "$work/data"
cat "$peers/gen.js" >"$work/gen.js"
cat "$peers/haiquan/gen_haiquan.js" >"$work/haiquan/gen_haiquan.js"
(cd "$work" && node gen.js && DATA="$work/data" node haiquan/gen_haiquan.js)
HQ_PEER_DATA="$work/data" exec "$test"
