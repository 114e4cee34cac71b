/* SPDX-License-Identifier: Apache-2.0 */
#include "base/config.h"

#include <unistd.h>

#include "base/buf.h"

enum { NAME_MAX_BYTES = 64 };

typedef struct {
    hq_setting_value *values;
    const hq_setting *table;
    size_t count;
    hq_arena *arena;
    hq_sv *why;
} job;

/* Where a value came from, in both languages, with the line of a file. */
typedef struct {
    const char *origin;
    const char *en, *vi;
    int line; /* 0: none */
} place;

static const place flag_place = { "flag", "flag", "cờ lệnh", 0 };
static const place environment_place = { "environment", "environment variable", "biến môi trường",
                                         0 };
static const place default_place = { "default", "default", "mặc định", 0 };

static hq_status refuse(const job *j, place at, hq_sv key, const char *en, const char *vi)
{
    hq_arena *a = j->arena;
    if (at.line > 0) {
        *j->why = hq_arena_printf(a, "%s line %d, %.*s: %s\n%s dòng %d, %.*s: %s", at.en, at.line,
                                  HQ_SV_FMT(key), en, at.vi, at.line, HQ_SV_FMT(key), vi);
    } else {
        *j->why = hq_arena_printf(a, "%s %.*s: %s\n%s %.*s: %s", at.en, HQ_SV_FMT(key), en, at.vi,
                                  HQ_SV_FMT(key), vi);
    }
    return j->why->ptr == NULL ? HQ_FAIL(NOMEM) : HQ_FAIL(USAGE);
}

static hq_status refuse_unknown(const job *j, place at, hq_sv shown, hq_sv name)
{
    hq_sv *names = HQ_NEW_ARRAY(j->arena, hq_sv, j->count);
    if (names == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < j->count; i++) {
        names[i] = hq_sv_from_cstr(j->table[i].name);
    }
    hq_sv near = hq_sv_nearest(name, names, j->count);
    if (near.ptr == NULL) {
        return refuse(j, at, shown, "no such setting; `haiquan config` lists them",
                      "không có thiết lập này; `haiquan config` liệt kê các thiết lập");
    }
    hq_sv en = hq_arena_printf(j->arena, "no such setting; did you mean %.*s?", HQ_SV_FMT(near));
    hq_sv vi = hq_arena_printf(j->arena, "không có thiết lập này; có phải ý bạn là %.*s?",
                               HQ_SV_FMT(near));
    if (en.ptr == NULL || vi.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    return refuse(j, at, shown, en.ptr, vi.ptr);
}

static size_t index_of(const job *j, hq_sv name)
{
    size_t at = 0;
    while (at < j->count && !hq_sv_eq(name, hq_sv_from_cstr(j->table[at].name))) {
        at++;
    }
    return at;
}

static bool read_bool(int64_t *out, hq_sv text)
{
    static const char *const words[] = { "false", "true", "no", "yes", "off", "on", "0", "1" };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (hq_sv_eq_nocase(text, hq_sv_from_cstr(words[i]))) {
            *out = (int64_t)(i % 2);
            return true;
        }
    }
    return false;
}

