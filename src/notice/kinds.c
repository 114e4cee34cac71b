/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/room.h"

const hq_notice_kind hq_notice__kinds[] = {
#define HQ_NOTICE_KIND(kind, notice, vi, en) { { kind, sizeof(kind) - 1 }, notice, vi, en },
#include "notice/kinds.def"
#undef HQ_NOTICE_KIND
};
const size_t hq_notice__kind_count = sizeof hq_notice__kinds / sizeof hq_notice__kinds[0];

const hq_notice_kind *hq_notice__kind_of(hq_sv kind)
{
    for (size_t i = 0; i < hq_notice__kind_count; i++) {
        if (hq_sv_eq(hq_notice__kinds[i].kind, kind)) {
            return &hq_notice__kinds[i];
        }
    }
    return NULL;
}

hq_sv hq_notice__sentence(hq_arena *arena, const char *pattern, hq_sv number)
{
    hq_sv rest = hq_sv_from_cstr(pattern);
    hq_sv before = hq_sv_cut(&rest, '%');
    hq_buf buf = HQ_BUF_ARENA(arena, 1024);
    hq_buf_sv(&buf, before);
    if (rest.ptr != NULL) {
        hq_buf_sv(&buf, number);
        hq_buf_sv(&buf, hq_sv_sub(rest, 1, rest.len)); /* behind the 's' */
    }
    return hq_buf_view(&buf);
}

bool hq_notice__concerns(const hq_json *payload, hq_sv tax_code)
{
    /* As events of declarations name them, then as those of debts do. */
    static const char *const parties[] = { "trader", "agent", "tax_code", "payer_tax_code" };
    bool named = false;
    for (size_t i = 0; i < sizeof parties / sizeof parties[0] && tax_code.len > 0; i++) {
        named |= hq_sv_eq(hq_json_get_text(payload, parties[i]), tax_code);
    }
    return named;
}

bool hq_notice__wanted(const hq_hook *hook, hq_sv kind)
{
    if (hook->kinds.len == 0) {
        return true;
    }
    for (hq_sv rest = hook->kinds; rest.ptr != NULL;) {
        if (hq_sv_eq(hq_sv_cut(&rest, ' '), kind)) {
            return true;
        }
    }
    return false;
}
