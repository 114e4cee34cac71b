#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Instructions of the rule book for a declaration of five lines (callgrind), by part: reading JSON with all
# rules of form, the rules of content alone, rules with value and taxes. The steadiest figure; bench_rules
# alone prints microseconds.
# Use: bench/clearance/rules.sh
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
program=${BENCH_RULES:-$top/build/release/bench/clearance/bench_rules}
[ -x "$program" ] || { echo "build first: ninja -C build/release bench/clearance/bench_rules" >&2; exit 1; }
tables=$top/tests/clearance/cases/reference
instructions() { # PART COUNT
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$tables" "$2" "$1" 2>&1 |
        awk '/Collected/ { print $NF }'
}
"$program" "$tables"
for part in read rules assess; do
    few=$(instructions "$part" 1000)
    many=$(instructions "$part" 3000)
    echo "$part: $(((many - few) / 2000)) instructions a declaration"
done
