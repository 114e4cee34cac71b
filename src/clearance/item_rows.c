/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/items.h"

/* Rows of item and item_list. */

#define COLUMNS "code, description, hs, origin, unit, price, currency, words, version, changed_at"

static hq_sql find = HQ_SQL_OF("SELECT " COLUMNS " FROM item WHERE trader = ?1 AND code = ?2");
static hq_sql page_all = HQ_SQL_OF("SELECT " COLUMNS " FROM item WHERE trader = ?1 AND code > ?2 "
                                   "ORDER BY code LIMIT ?3");
static hq_sql page_words = HQ_SQL_OF("SELECT " COLUMNS " FROM item WHERE trader = ?1 AND code > ?2 "
                                     "AND words LIKE ?4 ESCAPE '\\' ORDER BY code LIMIT ?3");
static hq_sql insert =
    HQ_SQL_OF("INSERT INTO item (trader, " COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
              "?10, ?11)");
static hq_sql update = HQ_SQL_OF(
    "UPDATE item SET description = ?3, hs = ?4, origin = ?5, unit = ?6, price = ?7, currency = ?8, "
    "words = ?9, version = ?10, changed_at = ?11 WHERE trader = ?1 AND code = ?2 "
    "AND version = ?10 - 1");
static hq_sql remove_one = HQ_SQL_OF("DELETE FROM item WHERE trader = ?1 AND code = ?2");
static hq_sql list_changed = HQ_SQL_OF(
    "INSERT INTO item_list (trader, items, version) VALUES (?1, ?2, 1) ON CONFLICT (trader) DO "
    "UPDATE SET items = item_list.items + ?2, version = item_list.version + 1 "
    "RETURNING items, version");

static hq_status read_row(hq_clr__item *out, const hq_rows *rows, hq_arena *arena)
{
    *out = (hq_clr__item){
        .code = hq_arena_dup(arena, hq_rows_text(rows, 0)),
        .description = hq_arena_dup(arena, hq_rows_text(rows, 1)),
        .hs = hq_arena_dup(arena, hq_rows_text(rows, 2)),
        .origin = hq_arena_dup(arena, hq_rows_text(rows, 3)),
        .unit = hq_arena_dup(arena, hq_rows_text(rows, 4)),
        .price = hq_rows_i64(rows, 5),
        .currency = hq_arena_dup(arena, hq_rows_text(rows, 6)),
        .words = HQ_SV(""),
        .version = hq_rows_i64(rows, 8),
        .changed_at = hq_rows_i64(rows, 9),
    };
    bool whole = out->code.ptr != NULL && out->description.ptr != NULL && out->hs.ptr != NULL &&
                 out->origin.ptr != NULL && out->unit.ptr != NULL && out->currency.ptr != NULL;
    return whole ? HQ_DONE : HQ_FAIL(NOMEM);
}

hq_status hq_clr__item_get(hq_clr__item *out, hq_tx *tx, hq_sv trader, hq_sv code, hq_arena *arena)
{
    hq_rows rows;
    hq_status read = HQ_FAIL(NOT_FOUND);
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &find, HQ_B_TEXT(trader), HQ_B_TEXT(code)));
    if (hq_rows_next(&rows)) {
        read = read_row(out, &rows, arena);
    }
    HQ_TRY(hq_rows_end(&rows));
    return read;
}

/* What LIKE would read as more than a letter. */
static hq_sv pattern_of(hq_sv words, hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, 2 * words.len + 8);
    hq_buf_char(&text, '%');
    for (size_t i = 0; i < words.len; i++) {
        hq_buf_append(&text, "\\", strchr("%_\\", words.ptr[i]) != NULL);
        hq_buf_char(&text, words.ptr[i]);
    }
    hq_buf_char(&text, '%');
    return hq_buf_view(&text);
}

