/* SPDX-License-Identifier: Apache-2.0 */
#include "case_text.h"
#include "overlay.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

/* Text cases that an officer can read; see cases/README.md. For each that comes out without an
 * error the record's packed form and the receipt are put to the test as well. */

enum { CHANGES_MAX = 40, TEXT_MAX = 32 << 20 };

typedef struct {
    hq_sv declaration; /* file of the base */
    hq_day day;
    hq_check_stage stage;
    bool advice, parcel;
    overlay_change changes[CHANGES_MAX];
    size_t change_count;
    hq_sv expect;
} text_case;

static hq_ref *ref;
static const char *folder;

/* The catalogue, and which rules the cases have shown. */
static struct {
    const char *code;
    bool shown;
} rules[] = {
#define HQ_RULE(code, severity, vi, en) { code, false },
#include "clearance/rules.def"
#undef HQ_RULE
};

/* The rows of the table of requirements, likewise; of a line the path ends so. */
static struct {
    const char *code, *path;
    bool shown;
} requirements[] = {
#define HQ_WHEN(code, path, all, none)      { code, path, false },
#define HQ_LINE_WHEN(code, path, all, none) { code, path, false },
#include "clearance/requirements.def"
#undef HQ_WHEN
#undef HQ_LINE_WHEN
};

static hq_sv in_folder(const char *name, hq_arena *arena)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    hq_sv text = file_text(path, arena);
    assert_non_null(text.ptr);
    return text;
}

static void read_change(text_case *c, hq_sv words, bool set)
{
    assert_true(c->change_count < CHANGES_MAX);
    size_t space = set ? hq_sv_find(words, ' ', 0) : words.len;
    hq_sv pointer = hq_sv_sub(words, 0, space);
    c->changes[c->change_count++] = (overlay_change){
        .pointer = hq_sv_eq(pointer, HQ_SV("(all)")) ? HQ_SV("") : pointer,
        .json = set ? hq_sv_sub(words, space + 1, words.len) : HQ_SV_NULL,
    };
}

/* "51 {...}": so many lines of goods like this one. */
static void read_many(text_case *c, hq_sv words, hq_arena *arena)
{
    hq_sv json = words;
    int64_t count;
    hq_buf list = HQ_BUF_ARENA(arena, (size_t)16 << 20);
    assert_true(hq_sv_i64(&count, hq_sv_cut(&json, ' ')));
    for (int64_t i = 0; i < count; i++) {
        hq_buf_char(&list, i == 0 ? '[' : ',');
        hq_buf_sv(&list, json);
    }
    hq_buf_char(&list, ']');
    assert_true(c->change_count < CHANGES_MAX);
    c->changes[c->change_count++] =
        (overlay_change){ .pointer = HQ_SV("/lines"), .json = hq_buf_view(&list) };
}

static void read_line(text_case *c, hq_sv line, hq_arena *arena)
{
    hq_sv words = line;
    hq_sv verb = hq_sv_cut(&words, ' ');
    if (hq_sv_eq(verb, HQ_SV("declaration"))) {
        c->declaration = in_folder(hq_arena_cstr(arena, words), arena);
    } else if (hq_sv_eq(verb, HQ_SV("day"))) {
        c->day = day(hq_arena_cstr(arena, words));
    } else if (hq_sv_eq(verb, HQ_SV("register"))) {
        c->stage = HQ_CHECK_REGISTER;
    } else if (hq_sv_eq(verb, HQ_SV("parcel"))) {
        c->parcel = true;
    } else if (hq_sv_eq(verb, HQ_SV("advise"))) {
        c->advice = true;
    } else if (hq_sv_eq(verb, HQ_SV("set"))) {
        read_change(c, words, true);
    } else if (hq_sv_eq(verb, HQ_SV("lines"))) {
        read_many(c, words, arena);
    } else if (hq_sv_eq(verb, HQ_SV("remove"))) {
        read_change(c, words, false);
    } else if (line.len > 0 && line.ptr[0] != '#') {
        fail_msg("not understood: %.*s", HQ_SV_FMT(line));
    }
}

static text_case read_case(hq_sv text, hq_arena *arena)
{
    text_case c = { .day = day("2026-11-20") };
    hq_sv rest = text;
    while (rest.ptr != NULL) {
        hq_sv line = hq_sv_cut(&rest, '\n');
        if (hq_sv_eq(line, HQ_SV("expect:"))) {
            break;
        }
        read_line(&c, line, arena);
    }
    c.expect = rest;
    if (c.declaration.ptr == NULL) {
        c.declaration = in_folder("import.json", arena);
    }
    return c;
}

/* ------------------------------------------------------------------ what always holds */

static hq_sv shown(const hq_assessment *a, hq_arena *arena)
{
    hq_buf out = HQ_BUF_ARENA(arena, TEXT_MAX);
    hq_json_w w = hq_json_writer(&out);
    case_write_assessment(&out, a);
    hq_assessment_json(&w, a);
    return hq_buf_view(&out);
}

static void check_packed(const desk_work *work)
{
    hq_buf packed = HQ_BUF_ARENA(work->arena, TEXT_MAX);
    hq_assessment *back = NULL;
    assert_true(hq_ok(hq_assessment_pack(&packed, work->assessment)));
    assert_true(hq_ok(hq_assessment_unpack(&back, hq_buf_view(&packed), ref, work->arena)));
    hq_sv was = shown(work->assessment, work->arena);
    hq_sv is = shown(back, work->arena);
    if (!hq_sv_eq(was, is)) {
        fail_msg("unpacked\n%.*s\nwas\n%.*s", HQ_SV_FMT(is), HQ_SV_FMT(was));
    }
}

