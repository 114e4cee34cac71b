// SPDX-License-Identifier: Apache-2.0
// A broker's day, an officer's day and a head's day, each before a browser of his own.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { office, person, close, stopFruit, importOf, until } = require('./harness.js');

let server;
let key;
before(async () => {
  server = await office();
  await stopFruit(server);
  key = server.key({ role: 'declarant', tax_code: '9900000016' });
});
after(async () => {
  await close();
  const journal = server.verify();
  assert.equal(journal.code, 0, journal.out);
  await server.stop();
});

const fruit = () => importOf({ lines: [{ ...importOf().lines[0], hs: '08052100', description: 'Quả quýt tươi', quantity: { amount: '1000.00', unit: 'KGM' } }] });
const matches = () => importOf({ lines: [{ ...importOf().lines[0], hs: '36050000', description: 'Diêm hộp', quantity: { amount: '1000.00', unit: 'KGM' } }] });
const PDF = Buffer.from('%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n');

async function file(body) {
  const answer = await server.post('/api/v1/declarations?mode=register', key, body);
  assert.equal(answer.status, 201, answer.text);
  return answer.json.number;
}
async function payAll(number) {
  const bank = server.key({ role: 'bank', bank: 'VDB' });
  const debts = (await server.get(`/api/v1/debts?declaration=${number}`, bank)).json.items;
  if (debts.length === 0) return;
  const answer = await server.post('/api/v1/payments', bank, {
    bank: 'VDB', reference: `R${number}`, debited_at: new Date().toISOString(), payer_tax_code: '9900000016',
    lines: debts.map(({ declaration, tax, amount, interest }) => ({ declaration, tax, amount: amount + interest })),
  });
  assert.equal(answer.status, 201, answer.text);
}

