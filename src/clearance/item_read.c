/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/items.h"

/* Items out of JSON objects, CSV rows and lines of JSON: all three come to the same seven texts. */

enum { CODE, DESCRIPTION, HS, ORIGIN, UNIT, PRICE, CURRENCY, FIELDS };
static const struct {
    const char *name;
    size_t max; /* characters */
} fields[FIELDS] = {
    [CODE] = { "code", 30 },
    [DESCRIPTION] = { "description", 200 },
    [HS] = { "hs", 8 },
    [ORIGIN] = { "origin", 2 },
    [UNIT] = { "unit", 4 },
    [PRICE] = { "price", 20 },
    [CURRENCY] = { "currency", 3 },
};

static int field_named(hq_sv name)
{
    for (int i = 0; i < FIELDS; i++) {
        if (hq_sv_eq(name, hq_sv_from_cstr(fields[i].name))) {
            return i;
        }
    }
    return -1;
}

static void find(const hq_clr__item_reading *r, const char *rule, hq_sv under, int field,
                 hq_sv seen, const hq_sv *args, size_t count)
{
    hq_sv path = hq_arena_printf(r->arena, "%.*s/%s", HQ_SV_FMT(under), fields[field].name);
    hq_findings_add(r->findings, rule, path, hq_findings__json_text(r->arena, seen), args, count);
}

static void unknown(const hq_clr__item_reading *r, hq_sv under, hq_sv name)
{
    hq_sv names[FIELDS];
    for (size_t i = 0; i < FIELDS; i++) {
        names[i] = hq_sv_from_cstr(fields[i].name);
    }
    hq_sv near = hq_sv_nearest(name, names, FIELDS);
    hq_sv path = hq_arena_printf(r->arena, "%.*s/%.*s", HQ_SV_FMT(under), HQ_SV_FMT(name));
    if (near.ptr != NULL) {
        hq_findings_add(r->findings, "HQ001", path, HQ_SV_NULL, HQ_ARGS(name, near));
    } else {
        hq_findings_add(r->findings, "HQ002", path, HQ_SV_NULL, HQ_ARGS(name));
    }
}

/* ------------------------------------------------------------------ one item */

/* Capitals, digits and - _ . : what a path can name. */
static bool is_code(hq_sv code)
{
    for (size_t i = 0; i < code.len; i++) {
        char c = code.ptr[i];
        if ((c < 'A' || c > 'Z') && (c < '0' || c > '9') && strchr("-_.", c) == NULL) {
            return false;
        }
    }
    return true;
}

static void check_length(const hq_clr__item_reading *r, const hq_sv *texts, int field, hq_sv under)
{
    size_t length = hq_utf8_length(texts[field]);
    hq_sv label = hq_sv_from_cstr(fields[field].name);
    if (length > fields[field].max) {
        find(r, "HQ010", under, field, texts[field],
             HQ_ARGS(label, hq_findings__i64(r->arena, (int64_t)length),
                     hq_findings__i64(r->arena, (int64_t)fields[field].max)));
    } else if (hq_utf8_has_control(texts[field])) {
        find(r, "HQ011", under, field, texts[field], HQ_ARGS(label));
    }
}

