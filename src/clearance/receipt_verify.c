/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/receipt.h"

/* Computes a receipt again from its own text, in the order in which it was made, and names the
 * first amount that does not follow. */

enum { TEXT_MAX = 64 * 1024 * 1024 };
#define SUM_MAX INT64_C(4000000000000000000) /* so much and two amounts can be added */

typedef struct {
    const hq_json *root, *rates, *charges, *lines;
    hq_arena *arena;
    hq_why *why;
    hq_rounding rounding;
    size_t charge_count, line_count;
    int64_t *values;                    /* invoice values of the lines, in units */
    int64_t *weights;                   /* those of the lines that the charge in hand touches */
    int64_t *shares[HQ_VALUE__CHARGES]; /* as they must be */
    int64_t totals[HQ_TAX_COUNT];
    int64_t customs_value, payable;
} check;

/* ------------------------------------------------------------------ saying what is wrong */

static hq_status refuse(check *c, hq_sv path, hq_sv vi, hq_sv en)
{
    if (c->why != NULL) {
        *c->why = (hq_why){ path, vi, en };
    }
    return HQ_FAIL(INVALID);
}

static hq_status unreadable(check *c, hq_sv path)
{
    return refuse(c, path, HQ_SV("Thiếu hoặc sai kiểu: không phải biên lai hợp lệ"),
                  HQ_SV("Missing or of a wrong type: this is no valid receipt"));
}

static hq_status too_large(check *c, hq_sv path)
{
    return refuse(c, path, HQ_SV("Các số quá lớn để tính lại"),
                  HQ_SV("The numbers are too large to be computed again"));
}

static hq_sv path_of(check *c, const char *list, size_t i, const char *member)
{
    return hq_findings__item_path(c->arena, list, i, member);
}

static hq_sv joined(check *c, hq_sv path, const char *member)
{
    return hq_arena_printf(c->arena, "%.*s/%s", HQ_SV_FMT(path), member);
}

/* The member must be this number. */
static hq_status expect(check *c, hq_sv path, const hq_json *object, const char *member,
                        int64_t must)
{
    int64_t is;
    if (!hq_json_get_i64(&is, object, member)) {
        return unreadable(c, joined(c, path, member));
    }
    if (is == must) {
        return HQ_DONE;
    }
    return refuse(c, joined(c, path, member),
                  hq_arena_printf(c->arena, "Số ghi là %lld, tính lại được %lld", (long long)is,
                                  (long long)must),
                  hq_arena_printf(c->arena, "It says %lld, computed again it is %lld",
                                  (long long)is, (long long)must));
}

static hq_status number(check *c, hq_sv path, const hq_json *object, const char *member,
                        int64_t *out)
{
    return hq_json_get_i64(out, object, member) ? HQ_DONE : unreadable(c, joined(c, path, member));
}

static hq_status decimal(check *c, hq_sv path, const hq_json *object, const char *member,
                         hq_decimal *out)
{
    return hq_ok(hq_decimal_parse(out, hq_json_get_text(object, member)))
               ? HQ_DONE
               : unreadable(c, joined(c, path, member));
}

/* An amount in units of HQ_SCALE_VALUE, small enough that a few of them can be added. */
static hq_status units(check *c, hq_sv path, const hq_json *object, const char *member,
                       int64_t *out)
{
    hq_decimal v;
    HQ_TRY(decimal(c, path, object, member, &v));
    if (hq_failed(hq_decimal_rescale(&v, v, HQ_SCALE_VALUE, HQ_ROUND_NEVER)) || v.units < 0 ||
        v.units > INT64_C(1000000000000000000)) {
        return unreadable(c, joined(c, path, member));
    }
    *out = v.units;
    return HQ_DONE;
}

static hq_status rate_of(check *c, hq_sv path, hq_sv currency, hq_decimal *out)
{
    *out = (hq_decimal){ 1, 0 };
    if (hq_sv_eq(currency, HQ_SV("VND"))) {
        return HQ_DONE;
    }
    for (const hq_json *r = hq_json_first(c->rates); r != NULL; r = hq_json_next(c->rates, r)) {
        if (hq_sv_eq(hq_json_get_text(r, "currency"), currency)) {
            return decimal(c, HQ_SV("/exchange_rates"), r, "rate", out);
        }
    }
    return unreadable(c, path);
}