test("a broker's day: file, fix, register, answer with an attachment, amend, print the pass list", async () => {
  const broker = await (await person(server.base)).signIn('trader');
  const { page } = broker;

  // Yesterday's declaration is copied; a fault is found by the dry run and fixed.
  const model = await file(importOf({ lines: fruit().lines }));
  await broker.go(`/declarations/${model}`);
  await page.click('a.button:has-text("Sao chép thành tờ mới")');
  await broker.box('/invoice/number').waitFor();
  await until(async () => (await broker.box('/invoice/number').inputValue()) === 'INV-1', 'the copy in the form');
  await broker.box('/invoice/number').fill('INV-DAY');
  await broker.box('/invoice/currency').fill('XYZ');
  await broker.box('/invoice/currency').press('Tab');
  await page.waitForSelector('[data-path="/invoice/currency"][aria-invalid=true]');
  await broker.box('/invoice/currency').fill('USD');
  await page.waitForSelector('[data-path="/invoice/currency"]:not([aria-invalid])');
  await page.keyboard.press('Control+Enter');
  await broker.status('PREREGISTERED');
  const number = page.url().match(/\d{12}/)[0];
  await page.click('.next button.main:has-text("Đăng ký")');
  await broker.status('DOCUMENT_CHECK');
  await page.click('.next button:has-text("Hồ sơ đã đủ")');
  await page.waitForSelector('.next .due');

  // Customs asks; the page says so by itself, and he answers with a file.
  const officer = await (await person(server.base)).signIn('officer');
  await officer.go(`/declarations/${number}`);
  await officer.act('Yêu cầu người khai');
  await officer.field('/kind').selectOption('SUPPLEMENT');
  await officer.field('/text').fill('Bổ sung chứng nhận xuất xứ');
  await officer.field('/lines').fill('7');
  await officer.page.keyboard.press('Control+Enter');
  await officer.page.waitForSelector('form [data-path="/lines"][aria-invalid=true]');
  await officer.accessible('a form with a fault');
  await officer.field('/lines').fill('1');
  await officer.page.keyboard.press('Control+Enter');
  await officer.page.locator('#instructions [data-state=OPEN]').waitFor();

  await page.locator('#instructions [data-state=OPEN]').waitFor();
  await page.click('#instructions button:has-text("Trả lời")');
  await broker.field('/text').fill('Gửi bổ sung mẫu');
  // Half typed is kept.
  await page.reload();
  await page.locator('#instructions button:has-text("Trả lời")').click();
  assert.equal(await broker.field('/text').inputValue(), 'Gửi bổ sung mẫu');
  await page.click('#instructions form button:has-text("Thêm tệp")');
  await page.locator('#instructions select').selectOption('ORIGIN');
  await page.locator('#instructions input[type=file]').setInputFiles({ name: 'xuat-xu.pdf', mimeType: 'application/pdf', buffer: PDF });
  await page.locator('#instructions .files input:checked').waitFor();
  await broker.accessible('the answer to an instruction');
  await broker.picture('broker-answer');
  await page.locator('#instructions form button.main').click();
  await page.locator('#instructions [data-state=ANSWERED]').waitFor();
  await page.locator('#attachments a:has-text("xuat-xu.pdf")').waitFor();

  await officer.page.locator('#instructions [data-state=ANSWERED]').waitFor();
  await officer.page.click('#instructions button:has-text("Kết thúc")');
  await officer.page.keyboard.press('Control+Enter');
  await officer.page.locator('#instructions [data-state=CLOSED]').waitFor();

  // He counted wrong: an amendment, line by line, that the officer accepts.
  await page.click('.next a:has-text("Khai bổ sung")');
  await until(async () => (await broker.box('/lines/0/quantity/amount').inputValue().catch(() => '')) !== '', 'the content in the form');
  for (const [pointer, text] of [['/lines/0/quantity/amount', '1200'], ['/lines/0/invoice_value', '73800'], ['/invoice/total', '73800']]) {
    // A box marks all of itself a moment after it gets the cursor.
    await broker.box(pointer).focus();
    await page.waitForTimeout(100);
    await broker.box(pointer).fill(text);
  }
  await page.locator('.changes li', { hasText: '73.800' }).first().waitFor();
  await page.locator('aside [data-path="/reason_code"]').selectOption('5');
  await page.locator('aside [data-path="/reason"]').fill('Đếm thiếu');
  await broker.accessible('the form of an amendment');
  await broker.picture('broker-amend');
  await page.click('aside button.main');
  await page.locator('#amendments [data-state=REQUESTED]').waitFor();
  await officer.page.locator('#amendments [data-state=REQUESTED]').waitFor();
  assert.match(await officer.text('#amendments table'), /1\.000[\s\S]*1\.200/);
  await officer.picture('officer-amendment');
  await officer.page.click('#amendments button.main');
  await officer.page.keyboard.press('Control+Enter');
  await officer.page.locator('#amendments [data-state=ACCEPTED]').waitFor();
  await page.locator('#amendments [data-state=ACCEPTED]').waitFor();

  // Checked, paid, cleared: the pass list is a paper.
  await officer.page.click('label.choice:has-text("Phù hợp")');
  await officer.page.click('form button.main:has-text("Ghi kết quả")');
  await officer.status('AWAITING_TAX');
  await payAll(number);
  await broker.status('CLEARED');
  const href = await page.locator('a:has-text("Danh sách qua khu vực giám sát")').getAttribute('href');
  const paper = await page.evaluate(async (url) => {
    const answer = await fetch(url);
    return { status: answer.status, type: answer.headers.get('Content-Type'), begins: (await answer.text()).slice(0, 5) };
  }, href);
  assert.deepEqual(paper, { status: 200, type: 'application/pdf', begins: '%PDF-' });
  await broker.accessible('a declaration with a past');
  await broker.fits('a declaration with a past');
  await broker.picture('broker-cleared');
  await officer.leave();
  await broker.leave();
});

