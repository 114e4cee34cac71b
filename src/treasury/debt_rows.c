/* SPDX-License-Identifier: Apache-2.0 */
#include "treasury/room.h"

/* Rows of treasury_debts. All taxes of a declaration are packed in one row: registration inserts it
 * in the hot commit, and one insert costs what eight columns of one more would. */

#define PACKED_VERSION 1
#define PACKED_ADDED   2 /* with the day from which an added tax bears interest */

/* ------------------------------------------------------------------ entries */

hq_tre__sums hq_tre__debt_sums(const hq_tre__debt *debt)
{
    hq_tre__sums sums = { 0 };
    for (size_t i = 0; i < debt->entry_count; i++) {
        sums.owed_vnd += debt->entries[i].owed_vnd;
        sums.paid_vnd += debt->entries[i].paid_vnd;
        sums.cancelled_vnd += debt->entries[i].cancelled_vnd;
    }
    return sums;
}

int64_t hq_tre__debt_left(const hq_tre__debt *debt)
{
    hq_tre__sums sums = hq_tre__debt_sums(debt);
    return sums.owed_vnd - sums.paid_vnd - sums.cancelled_vnd;
}

hq_tre__entry *hq_tre__entry_of(hq_tre__debt *debt, hq_debt_kind kind, hq_tax tax, bool make)
{
    for (size_t i = 0; i < debt->entry_count; i++) {
        const hq_tre__entry *e = &debt->entries[i];
        if (e->kind == kind && e->tax == tax && e->since == 0) {
            return &debt->entries[i];
        }
    }
    if (!make || debt->entry_count == HQ_TRE__ENTRIES_MAX) {
        return NULL;
    }
    hq_tre__entry *entry = &debt->entries[debt->entry_count++];
    *entry = (hq_tre__entry){ .kind = kind, .tax = tax };
    return entry;
}

hq_tre__entry *hq_tre__entry_added(hq_tre__debt *debt, hq_tax tax, hq_day since)
{
    for (size_t i = 0; i < debt->entry_count; i++) {
        const hq_tre__entry *e = &debt->entries[i];
        if (e->kind == HQ_DEBT_TAX && e->tax == tax && e->since != 0) {
            return &debt->entries[i];
        }
    }
    if (since == 0 || debt->entry_count == HQ_TRE__ENTRIES_MAX) {
        return NULL;
    }
    hq_tre__entry *entry = &debt->entries[debt->entry_count++];
    *entry = (hq_tre__entry){ .kind = HQ_DEBT_TAX, .tax = tax, .since = since };
    return entry;
}

int64_t hq_tre__tax_left(const hq_tre__debt *debt, hq_debt_kind kind, hq_tax tax)
{
    int64_t left = 0;
    for (size_t i = 0; i < debt->entry_count; i++) {
        const hq_tre__entry *e = &debt->entries[i];
        left += e->kind == kind && e->tax == tax ? hq_tre__entry_left(e) : 0;
    }
    return left;
}

void hq_tre__tax_pay(hq_tre__debt *debt, hq_debt_kind kind, hq_tax tax, int64_t amount_vnd)
{
    for (size_t i = 0; i < debt->entry_count && amount_vnd > 0; i++) {
        hq_tre__entry *e = &debt->entries[i];
        if (e->kind == kind && e->tax == tax) {
            int64_t left = hq_tre__entry_left(e);
            int64_t part = left < amount_vnd ? left : amount_vnd;
            e->paid_vnd += part;
            amount_vnd -= part;
        }
    }
}

/* Rows without an added tax keep the form and the hash that they always had. */
static bool has_added(const hq_tre__debt *debt)
{
    for (size_t i = 0; i < debt->entry_count; i++) {
        if (debt->entries[i].since != 0) {
            return true;
        }
    }
    return false;
}

hq_status hq_tre__entries_pack(hq_buf *buf, const hq_tre__debt *debt)
{
    bool added = has_added(debt);
    hq_buf_char(buf, added ? PACKED_ADDED : PACKED_VERSION);
    hq_buf_char(buf, (char)debt->entry_count);
    for (size_t i = 0; i < debt->entry_count; i++) {
        const hq_tre__entry *entry = &debt->entries[i];
        hq_buf_char(buf, (char)entry->kind);
        hq_buf_char(buf, (char)entry->tax);
        hq_buf_le32(buf, (uint32_t)entry->counted_to);
        if (added) {
            hq_buf_le32(buf, (uint32_t)entry->since);
        }
        hq_buf_le64(buf, (uint64_t)entry->owed_vnd);
        hq_buf_le64(buf, (uint64_t)entry->paid_vnd);
        hq_buf_le64(buf, (uint64_t)entry->cancelled_vnd);
    }
    return hq_buf_status(buf);
}