/* ------------------------------------------------------------------ value */

static hq_status read_values(check *c)
{
    size_t i = 0;
    for (const hq_json *line = hq_json_first(c->lines); line != NULL;
         line = hq_json_next(c->lines, line), i++) {
        hq_sv path = path_of(c, "/lines", i, "");
        hq_decimal value;
        hq_decimal rate = { 0, 0 };
        int64_t vnd = 0;
        HQ_TRY(units(c, path, line, "invoice_value", &c->values[i]));
        if (c->values[i] > INT64_C(100000000000000000)) {
            return unreadable(c, joined(c, path, "invoice_value"));
        }
        value = (hq_decimal){ c->values[i], HQ_SCALE_VALUE };
        if (value.units > 0) {
            HQ_TRY(rate_of(c, HQ_SV("/invoice_currency"),
                           hq_json_get_text(c->root, "invoice_currency"), &rate));
            if (hq_failed(hq_decimal_mul_to_int(&vnd, value, rate, c->rounding))) {
                return too_large(c, path);
            }
        }
        HQ_TRY(expect(c, path, line, "invoice_vnd", vnd));
    }
    return HQ_DONE;
}

/* Weights of the lines that a charge touches, and their sum. */
static hq_status weights_of(check *c, hq_sv path, const hq_json *charge, int64_t *own)
{
    const hq_json *lines = hq_json_get(charge, "lines");
    memset(c->weights, 0, c->line_count * sizeof *c->weights);
    *own = 0;
    if (lines == NULL || lines->type != HQ_JSON_ARRAY) {
        return unreadable(c, joined(c, path, "lines"));
    }
    for (const hq_json *l = hq_json_first(lines); l != NULL; l = hq_json_next(lines, l)) {
        int64_t line;
        if (!hq_sv_i64(&line, l->text) || line < 1 || line > (int64_t)c->line_count ||
            c->weights[line - 1] != 0) {
            return unreadable(c, joined(c, path, "lines"));
        }
        c->weights[line - 1] = c->values[line - 1];
        *own += c->values[line - 1];
        if (*own > SUM_MAX) {
            return too_large(c, joined(c, path, "own"));
        }
    }
    return HQ_DONE;
}

static hq_status check_part(check *c, hq_sv path, const hq_json *charge, int64_t whole, int64_t own,
                            int64_t *part)
{
    int64_t base;
    int64_t prior;
    hq_sv sign = hq_json_get_text(charge, "sign");
    const hq_json *by_hand = hq_json_get(charge, "by_hand");
    HQ_TRY(units(c, path, charge, "base", &base));
    HQ_TRY(units(c, path, charge, "prior", &prior));
    *part = 0;
    if (by_hand == NULL || (!hq_sv_eq(sign, HQ_SV("+")) && !hq_sv_eq(sign, HQ_SV("-")))) {
        return unreadable(c, path);
    }
    if (by_hand->type == HQ_JSON_FALSE && own > 0) {
        if (base < prior + own) {
            return unreadable(c, joined(c, path, "base"));
        }
        if (hq_failed(hq_value__slice(part, whole, own, base, prior, c->rounding))) {
            return too_large(c, path);
        }
        *part = hq_sv_eq(sign, HQ_SV("-")) ? -*part : *part;
    }
    return expect(c, path, charge, "part", *part);
}

static hq_status check_charge(check *c, const hq_json *charge, size_t i)
{
    hq_sv path = path_of(c, "/charges", i, "");
    hq_decimal amount;
    hq_decimal rate = { 0, 0 };
    int64_t stated;
    int64_t whole = 0;
    int64_t part = 0;
    int64_t own;
    HQ_TRY(decimal(c, path, charge, "amount", &amount));
    HQ_TRY(rate_of(c, joined(c, path, "currency"), hq_json_get_text(charge, "currency"), &rate));
    if (hq_failed(hq_decimal_mul_to_int(&whole, amount, rate, c->rounding))) {
        return too_large(c, path);
    }
    HQ_TRY(expect(c, path, charge, "vnd", whole));
    HQ_TRY(weights_of(c, path, charge, &own));
    HQ_TRY(units(c, path, charge, "own", &stated));
    if (stated != own) {
        return refuse(c, joined(c, path, "own"),
                      HQ_SV("Không bằng tổng trị giá hóa đơn của các dòng liên quan"),
                      HQ_SV("It is not the sum of the invoice values of the lines it touches"));
    }
    HQ_TRY(check_part(c, path, charge, whole, own, &part));
    if (hq_failed(hq_distribute(c->shares[i], part, c->weights, c->line_count, c->arena))) {
        return too_large(c, path);
    }
    return HQ_DONE;
}

