/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/findings.h"

enum {
    FINDINGS_MAX = 500,
    WARNINGS_MAX = 400, /* of them; the rest is kept for errors, which come later as well */
    SHOWN_CHARACTERS = 100, /* of a text that was wrong */
    SHOWN_BYTES = 200,      /* of an object or array */
    TEXT_MAX = 8 * 1024
};

typedef struct {
    const char *code;
    hq_severity severity;
    hq_sv vi, en;
} rule;

static const rule rules[] = {
#define HQ_RULE(code, severity, vi, en)                                                            \
    { code, HQ_SEVERITY_##severity, { vi, sizeof vi - 1 }, { en, sizeof en - 1 } },
#include "clearance/balance_rules.def"
#include "clearance/rules.def"
#undef HQ_RULE
};

static const rule *rule_of(const char *code)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (strcmp(rules[i].code, code) == 0) {
            return &rules[i];
        }
    }
    return NULL;
}

/* The sentence with {0} to {9} replaced. */
static hq_sv fill(hq_arena *arena, hq_sv text, const hq_sv *args, size_t arg_count)
{
    if (arg_count == 0) {
        return text;
    }
    hq_buf out = HQ_BUF_ARENA(arena, TEXT_MAX);
    for (size_t i = 0; i < text.len; i++) {
        bool place = text.ptr[i] == '{' && i + 2 < text.len && text.ptr[i + 2] == '}';
        size_t arg = place ? (size_t)(unsigned char)text.ptr[i + 1] - '0' : SIZE_MAX;
        if (arg < arg_count) {
            hq_buf_sv(&out, args[arg]);
            i += 2;
        } else {
            hq_buf_char(&out, text.ptr[i]);
        }
    }
    return hq_ok(hq_buf_status(&out)) ? hq_buf_view(&out) : text;
}

static hq_finding *append(hq_findings *findings)
{
    if (findings->count == findings->cap) {
        size_t cap = findings->cap == 0 ? 16 : findings->cap * 2;
        hq_finding *items = HQ_NEW_ARRAY(findings->arena, hq_finding, cap);
        if (items == NULL) {
            findings->failed = true;
            return NULL;
        }
        if (findings->count > 0) {
            memcpy(items, findings->items, findings->count * sizeof *items);
        }
        findings->items = items;
        findings->cap = cap;
    }
    return &findings->items[findings->count++];
}

static void put(hq_findings *findings, const rule *r, hq_severity severity, hq_sv path, hq_sv value,
                const hq_sv *args, size_t arg_count)
{
    hq_finding *finding = append(findings);
    if (finding == NULL) {
        return;
    }
    *finding = (hq_finding){
        .rule = hq_sv_from_cstr(r->code),
        .severity = severity,
        .path = path,
        .value = value,
        .vi = fill(findings->arena, r->vi, args, arg_count),
        .en = fill(findings->arena, r->en, args, arg_count),
    };
}

/* That there are more stays the last word. */
static void keep_last(hq_findings *findings)
{
    if (findings->more && !findings->failed) {
        hq_finding *items = &findings->items[findings->count - 2];
        hq_finding more = items[0];
        items[0] = items[1];
        items[1] = more;
    }
}

void hq_findings__add_as(hq_findings *findings, const char *code, hq_severity severity, hq_sv path,
                         hq_sv value, const hq_sv *args, size_t arg_count)
{
    const rule *r = rule_of(code);
    if (r == NULL) { /* a slip of the program; it must not let the declaration through */
        r = rule_of("HQ000");
        severity = HQ_SEVERITY_ERROR;
    }
    findings->errors += severity == HQ_SEVERITY_ERROR;
    size_t shown = findings->count - findings->more;
    bool fits = shown < FINDINGS_MAX;
    if (severity != HQ_SEVERITY_ERROR) {
        fits &= shown - (findings->errors < shown ? findings->errors : shown) < WARNINGS_MAX;
    }
    if (fits) {
        put(findings, r, severity, path, value, args, arg_count);
        keep_last(findings);
    } else if (!findings->more) {
        put(findings, rule_of("HQ099"), severity, HQ_SV(""), HQ_SV_NULL, NULL, 0);
        findings->more = !findings->failed;
    }
    if (findings->more && findings->errors > 0) {
        findings->items[findings->count - 1].severity = HQ_SEVERITY_ERROR;
    }
}