hq_status hq_tre__entries_unpack(hq_tre__debt *debt, hq_sv packed)
{
    hq_cursor cur = { .in = packed };
    uint8_t form = hq_cursor_u8(&cur);
    if (form != PACKED_VERSION && form != PACKED_ADDED) {
        return HQ_FAIL(CORRUPT);
    }
    debt->entry_count = hq_cursor_u8(&cur);
    if (debt->entry_count > HQ_TRE__ENTRIES_MAX) {
        return HQ_FAIL(CORRUPT);
    }
    for (size_t i = 0; i < debt->entry_count; i++) {
        hq_tre__entry *entry = &debt->entries[i];
        uint8_t kind = hq_cursor_u8(&cur);
        uint8_t tax = hq_cursor_u8(&cur);
        if (kind > HQ_DEBT_FEE || tax >= HQ_TAX_COUNT) {
            return HQ_FAIL(CORRUPT);
        }
        *entry = (hq_tre__entry){ .kind = (hq_debt_kind)kind, .tax = (hq_tax)tax };
        entry->counted_to = (hq_day)hq_cursor_le32(&cur);
        entry->since = form == PACKED_ADDED ? (hq_day)hq_cursor_le32(&cur) : 0;
        entry->owed_vnd = (int64_t)hq_cursor_le64(&cur);
        entry->paid_vnd = (int64_t)hq_cursor_le64(&cur);
        entry->cancelled_vnd = (int64_t)hq_cursor_le64(&cur);
    }
    /* One form for one content: the longer one is only written where it says more. */
    bool canonical = form == PACKED_VERSION || has_added(debt);
    return cur.failed || cur.at != packed.len || !canonical ? HQ_FAIL(CORRUPT) : HQ_DONE;
}

/* ------------------------------------------------------------------ hash */

static hq_status hash_row(hq_hash32 *out, const hq_tre__debt *debt, hq_sv entries, hq_arena *arena)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 4096);
    hq_tre__sums sums = hq_tre__debt_sums(debt);
    if (hq_buf_reserve(&buf, 128 + debt->office.len + debt->tax_code.len +
                                 debt->payer_tax_code.len + entries.len) == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_buf_le64(&buf, (uint64_t)debt->declaration);
    hq_buf_bytes32(&buf, debt->office);
    hq_buf_bytes32(&buf, debt->tax_code);
    hq_buf_bytes32(&buf, debt->payer_tax_code);
    hq_buf_le64(&buf, (uint64_t)debt->opened_at);
    hq_buf_le64(&buf, (uint64_t)debt->version);
    hq_buf_char(&buf, debt->term);
    hq_buf_le32(&buf, (uint32_t)debt->due);
    hq_buf_le32(&buf, (uint32_t)debt->interest_from);
    hq_buf_le64(&buf, (uint64_t)sums.owed_vnd);
    hq_buf_le64(&buf, (uint64_t)sums.paid_vnd);
    hq_buf_le64(&buf, (uint64_t)sums.cancelled_vnd);
    hq_buf_bytes32(&buf, entries);
    HQ_TRY(hq_buf_status(&buf));
    hq_blake2b(out, hq_buf_view(&buf));
    return HQ_DONE;
}

/* ------------------------------------------------------------------ reading */

static hq_sql find = HQ_SQL_OF(
    "SELECT office, tax_code, payer_tax_code, opened_at, version, term, due, interest_from, "
    "entries, owed_vnd, paid_vnd, cancelled_vnd FROM treasury_debts WHERE declaration = ?1");

static hq_status read_row(hq_tre__debt *out, hq_rows *rows, hq_arena *arena)
{
    out->office = hq_arena_dup(arena, hq_rows_text(rows, 0));
    out->tax_code = hq_arena_dup(arena, hq_rows_text(rows, 1));
    out->payer_tax_code = hq_arena_dup(arena, hq_rows_text(rows, 2));
    if (out->office.ptr == NULL || out->tax_code.ptr == NULL || out->payer_tax_code.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    out->opened_at = hq_rows_i64(rows, 3);
    out->version = hq_rows_i64(rows, 4);
    hq_sv term = hq_rows_text(rows, 5);
    out->term = term.len == 1 ? term.ptr[0] : 'D';
    out->due = (hq_day)hq_rows_i64(rows, 6);
    out->interest_from = (hq_day)hq_rows_i64(rows, 7);
    HQ_TRY(hq_tre__entries_unpack(out, hq_rows_text(rows, 8)));
    hq_tre__sums sums = hq_tre__debt_sums(out);
    bool agree = sums.owed_vnd == hq_rows_i64(rows, 9) && sums.paid_vnd == hq_rows_i64(rows, 10) &&
                 sums.cancelled_vnd == hq_rows_i64(rows, 11);
    return agree ? HQ_DONE : HQ_FAIL(CORRUPT);
}

hq_status hq_tre__debt_get(hq_tre__debt *out, hq_tx *tx, int64_t declaration)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &find, HQ_B_I64(declaration)));
    hq_status read = HQ_FAIL(NOT_FOUND);
    if (hq_rows_next(&rows)) {
        out->declaration = declaration;
        read = read_row(out, &rows, hq_tx_arena(tx));
    }
    HQ_TRY(hq_rows_end(&rows));
    return read;
}

