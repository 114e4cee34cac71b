// SPDX-License-Identifier: Apache-2.0
// Invented declarations over the goods of the demo tables, loaded only on a demo server.

import { addDays, today } from './date';
import type { Declaration } from './types';

export function examples(taxCode: string): { id: string; declaration: Declaration }[] {
  const day = today();
  const own = { tax_code: taxCode || '9900000016', name: 'Công ty TNHH Ví dụ An Bình', address: 'Số 1, đường Ví dụ, tỉnh Lạng Sơn (địa chỉ bịa)', phone: '02050000000' };
  const common = { transport_mode: '4', parties: '4', office: '15BB' };
  const ref = `DEMO${Date.now().toString(36).toUpperCase()}`;
  return [
    {
      id: 'valves',
      declaration: {
        ...common, flow: 'import', kind: 'A11', importer: own,
        exporter: { name: 'Example Valve Works Co., Ltd', address: '1 Sample Road, Pingxiang (invented)', country: 'CN' },
        bills: [`VD${ref}`], packages: { count: 120, unit: 'CT' }, gross_weight: { amount: '12340.5', unit: 'KGM' },
        storage_place: '15BBC01', conveyance: '12C-12345', arrival_date: day, loading_place: 'CNPIN', unloading_place: 'VNHNG',
        invoice: { number: 'VD-0412', date: addDays(day, -5), payment_method: 'TTR', price_kind: 'A', incoterm: 'FOB', currency: 'USD', total: '61500.00' },
        valuation: { method: '6', freight: { kind: 'A', currency: 'USD', amount: '500' }, insurance: { kind: 'A', currency: 'USD', amount: '61.5' } },
        payment: { term: 'D' }, reference: ref,
        lines: [{ hs: '84818099', description: 'Van và vòi bằng thép không gỉ, DN50, mới 100%', origin: 'CN', scheme: 'B01', quantity: { amount: '1000.00', unit: 'PCE' }, unit_price: '61.5', invoice_value: '61500.00' }],
      },
    },
    {
      id: 'fruit',
      declaration: {
        ...common, flow: 'export', kind: 'B11', exporter: own,
        importer: { name: 'Example Fruit Trading Co., Ltd', address: '2 Sample Road, Nanning (invented)', country: 'CN' },
        bills: [`VD${ref}`], packages: { count: 900, unit: 'CT' }, gross_weight: { amount: '18900', unit: 'KGM' },
        storage_place: '15BBC01', conveyance: '12C-54321', departure_date: day, loading_place: 'VNHNG', unloading_place: 'CNPIN',
        invoice: { number: 'VD-0977', date: addDays(day, -1), payment_method: 'TTR', price_kind: 'A', incoterm: 'FOB', currency: 'USD', total: '42700.00' },
        valuation: { method: '6' }, payment: { term: 'D' }, reference: ref,
        lines: [
          { hs: '08106000', description: 'Quả sầu riêng tươi, loại 1', origin: 'VN', quantity: { amount: '9000.00', unit: 'KGM' }, unit_price: '3.9', invoice_value: '35100.00' },
          { hs: '08109092', description: 'Quả thanh long tươi ruột đỏ', origin: 'VN', quantity: { amount: '9500.00', unit: 'KGM' }, unit_price: '0.8', invoice_value: '7600.00' },
        ],
      },
    },
    {
      id: 'mixed',
      declaration: {
        ...common, flow: 'import', kind: 'A11', importer: own,
        exporter: { name: 'Example General Trading', address: '3 Sample Street, Kunming (invented)', country: 'CN' },
        bills: [`VD${ref}`], packages: { count: 340, unit: 'CT' }, gross_weight: { amount: '9120', unit: 'KGM' },
        storage_place: '15BBC01', conveyance: '29H-67890', arrival_date: day, loading_place: 'CNPIN', unloading_place: 'VNHNG',
        invoice: { number: 'VD-1189', date: addDays(day, -3), payment_method: 'TTR', price_kind: 'A', incoterm: 'CIF', currency: 'USD', total: '58640.00' },
        valuation: { method: '6' }, payment: { term: 'D' }, reference: ref,
        lines: [
          { hs: '22030091', description: 'Bia lon 330 ml, 4,6 % cồn', origin: 'CN', scheme: 'B01', quantity: { amount: '8000.00', unit: 'LTR' }, unit_price: '1.08', invoice_value: '8640.00' },
          { hs: '85171300', description: 'Điện thoại thông minh, 128 GB, mới 100%', origin: 'CN', scheme: 'B01', quantity: { amount: '250.00', unit: 'PCE' }, unit_price: '160', invoice_value: '40000.00' },
          { hs: '39232199', description: 'Túi nilon bằng polyetylen, 30 x 45 cm', origin: 'CN', scheme: 'B05', quantity: { amount: '5000.00', unit: 'KGM' }, unit_price: '2', invoice_value: '10000.00', origin_proof: { form: 'E', number: 'E26DEMO001', date: addDays(day, -4) } },
        ],
      },
    },
  ];
}