void hq_findings_add(hq_findings *findings, const char *code, hq_sv path, hq_sv value,
                     const hq_sv *args, size_t arg_count)
{
    const rule *r = rule_of(code);
    hq_severity severity = r == NULL ? HQ_SEVERITY_ERROR : r->severity;
    hq_findings__add_as(findings, code, severity, path, value, args, arg_count);
}

/* ------------------------------------------------------------------ values and arguments */

static hq_sv cut(hq_sv text, size_t characters)
{
    size_t at = 0;
    while (at < text.len && characters > 0) {
        at++;
        while (at < text.len && ((unsigned char)text.ptr[at] & 0xc0) == 0x80) {
            at++;
        }
        characters--;
    }
    return hq_sv_sub(text, 0, at);
}

hq_sv hq_findings__json_text(hq_arena *arena, hq_sv text)
{
    hq_buf out = HQ_BUF_ARENA(arena, TEXT_MAX);
    hq_json_w w = hq_json_writer(&out);
    hq_sv shown = cut(text, SHOWN_CHARACTERS);
    hq_json_text(&w, shown);
    if (shown.len < text.len && hq_ok(hq_buf_status(&out))) {
        out.len--; /* the closing quote */
        hq_buf_lit(&out, "…\"");
    }
    return hq_ok(hq_buf_status(&out)) ? hq_buf_view(&out) : HQ_SV_NULL;
}

hq_sv hq_findings__json_of(hq_arena *arena, const hq_json *value)
{
    switch ((hq_json_type)value->type) {
    case HQ_JSON_NULL:
        return HQ_SV("null");
    case HQ_JSON_FALSE:
        return HQ_SV("false");
    case HQ_JSON_TRUE:
        return HQ_SV("true");
    case HQ_JSON_STRING:
        return hq_findings__json_text(arena, value->text);
    case HQ_JSON_NUMBER:
        return value->text.len <= SHOWN_CHARACTERS ? value->text
                                                   : hq_findings__json_text(arena, value->text);
    case HQ_JSON_ARRAY:
    case HQ_JSON_OBJECT:
        break;
    }
    return value->text.len <= SHOWN_BYTES ? value->text : HQ_SV_NULL;
}

hq_sv hq_findings__json_code(hq_arena *arena, hq_code4 code)
{
    char text[4];
    return hq_findings__json_text(arena, hq_code4_text(text, code));
}

hq_sv hq_findings__decimal(hq_arena *arena, hq_decimal v)
{
    hq_buf out = HQ_BUF_ARENA(arena, 64);
    hq_decimal_write(&out, hq_decimal_trim(v));
    return hq_buf_view(&out);
}

hq_sv hq_findings__json_decimal(hq_arena *arena, hq_decimal v)
{
    return hq_findings__json_text(arena, hq_findings__decimal(arena, v));
}

hq_sv hq_findings__i64(hq_arena *arena, int64_t v)
{
    hq_buf out = HQ_BUF_ARENA(arena, 64);
    hq_buf_i64(&out, v);
    return hq_buf_view(&out);
}

hq_sv hq_findings__code(hq_arena *arena, hq_code4 code)
{
    char text[4];
    return hq_arena_dup(arena, hq_code4_text(text, code));
}

hq_sv hq_findings__day(hq_arena *arena, hq_day day)
{
    hq_buf out = HQ_BUF_ARENA(arena, 64);
    hq_day_write(&out, day);
    return hq_buf_view(&out);
}

hq_sv hq_findings__item_path(hq_arena *arena, const char *list, size_t item, const char *member)
{
    return hq_arena_printf(arena, "%s/%zu%s", list, item, member);
}

hq_sv hq_findings__line_path(hq_arena *arena, size_t line, const char *member)
{
    return hq_findings__item_path(arena, "/lines", line, member);
}
