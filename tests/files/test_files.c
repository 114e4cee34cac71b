/* SPDX-License-Identifier: Apache-2.0 */
#include "../check.h"
#include "../place.h"

#include "files/files.h"

#define PDF "%PDF-1.7\nhóa đơn\n%%EOF\n"

typedef struct {
    char dir[96], url[128];
    hq_arena *arena;
    hq_test_clock *clock;
    hq_store *store;
    hq_reference *reference;
    hq_files *files;
} house;

#define T(literal)                                                                                 \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    } /* constant, unlike HQ_SV */

static const hq_caller declarant = { .id = T("key/1"),
                                     .role = HQ_ROLE_DECLARANT,
                                     .tax_code = T("0100233488") };
static const hq_caller colleague = { .id = T("user/2"),
                                     .role = HQ_ROLE_DECLARANT,
                                     .tax_code = T("0100233488") };
static const hq_caller stranger = { .id = T("key/3"),
                                    .role = HQ_ROLE_DECLARANT,
                                    .tax_code = T("0309532909") };
static const hq_caller officer = { .id = T("user/4"),
                                   .role = HQ_ROLE_OFFICER,
                                   .office = T("15BB") };
static const hq_caller elsewhere = { .id = T("user/5"),
                                     .role = HQ_ROLE_OFFICER,
                                     .office = T("20BB") };
static const hq_target scope = { .office = T("15BB"), .trader_tax_code = T("0100233488") };

static void open_house(house *h)
{
    static hq_store_room rooms[2];
    rooms[0] = hq_reference_room;
    rooms[1] = hq_files_room;
    hq_why why = { 0 };
    hq_store_options options = { .url = hq_sv_from_cstr(h->url),
                                 .clock = hq_test_clock_face(h->clock),
                                 .rooms = rooms,
                                 .room_count = 2,
                                 .no_realtime = true };
    check_status(hq_store_open(&h->store, &options, h->arena, &why), OK);
    check_status(hq_reference_open(&h->reference, h->store, &why, h->arena), OK);
    check_status(hq_files_open(&h->files, h->store, h->reference), OK);
}

static void close_house(house *h)
{
    hq_files_close(h->files);
    hq_reference_close(h->reference);
    hq_store_close(h->store);
}

static int set_up(void **state)
{
    house *h = calloc(1, sizeof *h);
    assert_true(place_make(h->dir, sizeof h->dir));
    snprintf(h->url, sizeof h->url, "sqlite:%s/t.db", h->dir);
    h->arena = hq_arena_new((size_t)512 << 20);
    h->clock = hq_test_clock_new(INT64_C(1795150800000000));
    open_house(h);
    *state = h;
    return 0;
}

static int tear_down(void **state)
{
    house *h = *state;
    close_house(h);
    place_remove(h->dir);
    hq_test_clock_free(h->clock);
    hq_arena_free(h->arena);
    free(h);
    return 0;
}

/* Does what the server does with a request: handler, write, render. */
static hq_status ask(house *h, hq_request *r, const hq_caller *caller, const char *pattern)
{
    r->arena = h->arena;
    r->caller = caller;
    r->received_at = hq_now(hq_test_clock_face(h->clock));
    for (size_t i = 0; i < hq_files_route_count; i++) {
        const hq_route *route = &hq_files_routes[i];
        if (route->method == r->method && strcmp(route->pattern, pattern) == 0) {
            HQ_TRY(route->handle(r, h->files));
            if (r->write == NULL) {
                return HQ_DONE;
            }
            hq_status written = hq_store_write(h->store, r->write, r->write_user);
            return r->then(r, written, r->write_user);
        }
    }
    return HQ_FAIL(NOT_OFFERED);
}

static hq_status upload(house *h, hq_request *r, const hq_caller *caller, hq_sv body,
                        const char *query)
{
    *r = (hq_request){ .method = HQ_POST, .body = body, .query = hq_sv_from_cstr(query) };
    return ask(h, r, caller, "/api/v1/attachments");
}

static hq_sv uploaded(house *h, const hq_caller *caller, hq_sv body, const char *query)
{
    hq_request r;
    const hq_json *answer;
    check_status(upload(h, &r, caller, body, query), OK);
    assert_int_equal(r.answer.http, 201);
    check_status(hq_json_parse(&answer, hq_buf_view(&r.answer.body), h->arena, NULL), OK);
    return hq_json_get_text(answer, "id");
}

