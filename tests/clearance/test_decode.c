/* SPDX-License-Identifier: Apache-2.0 */
#include "case_text.h"
#include "clearance/decode.h"

#include <stdio.h>
#include <stdlib.h>

/* A declaration is read in one of two ways: from tokens when nothing is wrong with it, by nodes
 * otherwise. An escape in a name means the same and leads by nodes, so each text is read in both
 * ways and must come out the same. */

enum { TEXT_MAX = 32 << 20 };

static hq_ref *ref;
static const char *folder;

static hq_sv outcome(hq_sv body, hq_arena *arena)
{
    hq_buf out = HQ_BUF_ARENA(arena, TEXT_MAX);
    desk_work work = desk_assess(body, ref, day("2026-11-20"), HQ_CHECK_REGISTER);
    hq_buf_printf(&out, "status %d\n", (int)work.status.code);
    case_write_findings(&out, &work.findings);
    if (work.assessment != NULL) {
        hq_json_w w = hq_json_writer(&out);
        case_write_assessment(&out, work.assessment);
        hq_assessment_json(&w, work.assessment);
    }
    desk_end(&work);
    return hq_buf_view(&out);
}

/* The same text with an escape in the first name "flow"; ptr NULL when it has none. */
static hq_sv by_nodes(hq_sv body, hq_arena *arena)
{
    const char *name = memmem(body.ptr, body.len, "\"flow\"", 6);
    if (name == NULL) {
        return HQ_SV_NULL;
    }
    size_t at = (size_t)(name - body.ptr);
    hq_buf out = HQ_BUF_ARENA(arena, TEXT_MAX);
    hq_buf_sv(&out, hq_sv_sub(body, 0, at));
    hq_buf_lit(&out, "\"\\u0066low\"");
    hq_buf_sv(&out, hq_sv_sub(body, at + 6, body.len));
    return hq_buf_view(&out);
}

static bool same_both_ways(hq_sv body)
{
    hq_arena *arena = hq_arena_new((size_t)256 << 20);
    hq_sv other = by_nodes(body, arena);
    bool same = true;
    if (other.ptr != NULL) {
        hq_sv one = outcome(body, arena);
        hq_sv two = outcome(other, arena);
        same = hq_sv_eq(one, two);
        if (!same) {
            fprintf(stderr, "%.*s\n--- from tokens\n%.*s\n--- by nodes\n%.*s\n", HQ_SV_FMT(body),
                    HQ_SV_FMT(one), HQ_SV_FMT(two));
        }
    }
    hq_arena_free(arena);
    return same;
}

static hq_sv base(const char *name, hq_arena *arena)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    hq_sv text = file_text(path, arena);
    assert_non_null(text.ptr);
    return text;
}

static const char *const bases[] = { "import.json", "export.json" };

/* One byte replaced, everywhere, by each of those that JSON is made of. */
static void test_any_byte_may_be_wrong(void **state)
{
    (void)state;
    static const char bytes[] = "{}[],:\"0-x \n";
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    for (size_t k = 0; k < sizeof bases / sizeof bases[0]; k++) {
        hq_sv text = base(bases[k], arena);
        char *body = hq_arena_cstr(arena, text);
        for (size_t i = 0; i < text.len; i++) {
            char was = body[i];
            body[i] = bytes[i % (sizeof bytes - 1)];
            assert_true(same_both_ways(hq_sv_make(body, text.len)));
            body[i] = was;
        }
    }
    hq_arena_free(arena);
}

/* A piece left out, and a piece twice: names that are missing, unknown, twice; brackets too many.
 */
static void test_any_piece_may_be_missing_or_twice(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new((size_t)512 << 20);
    uint64_t seed = 7;
    for (size_t k = 0; k < sizeof bases / sizeof bases[0]; k++) {
        hq_sv text = base(bases[k], arena);
        for (int n = 0; n < 500; n++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
            size_t from = (seed >> 33) % text.len;
            size_t to = from + 1 + (seed >> 20) % 40;
            to = to < text.len ? to : text.len;
            hq_buf body = HQ_BUF_ARENA(arena, TEXT_MAX);
            hq_buf_sv(&body, hq_sv_sub(text, 0, n % 2 == 0 ? from : to));
            hq_buf_sv(&body, hq_sv_sub(text, n % 2 == 0 ? to : from, text.len));
            assert_true(same_both_ways(hq_buf_view(&body)));
        }
    }
    hq_arena_free(arena);
}

/* Lists longer than what room is made for at first. */
static void test_any_number_of_lines(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new((size_t)512 << 20);
    hq_sv text = base("import.json", arena);
    const char *name = memmem(text.ptr, text.len, "\"lines\": [{", 11);
    assert_non_null(name);
    size_t from = (size_t)(name - text.ptr) + 10;
    size_t end = text.len;
    while (text.ptr[end - 1] != ']') {
        end--;
    }
    hq_sv lines = hq_sv_sub(text, from, end - 1);
    for (int count = 0; count < 60; count += count < 12 ? 1 : 7) {
        hq_buf body = HQ_BUF_ARENA(arena, TEXT_MAX);
        hq_buf_sv(&body, hq_sv_sub(text, 0, from));
        for (int i = 0; i < count; i++) {
            hq_buf_sv(&body, i == 0 ? HQ_SV("") : HQ_SV(" , "));
            hq_buf_sv(&body, lines);
        }
        hq_buf_sv(&body, hq_sv_sub(text, end - 1, text.len));
        assert_true(same_both_ways(hq_buf_view(&body)));
    }
    hq_arena_free(arena);
}

/* Beyond what a table says to be needed no field may be asked for. */
static void check_needed(const hq_decode__object *object)
{
    const unsigned asking = HQ_FIELD_REQUIRED | HQ_FIELD_REQUIRED_ON_IMPORT |
                            HQ_FIELD_REQUIRED_ON_EXPORT | HQ_FIELD_REQUIRED_IF_PAID;
    assert_true(object->count <= HQ_DECODE__FIELDS && object->needed <= object->count);
    for (size_t i = 0; i < object->count; i++) {
        const hq_decode__field *field = &object->fields[i];
        if (i >= object->needed && (field->flags & asking) != 0) {
            fail_msg("%s is asked for and not among the needed", field->name);
        }
        if (field->object != NULL) {
            check_needed(field->object);
        }
        if (field->on_export != NULL) {
            check_needed(field->on_export);
        }
    }
}

static void test_what_is_needed_stands_first(void **state)
{
    (void)state;
    check_needed(&hq_decode__root);
    check_needed(&hq_decode__parcel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_byte_may_be_wrong),
        cmocka_unit_test(test_any_piece_may_be_missing_or_twice),
        cmocka_unit_test(test_any_number_of_lines),
        cmocka_unit_test(test_what_is_needed_stands_first),
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