test("an officer's day: assignment, checks, a discrepancy, an analysis", async () => {
  const number = await file(matches());
  const leader = await (await person(server.base)).signIn('leader');
  const row = leader.page.locator('tr', { hasText: number });
  await row.locator('button').click();
  const dialog = leader.page.locator('dialog[open]');
  await dialog.locator('input[value=named]').check();
  await dialog.locator('select').selectOption({ label: 'Công chức Một' });
  await dialog.locator('textarea').fill('Am hiểu mặt hàng');
  await dialog.locator('button.main').click();

  const officer = await (await person(server.base)).signIn('officer');
  const { page } = officer;
  await page.locator(`a.open:has-text("${number}")`).click();
  await officer.status('DOCUMENT_CHECK');
  assert.match(await officer.text('#checks'), /Chỉ định[\s\S]*Am hiểu mặt hàng/);
  await page.click('.next button:has-text("Xác nhận đủ hồ sơ")');
  await page.click('label.choice:has-text("Phù hợp")');
  await page.click('form button.main:has-text("Ghi kết quả")');
  await officer.status('GOODS_CHECK');

  // A discrepancy at a line; what is half typed is still there after a reload.
  await page.click('label.choice:has-text("Có sai khác")');
  await page.fill('form td input', 'Nghi khác chất liệu');
  await page.fill('form textarea', 'Nghi ngờ thành phần');
  await page.reload();
  await page.waitForSelector('label.choice:has-text("Có sai khác") input:checked');
  assert.equal(await page.inputValue('form td input'), 'Nghi khác chất liệu');
  await page.click('form button.main:has-text("Ghi kết quả")');
  await page.locator('#checks [data-state=discrepancy]').waitFor();

  await officer.act('Xử lý sai khác');
  await officer.field('/kind').selectOption('ANALYSIS');
  await officer.field('/text').fill('Thành phần hóa học?');
  await officer.field('/lines').fill('1');
  await officer.accessible('the form of a matter');
  await officer.picture('officer-matter');
  await page.keyboard.press('Control+Enter');
  await page.locator('#matters [data-state=OPEN]').waitFor();
  await page.click('#matters button:has-text("Ghi lấy mẫu")');
  await officer.field('/samples/0/quantity/amount').focus();
  await page.waitForTimeout(100);
  await officer.field('/samples/0/quantity/amount').fill('2');
  await page.click('#matters form button.main');
  await page.locator('#matters .wrong').first().waitFor();
  await officer.field('/samples/0/seal').fill('NP-0001');
  await officer.field('/samples/0/declarant_present').check();
  await officer.picture('officer-samples');
  await page.click('#matters form button.main');
  await page.locator('#matters [data-state=SAMPLED]').waitFor();

  const laboratory = server.key({ role: 'laboratory', office: '15BB' });
  assert.equal((await server.post(`/api/v1/declarations/${number}/matters/1/receive`, laboratory, {})).status, 200);
  const found = await server.post(`/api/v1/declarations/${number}/matters/1/result`, laboratory, { number: 'KQ-1', results: [{ sample: 1, hs: '36050000', description: 'Diêm an toàn' }] });
  assert.equal(found.status, 200, found.text);
  await page.locator('#matters [data-state=RESULTED]').waitFor();
  await page.click('#matters button:has-text("Kết thúc")');
  await officer.field('/outcome').selectOption('AS_DECLARED');
  await page.click('#matters form button.main');
  await page.locator('#matters [data-state=CLOSED]').waitFor();
  await page.click('label.choice:has-text("Phù hợp")');
  await page.click('form button.main:has-text("Ghi kết quả")');
  await officer.status('AWAITING_TAX');
  await officer.accessible('a declaration that was analysed');
  await officer.fits('a declaration that was analysed');
  await officer.picture('officer-day');
  await officer.leave();
  await leader.leave();
});

