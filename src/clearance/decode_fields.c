/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/decode.h"

/* A reader per kind of scalar field. */

static bool is_text(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                    hq_sv *text)
{
    if (value->type != HQ_JSON_STRING) {
        return hq_decode__wrong_type(run, field, value, "string");
    }
    *text = value->text;
    return true;
}

/* ------------------------------------------------------------------ texts */

typedef struct {
    bool control, high; /* a byte below 0x20 or 0x7f; a byte above 0x7f */
} text_look;

/* Eight bytes at a time; may cry control where there is none, so the caller looks again. */
static text_look look(hq_sv text)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t highs = ones << 7;
    uint64_t control = 0;
    uint64_t high = 0;
    size_t at = 0;
    for (; text.len - at >= 8; at += 8) {
        uint64_t eight;
        memcpy(&eight, text.ptr + at, 8);
        uint64_t delete_zero = eight ^ (ones * 0x7f);
        high |= eight & highs;
        control |= ((eight - ones * 0x20) & ~eight & highs) |
                   ((delete_zero - ones) & ~delete_zero & highs);
    }
    for (; at < text.len; at++) {
        unsigned char c = (unsigned char)text.ptr[at];
        high |= c & 0x80;
        control |= c < 0x20 || c == 0x7f;
    }
    return (text_look){ control != 0, high != 0 };
}

static bool has_control(hq_sv text, bool multiline)
{
    if (hq_utf8_has_control(text) || hq_utf8_has_unseen(text)) {
        return true;
    }
    for (size_t i = 0; i < text.len && !multiline; i++) {
        if (text.ptr[i] == '\n' || text.ptr[i] == '\t') {
            return true;
        }
    }
    return false;
}

/* Composes, counts characters, refuses what cannot be printed. */
static bool settle_text(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                        hq_sv *text, int64_t max)
{
    text_look seen = look(*text);
    size_t length = text->len;
    if ((seen.control || seen.high) &&
        has_control(*text, (field->flags & HQ_FIELD_MULTILINE) != 0)) {
        hq_decode__find(run, "HQ011", field, value, HQ_NO_ARGS);
        return false;
    }
    if (seen.high) {
        if (hq_failed(hq_utf8_nfc(text, run->arena, *text))) {
            run->failed = true;
            return false;
        }
        length = hq_utf8_length(*text);
    }
    if ((int64_t)length > max) {
        hq_decode__find(run, "HQ010", field, value,
                        HQ_ARGS(hq_findings__i64(run->arena, (int64_t)length),
                                hq_findings__i64(run->arena, max)));
        return false;
    }
    return true;
}

bool hq_decode__text(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                     char *to)
{
    hq_sv text = HQ_SV_NULL;
    int64_t max = field->kind == HQ_FIELD_TEXTS ? field->least : field->max;
    if (!is_text(run, field, value, &text) || !settle_text(run, field, value, &text, max)) {
        return false;
    }
    memcpy(to, &text, sizeof text);
    return text.len > 0;
}

/* Capitals, digits and - & / are what codes are made of. */
static bool is_code(hq_sv text)
{
    /* Bit c - 0x20, for the characters from the space to the underscore. */
    const uint64_t allowed = UINT64_C(1) << ('-' - 0x20) | UINT64_C(1) << ('&' - 0x20) |
                             UINT64_C(1) << ('/' - 0x20) | UINT64_C(0x3ff) << ('0' - 0x20) |
                             UINT64_C(0x3ffffff) << ('A' - 0x20);
    for (size_t i = 0; i < text.len; i++) {
        unsigned place = (unsigned)(unsigned char)text.ptr[i] - 0x20;
        if (place > 63 || (allowed >> place & 1) == 0) {
            return false;
        }
    }
    return true;
}

static bool code_text(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                      hq_sv *text)
{
    if (!is_text(run, field, value, text) || text->len == 0) {
        return false;
    }
    if (!is_code(*text)) {
        hq_decode__find(run, "HQ012", field, value, HQ_NO_ARGS);
        return false;
    }
    if ((int64_t)text->len > field->max) {
        hq_decode__find(run, "HQ022", field, value,
                        HQ_ARGS(hq_findings__i64(run->arena, field->max)));
        return false;
    }
    return true;
}

static bool read_code(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                      char *to)
{
    hq_sv text = HQ_SV_NULL;
    if (!code_text(run, field, value, &text)) {
        return false;
    }
    memcpy(to, &text, sizeof text);
    return true;
}

static bool read_code4(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                       char *to)
{
    hq_sv text = HQ_SV_NULL;
    if (!code_text(run, field, value, &text)) {
        return false;
    }
    hq_code4 code = hq_code4_of(text);
    memcpy(to, &code, sizeof code);
    return true;
}

