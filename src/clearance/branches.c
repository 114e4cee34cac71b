/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/branches.h"

static hq_sql find_branch = HQ_SQL_OF("SELECT first_id FROM declaration_branch WHERE id = ?1");
static hq_sql insert_branch =
    HQ_SQL_OF("INSERT INTO declaration_branch (id, first_id) VALUES (?1, ?2)");
static hq_sql delete_branch = HQ_SQL_OF("DELETE FROM declaration_branch WHERE id = ?1");

typedef struct {
    int64_t ids[HQ_BRANCHES_MAX];
    size_t count; /* 1: not split, only the record's own number */
} branches;

/* ------------------------------------------------------------------ in the record */

/* {"number", "first_line", "last_line"} each, as the contract has them; none for a single branch.
 */
static hq_status write_branches(hq_sv *out, const branches *b, size_t lines, hq_arena *arena)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 128 * HQ_BRANCHES_MAX);
    hq_json_w w = hq_json_writer(&buf);
    char number[12];
    *out = HQ_SV("");
    if (b->count <= 1) {
        return HQ_DONE;
    }
    hq_buf_reserve(&buf, 72 * b->count);
    hq_json_open(&w, '[');
    for (size_t i = 0; i < b->count; i++) {
        size_t last = (i + 1) * HQ_BRANCH_LINES;
        hq_json_open(&w, '{');
        HQ_JSON_KEY(&w, "number");
        hq_json_text(&w, hq_declaration_number_write(number, b->ids[i], 0));
        HQ_JSON_KEY(&w, "first_line");
        hq_json_i64(&w, (int64_t)(i * HQ_BRANCH_LINES + 1));
        HQ_JSON_KEY(&w, "last_line");
        hq_json_i64(&w, (int64_t)(last < lines ? last : lines));
        hq_json_close(&w, '}');
    }
    hq_json_close(&w, ']');
    *out = hq_buf_view(&buf);
    return hq_buf_status(&buf);
}

static hq_status read_branches(branches *b, const hq_clr__row *row, hq_sv text, hq_arena *arena)
{
    const hq_json *array;
    b->ids[0] = row->id;
    b->count = 1;
    if (text.len == 0) {
        return HQ_DONE;
    }
    HQ_TRY(hq_json_parse_copy(&array, text, arena, NULL));
    b->count = 0;
    for (const hq_json *c = hq_json_first(array); c != NULL; c = hq_json_next(array, c)) {
        if (b->count == HQ_BRANCHES_MAX ||
            !hq_declaration_number_parse(&b->ids[b->count], hq_json_get_text(c, "number"))) {
            return HQ_FAIL(CORRUPT);
        }
        b->count++;
    }
    return b->count > 0 && b->ids[0] == row->id ? HQ_DONE : HQ_FAIL(CORRUPT);
}

static hq_status keep(hq_clr__row *row, hq_clr__life *life, const branches *b, size_t lines,
                      hq_arena *arena)
{
    HQ_TRY(write_branches(&life->sections[HQ_CLR__BRANCHES], b, lines, arena));
    return hq_clr__life_pack(&row->life, life, arena);
}

bool hq_clr__branch_of(const hq_clr__row *row, int64_t id)
{
    hq_clr__life life;
    char wanted[] = "\"number\":\"00000000000";
    char number[12];
    hq_declaration_number_write(number, id, 0);
    memcpy(wanted + 10, number, 11);
    if (row->life.len == 0 || hq_failed(hq_clr__life_unpack(&life, row->life))) {
        return false;
    }
    hq_sv text = life.sections[HQ_CLR__BRANCHES];
    return text.len > 0 && memmem(text.ptr, text.len, wanted, sizeof wanted - 1) != NULL;
}

/* ------------------------------------------------------------------ numbers */

/* Appends `more` numbers that follow one another; the first of all is the record's own. */
static hq_status give(branches *b, hq_tx *tx, hq_flow flow, size_t more)
{
    int64_t next;
    HQ_TRY(hq_clr__numbers_fresh(&next, tx, flow, (int64_t)more));
    for (size_t i = 0; i < more; i++, next++) {
        b->ids[b->count++] = next;
        if (b->count > 1) {
            HQ_TRY(HQ_TX_RUN(tx, &insert_branch, HQ_B_I64(next), HQ_B_I64(b->ids[0])));
        }
    }
    return HQ_DONE;
}