test('an ordered amendment: the officer names what is wrong, the broker answers it', async () => {
  const number = await file(fruit());
  const officer = await (await person(server.base)).signIn('officer');
  await officer.go(`/declarations/${number}`);
  await officer.page.click('label.choice:has-text("Có sai khác")');
  await officer.page.fill('form textarea', 'Đơn vị tính sai');
  await officer.page.click('form button.main:has-text("Ghi kết quả")');
  await officer.page.locator('#checks [data-state=discrepancy]').waitFor();
  await officer.act('Xử lý sai khác');
  await officer.field('/kind').selectOption('ORDERED_AMENDMENT');
  await officer.field('/about').selectOption('OTHER');
  await officer.field('/text').fill('Khai đúng số lượng');
  await officer.page.click('#act-form button:has-text("Thêm nội dung")');
  await officer.field('/changes/0/line').fill('1');
  await officer.field('/changes/0/field').selectOption('quantity/amount');
  await officer.field('/changes/0/value').fill('1.100');
  // What is ordered is tried: quantity and value must fit.
  await officer.page.locator('#act-form form button.main').click();
  await officer.page.locator('#act-form [role=alert] li', { hasText: '67650' }).waitFor();
  for (const [i, line, field, value] of [[1, '1', 'invoice_value', '67650'], [2, '', '/invoice/total', '67650']]) {
    await officer.page.click('#act-form button:has-text("Thêm nội dung")');
    await officer.field(`/changes/${i}/line`).fill(line);
    await officer.field(`/changes/${i}/field`).selectOption(field);
    await officer.field(`/changes/${i}/value`).fill(value);
  }
  await officer.accessible('the form of an ordered amendment');
  await officer.picture('officer-orders');
  await officer.page.locator('#act-form form button.main').click();
  await officer.page.locator('#matters [data-state=OPEN]').waitFor();
  assert.match(await officer.text('#matters'), /1\.100|1100/);

  const broker = await (await person(server.base)).signIn('trader');
  await broker.go(`/declarations/${number}`);
  await broker.page.click('#matters a.button');
  await until(async () => (await broker.box('/lines/0/quantity/amount').inputValue().catch(() => '')) === '1.100', 'what was ordered in the form');
  await broker.page.locator('aside [data-path="/reason_code"]').selectOption('5');
  await broker.page.locator('aside [data-path="/reason"]').fill('Theo yêu cầu');
  await broker.page.click('aside button.main');
  await broker.page.locator('#amendments [data-state=REQUESTED]').waitFor();
  await officer.page.locator('#amendments [data-state=REQUESTED]').waitFor();
  await officer.page.click('#amendments button.main');
  await officer.page.keyboard.press('Control+Enter');
  await officer.page.locator('#matters [data-state=CLOSED]').waitFor();
  assert.match(await officer.text('#matters'), /Đã khai bổ sung/);
  await broker.leave();
  await officer.leave();
});