static hq_status fetch(house *h, hq_request *r, const hq_caller *caller, hq_sv id)
{
    *r = (hq_request){ .method = HQ_GET, .params = { id } };
    return ask(h, r, caller, "/api/v1/attachments/{id}");
}

static void test_a_file_comes_back_as_it_was_sent(void **state)
{
    house *h = *state;
    hq_request r;
    check_status(upload(h, &r, &declarant, HQ_SV(PDF), "name=h%C3%B3a%20%C4%91%C6%A1n.pdf"), OK);
    hq_hash32 hash;
    char hex[65] = "";
    hq_buf text = { .ptr = hex, .cap = 64, .ceiling = 64 };
    hq_sha256(&hash, HQ_SV(PDF));
    hq_buf_hex(&text, hash.bytes, 32);
    const hq_json *answer;
    check_status(hq_json_parse(&answer, hq_buf_view(&r.answer.body), h->arena, NULL), OK);
    check_text(hq_json_get_text(answer, "sha256"), hex);
    check_text(hq_json_get_text(answer, "type"), "application/pdf");
    check_text(hq_json_get_text(answer, "name"), "hóa đơn.pdf");
    check_text(r.answer.location, hq_arena_printf(h->arena, "/api/v1/attachments/%.*s%c",
                                                  HQ_SV_FMT(hq_json_get_text(answer, "id")), 0)
                                      .ptr);
    check_status(fetch(h, &r, &declarant, hq_json_get_text(answer, "id")), OK);
    check_text(hq_buf_view(&r.answer.body), PDF);
    check_text(r.answer.content_type, "application/pdf");
    check_text(r.answer.etag, hex);
    check_text(r.answer.disposition, "attachment; filename*=UTF-8''h%C3%B3a%20%C4%91%C6%A1n.pdf");
}

static void test_large_files_in_parts_and_after_reopening(void **state)
{
    house *h = *state;
    const size_t sizes[] = { 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 5000000 };
    for (size_t i = 0; i < 4; i++) {
        char *bytes = hq_arena_alloc(h->arena, sizes[i]);
        for (size_t at = 0; at < sizes[i]; at++) {
            bytes[at] = (char)('a' + at * 7 % 26);
        }
        hq_sv sent = hq_sv_make(bytes, sizes[i]);
        hq_sv id = uploaded(h, &declarant, sent, "name=a.txt");
        close_house(h);
        open_house(h);
        hq_request r;
        check_status(fetch(h, &r, &declarant, id), OK);
        assert_true(hq_sv_eq(hq_buf_view(&r.answer.body), sent));
    }
}

static hq_sql count_contents = HQ_SQL_OF("SELECT count(*) FROM files_content");
static hq_status count_them(hq_tx *tx, void *user)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, &count_contents, NULL, 0));
    *(int64_t *)user = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : -1;
    return hq_rows_end(&rows);
}

static void test_the_same_bytes_are_kept_once(void **state)
{
    house *h = *state;
    hq_sv one = uploaded(h, &declarant, HQ_SV(PDF), "name=a.pdf");
    hq_sv two = uploaded(h, &stranger, HQ_SV(PDF), "name=b.pdf");
    uploaded(h, &declarant, HQ_SV("other"), "");
    assert_false(hq_sv_eq(one, two));
    int64_t count = 0;
    check_status(hq_store_read(h->store, count_them, &count), OK);
    assert_int_equal(count, 2);
    hq_request r;
    check_status(fetch(h, &r, &stranger, two), OK);
    /* The same bytes give no right to what somebody else sent. */
    check_status(fetch(h, &r, &stranger, one), NOT_FOUND);
}

static void test_refused_files_leave_nothing(void **state)
{
    house *h = *state;
    hq_request r;
    int64_t head = hq_journal_head(h->store), count = 0;
    check_status(upload(h, &r, &declarant, HQ_SV("MZ\x90\0"), "name=a.pdf"), MEDIA);
    assert_true(r.answer.why.vi.len > 0);
    check_status(upload(h, &r, &declarant, HQ_SV(PDF), "name=..%2Fa.pdf"), INVALID);
    check_text(r.answer.why.path, "/query/name");
    check_status(upload(h, &r, &declarant, HQ_SV(PDF), "name=a%0A.pdf"), INVALID);
    check_status(upload(h, &r, &declarant, HQ_SV(""), "name=a.pdf"), RANGE);
    check_status(hq_store_read(h->store, count_them, &count), OK);
    assert_int_equal(count, 0);
    assert_int_equal(hq_journal_head(h->store), head);
}

