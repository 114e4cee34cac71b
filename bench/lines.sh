#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A declaration of 4,950 lines (99 branches, 2 MB of JSON, demo tables): time from the first byte sent to the last
# byte of the record, over RUNS registrations one after another; then reading it back, its receipt, the receipt
# computed again without the server; last, filings of one line on one connection beside such registrations and
# alone. The bar: registered in under 1 s.
# Use: bench/lines.sh [RUNS]
. "$(dirname "$0")/lib.sh"
runs=${1:-20}
rm -f "$work"/lines.db*
"$binary" init --db "sqlite:$work/lines.db" > "$work/administrator.key"
"$binary" reference load-demo --db "sqlite:$work/lines.db" > /dev/null
key=$("$binary" key add --db "sqlite:$work/lines.db" --role declarant --tax-code 9900000016 --name lines)
node -e '
    const fs = require("fs"), day = new Date(Date.now() - 17 * 3600e3).toISOString().slice(0, 10);
    const text = (c) => (c / 100).toFixed(2);
    const file = (name, count) => {
        const cents = Array.from({ length: count }, (_, i) => 100 + (i * 7919) % 999900);
        const total = cents.reduce((a, b) => a + b, 0);
        fs.writeFileSync(name, JSON.stringify({
            flow: "import", kind: "A11", office: "15BB", transport_mode: "4", parties: "4",
            importer: { tax_code: "9900000016", name: "Công ty TNHH Ví dụ An Bình" },
            exporter: { name: "Example Valve Works", address: "1 Sample Road", country: "CN" },
            bills: ["VD0001"], packages: { count: 120, unit: "CT" }, gross_weight: { amount: "12340.5", unit: "KGM" },
            storage_place: "15BBC01", conveyance: "12C-12345", arrival_date: day, loading_place: "CNPIN", unloading_place: "VNHNG",
            invoice: { number: "INV-1", date: day, payment_method: "TTR", price_kind: "A", incoterm: "FOB", currency: "USD", total: text(total) },
            valuation: { method: "6", freight: { kind: "A", currency: "USD", amount: "98765.43" },
                adjustments: [{ code: "A", sign: "AD", currency: "USD", amount: "1234.56" }] },
            payment: { term: "D" },
            lines: cents.map((c, i) => ({
                hs: "84818099", origin: "CN", scheme: "B01",
                description: `Van bằng thép không gỉ dùng cho đường ống dẫn dầu, mã hiệu VX-${i + 1}, cỡ ${i % 300} mm, hàng mới 100%, đóng trong thùng các tông, kèm gioăng và bu lông`,
                quantity: { amount: "1.00", unit: "PCE" }, unit_price: text(c), invoice_value: text(c),
            })),
        }));
    };
    file(process.argv[1], 4950);
    file(process.argv[2], 1);' "$work/lines.json" "$work/line.json"
start_server "$work/lines.db"

file_one() { # FILE, prints milliseconds; the record lies in lines.record
    local took
    took=$(curl -sf -o "$work/lines.record" -w '%{time_total}' -H "Authorization: Bearer $key" -H 'Expect:' \
        -H "Idempotency-Key: $RANDOM$RANDOM$RANDOM" -H 'Content-Type: application/json' \
        --data-binary "@$1" "$url/api/v1/declarations?mode=register") || die "not registered"
    awk -v t="$took" 'BEGIN { printf "%.1f\n", t * 1000 }'
}
spread() { sort -n | awk '{ v[NR] = $1 } END { printf "median %s ms, highest %s ms", v[int((NR + 1) / 2)], v[NR] }'; }
timed() { # PATH
    curl -sf -o "$work/lines.answer" -w '%{time_total}' -H "Authorization: Bearer $key" "$url$1" |
        awk '{ printf "%.1f\n", $1 * 1000 }'
}

file_one "$work/lines.json" > /dev/null
number=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1])).number' "$work/lines.record")
echo "body $(stat -c %s "$work/lines.json") bytes, record $(stat -c %s "$work/lines.record") bytes"
echo "registered: $(for _ in $(seq "$runs"); do file_one "$work/lines.json"; done | spread)"
echo "record read: $(for _ in $(seq 10); do timed "/api/v1/declarations/$number"; done | spread)"
echo "receipt: $(for _ in $(seq 10); do timed "/api/v1/declarations/$number/receipt?wait=2"; done | spread)"
begun=$(date +%s%N)
"$binary" receipt verify "$work/lines.answer" > /dev/null
echo "receipt verified: $((($(date +%s%N) - begun) / 1000000)) ms, $(stat -c %s "$work/lines.answer") bytes"
echo "one line, alone: $(for _ in $(seq 200); do file_one "$work/line.json"; done | spread)"
(while :; do file_one "$work/lines.json" > /dev/null; done) &
beside=$!
sleep 0.5
echo "one line, beside them: $(for _ in $(seq 200); do
    curl -sf -o /dev/null -w '%{time_total}\n' -H "Authorization: Bearer $key" -H "Idempotency-Key: $RANDOM$RANDOM$RANDOM" \
        -H 'Content-Type: application/json' --data-binary "@$work/line.json" "$url/api/v1/declarations?mode=register" |
        awk '{ printf "%.1f\n", $1 * 1000 }'
done | spread)"
kill "$beside" 2> /dev/null || true
wait "$beside" 2> /dev/null || true
echo "resident: $(resident_kb "$pid") kB"