test('what else a discrepancy leads to: consultation, violation, imposed tax, refusal', async () => {
  const number = await file(fruit());
  const officer = await (await person(server.base)).signIn('officer');
  const head = await (await person(server.base)).signIn('head');
  const { page } = officer;
  await officer.go(`/declarations/${number}`);
  await page.click('label.choice:has-text("Có sai khác")');
  await page.fill('form textarea', 'Trị giá thấp, thiếu giấy phép');
  await page.click('form button.main:has-text("Ghi kết quả")');
  await page.locator('#checks [data-state=discrepancy]').waitFor();
  const begin = async (kind) => {
    await officer.act('Xử lý sai khác');
    await officer.field('/kind').selectOption(kind);
    await officer.field('/text').fill(`Nội dung ${kind}`);
  };
  const send = () => page.locator('#act-form form button.main').click();
  const entry = (kind) => page.locator('#matters li.entry', { hasText: kind });

  await begin('CONSULTATION');
  const tomorrow = new Date(Date.now() + 31 * 3600e3).toISOString().slice(0, 10).split('-').reverse().join('/');
  await officer.field('/invitation/at').fill(tomorrow);
  await page.fill('#act-form input[aria-label="Giờ"]', '9:00');
  await officer.field('/invitation/place').fill('Phòng 201');
  await send();
  await entry('Tham vấn').locator('[data-state=INVITED]').waitFor();
  assert.match(await entry('Tham vấn').innerText(), /09:00, Phòng 201/);
  await entry('Tham vấn').locator('button:has-text("Biên bản")').click();
  const now = new Date(Date.now() + 7 * 3600e3 - 60e3).toISOString();
  await officer.field('/held_at').fill(now.slice(0, 10).split('-').reverse().join('/'));
  await page.fill('#matters input[aria-label="Giờ"]', now.slice(11, 16));
  await officer.field('/outcome').selectOption('AGREED');
  await page.locator('#matters form textarea').last().fill('Chứng từ đủ');
  await page.locator('#matters form button.main').click();
  await entry('Tham vấn').locator('[data-state=CLOSED]').waitFor();

  await begin('VIOLATION');
  await officer.field('/act').selectOption('NO_PERMIT');
  await send();
  await entry('vi phạm').locator('[data-state=RECORDED]').waitFor();

  await begin('IMPOSED_TAX');
  await page.click('#act-form button:has-text("Thêm khoản")');
  await officer.field('/amounts/0/line').fill('1');
  await officer.field('/amounts/0/tax').selectOption('IMPORT');
  await officer.field('/amounts/0/amount').fill('500000000');
  await officer.field('/ground').fill('Điều 52 Luật Quản lý thuế');
  await send();
  await page.locator('#decisions [data-state=OPEN]').waitFor();
  await head.go(`/declarations/${number}`);
  const accept = async () => {
    await head.page.click('#decisions button:has-text("Đồng ý")');
    await head.page.locator('#decisions form textarea').fill('Đồng ý');
    await head.page.evaluate(() => scrollTo(0, 0)); // nothing half under the bar
    await head.accessible('a head accepts');
    await head.page.locator('#decisions form button.main').click();
  };
  await accept();
  await entry('Ấn định').locator('[data-state=CLOSED]').waitFor();

  await begin('REFUSAL');
  await officer.field('/ground').fill('Nghị định 69/2018/NĐ-CP');
  await officer.field('/disposal').selectOption('RE_EXPORT');
  await send();
  await page.locator('#decisions [data-state=OPEN]').waitFor();
  await head.page.locator('#decisions button:has-text("Đồng ý")').waitFor();
  await accept();
  await entry('Không cho qua').locator('[data-state=ORDERED]').waitFor();
  await officer.picture('officer-matters');
  await entry('Không cho qua').locator('button:has-text("xử lý hàng")').click();
  await officer.field('/text').fill('Đã tái xuất qua cửa khẩu');
  await page.locator('#matters form button.main').click();
  await officer.status('CANCELLED');
  await officer.fits('a refused declaration');
  await head.leave();
  await officer.leave();
});

test('release and storage: asked for, decided, closed by a result', async () => {
  const released = await file(fruit());
  const stored = await file(fruit());
  await payAll(released);
  const broker = await (await person(server.base)).signIn('trader');
  await broker.go(`/declarations/${released}`);
  await broker.act('Giải phóng hàng');
  await broker.field('/ground').selectOption('VALUE');
  await broker.field('/reason').fill('Chờ xác định trị giá');
  await broker.picture('broker-release');
  await broker.page.keyboard.press('Control+Enter');
  await broker.page.locator('#decisions [data-state=OPEN]').waitFor();
  const officer = await (await person(server.base)).signIn('officer');
  await officer.go(`/declarations/${stored}`);
  await officer.act('Đưa hàng về bảo quản');
  await officer.field('/ground').selectOption('QUARANTINE');
  await officer.field('/place').fill('Kho lạnh số 2, xã Ví dụ');
  await officer.field('/agency').fill('Chi cục Kiểm dịch Ví dụ');
  await officer.page.keyboard.press('Control+Enter');
  await officer.page.locator('#decisions [data-state=OPEN]').waitFor();

  const head = await (await person(server.base)).signIn('head');
  await head.go('/decisions');
  for (const number of [released, stored]) {
    const entry = head.page.locator('li.entry', { hasText: number });
    await entry.locator('button:has-text("Đồng ý")').click();
    await head.page.locator('li.entry form button.main').click();
    await entry.waitFor({ state: 'detached' });
  }
  await broker.status('RELEASED');
  await broker.page.waitForSelector('.next .due');
  await broker.page.locator('a:has-text("Danh sách qua khu vực giám sát")').waitFor();
  await officer.status('STORED');
  assert.match(await officer.text('#decisions'), /Kiểm dịch[\s\S]*Kho lạnh số 2[\s\S]*Chi cục Kiểm dịch/);
  await officer.act('Ghi kết quả');
  await officer.field('/result').selectOption('satisfactory');
  await officer.field('/document').fill('KD-77');
  await officer.accessible('the form of a result');
  await officer.page.keyboard.press('Control+Enter');
  await officer.status('DOCUMENT_CHECK');
  await officer.go(`/declarations/${released}`);
  await officer.act('Ghi kết quả');
  await officer.field('/result').selectOption('satisfactory');
  await officer.page.keyboard.press('Control+Enter');
  await broker.status('CLEARED');
  await officer.picture('officer-released');
  await head.leave();
  await officer.leave();
  await broker.leave();
});

