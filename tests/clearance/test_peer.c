/* SPDX-License-Identifier: Apache-2.0 */
#include "desk.h"

#include <stdio.h>
#include <stdlib.h>

/* Value and taxes of 200 declarations made elsewhere, to the dong. Started by peer.sh. */

static hq_ref *ref;
static hq_arena *arena;

static hq_sv text_of(const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", getenv("HQ_PEER_DATA"), name);
    return file_text(path, arena);
}

/* Everything that is expected is there with the same value; the answer may say more. */
static bool agrees(const hq_json *expected, const hq_json *came, char *where, size_t size)
{
    if (came == NULL || came->type != expected->type) {
        return false;
    }
    if (expected->type != HQ_JSON_ARRAY && expected->type != HQ_JSON_OBJECT) {
        return hq_sv_eq(expected->text, came->text);
    }
    const hq_json *element = hq_json_first(came);
    for (const hq_json *c = hq_json_first(expected); c != NULL; c = hq_json_next(expected, c)) {
        const hq_json *other = element;
        if (expected->type == HQ_JSON_OBJECT) {
            char key[64];
            snprintf(key, sizeof key, "%.*s", HQ_SV_FMT(c->key));
            if (strcmp(key, "body") == 0) {
                continue;
            }
            other = hq_json_get(came, key);
        } else if (element != NULL) {
            element = hq_json_next(came, element);
        }
        if (!agrees(c, other, where, size)) {
            size_t len = strlen(where);
            snprintf(where + len, size - len, "<%.*s", HQ_SV_FMT(c->key));
            return false;
        }
    }
    return true;
}

static bool check_one(hq_sv body, hq_sv expected, int number)
{
    hq_sv reference = HQ_SV("@@@@@@@@@@@@@@@@");
    char *at = memmem(body.ptr, body.len, reference.ptr, reference.len);
    assert_non_null(at);
    snprintf(at, reference.len, "CHECK%010d", number);
    at[reference.len - 1] = 'X';
    desk_work work = desk_assess(body, ref, day("2026-11-20"), HQ_CHECK_REGISTER);
    const hq_json *wanted;
    const hq_json *came;
    char where[200] = "";
    bool same = false;
    assert_true(hq_ok(work.status));
    for (size_t i = 0; i < work.findings.count; i++) {
        print_error("body %d: %.*s %.*s\n", number, HQ_SV_FMT(work.findings.items[i].path),
                    HQ_SV_FMT(work.findings.items[i].en));
    }
    if (work.assessment != NULL) {
        hq_buf out = HQ_BUF_ARENA(work.arena, 1 << 20);
        hq_json_w w = hq_json_writer(&out);
        hq_assessment_json(&w, work.assessment);
        assert_true(hq_ok(hq_json_parse_copy(&came, hq_buf_view(&out), work.arena, NULL)));
        assert_true(hq_ok(hq_json_parse_copy(&wanted, expected, work.arena, NULL)));
        same = agrees(wanted, came, where, sizeof where) && work.findings.count == 0;
        if (!same) {
            print_error("body %d %s\n%.*s\n", number, where, HQ_SV_FMT(hq_buf_view(&out)));
        }
    }
    desk_end(&work);
    return same;
}

static void test_two_hundred_declarations_come_to_the_dong(void **state)
{
    (void)state;
    hq_sv bodies = text_of("haiquan_bodies.ndjson");
    hq_sv expectations = text_of("haiquan_expected.ndjson");
    int number = 0;
    int failed = 0;
    while (expectations.ptr != NULL && expectations.len > 0) {
        hq_sv expected = hq_sv_cut(&expectations, '\n');
        hq_sv body = hq_sv_cut(&bodies, '\n');
        failed += !check_one(body, expected, ++number);
    }
    print_message("%d declarations compared\n", number);
    assert_int_equal(number, 200);
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_hundred_declarations_come_to_the_dong),
    };
    char folder[4096];
    assert_true(hq_ok(hq_base_init()));
    arena = hq_arena_new((size_t)1 << 30);
    snprintf(folder, sizeof folder, "%s/haiquan_reference", getenv("HQ_PEER_DATA"));
    ref = desk_reference(folder);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    hq_ref_free(ref);
    hq_arena_free(arena);
    return failed;
}