/* ------------------------------------------------------------------ choices */

/* Is the text one of words parted by single spaces? */
static bool among(hq_sv text, const char *choices)
{
    const char *at = choices;
    while (*at != '\0') {
        size_t len = 0;
        bool same = true;
        for (; at[len] != ' ' && at[len] != '\0'; len++) {
            same = same && len < text.len && text.ptr[len] == at[len];
        }
        if (same && len == text.len) {
            return true;
        }
        at += at[len] == ' ' ? len + 1 : len;
    }
    return false;
}

static bool choice_text(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                        hq_sv *text)
{
    if (!is_text(run, field, value, text) || text->len == 0) {
        return false;
    }
    if (!among(*text, field->choices)) {
        hq_decode__find(run, "HQ014", field, value, HQ_ARGS(hq_sv_from_cstr(field->choices)));
        return false;
    }
    return true;
}

static bool read_letter(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                        char *to)
{
    hq_sv text = HQ_SV_NULL;
    if (!choice_text(run, field, value, &text)) {
        return false;
    }
    *to = text.ptr[0];
    return true;
}

static bool read_word(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                      char *to)
{
    hq_sv text = HQ_SV_NULL;
    if (!choice_text(run, field, value, &text)) {
        return false;
    }
    memcpy(to, &text, sizeof text);
    return true;
}

static bool read_tax(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                     char *to)
{
    hq_sv text = HQ_SV_NULL;
    hq_tax tax;
    if (!is_text(run, field, value, &text) || text.len == 0) {
        return false;
    }
    if (!hq_tax_parse(&tax, text)) {
        hq_decode__find(run, "HQ014", field, value,
                        HQ_ARGS(HQ_SV("IMPORT EXPORT AD CVD SG SCT EPT VAT")));
        return false;
    }
    memcpy(to, &tax, sizeof tax);
    return true;
}

/* The value was read before all else, since it decides which fields there are. */
static bool check_flow(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                       char *to)
{
    hq_sv text = HQ_SV_NULL;
    (void)to;
    if (!is_text(run, field, value, &text) || text.len == 0) {
        return false;
    }
    if (!run->flow_known) {
        hq_decode__find(run, "HQ014", field, value, HQ_ARGS(HQ_SV("import export")));
    }
    return true;
}

/* ------------------------------------------------------------------ codes with a shape, dates */

static bool read_hs(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                    char *to)
{
    hq_sv text = HQ_SV_NULL;
    uint32_t hs = 0;
    if (!is_text(run, field, value, &text) || text.len == 0) {
        return false;
    }
    if (text.len != 8 || !hq_sv_digits(text)) {
        hq_decode__find(run, "HQ018", field, value, HQ_NO_ARGS);
        return false;
    }
    for (size_t i = 0; i < 8; i++) {
        hs = hs * 10 + (uint32_t)(text.ptr[i] - '0');
    }
    hq_line *line = (hq_line *)(void *)(to - offsetof(hq_line, hs));
    line->hs = hs;
    line->hs_text = text;
    return true;
}

static bool read_number(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                        char *to)
{
    hq_sv text = HQ_SV_NULL;
    if (!is_text(run, field, value, &text) || text.len == 0) {
        return false;
    }
    if (text.len != 12 || !hq_sv_digits(text)) {
        hq_decode__find(run, "HQ024", field, value, HQ_NO_ARGS);
        return false;
    }
    memcpy(to, &text, sizeof text);
    return true;
}

static bool read_time(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                      char *to)
{
    hq_sv text = HQ_SV_NULL;
    int64_t hour = 24;
    int64_t minute = 60;
    if (!is_text(run, field, value, &text) || text.len == 0) {
        return false;
    }
    bool shaped = text.len == 5 && text.ptr[2] == ':' && hq_sv_digits(hq_sv_sub(text, 0, 2)) &&
                  hq_sv_digits(hq_sv_sub(text, 3, 2));
    if (!shaped || !hq_sv_i64(&hour, hq_sv_sub(text, 0, 2)) ||
        !hq_sv_i64(&minute, hq_sv_sub(text, 3, 2)) || hour > 23 || minute > 59) {
        hq_decode__find(run, "HQ025", field, value, HQ_NO_ARGS);
        return false;
    }
    minute += hour * 60;
    memcpy(to, &minute, sizeof minute);
    return true;
}

static bool read_day(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                     char *to)
{
    hq_sv text = HQ_SV_NULL;
    hq_day day;
    if (!is_text(run, field, value, &text) || text.len == 0) {
        return false;
    }
    if (hq_failed(hq_day_parse(&day, text))) {
        hq_decode__find(run, "HQ013", field, value, HQ_NO_ARGS);
        return false;
    }
    memcpy(to, &day, sizeof day);
    return true;
}