static hq_status refuse_number(const job *j, place at, hq_sv key, const hq_setting *s)
{
    hq_sv en = hq_arena_printf(j->arena, "must be a whole number from %lld to %lld",
                               (long long)s->min, (long long)s->max);
    hq_sv vi = hq_arena_printf(j->arena, "phải là số nguyên từ %lld đến %lld", (long long)s->min,
                               (long long)s->max);
    if (en.ptr == NULL || vi.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    return refuse(j, at, key, en.ptr, vi.ptr);
}

static hq_status take(const job *j, place at, hq_sv shown, size_t index, hq_sv text)
{
    const hq_setting *s = &j->table[index];
    int64_t number = 0;
    switch (s->type) {
    case HQ_SETTING_TEXT:
        break;
    case HQ_SETTING_INT:
        if (!hq_sv_i64(&number, text) || number < s->min || number > s->max) {
            return refuse_number(j, at, shown, s);
        }
        break;
    case HQ_SETTING_BOOL:
        if (!read_bool(&number, text)) {
            return refuse(j, at, shown, "must be true or false", "phải là true hoặc false");
        }
        text = number != 0 ? HQ_SV("true") : HQ_SV("false");
        break;
    }
    j->values[index] = (hq_setting_value){ text, number, at.origin };
    return HQ_DONE;
}

static hq_status take_defaults(const job *j)
{
    for (size_t i = 0; i < j->count; i++) {
        j->values[i] = (hq_setting_value){ 0 };
        if (j->table[i].fallback != NULL) {
            HQ_TRY(take(j, default_place, hq_sv_from_cstr(j->table[i].name), i,
                        hq_sv_from_cstr(j->table[i].fallback)));
        }
    }
    return HQ_DONE;
}

static hq_status take_line(const job *j, place at, hq_sv line)
{
    line = hq_sv_trim(line);
    if (line.len == 0 || line.ptr[0] == '#') {
        return HQ_DONE;
    }
    size_t sign = hq_sv_find(line, '=', 0);
    hq_sv key = hq_sv_trim(hq_sv_sub(line, 0, sign));
    if (sign == line.len || key.len == 0) {
        return refuse(j, at, line, "expected \"key = value\"", "cần có dạng \"khóa = giá trị\"");
    }
    size_t index = index_of(j, key);
    if (index == j->count) {
        return refuse_unknown(j, at, key, key);
    }
    if (j->values[index].origin == at.origin) {
        return refuse(j, at, key, "given twice; keep one", "ghi hai lần; chỉ giữ lại một");
    }
    return take(j, at, key, index, hq_sv_trim(hq_sv_sub(line, sign + 1, line.len)));
}

static hq_status take_file(const job *j, hq_sv file)
{
    place at = { "file", "configuration file", "tệp cấu hình", 0 };
    for (hq_sv rest = file; rest.ptr != NULL;) {
        at.line++;
        HQ_TRY(take_line(j, at, hq_sv_cut(&rest, '\n')));
    }
    return HQ_DONE;
}

/* HAIQUAN_DATA_DIR names data-dir. */
static hq_sv environment_name(char *out, hq_sv variable)
{
    size_t len = variable.len < NAME_MAX_BYTES ? variable.len : NAME_MAX_BYTES;
    for (size_t i = 0; i < len; i++) {
        char c = variable.ptr[i];
        out[i] = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    return (hq_sv){ out, len };
}

static hq_status take_environment(const job *j)
{
    for (char **e = environ; e != NULL && *e != NULL; e++) {
        hq_sv value = hq_sv_from_cstr(*e);
        hq_sv variable = hq_sv_cut(&value, '=');
        if (!hq_sv_starts(variable, HQ_SV("HAIQUAN_"))) {
            continue;
        }
        char lower[NAME_MAX_BYTES];
        hq_sv name = environment_name(lower, hq_sv_sub(variable, 8, variable.len));
        size_t index = index_of(j, name);
        if (index == j->count) {
            HQ_TRY(refuse_unknown(j, environment_place, variable, name));
        } else {
            HQ_TRY(take(j, environment_place, variable, index, value));
        }
    }
    return HQ_DONE;
}

/* One flag at argv[*at]; moves *at past a value that stands by itself. */
static hq_status take_flag(const job *j, int *at, int argc, char **argv)
{
    hq_sv shown = hq_sv_from_cstr(argv[*at]);
    hq_sv value = hq_sv_sub(shown, 2, shown.len);
    hq_sv name = hq_sv_cut(&value, '=');
    shown = hq_sv_sub(shown, 0, 2 + name.len);
    size_t index = index_of(j, name);
    if (index == j->count) {
        return refuse_unknown(j, flag_place, shown, name);
    }
    if (j->values[index].origin == flag_place.origin) {
        return refuse(j, flag_place, shown, "given twice; keep one",
                      "ghi hai lần; chỉ giữ lại một");
    }
    if (value.ptr == NULL && j->table[index].type == HQ_SETTING_BOOL) {
        value = HQ_SV("true");
    } else if (value.ptr == NULL) {
        if (*at + 1 >= argc) {
            return refuse(j, flag_place, shown, "needs a value", "cần một giá trị");
        }
        value = hq_sv_from_cstr(argv[++*at]);
    }
    return take(j, flag_place, shown, index, value);
}

static hq_status take_flags(const job *j, int argc, char **argv, char **rest, int *rest_count)
{
    bool flags_end = false;
    *rest_count = 0;
    for (int at = 0; at < argc; at++) {
        hq_sv arg = hq_sv_from_cstr(argv[at]);
        if (!flags_end && hq_sv_eq(arg, HQ_SV("--"))) {
            flags_end = true;
        } else if (!flags_end && hq_sv_starts(arg, HQ_SV("--"))) {
            HQ_TRY(take_flag(j, &at, argc, argv));
        } else {
            rest[(*rest_count)++] = argv[at];
        }
    }
    return HQ_DONE;
}

hq_status hq_config_read(hq_setting_value *values, const hq_setting *table, size_t count, int argc,
                         char **argv, char **rest, int *rest_count, hq_sv file, hq_sv *why,
                         hq_arena *arena)
{
    job j = { values, table, count, arena, why };
    *why = HQ_SV_NULL;
    /* Weakest first: what comes later overrides. */
    HQ_TRY(take_defaults(&j));
    HQ_TRY(take_file(&j, file));
    HQ_TRY(take_environment(&j));
    return take_flags(&j, argc, argv, rest, rest_count);
}
