/* SPDX-License-Identifier: Apache-2.0 */
#include "treasury/room.h"

/* Rows of treasury_payments: what a bank sent, kept whole, so that what comes again can be compared
 * field by field. */

#define LINES_MAX (HQ_PAYMENT_LINES_MAX * 64)

/* ------------------------------------------------------------------ lines */

static hq_status pack_lines(hq_buf *buf, const hq_payment *payment)
{
    hq_buf_le32(buf, (uint32_t)payment->line_count);
    for (size_t i = 0; i < payment->line_count; i++) {
        const hq_payment_line *line = &payment->lines[i];
        hq_buf_bytes32(buf, line->declaration);
        hq_buf_char(buf, (char)line->kind);
        hq_buf_char(buf, (char)line->tax);
        hq_buf_le64(buf, (uint64_t)line->amount_vnd);
    }
    return hq_buf_status(buf);
}

static hq_status differs(hq_arena *arena, hq_why *why, hq_sv path)
{
    hq_tre__why(
        why, path,
        hq_arena_printf(arena,
                        "Số tham chiếu này đã hạch toán với nội dung khác ở %.*s: giao dịch "
                        "mới cần số tham chiếu mới",
                        HQ_SV_FMT(path)),
        hq_arena_printf(arena,
                        "This reference was posted with another %.*s: a new payment needs a "
                        "new reference",
                        HQ_SV_FMT(path)));
    return HQ_FAIL(CONFLICT);
}

static hq_status line_same(hq_cursor *cur, const hq_payment_line *line, size_t i, hq_arena *arena,
                           hq_why *why)
{
    const char *field = NULL;
    hq_sv declaration = hq_cursor_bytes32(cur);
    uint8_t kind = hq_cursor_u8(cur);
    uint8_t tax = hq_cursor_u8(cur);
    int64_t amount = (int64_t)hq_cursor_le64(cur);
    if (!hq_sv_eq(declaration, line->declaration)) {
        field = "declaration";
    } else if (kind != line->kind) {
        field = "kind";
    } else if (tax != line->tax) {
        field = "tax";
    } else if (amount != line->amount_vnd) {
        field = "amount";
    }
    return field == NULL ? HQ_DONE
                         : differs(arena, why, hq_arena_printf(arena, "/lines/%zu/%s", i, field));
}

hq_status hq_tre__payment_same(const hq_tre__payment_row *row, const hq_payment *payment,
                               hq_arena *arena, hq_why *why)
{
    if (row->debited_at != payment->debited_at) {
        return differs(arena, why, HQ_SV("/debited_at"));
    }
    if (!hq_sv_eq(row->payer_tax_code, payment->payer_tax_code)) {
        return differs(arena, why, HQ_SV("/payer_tax_code"));
    }
    hq_cursor cur = { .in = row->lines };
    uint32_t count = hq_cursor_le32(&cur);
    for (size_t i = 0; i < payment->line_count && i < count; i++) {
        HQ_TRY(line_same(&cur, &payment->lines[i], i, arena, why));
    }
    return count == payment->line_count ? HQ_DONE : differs(arena, why, HQ_SV("/lines"));
}

/* ------------------------------------------------------------------ rows */

typedef struct {
    hq_sv bank, reference;
    int64_t posted_at, debited_at;
    hq_sv payer_tax_code;
    int64_t amount_vnd, applied_vnd, credited_vnd;
    hq_sv lines, answer, actor;
} whole_row;

static hq_status hash_row(hq_hash32 *out, const whole_row *row, hq_arena *arena)
{
    hq_buf buf = HQ_BUF_ARENA(arena, (size_t)1 << 20);
    hq_buf_bytes32(&buf, row->bank);
    hq_buf_bytes32(&buf, row->reference);
    hq_buf_le64(&buf, (uint64_t)row->posted_at);
    hq_buf_le64(&buf, (uint64_t)row->debited_at);
    hq_buf_bytes32(&buf, row->payer_tax_code);
    hq_buf_le64(&buf, (uint64_t)row->amount_vnd);
    hq_buf_le64(&buf, (uint64_t)row->applied_vnd);
    hq_buf_le64(&buf, (uint64_t)row->credited_vnd);
    hq_buf_bytes32(&buf, row->lines);
    hq_buf_bytes32(&buf, row->answer);
    hq_buf_bytes32(&buf, row->actor);
    HQ_TRY(hq_buf_status(&buf));
    hq_blake2b(out, hq_buf_view(&buf));
    return HQ_DONE;
}

