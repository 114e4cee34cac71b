/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/snapshot.h"

/* Lists of codes: a code is packed into eight bytes, so a lookup compares numbers. */

static uint64_t packed(hq_sv code)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < code.len && i < HQ_LIST_CODE_MAX; i++) {
        bytes = bytes << 8 | (unsigned char)code.ptr[i];
    }
    return bytes;
}

static uint32_t place_of(const hq_ref__codes *codes, hq_code_list list, uint64_t code)
{
    uint64_t mixed = (code ^ (uint64_t)list << 60) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(mixed >> 32) & codes->mask;
}

static bool is_of(const hq_code_row *row, hq_code_list list, hq_sv code)
{
    return row->list == list && hq_sv_eq(row->code, code);
}

/* Where the code is or would be: row number + 1 of its first row, 0 for none. */
static uint32_t *slot_of(const hq_ref__codes *codes, hq_code_list list, hq_sv code)
{
    uint32_t at = place_of(codes, list, packed(code));
    while (codes->slots[at] != 0 && !is_of(&codes->rows[codes->slots[at] - 1], list, code)) {
        at = (at + 1) & codes->mask;
    }
    return &codes->slots[at];
}

const hq_code_row *hq_ref_code(const hq_ref *ref, hq_code_list list, hq_sv code, hq_day day)
{
    const hq_ref__codes *codes = &ref->codes;
    uint32_t first = code.len == 0 || code.len > HQ_LIST_CODE_MAX ? 0 : *slot_of(codes, list, code);
    for (uint32_t i = first; i != 0 && i <= codes->count && is_of(&codes->rows[i - 1], list, code);
         i++) {
        if (codes->rows[i - 1].from <= day && day <= codes->rows[i - 1].to) {
            return &codes->rows[i - 1];
        }
    }
    return NULL;
}

const hq_code_row *hq_ref_codes(size_t *count, const hq_ref *ref, hq_code_list list)
{
    const hq_ref__codes *codes = &ref->codes;
    *count = codes->first[list + 1] - codes->first[list];
    return codes->rows + codes->first[list];
}

const hq_code_row *hq_ref_code_with(const hq_ref *ref, hq_code_list list, hq_code_property property,
                                    hq_day day)
{
    size_t count;
    const hq_code_row *rows = hq_ref_codes(&count, ref, list);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].property == property && rows[i].from <= day && day <= rows[i].to) {
            return &rows[i];
        }
    }
    return NULL;
}

/* ------------------------------------------------------------------ building */

/* Which of the words parted by ';' it is; -1 for none. */
static int choice_of(hq_sv text, const char *choices)
{
    hq_sv rest = hq_sv_from_cstr(choices);
    for (int i = 0; rest.ptr != NULL; i++) {
        if (hq_sv_eq(hq_sv_cut(&rest, ';'), text)) {
            return i;
        }
    }
    return -1;
}

static hq_status take(hq_code_row *to, const hq_ref__row *row, hq_arena *arena)
{
    hq_sv cells[HQ_REF__COLUMNS];
    hq_ref__cells(cells, row->cells);
    int list = choice_of(cells[0], HQ_CODE_LISTS_TEXT);
    int property = choice_of(cells[2], HQ_CODE_PROPERTIES_TEXT);
    if (list < 0 || property < 0) {
        return HQ_FAIL(CORRUPT);
    }
    *to = (hq_code_row){
        .id = row->id,
        .list = (hq_code_list)list,
        .property = (hq_code_property)property,
        .code = hq_arena_dup(arena, cells[1]),
        .name_vi = hq_arena_dup(arena, cells[3]),
        .name_en = hq_arena_dup(arena, cells[4]),
        .from = row->from,
        .to = row->to,
    };
    return HQ_DONE;
}

/* The rows come in order of their keys, list by list in alphabetical order; here lists stand in the
 * order of their enumeration. */
static void put_list(hq_ref__codes *codes, const hq_code_row *all, size_t count, int list)
{
    codes->first[list] = codes->count;
    for (size_t i = 0; i < count; i++) {
        if ((int)all[i].list != list) {
            continue;
        }
        codes->rows[codes->count++] = all[i];
        uint32_t *slot = slot_of(codes, all[i].list, all[i].code);
        *slot = *slot == 0 ? codes->count : *slot;
    }
    codes->first[list + 1] = codes->count;
}

hq_status hq_ref__take_code_lists(hq_ref *ref, const hq_ref__row *rows, size_t count)
{
    hq_ref__codes *codes = &ref->codes;
    uint32_t size = 8;
    while (size < count * 2) {
        size *= 2;
    }
    hq_code_row *all = HQ_NEW_ARRAY(ref->arena, hq_code_row, count + 1);
    codes->rows = HQ_NEW_ARRAY(ref->arena, hq_code_row, count + 1);
    codes->slots = HQ_NEW_ARRAY(ref->arena, uint32_t, size);
    if (all == NULL || codes->rows == NULL || codes->slots == NULL) {
        return HQ_FAIL(NOMEM);
    }
    codes->mask = size - 1;
    for (size_t i = 0; i < count; i++) {
        HQ_TRY(take(&all[i], &rows[i], ref->arena));
    }
    for (int list = 0; list < HQ_CODE_LISTS; list++) {
        put_list(codes, all, count, list);
    }
    return HQ_DONE;
}