/* ------------------------------------------------------------------ numbers */

static bool too_large(hq_decode__run *run, const hq_decode__field *field, const hq_json *value)
{
    hq_decode__find(run, "HQ007", field, value, HQ_ARGS(hq_findings__i64(run->arena, field->max)));
    return false;
}

/* No field has more than 18 digits. */
static int64_t power_of_ten(int64_t exponent)
{
    static const int64_t powers[19] = { INT64_C(1),
                                        INT64_C(10),
                                        INT64_C(100),
                                        INT64_C(1000),
                                        INT64_C(10000),
                                        INT64_C(100000),
                                        INT64_C(1000000),
                                        INT64_C(10000000),
                                        INT64_C(100000000),
                                        INT64_C(1000000000),
                                        INT64_C(10000000000),
                                        INT64_C(100000000000),
                                        INT64_C(1000000000000),
                                        INT64_C(10000000000000),
                                        INT64_C(100000000000000),
                                        INT64_C(1000000000000000),
                                        INT64_C(10000000000000000),
                                        INT64_C(100000000000000000),
                                        INT64_C(1000000000000000000) };
    return powers[exponent < 18 ? exponent : 18];
}

/* To the scale of the field; false with a finding when it has more decimals or is too large. */
static bool settle_scale(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                         hq_decimal *v)
{
    hq_decimal trimmed = v->scale > field->scale ? hq_decimal_trim(*v) : *v;
    if (trimmed.scale > field->scale) {
        hq_decode__find(run, "HQ006", field, value,
                        HQ_ARGS(hq_findings__i64(run->arena, field->scale)));
        return false;
    }
    if (hq_failed(hq_decimal_rescale(v, trimmed, field->scale, HQ_ROUND_NEVER)) ||
        v->units >= power_of_ten(field->max + field->scale)) {
        return too_large(run, field, value);
    }
    return true;
}

static bool read_amount(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                        char *to)
{
    hq_sv text = HQ_SV_NULL;
    hq_decimal v;
    if (!is_text(run, field, value, &text)) {
        return false;
    }
    hq_status parsed = hq_decimal_parse(&v, text);
    if (parsed.code == HQ_E_RANGE) {
        return too_large(run, field, value);
    }
    if (hq_failed(parsed)) {
        hq_decode__find(run, "HQ005", field, value, HQ_NO_ARGS);
        return false;
    }
    bool positive = field->kind == HQ_FIELD_POSITIVE;
    if (v.units < (positive ? 1 : 0)) {
        hq_decode__find(run, positive ? "HQ008" : "HQ009", field, value, HQ_NO_ARGS);
        return false;
    }
    if (!settle_scale(run, field, value, &v)) {
        return false;
    }
    memcpy(to, &v, sizeof v);
    return true;
}

static bool read_whole(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                       char *to)
{
    int64_t v;
    int64_t most = power_of_ten(field->max) - 1;
    if (value->type != HQ_JSON_NUMBER) {
        return hq_decode__wrong_type(run, field, value, "integer");
    }
    if (!hq_sv_i64(&v, value->text) || v < field->least || v > most) {
        hq_decode__find(run, "HQ016", field, value,
                        HQ_ARGS(hq_findings__i64(run->arena, field->least),
                                hq_findings__i64(run->arena, most)));
        return false;
    }
    memcpy(to, &v, sizeof v);
    return true;
}

hq_decode__reader *const hq_decode__readers[HQ_FIELD_KINDS] = {
    [HQ_FIELD_TEXT] = hq_decode__text,
    [HQ_FIELD_TEXT_OR_NONE] = hq_decode__text,
    [HQ_FIELD_CODE] = read_code,
    [HQ_FIELD_CODE4] = read_code4,
    [HQ_FIELD_LETTER] = read_letter,
    [HQ_FIELD_WORD] = read_word,
    [HQ_FIELD_HS] = read_hs,
    [HQ_FIELD_TAX] = read_tax,
    [HQ_FIELD_FLOW] = check_flow,
    [HQ_FIELD_DAY] = read_day,
    [HQ_FIELD_AMOUNT] = read_amount,
    [HQ_FIELD_POSITIVE] = read_amount,
    [HQ_FIELD_WHOLE] = read_whole,
    [HQ_FIELD_LINES] = hq_decode__lines,
    [HQ_FIELD_OBJECT] = hq_decode__object_field,
    [HQ_FIELD_TEXTS] = hq_decode__texts,
    [HQ_FIELD_OBJECTS] = hq_decode__objects,
    [HQ_FIELD_ANY] = hq_decode__any,
    [HQ_FIELD_NUMBER] = read_number,
    [HQ_FIELD_TIME] = read_time,
};