hq_status hq_tre__debt_hash(hq_hash32 *out, hq_tx *tx, int64_t declaration)
{
    hq_tre__debt debt;
    hq_buf entries = HQ_BUF_ARENA(hq_tx_arena(tx), 1024);
    HQ_TRY(hq_tre__debt_get(&debt, tx, declaration));
    HQ_TRY(hq_tre__entries_pack(&entries, &debt));
    return hash_row(out, &debt, hq_buf_view(&entries), hq_tx_arena(tx));
}

static hq_sql find_left = HQ_SQL_OF(
    "SELECT owed_vnd - paid_vnd - cancelled_vnd FROM treasury_debts WHERE declaration = ?1");

hq_status hq_debts_left(int64_t *left_vnd, hq_tx *tx, int64_t declaration)
{
    hq_rows rows;
    *left_vnd = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &find_left, HQ_B_I64(declaration)));
    if (hq_rows_next(&rows)) {
        *left_vnd = hq_rows_i64(&rows, 0);
    }
    return hq_rows_end(&rows);
}

/* ------------------------------------------------------------------ writing */

static hq_sql insert =
    HQ_SQL_OF("INSERT INTO treasury_debts (declaration, office, tax_code, payer_tax_code, "
              "opened_at, version, term, due, interest_from, owed_vnd, paid_vnd, cancelled_vnd, "
              "entries) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) "
              "ON CONFLICT (declaration) DO NOTHING");
static hq_sql update =
    HQ_SQL_OF("UPDATE treasury_debts SET office = ?2, tax_code = ?3, payer_tax_code = ?4, "
              "opened_at = ?5, version = ?6, term = ?7, due = ?8, interest_from = ?9, "
              "owed_vnd = ?10, paid_vnd = ?11, cancelled_vnd = ?12, entries = ?13 "
              "WHERE declaration = ?1 AND version = ?6 - 1");

static hq_status write_row(int64_t *changed, hq_hash32 *hash, hq_tx *tx, hq_sql *sql,
                           const hq_tre__debt *debt)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_buf entries = HQ_BUF_ARENA(arena, 1024);
    hq_tre__sums sums = hq_tre__debt_sums(debt);
    HQ_TRY(hq_tre__entries_pack(&entries, debt));
    HQ_TRY(hash_row(hash, debt, hq_buf_view(&entries), arena));
    const hq_bind binds[] = {
        HQ_B_I64(debt->declaration),
        HQ_B_TEXT(debt->office),
        HQ_B_TEXT(debt->tax_code),
        HQ_B_TEXT(debt->payer_tax_code),
        HQ_B_I64(debt->opened_at),
        HQ_B_I64(debt->version),
        HQ_B_TEXT(hq_sv_make(&debt->term, 1)),
        HQ_B_I64(debt->due),
        HQ_B_I64(debt->interest_from),
        HQ_B_I64(sums.owed_vnd),
        HQ_B_I64(sums.paid_vnd),
        HQ_B_I64(sums.cancelled_vnd),
        HQ_B_BLOB(hq_buf_view(&entries)),
    };
    return hq_tx_run(tx, sql, binds, sizeof binds / sizeof binds[0], changed);
}

hq_status hq_tre__debt_insert(bool *inserted, hq_hash32 *hash, hq_tx *tx, const hq_tre__debt *debt)
{
    int64_t changed;
    HQ_TRY(write_row(&changed, hash, tx, &insert, debt));
    *inserted = changed == 1;
    return HQ_DONE;
}

hq_status hq_tre__debt_update(hq_hash32 *hash, hq_tx *tx, const hq_tre__debt *debt)
{
    int64_t changed;
    HQ_TRY(write_row(&changed, hash, tx, &update, debt));
    return changed == 1 ? HQ_DONE : HQ_FAIL(RERUN);
}