test("holds and passage: a head's order stops the gate until it is lifted", async () => {
  const number = await file(fruit());
  await payAll(number);
  const officer = await (await person(server.base)).signIn('officer');
  await officer.go(`/declarations/${number}`);
  await officer.page.click('label.choice:has-text("Phù hợp")');
  await officer.page.click('form button.main:has-text("Ghi kết quả")');
  await officer.status('CLEARED');

  const head = await (await person(server.base)).signIn('head');
  await head.go('/decisions');
  await head.page.fill('section:has(#h-hold) input', number);
  await head.page.click('section:has(#h-hold) button.main');
  await head.page.locator('#act-form form').waitFor();
  await head.field('/order').selectOption('HOLD');
  await head.field('/ground').fill('Tin báo về lô hàng');
  await head.accessible('the form of a hold');
  await head.page.keyboard.press('Control+Enter');
  await head.page.locator('#holds [data-state=HELD]').waitFor();
  await head.picture('head-holds');
  // Customs see the ground; the trader sees that goods are held, and no pass list.
  const broker = await (await person(server.base)).signIn('trader');
  await broker.go(`/declarations/${number}`);
  await broker.page.locator('#holds [data-state=HELD]').waitFor();
  assert.doesNotMatch(await broker.text('#holds'), /Tin báo/);
  assert.equal(await broker.page.locator('a:has-text("Danh sách qua khu vực giám sát")').count(), 0);

  const gate = await (await person(server.base)).signIn('gate');
  await gate.go('/passage');
  await gate.page.fill('form.find input', number);
  await gate.page.click('form.find button');
  await gate.page.locator('section .tag.bad', { hasText: 'Đang tạm dừng' }).waitFor();
  assert.equal(await gate.page.locator('section form').count(), 0);

  await head.page.click('#holds button:has-text("Bỏ tạm dừng")');
  await head.field('/reason').fill('Đã xác minh');
  await head.page.keyboard.press('Control+Enter');
  await head.page.locator('#holds [data-state=LIFTED]').waitFor();
  await gate.page.locator('section form').waitFor();
  await gate.field('/vehicle').fill('12C-123.45');
  await gate.field('/packages').fill('50');
  await gate.field('/partial').check();
  await gate.accessible('the gate');
  await gate.picture('gate');
  await gate.page.locator('section form button.main').click();
  await gate.page.locator('section [data-state=PARTIAL]').waitFor();
  await gate.field('/vehicle').fill('12C-678.90');
  await gate.field('/packages').fill('500');
  await gate.page.locator('section form button.main').click();
  await gate.page.locator('section form [aria-invalid=true]').waitFor();
  await gate.field('/packages').focus();
  await gate.page.waitForTimeout(100);
  await gate.field('/packages').fill('70');
  await gate.page.locator('section form button.main').click();
  await gate.page.locator('section [data-state=GONE]').waitFor();
  await broker.status('PASSED');
  await broker.page.locator('#passages').waitFor();
  await gate.leave();
  await broker.leave();
  await head.leave();
  await officer.leave();
});