typedef struct {
    const hq_caller *caller;
    hq_id id;
    const char *subject;
} tie;
static hq_status tie_it(hq_tx *tx, void *user)
{
    tie *t = user;
    return hq_file_link(tx, t->caller, &t->id, hq_sv_from_cstr(t->subject), &scope);
}

static void test_who_may_read_a_file(void **state)
{
    house *h = *state;
    hq_request r;
    hq_sv id = uploaded(h, &declarant, HQ_SV(PDF), "name=a.pdf");
    tie t = { .caller = &stranger, .subject = "declaration/10000000001" };
    check_status(hq_id_parse(&t.id, id), OK);
    check_status(fetch(h, &r, &colleague, id), OK); /* of the same enterprise */
    check_status(fetch(h, &r, &officer, id), NOT_FOUND);
    check_status(hq_store_write(h->store, tie_it, &t), NOT_FOUND); /* not his */
    t.caller = &declarant;
    int64_t head = hq_journal_head(h->store);
    check_status(hq_store_write(h->store, tie_it, &t), OK);
    check_status(hq_store_write(h->store, tie_it, &t), OK);
    assert_int_equal(hq_journal_head(h->store), head + 1); /* the second changed nothing */
    check_status(fetch(h, &r, &officer, id), OK);
    check_status(fetch(h, &r, &elsewhere, id), NOT_FOUND);
    check_status(fetch(h, &r, &stranger, id), NOT_FOUND);
    check_status(fetch(h, &r, &officer, HQ_SV("0190163d-8694-739b-aea5-966c26f8ad91")), NOT_FOUND);
    check_status(fetch(h, &r, &officer, HQ_SV("x")), NOT_FOUND);
}

static size_t listed(house *h, const hq_caller *caller, const char *subject)
{
    hq_request r = { .method = HQ_GET, .query = hq_arena_printf(h->arena, "subject=%s", subject) };
    const hq_json *answer;
    check_status(ask(h, &r, caller, "/api/v1/attachments"), OK);
    check_status(hq_json_parse(&answer, hq_buf_view(&r.answer.body), h->arena, NULL), OK);
    return hq_json_get(answer, "items")->count;
}

static void test_files_of_a_subject(void **state)
{
    house *h = *state;
    hq_sv ids[] = { uploaded(h, &declarant, HQ_SV("one"), ""),
                    uploaded(h, &declarant, HQ_SV("two"), "") };
    for (size_t i = 0; i < 2; i++) {
        tie t = { .caller = &declarant, .subject = "declaration/10000000001" };
        check_status(hq_id_parse(&t.id, ids[i]), OK);
        check_status(hq_store_write(h->store, tie_it, &t), OK);
    }
    assert_int_equal(listed(h, &declarant, "declaration/10000000001"), 2);
    assert_int_equal(listed(h, &officer, "declaration/10000000001"), 2);
    assert_int_equal(listed(h, &elsewhere, "declaration/10000000001"), 0);
    assert_int_equal(listed(h, &declarant, "declaration/10000000002"), 0);
    hq_request r = { .method = HQ_GET };
    check_status(ask(h, &r, &declarant, "/api/v1/attachments"), INVALID);
}

static hq_status spoil(hq_tx *tx, void *user)
{
    (void)user;
    return hq_tx_run_text(tx, HQ_SV("UPDATE files_part SET bytes = 'changed'"), NULL, 0);
}

static void test_an_altered_content_shows_in_the_journal(void **state)
{
    house *h = *state;
    hq_sv id = uploaded(h, &declarant, HQ_SV("content"), "");
    tie t = { .caller = &declarant, .subject = "declaration/10000000001" };
    check_status(hq_id_parse(&t.id, id), OK);
    check_status(hq_store_write(h->store, tie_it, &t), OK);
    hq_journal_report report;
    check_status(hq_journal_verify(&report, h->store, NULL, NULL, h->arena), OK);
    assert_true(report.intact);
    check_status(hq_store_write(h->store, spoil, NULL), OK);
    check_status(hq_journal_verify(&report, h->store, NULL, NULL, h->arena), OK);
    assert_false(report.intact);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_file_comes_back_as_it_was_sent),
        TEST(test_large_files_in_parts_and_after_reopening),
        TEST(test_the_same_bytes_are_kept_once),
        TEST(test_refused_files_leave_nothing),
        TEST(test_who_may_read_a_file),
        TEST(test_files_of_a_subject),
        TEST(test_an_altered_content_shows_in_the_journal),
    };
    return hq_ok(hq_base_init()) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