static hq_status check_shares(check *c, hq_sv path, const hq_json *line, size_t i, int64_t *sum)
{
    const hq_json *shares = hq_json_get(line, "shares");
    size_t k = 0;
    if (shares == NULL || shares->type != HQ_JSON_ARRAY || shares->count != c->charge_count) {
        return unreadable(c, joined(c, path, "shares"));
    }
    for (const hq_json *s = hq_json_first(shares); s != NULL; s = hq_json_next(shares, s), k++) {
        int64_t is;
        if (s->type != HQ_JSON_NUMBER || !hq_sv_i64(&is, s->text)) {
            return unreadable(c, joined(c, path, "shares"));
        }
        if (is != c->shares[k][i]) {
            return refuse(c, hq_arena_printf(c->arena, "%.*s/shares/%zu", HQ_SV_FMT(path), k),
                          hq_arena_printf(c->arena, "Số ghi là %lld, tính lại được %lld",
                                          (long long)is, (long long)c->shares[k][i]),
                          hq_arena_printf(c->arena, "It says %lld, computed again it is %lld",
                                          (long long)is, (long long)c->shares[k][i]));
        }
        if (hq_add_overflows(sum, *sum, is)) {
            return too_large(c, path);
        }
    }
    return HQ_DONE;
}

static hq_status check_value(check *c, hq_sv path, const hq_json *line, size_t i, int64_t *value)
{
    int64_t sum;
    HQ_TRY(number(c, path, line, "invoice_vnd", &sum));
    HQ_TRY(check_shares(c, path, line, i, &sum));
    HQ_TRY(expect(c, path, line, "computed_value", sum));
    *value = sum;
    if (hq_json_get(line, "manual_value") != NULL) {
        HQ_TRY(number(c, path, line, "manual_value", value));
    }
    HQ_TRY(expect(c, path, line, "customs_value", *value));
    return hq_add_overflows(&c->customs_value, c->customs_value, *value) ? too_large(c, path)
                                                                         : HQ_DONE;
}

/* ------------------------------------------------------------------ taxes */

static hq_status check_reduction(check *c, hq_sv path, const hq_json *item, int64_t computed,
                                 int64_t *amount)
{
    const hq_json *exemption = hq_json_get(item, "exemption");
    int64_t reduction = 0;
    if (exemption != NULL && hq_sv_eq(hq_json_get_text(exemption, "effect"), HQ_SV("REDUCE"))) {
        HQ_TRY(number(c, path, item, "reduction", &reduction));
        if (reduction < 0 || reduction > computed) {
            return refuse(c, joined(c, path, "reduction"), HQ_SV("Số giảm lớn hơn số thuế"),
                          HQ_SV("The reduction is above the tax"));
        }
    } else {
        reduction = exemption == NULL ? 0 : computed;
        HQ_TRY(expect(c, path, item, "reduction", reduction));
    }
    *amount = computed - reduction;
    return expect(c, path, item, "amount", *amount);
}

