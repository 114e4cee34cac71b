/* SPDX-License-Identifier: Apache-2.0 */
#include "lives.h"
#include <unistd.h>

/* Records: repeated keys, hashes of rows, visibility of events, public tracking, the lists beyond
 * one block. */

#define FILE_PATH "/api/v1/declarations?mode="

static hq_arena *room(void)
{
    return hq_arena_new((size_t)256 << 20);
}

/* ------------------------------------------------------------------ keys */

static void test_same_key_same_answer(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    hq_arena *arena = room();
    house_answer first =
        house_call(&l.h, arena, l.trader, HQ_POST, FILE_PATH "register", l.document, "k1");
    assert_int_equal(first.http, 201);
    hq_sv number = house_at(&first, "/number");
    lives_pay(&l, arena, hq_arena_cstr(arena, number), 100);
    house_close(&l.h);
    house_open(&l.h);
    house_answer again =
        house_call(&l.h, arena, l.trader, HQ_POST, FILE_PATH "register", l.document, "k1");
    assert_int_equal(again.http, 201);
    check_text(again.body, hq_arena_cstr(arena, first.body));
    check_text(again.answer.location, hq_arena_cstr(arena, first.answer.location));
    check_text(again.answer.etag, hq_arena_cstr(arena, first.answer.etag));
    assert_int_equal(house_ask(&l.h, "SELECT count(*) FROM declaration"), 1);
    house_answer other =
        house_call(&l.h, arena, l.trader, HQ_POST, FILE_PATH "register", "{}", "k1");
    assert_int_equal(other.http, 422);
    hq_arena_free(arena);
    lives_end(&l);
}

/* The content of the first answer is another one by now. */
static void test_same_key_after_a_replacement(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    hq_arena *arena = room();
    house_answer first =
        house_call(&l.h, arena, l.trader, HQ_POST, FILE_PATH "preregister", l.document, "k1");
    const char *number = hq_arena_cstr(arena, house_at(&first, "/number"));
    char path[64];
    char *other = hq_arena_cstr(arena, hq_sv_from_cstr(l.document));
    char *spot = strstr(other, "REF-1");
    assert_non_null(spot);
    spot[4] = '2';
    snprintf(path, sizeof path, "/api/v1/declarations/%s", number);
    house_answer put = house_call(&l.h, arena, l.trader, HQ_PUT, path, other, NULL);
    assert_int_equal(put.http, 200);
    check_text(house_at(&put, "/declaration/reference"), "REF-2");
    house_answer again =
        house_call(&l.h, arena, l.trader, HQ_POST, FILE_PATH "preregister", l.document, "k1");
    check_text(again.body, hq_arena_cstr(arena, first.body));
    hq_arena_free(arena);
    lives_end(&l);
}

static void test_if_match(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    char number[13];
    lives_file(&l, "preregister", number);
    hq_arena *arena = room();
    char path[64];
    snprintf(path, sizeof path, "/api/v1/declarations/%s", number);
    static const struct {
        const char *tag;
        int http;
    } cases[] = {
        { "\"1\"", 200 }, { "\"1\"", 412 }, { "2", 200 }, { "*", 200 }, { "\"x\"", 412 }
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        l.h.if_match = cases[i].tag;
        house_answer a = house_call(&l.h, arena, l.trader, HQ_PUT, path, l.document, NULL);
        assert_int_equal(a.http, cases[i].http);
    }
    hq_arena_free(arena);
    lives_end(&l);
}

/* ------------------------------------------------------------------ hashes */

static void altered(const char *sql)
{
    lives l;
    lives_begin(&l);
    char number[13];
    lives_file(&l, "register", number);
    house_run(&l.h, sql);
    l.h.tampered = true; /* tear-down wants the journal to say so */
    lives_end(&l);
}

static void test_an_altered_row_shows(void **state)
{
    (void)state;
    altered("UPDATE declaration SET status = 8");
    altered("UPDATE declaration SET payable = payable - 1");
    altered("UPDATE declaration SET body = '{}'");
    altered("UPDATE declaration SET packed = x'00'");
    altered("UPDATE declaration SET packed = ''");
    altered("UPDATE declaration SET packed = substr(packed, 1, length(packed) - 1)");
    altered("UPDATE declaration SET packed = CAST(substr(packed, 1, length(packed) - 1)"
            " || x'7e' AS BLOB)");
    altered("UPDATE declaration SET decision = x'00'");
    altered("UPDATE declaration SET words = ' cam'");
    altered("DELETE FROM declaration");
}

/* ------------------------------------------------------------------ as it is stored */

static hq_status store_as_text(hq_tx *tx, void *user)
{
    static hq_sql sql =
        HQ_SQL_OF("UPDATE declaration SET body = ?1, words = ' tu khoa cu', packed = ''");
    return HQ_TX_RUN(tx, &sql, HQ_B_TEXT(hq_sv_from_cstr(user)));
}