test('a trader cancels what was filed twice; a head moves another to paper', async () => {
  const twice = await file(fruit());
  const paper = await file(fruit());
  const broker = await (await person(server.base)).signIn('trader');
  await broker.go(`/declarations/${twice}`);
  await broker.act('Hủy tờ khai');
  await broker.field('/ground').selectOption('DUPLICATE');
  await broker.page.keyboard.press('Control+Enter');
  await broker.page.locator('#decisions [data-state=OPEN]').waitFor();
  const head = await (await person(server.base)).signIn('head');
  await head.go(`/declarations/${twice}`);
  await head.page.click('#decisions button:has-text("Đồng ý")');
  await head.page.locator('#decisions form button.main').click();
  await head.status('CANCELLED');
  await broker.status('CANCELLED');
  await head.go(`/declarations/${paper}`);
  await head.act('Chuyển làm thủ công');
  await head.field('/reason').fill('Hệ thống ngân hàng ngừng');
  await head.page.keyboard.press('Control+Enter');
  await head.status('MANUAL');
  await head.leave();
  await broker.leave();
});

test("a head's day: a proposal accepted, one refused, decisions given to a deputy", async () => {
  const number = await file(fruit());
  const other = await file(fruit());
  const officer = await (await person(server.base)).signIn('officer');
  for (const one of [number, other]) {
    await officer.go(`/declarations/${one}`);
    await officer.act('Chuyển luồng');
    await officer.field('/to').selectOption('RED');
    await officer.field('/reason').fill('Nghi ngờ số lượng');
    await officer.page.keyboard.press('Control+Enter');
    await officer.page.locator('#decisions [data-state=OPEN]').waitFor();
  }

  const head = await (await person(server.base)).signIn('head');
  const { page } = head;
  await head.go('/decisions');
  const entry = (of) => page.locator('li.entry', { hasText: of });
  await entry(number).waitFor();
  await entry(number).locator('button:has-text("Đồng ý")').click();
  await head.field('/reason').fill('Đồng ý kiểm tra thực tế');
  await head.accessible('the decision on a proposal');
  await head.picture('head-decides');
  await page.keyboard.press('Control+Enter');
  await entry(number).waitFor({ state: 'detached' });
  await officer.go(`/declarations/${number}`);
  await officer.page.waitForSelector('.page-head [data-channel=RED]');
  await entry(other).locator('button:has-text("Từ chối")').click();
  await head.field('/reason').fill('Chưa đủ căn cứ');
  await page.keyboard.press('Control+Enter');
  await entry(other).waitFor({ state: 'detached' });
  await officer.go(`/declarations/${other}`);
  await officer.page.locator('#decisions [data-state=REFUSED]').waitFor();
  assert.match(await officer.text('#decisions'), /Chưa đủ căn cứ/);

  // Decisions given away for some days; the deputy decides in the head's name.
  await page.click('button:has-text("Ủy quyền")');
  await head.field('/to').fill('deputy');
  await head.field('/verbs').locator('label:has-text("Chuyển luồng") input').check();
  await head.accessible('the form of a delegation');
  await page.locator('form:has([data-path="/to"]) button.main').click();
  await page.locator('li.entry [data-state=ACTIVE]').waitFor();
  await head.picture('head-delegates');
  const deputy = await (await person(server.base)).signIn('deputy');
  await officer.act('Chuyển luồng');
  await officer.field('/to').selectOption('RED');
  await officer.field('/reason').fill('Có tin báo mới');
  await officer.page.keyboard.press('Control+Enter');
  await officer.page.locator('#decisions [data-state=OPEN]').waitFor();
  await deputy.go('/decisions');
  await deputy.page.locator('li.entry', { hasText: other }).locator('button:has-text("Đồng ý")').click();
  await deputy.field('/reason').fill('Đồng ý');
  await deputy.page.keyboard.press('Control+Enter');
  await officer.page.waitForSelector('.page-head [data-channel=RED]');
  await until(async () => /thay Chi cục trưởng/.test(await officer.text('#decisions')), 'the decision names the head');
  await deputy.leave();
  await officer.leave();
  await head.leave();
});
