// SPDX-License-Identifier: Apache-2.0
// Invented parcels for benchmarks and tests. As a program: node parcels.js COUNT [PREFIX] writes them as
// NDJSON, the same for the same prefix.
'use strict';

const goods = [
  ['61091010', 'Áo phông nam cotton cổ tròn màu trắng', 'PCE', 'CN'],
  ['64041990', 'Giày vải thể thao đế cao su', 'PR', 'CN'],
  ['84717020', 'Ổ đĩa cứng di động 1 TB', 'PCE', 'TH'],
  ['84713020', 'Máy tính bảng nhỏ đã qua sử dụng', 'PCE', 'JP'],
];
const family = ['Nguyễn', 'Trần', 'Lê', 'Phạm', 'Hoàng', 'Vũ', 'Đặng', 'Bùi', 'Đỗ', 'Hồ'];
const given = ['Ví Dụ Một', 'Ví Dụ Hai', 'Ví Dụ Ba', 'Mẫu An', 'Mẫu Bình', 'Mẫu Chi', 'Mẫu Dung'];

/** The parcel of that number: one line of goods of 3 to 180 dollars for an invented person. */
function parcelOf(i, prefix = 'P', day = '2026-11-20', changes = {}) {
  const [hs, description, unit, origin] = goods[i % goods.length];
  const cents = 300 + (i * 7919) % 17700;
  const value = (cents / 100).toFixed(2);
  return {
    flow: 'import', kind: 'H11', office: '15BB', transport_mode: '4', parties: '2',
    importer: { id_number: `0010${String(i % 100000000).padStart(8, '0')}`, name: `${family[i % 10]} ${given[i % 7]}`, address: `Số ${i % 999}, đường Ví dụ, tỉnh Lạng Sơn`, phone: '0000000000' },
    exporter: { name: 'Example Parcel Shop', address: '1 Sample Road', country: origin },
    bills: [`${prefix}HAWB${String(i).padStart(9, '0')}`, `${prefix}MAWB01`], packages: { count: 1, unit: 'PK' },
    gross_weight: { amount: '0.450', unit: 'KGM' }, storage_place: '15BBC01', conveyance: '12C-12345',
    arrival_date: day, loading_place: 'CNPIN', unloading_place: 'VNHNG',
    invoice: { price_kind: 'A', incoterm: 'CIF', currency: 'USD', total: value },
    reference: `${prefix}${String(i).padStart(9, '0')}`,
    lines: [{ hs, description, origin, scheme: 'B01', quantity: { amount: '1.00', unit }, invoice_value: value }],
    ...changes,
  };
}

module.exports = { parcelOf };

if (require.main === module) {
  const count = Number(process.argv[2]);
  const prefix = process.argv[3] ?? 'P';
  let text = '';
  for (let i = 0; i < count; i++) {
    text += `${JSON.stringify(parcelOf(i, prefix))}\n`;
    if (text.length > 1 << 20) {
      require('node:fs').writeSync(1, text);
      text = '';
    }
  }
  require('node:fs').writeSync(1, text);
}