static bool finds(lives *l, const char *word)
{
    hq_arena *arena = room();
    char path[64];
    snprintf(path, sizeof path, "/api/v1/declarations?q=%s", word);
    house_answer list = house_call(&l->h, arena, l->trader, HQ_GET, path, NULL, NULL);
    bool found = house_at(&list, "/items/0/number").ptr != NULL;
    hq_arena_free(arena);
    return found;
}

/* Rows that were written before documents were packed. */
static void test_a_row_stored_as_text_is_read(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    hq_arena *arena = room();
    char number[13];
    lives_file(&l, "preregister", number);
    house_settle(&l.h);
    house_answer packed = lives_read(&l, arena, number);
    assert_true(house_ask(&l.h, "SELECT length(packed) FROM declaration") > 50);
    assert_int_equal(house_ask(&l.h, "SELECT length(body) + length(words) FROM declaration"), 0);
    assert_true(finds(&l, "van"));
    assert_true(finds(&l, "mot"));
    assert_false(finds(&l, "khoa"));
    assert_false(finds(&l, "unit")); /* beside the pieces, but no word of them */
    char *document = hq_arena_cstr(arena, house_at(&packed, "/declaration"));
    HOUSE_MUST(hq_store_write(l.h.store, store_as_text, document));
    house_answer plain = lives_read(&l, arena, number);
    check_text(plain.body, hq_arena_cstr(arena, packed.body));
    assert_true(finds(&l, "khoa"));
    assert_false(finds(&l, "van"));
    /* Its content is kept as it was when a packed one takes its place. */
    house_answer registered = lives_post(&l, arena, l.trader, number, "registration", "{}");
    assert_int_equal(registered.http, 200);
    assert_true(house_ask(&l.h, "SELECT length(packed) FROM declaration") > 50);
    assert_int_equal(house_ask(&l.h, "SELECT length(body) + length(words) FROM declaration"), 0);
    assert_true(house_ask(&l.h, "SELECT length(body) FROM declaration_content") > 50);
    assert_true(finds(&l, "van"));
    hq_arena_free(arena);
    lives_end(&l);
}

/* ------------------------------------------------------------------ who sees */

static bool sees(lives *l, const hq_caller *caller, const hq_event_view *event)
{
    return hq_clearance_event_visible(l->h.clearance, caller, event);
}

static void test_events_are_for_those_who_may_see_the_declaration(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    char number[13];
    hq_event_view *events;
    size_t count;
    lives_file(&l, "register", number);
    hq_arena *arena = room();
    HOUSE_MUST(hq_journal_read(&events, &count, l.h.store, 0, 1000, arena));
    size_t seen = 0;
    for (size_t i = 0; i < count; i++) {
        if (!hq_sv_eq(events[i].event.kind, HQ_SV("declaration.registered"))) {
            assert_false(sees(&l, l.trader, &events[i]));
            continue;
        }
        seen++;
        assert_true(sees(&l, l.trader, &events[i]));
        assert_true(sees(&l, l.officer, &events[i]));
        assert_false(
            sees(&l, house_caller(&l.h, HQ_ROLE_DECLARANT, NULL, "9900000062"), &events[i]));
        assert_false(sees(&l, house_caller(&l.h, HQ_ROLE_OFFICER, "20BB", NULL), &events[i]));
        assert_false(sees(&l, l.bank, &events[i]));
        assert_false(sees(&l, NULL, &events[i]));
        assert_null(strstr(hq_arena_cstr(arena, events[i].event.payload), "Công ty"));
    }
    assert_int_equal(seen, 1);
    hq_arena_free(arena);
    lives_end(&l);
}

static void test_tracking_needs_the_code(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    char number[13];
    hq_arena *arena = room();
    hq_track track;
    lives_rule(&l, "YELLOW");
    lives_file(&l, "register", number);
    house_answer record = lives_read(&l, arena, number);
    hq_sv code = house_at(&record, "/tracking_code");
    assert_int_equal(code.len, 9);
    hq_sv name = hq_sv_from_cstr(number);
    HOUSE_MUST(hq_clearance_track(&track, l.h.clearance, name, code, arena));
    assert_int_equal(track.status, HQ_DECLARATION_DOCUMENT_CHECK);
    assert_int_equal(track.step_count, 1);
    check_text(track.office_en, "Huu Nghi Border Gate");
    char typed[9];
    for (size_t i = 0, at = 0; i < code.len; i++) {
        if (code.ptr[i] != '-') {
            typed[at++] = (char)(code.ptr[i] >= 'A' ? code.ptr[i] + 32 : code.ptr[i]);
        }
    }
    HOUSE_MUST(hq_clearance_track(&track, l.h.clearance, name, hq_sv_make(typed, 8), arena));
    static const char *const wrong[] = { "", "AAAA-AAAA", "VTRY", "-" };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        check_status(
            hq_clearance_track(&track, l.h.clearance, name, hq_sv_from_cstr(wrong[i]), arena),
            NOT_FOUND);
    }
    check_status(hq_clearance_track(&track, l.h.clearance, HQ_SV("100000000090"), code, arena),
                 NOT_FOUND);
    hq_arena_free(arena);
    lives_end(&l);
}

/* ------------------------------------------------------------------ lists */