static hq_status check_computed(check *c, hq_sv path, const hq_json *item, int64_t base,
                                int64_t *computed)
{
    hq_decimal percent;
    hq_decimal amount;
    hq_decimal quantity = { 0, 0 };
    hq_decimal rate = { 1, 0 };
    bool has_rate = hq_json_get(item, "rate") != NULL;
    bool has_amount = hq_json_get(item, "unit_amount") != NULL;
    if (!has_rate && !has_amount) {
        return unreadable(c, joined(c, path, "rate"));
    }
    if (has_rate) {
        HQ_TRY(decimal(c, path, item, "rate", &percent));
    }
    if (has_amount) {
        HQ_TRY(decimal(c, path, item, "unit_amount", &amount));
        HQ_TRY(decimal(c, path, item, "quantity", &quantity));
        HQ_TRY(rate_of(c, joined(c, path, "currency"), hq_json_get_text(item, "currency"), &rate));
    }
    if (hq_failed(hq_tax__amount(computed, base, has_rate ? &percent : NULL,
                                 has_amount ? &amount : NULL, quantity, rate, c->rounding))) {
        return too_large(c, path);
    }
    return expect(c, path, item, "computed", *computed);
}

static hq_status check_tax(check *c, hq_sv path, const hq_json *item, int64_t value, int64_t *sum)
{
    hq_tax tax;
    int64_t computed;
    int64_t amount;
    if (!hq_tax_parse(&tax, hq_json_get_text(item, "tax"))) {
        return unreadable(c, joined(c, path, "tax"));
    }
    int64_t base = hq_tax__on_sum(tax) ? *sum : value;
    HQ_TRY(expect(c, path, item, "base", base));
    HQ_TRY(check_computed(c, path, item, base, &computed));
    HQ_TRY(check_reduction(c, path, item, computed, &amount));
    if (hq_add_overflows(sum, *sum, amount) ||
        hq_add_overflows(&c->totals[tax], c->totals[tax], amount) ||
        hq_add_overflows(&c->payable, c->payable, amount)) {
        return too_large(c, path);
    }
    return HQ_DONE;
}

static hq_status check_line(check *c, const hq_json *line, size_t i)
{
    hq_sv path = path_of(c, "/lines", i, "");
    const hq_json *taxes = hq_json_get(line, "taxes");
    int64_t value;
    size_t k = 0;
    HQ_TRY(check_value(c, path, line, i, &value));
    if (taxes == NULL || taxes->type != HQ_JSON_ARRAY) {
        return unreadable(c, joined(c, path, "taxes"));
    }
    int64_t sum = value;
    for (const hq_json *item = hq_json_first(taxes); item != NULL;
         item = hq_json_next(taxes, item), k++) {
        hq_sv at = hq_arena_printf(c->arena, "%.*s/taxes/%zu", HQ_SV_FMT(path), k);
        HQ_TRY(check_tax(c, at, item, value, &sum));
    }
    return HQ_DONE;
}

static hq_status check_totals(check *c)
{
    const hq_json *taxes = hq_json_get(c->root, "taxes");
    size_t i = 0;
    if (taxes == NULL || taxes->type != HQ_JSON_ARRAY) {
        return unreadable(c, HQ_SV("/taxes"));
    }
    for (const hq_json *item = hq_json_first(taxes); item != NULL;
         item = hq_json_next(taxes, item), i++) {
        hq_tax tax;
        if (!hq_tax_parse(&tax, hq_json_get_text(item, "tax"))) {
            return unreadable(c, path_of(c, "/taxes", i, "/tax"));
        }
        HQ_TRY(expect(c, path_of(c, "/taxes", i, ""), item, "amount", c->totals[tax]));
    }
    HQ_TRY(expect(c, HQ_SV(""), c->root, "customs_value", c->customs_value));
    return expect(c, HQ_SV(""), c->root, "total_payable", c->payable);
}

/* ------------------------------------------------------------------ seal */

/* The value again without spaces; the parser bounded its depth. */
static void write_again(hq_json_w *w, const hq_json *value, const char *but)
{
    if (value->type == HQ_JSON_STRING) {
        hq_json_text(w, value->text);
        return;
    }
    if (value->type != HQ_JSON_ARRAY && value->type != HQ_JSON_OBJECT) {
        static const char *const words[] = { "null", "false", "true" };
        hq_json_raw(w, value->type == HQ_JSON_NUMBER ? value->text
                                                     : hq_sv_from_cstr(words[value->type]));
        return;
    }
    bool object = value->type == HQ_JSON_OBJECT;
    hq_json_open(w, object ? '{' : '[');
    for (const hq_json *c = hq_json_first(value); c != NULL; c = hq_json_next(value, c)) {
        if (object && but != NULL && hq_sv_eq(c->key, hq_sv_from_cstr(but))) {
            continue;
        }
        if (object) {
            hq_json_key_sv(w, c->key);
        }
        write_again(w, c, NULL);
    }
    hq_json_close(w, object ? '}' : ']');
}