/* The last ones go; numbers in a row are recorded as one range. */
static hq_status take_back(branches *b, hq_tx *tx, size_t keep_count, hq_sv actor)
{
    size_t to = b->count;
    while (to > keep_count) {
        size_t from = to - 1;
        while (from > keep_count && b->ids[from - 1] == b->ids[from] - 1) {
            from--;
        }
        for (size_t i = from; i < to; i++) {
            HQ_TRY(HQ_TX_RUN(tx, &delete_branch, HQ_B_I64(b->ids[i])));
        }
        HQ_TRY(
            hq_clr__numbers_void(tx, b->ids[from], b->ids[to - 1], HQ_SV("fewer branches"), actor));
        to = from;
    }
    b->count = keep_count;
    return HQ_DONE;
}

hq_status hq_clr__branches_new(hq_clr__row *row, hq_tx *tx, size_t lines, hq_arena *arena)
{
    branches b = { .count = 0 };
    hq_clr__life life;
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(give(&b, tx, row->flow, hq_clr__branch_count(lines)));
    row->id = b.ids[0];
    return keep(row, &life, &b, lines, arena);
}

hq_status hq_clr__branches_change(hq_clr__row *row, hq_tx *tx, size_t lines, hq_sv actor,
                                  hq_arena *arena)
{
    branches b;
    hq_clr__life life;
    size_t wanted = hq_clr__branch_count(lines);
    if (wanted <= 1 && row->life.len == 0) {
        return HQ_DONE;
    }
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    if (wanted <= 1 && life.sections[HQ_CLR__BRANCHES].len == 0) {
        return HQ_DONE;
    }
    HQ_TRY(read_branches(&b, row, life.sections[HQ_CLR__BRANCHES], arena));
    wanted = wanted == 0 ? 1 : wanted;
    if (wanted > b.count) {
        HQ_TRY(give(&b, tx, row->flow, wanted - b.count));
    } else if (wanted < b.count) {
        HQ_TRY(take_back(&b, tx, wanted, actor));
    }
    return keep(row, &life, &b, lines, arena);
}

hq_status hq_clr__branch_owner(int64_t *declaration, hq_tx *tx, void *user)
{
    hq_clr__row row;
    int64_t first;
    (void)user;
    hq_status s = hq_clr__branch_first(&first, tx, *declaration);
    if (hq_ok(s)) {
        s = hq_clr__row_load(&row, tx, first, hq_tx_arena(tx));
    }
    if (hq_ok(s) && hq_clr__branch_of(&row, *declaration)) {
        *declaration = first;
    }
    return s.code == HQ_E_NOT_FOUND ? HQ_DONE : s;
}

hq_status hq_clr__branch_first(int64_t *first, hq_tx *tx, int64_t id)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &find_branch, HQ_B_I64(id)));
    bool found = hq_rows_next(&rows);
    if (found) {
        *first = hq_rows_i64(&rows, 0);
    }
    HQ_TRY(hq_rows_end(&rows));
    return found ? HQ_DONE : HQ_FAIL(NOT_FOUND);
}

hq_status hq_clearance_look(hq_declaration_seen *out, hq_tx *tx, hq_sv number, hq_arena *arena)
{
    hq_clr__row row;
    int64_t id;
    int64_t first;
    if (!hq_declaration_number_parse(&id, number)) {
        return HQ_FAIL(NOT_FOUND);
    }
    hq_status s = hq_clr__row_load(&row, tx, id, arena);
    if (s.code == HQ_E_NOT_FOUND) {
        HQ_TRY(hq_clr__branch_first(&first, tx, id));
        HQ_TRY(hq_clr__row_load(&row, tx, first, arena));
        s = hq_clr__branch_of(&row, id) ? HQ_DONE : HQ_FAIL(NOT_FOUND);
    }
    HQ_TRY(s);
    *out = (hq_declaration_seen){ .trader = row.trader,
                                  .agent = row.agent,
                                  .office = row.office,
                                  .goods_office = row.goods_office,
                                  .status = row.status };
    return HQ_DONE;
}