static int64_t count_found(lives *l, const hq_caller *caller, const char *query)
{
    int64_t found = 0;
    hq_arena *arena = room();
    char path[256];
    hq_sv next = HQ_SV("");
    int64_t last = INT64_MAX;
    house_settle(&l->h);
    do {
        snprintf(path, sizeof path, "/api/v1/declarations?limit=200&%s%s%.*s", query,
                 next.len == 0 ? "" : "&cursor=", HQ_SV_FMT(next));
        house_answer a = house_call(&l->h, arena, caller, HQ_GET, path, NULL, NULL);
        assert_int_equal(a.http, 200);
        const hq_json *items = hq_json_get(a.json, "items");
        for (const hq_json *i = hq_json_first(items); i != NULL; i = hq_json_next(items, i)) {
            int64_t id;
            assert_true(hq_sv_i64(&id, hq_json_get_text(i, "number")));
            assert_true(id < last); /* newest first, none twice */
            last = id;
            found++;
        }
        next = hq_json_get_text(a.json, "next");
    } while (next.len > 0);
    hq_arena_free(arena);
    return found;
}

static void file_with(lives *l, int i)
{
    hq_arena *arena = hq_arena_new((size_t)16 << 20);
    char *body = hq_arena_cstr(arena, hq_sv_from_cstr(l->document));
    char reference[8];
    char *spot = strstr(body, "REF-1");
    snprintf(reference, sizeof reference, "N%04d", i % 10000);
    memcpy(spot, reference, 5);
    house_answer a = house_call(&l->h, arena, l->trader, HQ_POST, FILE_PATH "register", body, NULL);
    assert_int_equal(a.http, 201);
    hq_arena_free(arena);
}

/* A thread of the room writes the blocks when it finds them due. */
static void await_block(lives *l, int64_t block)
{
    for (int i = 0; i < 30000; i++) {
        if (house_ask(&l->h, "SELECT max(block) FROM declaration_term") == block) {
            return;
        }
        usleep(10000);
    }
    fail_msg("block %lld was never written", (long long)block);
}

static void test_lists_over_blocks(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    const hq_caller *stranger = house_caller(&l.h, HQ_ROLE_DECLARANT, NULL, "9900000062");
    const hq_caller *national = house_caller(&l.h, HQ_ROLE_HEADQUARTERS, NULL, NULL);
    for (int i = 0; i < 2100; i++) {
        file_with(&l, i);
        if (i == 0) {
            house_settle(&l.h); /* from the second on numbers come from the lease and rise */
        }
    }
    for (int rebuilt = 0; rebuilt < 2; rebuilt++) {
        assert_int_equal(count_found(&l, l.trader, ""), 2100);
        assert_int_equal(count_found(&l, l.officer, ""), 2100);
        assert_int_equal(count_found(&l, national, ""), 2100);
        assert_int_equal(count_found(&l, stranger, ""), 0);
        assert_int_equal(count_found(&l, l.officer, "q=n0007"), 1);
        assert_int_equal(count_found(&l, l.trader, "q=N2099"), 1);
        assert_int_equal(count_found(&l, l.officer, "q=n00"), 100);
        assert_int_equal(count_found(&l, l.officer, "q=vi+du+n103"), 10);
        assert_int_equal(count_found(&l, stranger, "q=n0007"), 0);
        assert_int_equal(count_found(&l, l.officer, "q=khongco"), 0);
        await_block(&l, 1);
        HOUSE_MUST(hq_store_rebuild(l.h.store, "clearance.lists"));
    }
    lives_end(&l);
}

/* Words that a replacement brings are found although the block is written. */
static void test_replaced_words_are_found(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    char number[13];
    lives_file(&l, "preregister", number);
    house_settle(&l.h);
    for (int i = 0; i < 1100; i++) {
        file_with(&l, i);
    }
    assert_int_equal(count_found(&l, l.officer, "q=zz9"), 0);
    hq_arena *arena = room();
    char *body = hq_arena_cstr(arena, hq_sv_from_cstr(l.document));
    char path[64];
    memcpy(strstr(body, "REF-1"), "ZZ999", 5);
    snprintf(path, sizeof path, "/api/v1/declarations/%s", number);
    assert_int_equal(house_call(&l.h, arena, l.trader, HQ_PUT, path, body, NULL).http, 200);
    assert_int_equal(count_found(&l, l.officer, "q=zz9"), 1);
    assert_int_equal(count_found(&l, l.officer, "q=ref"), 0);
    hq_arena_free(arena);
    lives_end(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_key_same_answer),
        cmocka_unit_test(test_same_key_after_a_replacement),
        cmocka_unit_test(test_if_match),
        cmocka_unit_test(test_an_altered_row_shows),
        cmocka_unit_test(test_a_row_stored_as_text_is_read),
        cmocka_unit_test(test_events_are_for_those_who_may_see_the_declaration),
        cmocka_unit_test(test_tracking_needs_the_code),
        cmocka_unit_test(test_lists_over_blocks),
        cmocka_unit_test(test_replaced_words_are_found),
    };
    return cmocka_run_group_tests_name("records", tests, NULL, NULL);
}