static hq_sql insert =
    HQ_SQL_OF("INSERT INTO treasury_payments (bank, reference, posted_at, debited_at, "
              "payer_tax_code, amount_vnd, applied_vnd, credited_vnd, lines, answer, actor) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING");
static hq_sql find = HQ_SQL_OF(
    "SELECT posted_at, debited_at, payer_tax_code, amount_vnd, applied_vnd, credited_vnd, lines, "
    "answer, actor FROM treasury_payments WHERE bank = ?1 AND reference = ?2");

static hq_status get_whole(whole_row *out, hq_tx *tx, hq_sv bank, hq_sv reference)
{
    hq_rows rows;
    hq_arena *arena = hq_tx_arena(tx);
    hq_status read = HQ_FAIL(NOT_FOUND);
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &find, HQ_B_TEXT(bank), HQ_B_TEXT(reference)));
    if (hq_rows_next(&rows)) {
        *out = (whole_row){
            .bank = bank,
            .reference = reference,
            .posted_at = hq_rows_i64(&rows, 0),
            .debited_at = hq_rows_i64(&rows, 1),
            .payer_tax_code = hq_arena_dup(arena, hq_rows_text(&rows, 2)),
            .amount_vnd = hq_rows_i64(&rows, 3),
            .applied_vnd = hq_rows_i64(&rows, 4),
            .credited_vnd = hq_rows_i64(&rows, 5),
            .lines = hq_arena_dup(arena, hq_rows_text(&rows, 6)),
            .answer = hq_arena_dup(arena, hq_rows_text(&rows, 7)),
            .actor = hq_arena_dup(arena, hq_rows_text(&rows, 8)),
        };
        bool whole = out->payer_tax_code.ptr != NULL && out->lines.ptr != NULL &&
                     out->answer.ptr != NULL && out->actor.ptr != NULL;
        read = whole ? HQ_DONE : HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_rows_end(&rows));
    return read;
}

hq_status hq_tre__payment_get(hq_tre__payment_row *out, hq_tx *tx, hq_sv bank, hq_sv reference)
{
    whole_row row;
    HQ_TRY(get_whole(&row, tx, bank, reference));
    *out = (hq_tre__payment_row){ row.debited_at, row.payer_tax_code, row.lines, row.answer };
    return HQ_DONE;
}

hq_status hq_tre__payment_hash(hq_hash32 *out, hq_tx *tx, hq_sv bank, hq_sv reference)
{
    whole_row row;
    HQ_TRY(get_whole(&row, tx, bank, reference));
    return hash_row(out, &row, hq_tx_arena(tx));
}

hq_status hq_tre__payment_insert(hq_hash32 *hash, hq_tx *tx, const hq_payment *payment,
                                 int64_t applied_vnd, int64_t credited_vnd, hq_sv answer)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_buf lines = HQ_BUF_ARENA(arena, LINES_MAX);
    int64_t changed;
    HQ_TRY(pack_lines(&lines, payment));
    whole_row row = {
        payment->bank,
        payment->reference,
        hq_tx_now(tx),
        payment->debited_at,
        payment->payer_tax_code,
        applied_vnd + credited_vnd,
        applied_vnd,
        credited_vnd,
        hq_buf_view(&lines),
        answer,
        payment->actor,
    };
    const hq_bind binds[] = {
        HQ_B_TEXT(row.bank),       HQ_B_TEXT(row.reference),      HQ_B_I64(row.posted_at),
        HQ_B_I64(row.debited_at),  HQ_B_TEXT(row.payer_tax_code), HQ_B_I64(row.amount_vnd),
        HQ_B_I64(row.applied_vnd), HQ_B_I64(row.credited_vnd),    HQ_B_BLOB(row.lines),
        HQ_B_TEXT(row.answer),     HQ_B_TEXT(row.actor),
    };
    HQ_TRY(hq_tx_run(tx, &insert, binds, sizeof binds / sizeof binds[0], &changed));
    if (changed != 1) {
        return HQ_FAIL(RERUN); /* posted meanwhile: what came must be compared with it */
    }
    return hash_row(hash, &row, arena);
}