static void check_codes(const hq_clr__item_reading *r, const hq_sv *texts, hq_sv under)
{
    int64_t hs = 0;
    if (texts[HS].len > 0 && (texts[HS].len != 8 || !hq_sv_digits(texts[HS]))) {
        find(r, "HQ018", under, HS, texts[HS], HQ_NO_ARGS);
    } else if (texts[HS].len > 0 && hq_sv_i64(&hs, texts[HS]) &&
               hq_ref_hs(r->ref, (uint32_t)hs, r->day) == NULL) {
        find(r, "HQ150", under, HS, texts[HS],
             HQ_ARGS(texts[HS], hq_findings__day(r->arena, r->day)));
    }
    if (texts[ORIGIN].len > 0 && !hq_ref_country_known(r->ref, hq_code4_of(texts[ORIGIN]))) {
        find(r, "HQ104", under, ORIGIN, texts[ORIGIN], HQ_ARGS(texts[ORIGIN]));
    }
    if (texts[CURRENCY].len > 0 && !hq_ref_currency_known(r->ref, hq_code4_of(texts[CURRENCY]))) {
        find(r, "HQ105", under, CURRENCY, texts[CURRENCY], HQ_ARGS(texts[CURRENCY]));
    }
    if (!is_code(texts[UNIT])) {
        find(r, "HQ012", under, UNIT, texts[UNIT], HQ_ARGS(HQ_SV("unit")));
    }
    if (!is_code(texts[CODE])) {
        find(r, "HQ012", under, CODE, texts[CODE], HQ_ARGS(HQ_SV("code")));
    }
}

static int64_t price_of(const hq_clr__item_reading *r, hq_sv text, hq_sv under)
{
    hq_decimal price;
    hq_decimal scaled;
    if (text.len == 0) {
        return -1;
    }
    if (hq_failed(hq_decimal_parse(&price, text)) || price.units < 0) {
        find(r, "HQ005", under, PRICE, text, HQ_ARGS(HQ_SV("price")));
    } else if (hq_failed(hq_decimal_rescale(&scaled, price, HQ_SCALE_PRICE, HQ_ROUND_NEVER))) {
        find(r, "HQ006", under, PRICE, text, HQ_ARGS(HQ_SV("price"), HQ_SV("6")));
    } else {
        return scaled.units;
    }
    return -1;
}

/* True when nothing was found. */
static bool item_of(hq_clr__item *out, const hq_clr__item_reading *r, hq_sv *texts, hq_sv under,
                    bool with_code)
{
    size_t before = r->findings->count;
    for (int i = with_code ? CODE : DESCRIPTION; i < FIELDS; i++) {
        bool needed = i == CODE || i == DESCRIPTION;
        if (needed && texts[i].len == 0) {
            find(r, "HQ003", under, i, HQ_SV(""), HQ_ARGS(hq_sv_from_cstr(fields[i].name)));
        }
        check_length(r, texts, i, under);
    }
    check_codes(r, texts, under);
    int64_t price = price_of(r, texts[PRICE], under);
    *out = (hq_clr__item){ .code = texts[CODE],
                           .description = texts[DESCRIPTION],
                           .hs = texts[HS],
                           .origin = texts[ORIGIN],
                           .unit = texts[UNIT],
                           .currency = texts[CURRENCY],
                           .price = price };
    hq_sv words = hq_arena_printf(r->arena, "%.*s %.*s %.*s", HQ_SV_FMT(texts[CODE]),
                                  HQ_SV_FMT(texts[HS]), HQ_SV_FMT(texts[DESCRIPTION]));
    r->findings->failed |= hq_failed(hq_fold(&out->words, r->arena, words)) ||
                           hq_failed(hq_utf8_nfc(&out->description, r->arena, out->description));
    return r->findings->count == before;
}

bool hq_clr__item_of_json(hq_clr__item *out, const hq_clr__item_reading *r, const hq_json *object,
                          hq_sv under, bool with_code)
{
    hq_sv texts[FIELDS];
    size_t before = r->findings->count;
    for (size_t i = 0; i < FIELDS; i++) {
        texts[i] = with_code || i != CODE ? HQ_SV("") : out->code;
    }
    for (const hq_json *m = hq_json_first(object); m != NULL; m = hq_json_next(object, m)) {
        int field = field_named(m->key);
        if (field < 0 || (field == CODE && !with_code)) {
            unknown(r, under, m->key);
        } else if (m->type == HQ_JSON_STRING) {
            texts[field] = hq_sv_trim(m->text);
        } else if (m->type != HQ_JSON_NULL) {
            find(r, "HQ004", under, field, m->text,
                 HQ_ARGS(m->key, HQ_SV("string"), HQ_SV("other")));
        }
    }
    bool good = item_of(out, r, texts, under, with_code);
    return good && r->findings->count == before;
}

