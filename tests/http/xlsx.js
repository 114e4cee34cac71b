// SPDX-License-Identifier: Apache-2.0
// Workbooks made and taken apart by hand, so that a test can make what no spreadsheet would write.
'use strict';
const zlib = require('node:zlib');

const table = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});
function crc32(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = table[(c ^ byte) & 0xff] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** An archive of { name: text or bytes }. flags: of every entry; 1 says that it is encrypted. */
function zip(parts, { flags = 0 } = {}) {
  const local = [];
  const central = [];
  let at = 0;
  for (const [name, content] of Object.entries(parts)) {
    const bytes = Buffer.from(content);
    const packed = zlib.deflateRawSync(bytes);
    const title = Buffer.from(name);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(20, 4);
    head.writeUInt16LE(flags, 6);
    head.writeUInt16LE(8, 8);
    head.writeUInt32LE(crc32(bytes), 14);
    head.writeUInt32LE(packed.length, 18);
    head.writeUInt32LE(bytes.length, 22);
    head.writeUInt16LE(title.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(20, 4);
    head.copy(entry, 6, 4, 30);
    entry.writeUInt32LE(at, 42);
    local.push(head, title, packed);
    central.push(entry, title);
    at += head.length + title.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(parts).length, 8);
  end.writeUInt16LE(Object.keys(parts).length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...local, directory, end]);
}

/** { name: bytes } of an archive. */
function unzip(bytes) {
  const parts = {};
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  let at = bytes.readUInt32LE(end + 16);
  for (let i = 0; i < bytes.readUInt16LE(end + 10); i++) {
    const [method, packed, title, extra, comment, local] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20),
      bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30), bytes.readUInt16LE(at + 32), bytes.readUInt32LE(at + 42)];
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const piece = bytes.subarray(from, from + packed);
    parts[bytes.toString('utf8', at + 46, at + 46 + title)] = method === 8 ? zlib.inflateRawSync(piece) : piece;
    at += 46 + title + extra + comment;
  }
  return parts;
}

const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
function letters(column) {
  let text = '';
  for (let c = column; c > 0; c = Math.floor((c - 1) / 26)) text = String.fromCharCode(65 + ((c - 1) % 26)) + text;
  return text;
}

/** A cell: a text; { n } a number as it stands in the file, { date } a serial number shown as a day; { f, n } a
 *  formula with its cached value; { e } an error; undefined for none. */
function cellXml(row, column, cell) {
  const r = `${letters(column)}${row}`;
  if (cell === undefined || cell === null) return '';
  if (typeof cell === 'string') return `<c r="${r}" t="inlineStr"><is><t xml:space="preserve">${escape(cell)}</t></is></c>`;
  if (cell.f !== undefined) return `<c r="${r}"><f>${escape(cell.f)}</f><v>${cell.n ?? 0}</v></c>`;
  if (cell.e !== undefined) return `<c r="${r}" t="e"><v>${escape(cell.e)}</v></c>`;
  if (cell.date !== undefined) return `<c r="${r}" s="1"><v>${cell.date}</v></c>`;
  return `<c r="${r}"><v>${cell.n}</v></c>`;
}

const ns = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const rel = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const main = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml';

const sheetXml = (rows, { after = '', first = 1 } = {}) => `<?xml version="1.0" encoding="UTF-8"?><worksheet ${ns}><sheetData>${
  rows.map((row, i) => `<row r="${first + i}">${row.map((cell, c) => cellXml(first + i, c + 1, cell)).join('')}</row>`).join('')
}</sheetData>${after}</worksheet>`;

/** Parts of a workbook of sheets [{ name, xml, state }]. */
function parts(sheets, { type = main } = {}) {
  const all = {
    '[Content_Types].xml': `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook ${ns} xmlns:r="${rel}"><sheets>${sheets.map((sheet, i) =>
      `<sheet name="${escape(sheet.name)}" sheetId="${i + 1}"${sheet.state ? ` state="${sheet.state}"` : ''} r:id="rId${i + 1}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${sheets.map((_, i) =>
      `<Relationship Id="rId${i + 1}" Type="${rel}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`).join('')}<Relationship Id="rIdS" Type="${rel}/styles" Target="styles.xml"/></Relationships>`,
    'xl/styles.xml': `<styleSheet ${ns}><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>`,
  };
  sheets.forEach((sheet, i) => { all[`xl/worksheets/sheet${i + 1}.xml`] = sheet.xml; });
  return all;
}

/** A workbook of one sheet of rows. */
const workbook = (rows, options = {}) => zip(parts([{ name: 'declarations', xml: sheetXml(rows, options) }]));

module.exports = { zip, unzip, parts, sheetXml, workbook, letters };