static hq_status check_seal(check *c)
{
    char hex[64];
    hq_buf text = HQ_BUF_ARENA(c->arena, TEXT_MAX);
    hq_json_w w = hq_json_writer(&text);
    write_again(&w, c->root, "sha256");
    HQ_TRY(hq_buf_status(&text));
    hq_receipt__hash(hex, hq_buf_view(&text));
    if (hq_sv_eq(hq_json_get_text(c->root, "sha256"), hq_sv_make(hex, sizeof hex))) {
        return HQ_DONE;
    }
    return refuse(c, HQ_SV("/sha256"),
                  HQ_SV("Các số khớp nhau, nhưng nội dung biên lai đã bị sửa sau khi cấp"),
                  HQ_SV("The amounts follow, but the text was changed after it was issued"));
}

/* ------------------------------------------------------------------ whole */

static bool is_list(const hq_json *list, size_t max)
{
    return list != NULL && list->type == HQ_JSON_ARRAY && list->count <= max;
}

static hq_status make_room(check *c)
{
    int64_t *at = HQ_NEW_ARRAY(c->arena, int64_t, (c->charge_count + 2) * c->line_count + 1);
    if (at == NULL) {
        return HQ_FAIL(NOMEM);
    }
    c->values = at;
    c->weights = at + c->line_count;
    for (size_t i = 0; i < c->charge_count; i++) {
        c->shares[i] = at + (i + 2) * c->line_count;
    }
    return HQ_DONE;
}

static hq_status open_receipt(check *c, hq_sv text)
{
    HQ_TRY(hq_json_parse_copy(&c->root, text, c->arena, c->why));
    /* As the route answers it, the receipt stands beside its event and proof. */
    const hq_json *inside = hq_json_get(c->root, "receipt");
    if (inside != NULL && inside->type == HQ_JSON_OBJECT) {
        c->root = inside;
    }
    if (!hq_sv_eq(hq_json_get_text(c->root, "receipt"), HQ_SV(HQ_RECEIPT__FORM))) {
        return unreadable(c, HQ_SV("/receipt"));
    }
    if (!hq_receipt__rounding_parse(&c->rounding, hq_json_get_text(c->root, "rounding"))) {
        return unreadable(c, HQ_SV("/rounding"));
    }
    c->rates = hq_json_get(c->root, "exchange_rates");
    c->charges = hq_json_get(c->root, "charges");
    c->lines = hq_json_get(c->root, "lines");
    if (!is_list(c->rates, HQ_RATES_MAX)) {
        return unreadable(c, HQ_SV("/exchange_rates"));
    }
    if (!is_list(c->charges, HQ_VALUE__CHARGES)) {
        return unreadable(c, HQ_SV("/charges"));
    }
    if (!is_list(c->lines, HQ_LINES_MAX)) {
        return unreadable(c, HQ_SV("/lines"));
    }
    c->charge_count = c->charges->count;
    c->line_count = c->lines->count;
    return make_room(c);
}

hq_status hq_receipt_verify(hq_sv receipt_json, hq_arena *arena, hq_why *why)
{
    check *c = HQ_NEW(arena, check);
    size_t i = 0;
    if (c == NULL) {
        return HQ_FAIL(NOMEM);
    }
    c->arena = arena;
    c->why = why;
    HQ_TRY(open_receipt(c, receipt_json));
    HQ_TRY(read_values(c));
    for (const hq_json *charge = hq_json_first(c->charges); charge != NULL;
         charge = hq_json_next(c->charges, charge)) {
        HQ_TRY(check_charge(c, charge, i++));
    }
    i = 0;
    for (const hq_json *line = hq_json_first(c->lines); line != NULL;
         line = hq_json_next(c->lines, line)) {
        HQ_TRY(check_line(c, line, i++));
    }
    HQ_TRY(check_totals(c));
    return check_seal(c);
}
