/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/verbs.h"

/* What happened between registration and clearing, packed into one column that stays empty for the
 * green declaration of the hot path. */

#define FORMAT 2

enum { COVERED = 1, LOW_VALUE = 2 };

static const struct {
    const char *name;
    bool customs_only;
    bool in_part; /* others are told a part of it: told.c */
} sections[HQ_CLR__SECTIONS] = {
    [HQ_CLR__ASSIGNMENTS] = { "assignments", true, false },
    [HQ_CLR__CHECKS] = { "checks", false, false },
    [HQ_CLR__ATTACHMENTS] = { "attachments", false, false },
    [HQ_CLR__INSTRUCTIONS] = { "instructions", false, false },
    [HQ_CLR__PROPOSALS] = { "proposals", false, true },
    [HQ_CLR__HOLDS] = { "holds", false, true },
    [HQ_CLR__AMENDMENTS] = { "amendments", false, false },
    [HQ_CLR__MATTERS] = { "matters", false, false },
    [HQ_CLR__PASSAGES] = { "passages", false, false },
    [HQ_CLR__PAUSES] = { "pauses", false, false },
    [HQ_CLR__BRANCHES] = { "branches", false, false },
    [HQ_CLR__DRAWS] = { "draws", false, false },
    [HQ_CLR__DECISIONS] = { "decisions", false, true },
};

static void put_presented(hq_buf *buf, const hq_clr__presented *p)
{
    hq_buf_le64(buf, (uint64_t)p->at);
    hq_buf_bytes32(buf, p->by);
    hq_buf_le64(buf, (uint64_t)p->confirmed_at);
    hq_buf_bytes32(buf, p->confirmed_by);
    hq_buf_le64(buf, (uint64_t)p->due);
}

static hq_clr__presented take_presented(hq_cursor *cur)
{
    hq_clr__presented p = { .at = (int64_t)hq_cursor_le64(cur) };
    p.by = hq_cursor_bytes32(cur);
    p.confirmed_at = (int64_t)hq_cursor_le64(cur);
    p.confirmed_by = hq_cursor_bytes32(cur);
    p.due = (int64_t)hq_cursor_le64(cur);
    return p;
}

/* Only flags, which then are all that is packed. */
static bool is_plain(const hq_clr__life *life)
{
    for (size_t i = 0; i < HQ_CLR__SECTIONS; i++) {
        if (life->sections[i].len > 0) {
            return false;
        }
    }
    return life->documents.at == 0 && life->goods.at == 0;
}

hq_status hq_clr__life_pack(hq_sv *out, const hq_clr__life *life, hq_arena *arena)
{
    hq_buf buf = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX);
    hq_buf_le32(&buf, FORMAT);
    hq_buf_le32(&buf, (life->covered ? COVERED : 0) | (life->low_value ? LOW_VALUE : 0));
    if (is_plain(life)) {
        *out = hq_buf_view(&buf);
        return hq_buf_status(&buf);
    }
    put_presented(&buf, &life->documents);
    put_presented(&buf, &life->goods);
    for (uint32_t i = 0; i < HQ_CLR__SECTIONS; i++) {
        if (life->sections[i].len > 0) {
            hq_buf_le32(&buf, i);
            hq_buf_bytes32(&buf, life->sections[i]);
        }
    }
    *out = hq_buf_view(&buf);
    return hq_buf_status(&buf);
}

hq_status hq_clr__life_unpack(hq_clr__life *out, hq_sv packed)
{
    *out = (hq_clr__life){ .covered = false };
    if (packed.len == 0) {
        return HQ_DONE;
    }
    hq_cursor cur = { .in = packed };
    uint32_t format = hq_cursor_le32(&cur);
    uint32_t flags = hq_cursor_le32(&cur);
    out->covered = (flags & COVERED) != 0;
    out->low_value = (flags & LOW_VALUE) != 0;
    if (cur.at == packed.len) {
        return cur.failed || format != FORMAT ? HQ_FAIL(CORRUPT) : HQ_DONE;
    }
    out->documents = take_presented(&cur);
    out->goods = take_presented(&cur);
    while (!cur.failed && format == FORMAT && cur.at < packed.len) {
        uint32_t section = hq_cursor_le32(&cur);
        hq_sv text = hq_cursor_bytes32(&cur);
        if (section >= HQ_CLR__SECTIONS) {
            return HQ_FAIL(CORRUPT);
        }
        out->sections[section] = text;
    }
    return cur.failed || format != FORMAT ? HQ_FAIL(CORRUPT) : HQ_DONE;
}

hq_status hq_clr__array_add(hq_sv *array, hq_sv element, hq_arena *arena)
{
    hq_buf buf = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX);
    if (array->len > 2) {
        hq_buf_append(&buf, array->ptr, array->len - 1);
        hq_buf_char(&buf, ',');
    } else {
        hq_buf_char(&buf, '[');
    }
    hq_buf_sv(&buf, element);
    hq_buf_char(&buf, ']');
    *array = hq_buf_view(&buf);
    return hq_buf_status(&buf);
}

bool hq_clr__section_has(hq_sv section, hq_sv bytes)
{
    return section.len > 0 && memmem(section.ptr, section.len, bytes.ptr, bytes.len) != NULL;
}

void hq_clr__sections_json(hq_json_w *w, const hq_clr__life *life, bool customs)
{
    for (size_t i = 0; i < HQ_CLR__SECTIONS; i++) {
        if (customs || !sections[i].customs_only) {
            hq_json_key_sv(w, hq_sv_from_cstr(sections[i].name));
            if (sections[i].in_part && !customs && life->sections[i].len > 0) {
                hq_clr__section_told(w, (hq_clr__section)i, life->sections[i]);
            } else {
                hq_json_raw(w, life->sections[i].len == 0 ? HQ_SV("[]") : life->sections[i]);
            }
        }
    }
}

hq_time_us hq_clr__due_of(const hq_clr__row *row)
{
    hq_clr__life life;
    if (row->status == HQ_DECLARATION_PREREGISTERED) {
        return row->due_at; /* set when it was filed or replaced; outages move it */
    }
    if (row->life.len == 0 || hq_failed(hq_clr__life_unpack(&life, row->life))) {
        return 0;
    }
    if (row->status == HQ_DECLARATION_DOCUMENT_CHECK) {
        return life.documents.due;
    }
    if (row->status == HQ_DECLARATION_RELEASED || row->status == HQ_DECLARATION_STORED) {
        return hq_clr__result_due(&life);
    }
    return row->status == HQ_DECLARATION_GOODS_CHECK ? life.goods.due : 0;
}