/* ------------------------------------------------------------------ whole bodies */

static hq_status too_many(hq_why *why)
{
    *why = (hq_why){ .vi = HQ_SV("Mỗi lần nhập tối đa 5.000 mặt hàng; hãy chia tệp"),
                     .en = HQ_SV("At most 5,000 items at once; split the file") };
    return HQ_FAIL(LIMIT);
}

static hq_status read_header(int at[FIELDS], const hq_clr__item_reading *r, const hq_sv *cells,
                             size_t count)
{
    for (int i = 0; i < FIELDS; i++) {
        at[i] = -1;
    }
    for (size_t i = 0; i < count; i++) {
        int field = field_named(hq_sv_trim(cells[i]));
        if (field < 0) {
            unknown(r, HQ_SV("/line/1"), cells[i]);
        } else {
            at[field] = (int)i;
        }
    }
    return r->findings->count > 0 ? HQ_FAIL(INVALID) : HQ_DONE;
}

hq_status hq_clr__items_of_csv(hq_clr__item **out, size_t *count, const hq_clr__item_reading *r,
                               hq_sv body, hq_why *why)
{
    hq_csv csv = hq_csv_open(body);
    hq_sv cells[HQ_CSV_COLUMNS_MAX];
    size_t columns;
    int at[FIELDS];
    *count = 0;
    *out = HQ_NEW_ARRAY(r->arena, hq_clr__item, HQ_CLR__IMPORT_MAX);
    if (*out == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_status s = hq_csv_next(cells, &columns, &csv, r->arena, why);
    if (s.code == HQ_E_NOT_FOUND) {
        return HQ_DONE;
    }
    HQ_TRY(s);
    HQ_TRY(read_header(at, r, cells, columns));
    while (hq_ok(s = hq_csv_next(cells, &columns, &csv, r->arena, why))) {
        hq_sv texts[FIELDS];
        for (size_t i = 0; i < FIELDS; i++) {
            texts[i] = at[i] < 0 ? HQ_SV("") : hq_sv_trim(cells[at[i]]);
        }
        if (*count == HQ_CLR__IMPORT_MAX) {
            return too_many(why);
        }
        hq_sv under = hq_arena_printf(r->arena, "/line/%zu", csv.line);
        item_of(&(*out)[(*count)++], r, texts, under, true);
    }
    return s.code == HQ_E_NOT_FOUND ? HQ_DONE : s;
}

hq_status hq_clr__items_of_lines(hq_clr__item **out, size_t *count, const hq_clr__item_reading *r,
                                 hq_sv body, hq_why *why)
{
    hq_sv rest = body;
    *count = 0;
    *out = HQ_NEW_ARRAY(r->arena, hq_clr__item, HQ_CLR__IMPORT_MAX);
    if (*out == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t line = 1; rest.ptr != NULL; line++) {
        const hq_json *object;
        hq_sv text = hq_sv_trim(hq_sv_cut(&rest, '\n'));
        if (text.len == 0) {
            continue;
        }
        if (*count == HQ_CLR__IMPORT_MAX) {
            return too_many(why);
        }
        HQ_TRY(hq_json_parse(&object, text, r->arena, why));
        hq_sv under = hq_arena_printf(r->arena, "/line/%zu", line);
        if (object->type != HQ_JSON_OBJECT) {
            hq_findings_add(r->findings, "HQ004", under, HQ_SV_NULL,
                            HQ_ARGS(HQ_SV("line"), HQ_SV("object"), HQ_SV("other")));
            continue;
        }
        hq_clr__item_of_json(&(*out)[(*count)++], r, object, under, true);
    }
    return HQ_DONE;
}