static void check_receipt(const desk_work *work)
{
    hq_buf text = HQ_BUF_ARENA(work->arena, TEXT_MAX);
    hq_json_w w = hq_json_writer(&text);
    hq_why why = { 0 };
    assert_true(hq_ok(
        hq_receipt_json(&w, HQ_SV("100000000010"), work->declaration, work->assessment, ref)));
    if (hq_failed(hq_receipt_verify(hq_buf_view(&text), work->arena, &why))) {
        fail_msg("receipt: %.*s %.*s\n%.*s", HQ_SV_FMT(why.path), HQ_SV_FMT(why.en),
                 HQ_SV_FMT(hq_buf_view(&text)));
    }
}

/* ------------------------------------------------------------------ running */

static void note_requirement(const hq_finding *finding)
{
    for (size_t k = 0; k < sizeof requirements / sizeof requirements[0]; k++) {
        requirements[k].shown |= hq_sv_eq(finding->rule, hq_sv_from_cstr(requirements[k].code)) &&
                                 hq_sv_ends(finding->path, hq_sv_from_cstr(requirements[k].path));
    }
}

static void note_rules(const hq_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        note_requirement(&findings->items[i]);
        for (size_t k = 0; k < sizeof rules / sizeof rules[0]; k++) {
            rules[k].shown |= hq_sv_eq(findings->items[i].rule, hq_sv_from_cstr(rules[k].code));
        }
    }
}

static void write_outcome(hq_buf *out, const text_case *c, const desk_work *work)
{
    hq_scheme_advice *advice;
    size_t count;
    note_rules(&work->findings);
    case_write_findings(out, &work->findings);
    if (work->assessment == NULL) {
        return;
    }
    case_write_assessment(out, work->assessment);
    check_packed(work);
    check_receipt(work);
    if (c->advice) {
        assert_true(hq_ok(hq_advise_schemes(&advice, &count, work->declaration, work->assessment, 0,
                                            ref, work->arena)));
        case_write_advice(out, advice, count);
    }
}

static int check_case(const char *path)
{
    hq_arena *arena = hq_arena_new((size_t)512 << 20);
    hq_sv text = file_text(path, arena);
    assert_non_null(text.ptr);
    text_case c = read_case(text, arena);
    hq_sv json = overlay_apply(c.declaration, c.changes, c.change_count, arena);
    desk_work work =
        c.parcel ? desk_assess_parcel(json, ref, c.day) : desk_assess(json, ref, c.day, c.stage);
    hq_buf out = HQ_BUF_ARENA(arena, TEXT_MAX);
    assert_true(hq_ok(work.status));
    write_outcome(&out, &c, &work);
    hq_sv came = hq_sv_trim(hq_buf_view(&out));
    hq_sv expected = hq_sv_trim(c.expect);
    bool same = hq_sv_eq(came, expected);
    if (!same) {
        fprintf(stderr, "%s\n--- expected\n%.*s\n--- came\n%.*s\n", path, HQ_SV_FMT(expected),
                HQ_SV_FMT(came));
    }
    desk_end(&work);
    hq_arena_free(arena);
    return !same;
}

static void test_every_text_case_comes_out_as_written(void **state)
{
    (void)state;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    int failed = 0;
    int count = 0;
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char path[4096];
        if (!hq_sv_ends(hq_sv_from_cstr(entry->d_name), HQ_SV(".txt"))) {
            continue;
        }
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        failed += check_case(path);
        count++;
    }
    closedir(dir);
    print_message("%d text cases\n", count);
    assert_int_equal(failed, 0);
    assert_true(count >= 40);
}

static void test_every_rule_is_shown_by_a_case(void **state)
{
    (void)state;
    int missing = 0;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const char *code = rules[i].code;
        /* A fault of the program, more than 500 findings, and HQ3xx and HQ6xx, which need a record
         * and have tests of the life cycle. */
        bool unshowable = strcmp(code, "HQ000") == 0 || strcmp(code, "HQ099") == 0 ||
                          strncmp(code, "HQ3", 3) == 0 || strncmp(code, "HQ6", 3) == 0;
        if (!rules[i].shown && !unshowable) {
            print_error("no case shows %s\n", rules[i].code);
            missing++;
        }
    }
    assert_int_equal(missing, 0);
}

static void test_every_requirement_is_shown_by_a_case(void **state)
{
    (void)state;
    int missing = 0;
    for (size_t i = 0; i < sizeof requirements / sizeof requirements[0]; i++) {
        if (!requirements[i].shown) {
            print_error("no case shows %s at %s\n", requirements[i].code, requirements[i].path);
            missing++;
        }
    }
    assert_int_equal(missing, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_text_case_comes_out_as_written),
        cmocka_unit_test(test_every_rule_is_shown_by_a_case),
        cmocka_unit_test(test_every_requirement_is_shown_by_a_case),
    };
    char reference[4096];
    folder = getenv("HQ_CASES");
    assert_non_null(folder);
    assert_true(hq_ok(hq_base_init()));
    snprintf(reference, sizeof reference, "%s/reference", folder);
    ref = desk_reference(reference);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    hq_ref_free(ref);
    return failed;
}