hq_status hq_clr__item_list(hq_clr__item **out, size_t *count, hq_tx *tx,
                            const hq_clr__item_page *page, hq_arena *arena)
{
    hq_rows rows;
    hq_status read = HQ_DONE;
    bool all = page->words.len == 0;
    const hq_bind binds[] = { HQ_B_TEXT(page->trader), HQ_B_TEXT(page->after),
                              HQ_B_I64((int64_t)page->max),
                              HQ_B_TEXT(all ? HQ_SV("") : pattern_of(page->words, arena)) };
    *count = 0;
    *out = HQ_NEW_ARRAY(arena, hq_clr__item, page->max + 1);
    if (*out == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_tx_query(&rows, tx, all ? &page_all : &page_words, binds, all ? 3 : 4));
    while (hq_ok(read) && *count < page->max && hq_rows_next(&rows)) {
        read = read_row(&(*out)[(*count)++], &rows, arena);
    }
    HQ_TRY(hq_rows_end(&rows));
    return read;
}

static bool same(const hq_clr__item *a, const hq_clr__item *b)
{
    return hq_sv_eq(a->description, b->description) && hq_sv_eq(a->hs, b->hs) &&
           hq_sv_eq(a->origin, b->origin) && hq_sv_eq(a->unit, b->unit) && a->price == b->price &&
           hq_sv_eq(a->currency, b->currency);
}

hq_status hq_clr__item_put(hq_clr__item_fate *fate, hq_tx *tx, hq_sv trader, hq_clr__item *item)
{
    hq_clr__item had;
    int64_t changed;
    hq_status s = hq_clr__item_get(&had, tx, trader, item->code, hq_tx_arena(tx));
    bool added = s.code == HQ_E_NOT_FOUND;
    if (!added) {
        HQ_TRY(s);
    }
    item->version = added ? 1 : had.version + 1;
    item->changed_at = hq_tx_now(tx);
    *fate = added ? HQ_CLR__ITEM_ADDED : HQ_CLR__ITEM_CHANGED;
    if (!added && same(item, &had)) {
        item->version = had.version;
        item->changed_at = had.changed_at;
        *fate = HQ_CLR__ITEM_SAME;
        return HQ_DONE;
    }
    const hq_bind binds[] = {
        HQ_B_TEXT(trader),       HQ_B_TEXT(item->code),      HQ_B_TEXT(item->description),
        HQ_B_TEXT(item->hs),     HQ_B_TEXT(item->origin),    HQ_B_TEXT(item->unit),
        HQ_B_I64(item->price),   HQ_B_TEXT(item->currency),  HQ_B_TEXT(item->words),
        HQ_B_I64(item->version), HQ_B_I64(item->changed_at),
    };
    HQ_TRY(
        hq_tx_run(tx, added ? &insert : &update, binds, sizeof binds / sizeof binds[0], &changed));
    return changed == 1 ? HQ_DONE : HQ_FAIL(RERUN);
}

hq_status hq_clr__item_delete(hq_tx *tx, hq_sv trader, hq_sv code)
{
    int64_t changed;
    const hq_bind binds[] = { HQ_B_TEXT(trader), HQ_B_TEXT(code) };
    HQ_TRY(hq_tx_run(tx, &remove_one, binds, 2, &changed));
    return changed == 1 ? HQ_DONE : HQ_FAIL(NOT_FOUND);
}

hq_status hq_clr__item_list_changed(hq_tx *tx, hq_sv trader, int64_t more, hq_sv actor, hq_sv kind,
                                    hq_sv payload)
{
    hq_rows rows;
    int64_t items = 0;
    int64_t version = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &list_changed, HQ_B_TEXT(trader), HQ_B_I64(more)));
    if (hq_rows_next(&rows)) {
        items = hq_rows_i64(&rows, 0);
        version = hq_rows_i64(&rows, 1);
    }
    HQ_TRY(hq_rows_end(&rows));
    if (items > HQ_CLR__ITEMS_MAX) {
        return HQ_FAIL(LIMIT);
    }
    hq_event event = {
        .office = HQ_SV(""),
        .room = HQ_SV("clearance"),
        .kind = kind,
        .subject = hq_arena_printf(hq_tx_arena(tx), "items/%.*s", HQ_SV_FMT(trader)),
        .version = version,
        .actor = actor,
        .payload = payload,
    };
    return hq_tx_event(tx, &event, NULL);
}
