/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/print.h"

/* Values as people read them on paper. */

hq_sv hq_clr__say(const hq_clr__print *p, const char *vi, const char *en)
{
    return hq_sv_from_cstr(p->vi ? vi : en);
}

static hq_sv grouped(const hq_clr__print *p, hq_sv plain)
{
    hq_buf out = HQ_BUF_ARENA(p->arena, 128);
    size_t at = 0;
    if (plain.len > 0 && plain.ptr[0] == '-') {
        hq_buf_char(&out, '-');
        at = 1;
    }
    size_t point = hq_sv_find(plain, '.', 0);
    size_t whole = point < plain.len ? point : plain.len;
    for (; at < whole; at++) {
        hq_buf_char(&out, plain.ptr[at]);
        if ((whole - at - 1) % 3 == 0 && at + 1 < whole) {
            hq_buf_char(&out, p->vi ? '.' : ',');
        }
    }
    if (point < plain.len) {
        hq_buf_char(&out, p->vi ? ',' : '.');
        hq_buf_sv(&out, hq_sv_sub(plain, point + 1, plain.len));
    }
    return hq_buf_view(&out);
}

hq_sv hq_clr__say_vnd(const hq_clr__print *p, int64_t vnd)
{
    hq_buf plain = HQ_BUF_ARENA(p->arena, 64);
    hq_buf_i64(&plain, vnd);
    return grouped(p, hq_buf_view(&plain));
}

hq_sv hq_clr__say_decimal(const hq_clr__print *p, hq_decimal value)
{
    hq_buf plain = HQ_BUF_ARENA(p->arena, 64);
    hq_decimal_write(&plain, hq_decimal_trim(value));
    return grouped(p, hq_buf_view(&plain));
}

hq_sv hq_clr__say_code(const hq_clr__print *p, hq_code4 code)
{
    char text[4];
    return hq_arena_dup(p->arena, hq_code4_text(text, code));
}

hq_sv hq_clr__say_amount(const hq_clr__print *p, const hq_amount *amount)
{
    if (!amount->given) {
        return HQ_SV("");
    }
    return hq_arena_printf(p->arena, "%.*s %.*s", HQ_SV_FMT(hq_clr__say_decimal(p, amount->amount)),
                           HQ_SV_FMT(hq_clr__say_code(p, amount->unit_or_currency)));
}

hq_sv hq_clr__say_day(const hq_clr__print *p, hq_day day)
{
    int year;
    int month;
    int mday;
    if (day == 0) {
        return HQ_SV("");
    }
    hq_day_to_civil(day, &year, &month, &mday);
    return hq_arena_printf(p->arena, "%02d/%02d/%04d", mday, month, year);
}

hq_sv hq_clr__say_time(const hq_clr__print *p, hq_time_us t)
{
    if (t == 0) {
        return HQ_SV("");
    }
    hq_day day = hq_day_of(t);
    int64_t minute = (t - hq_day_start(day)) / (60 * HQ_US_PER_SECOND);
    return hq_arena_printf(p->arena, "%.*s %02d:%02d", HQ_SV_FMT(hq_clr__say_day(p, day)),
                           (int)(minute / 60), (int)(minute % 60));
}

hq_sv hq_clr__say_time_text(const hq_clr__print *p, hq_sv rfc3339)
{
    hq_time_us t;
    return rfc3339.len == 0 || hq_failed(hq_time_parse(&t, rfc3339)) ? HQ_SV("")
                                                                     : hq_clr__say_time(p, t);
}

hq_sv hq_clr__say_both(const hq_clr__print *p, hq_sv a, hq_sv b)
{
    if (a.len == 0 || b.len == 0) {
        return a.len == 0 ? b : a;
    }
    return hq_arena_printf(p->arena, "%.*s - %.*s", HQ_SV_FMT(a), HQ_SV_FMT(b));
}

hq_sv hq_clr__say_office(const hq_clr__print *p, hq_sv office)
{
    const hq_office_row *row = hq_ref_office(p->ref, office, p->day);
    if (row == NULL) {
        return office;
    }
    return hq_clr__say_both(p, office,
                            p->vi || row->name_en.len == 0 ? row->name_vi : row->name_en);
}

hq_sv hq_clr__say_name(const hq_clr__print *p, hq_sv id)
{
    hq_sv name = hq_clr__name_of(p->clearance, id, p->arena);
    return name.len > 0 ? name : id;
}

hq_sv hq_clr__say_tax(const hq_clr__print *p, hq_tax tax)
{
    static const char *const names[HQ_TAX_COUNT][2] = {
        [HQ_TAX_IMPORT] = { "Thuế nhập khẩu", "Import duty" },
        [HQ_TAX_EXPORT] = { "Thuế xuất khẩu", "Export duty" },
        [HQ_TAX_AD] = { "Thuế chống bán phá giá", "Anti-dumping duty" },
        [HQ_TAX_CVD] = { "Thuế chống trợ cấp", "Countervailing duty" },
        [HQ_TAX_SG] = { "Thuế tự vệ", "Safeguard duty" },
        [HQ_TAX_SCT] = { "Thuế tiêu thụ đặc biệt", "Special consumption tax" },
        [HQ_TAX_EPT] = { "Thuế bảo vệ môi trường", "Environment protection tax" },
        [HQ_TAX_VAT] = { "Thuế giá trị gia tăng", "Value added tax" },
    };
    return hq_clr__say(p, names[tax][0], names[tax][1]);
}
