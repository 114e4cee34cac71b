/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../place.h"
#include "codec/codec.h"
#include "os/os.h"
#include "server/server.h"

/* A server with a small room over a real store: a shelf where each request puts a word. What is
 * held here: a key acts once, whatever races; only committed answers are remembered; a write that
 * is refused leaves nothing; slow routes and streams work; and all ends cleanly. */

static const char shelf_sql[] = "CREATE TABLE shelf (word TEXT NOT NULL);";
static const hq_migration migrations[] = {
    { "shelf", 1, "shelf", { shelf_sql, sizeof shelf_sql - 1 } }
};
static const hq_store_room rooms[] = { { "shelf", migrations, 1, NULL } };

typedef struct {
    char dir[96], url[128], base[64];
    hq_arena *arena;
    hq_store *store;
    hq_server *server;
} fixture;

/* ------------------------------------------------------------------ the room */

typedef struct {
    hq_sv word;
    int64_t count;
} putting;

static hq_status put_word(hq_tx *tx, void *user)
{
    static hq_sql insert = HQ_SQL_OF("INSERT INTO shelf (word) VALUES (?1)");
    static hq_sql count = HQ_SQL_OF("SELECT count(*) FROM shelf WHERE word = ?1");
    putting *p = user;
    hq_rows rows;
    hq_event event = { .room = HQ_SV("shelf"),
                       .kind = HQ_SV("shelf.put"),
                       .subject = HQ_SV("shelf/1"),
                       .version = 1,
                       .actor = HQ_SV("system"),
                       .payload = HQ_SV("{}") };
    HQ_TRY(HQ_TX_RUN(tx, &insert, HQ_B_TEXT(p->word)));
    HQ_TRY(hq_tx_event(tx, &event, NULL));
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &count, HQ_B_TEXT(p->word)));
    p->count = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : -1;
    HQ_TRY(hq_rows_end(&rows));
    return hq_sv_eq(p->word, HQ_SV("refused")) ? HQ_FAIL(CONFLICT) : HQ_DONE;
}

static hq_status say_count(hq_request *request, hq_status written, void *user)
{
    const putting *p = user;
    HQ_TRY(written);
    if (hq_sv_eq(p->word, HQ_SV("unspeakable"))) {
        request->answer.code = HQ_SV("E9999");
        return HQ_FAIL(INVALID);
    }
    request->answer.http = 201;
    request->answer.location = HQ_SV("/shelf/1");
    request->answer.body = HQ_BUF_ARENA(request->arena, 1024);
    hq_buf_printf(&request->answer.body, "{\"word\":\"%.*s\",\"count\":%lld}", HQ_SV_FMT(p->word),
                  (long long)p->count);
    return HQ_DONE;
}

static hq_status take_word(putting **out, hq_request *request)
{
    const hq_json *body;
    HQ_TRY(hq_json_parse(&body, request->body, request->arena, &request->answer.why));
    *out = HQ_NEW(request->arena, putting);
    (*out)->word = hq_json_get_text(body, "word");
    return (*out)->word.ptr == NULL ? HQ_FAIL(INVALID) : HQ_DONE;
}

static hq_status post_word(hq_request *request, void *room)
{
    (void)room;
    putting *p;
    HQ_TRY(take_word(&p, request));
    return hq_request_write(request, put_word, say_count, p);
}

static hq_status put_compact(hq_tx *tx, void *user)
{
    hq_request *request = user;
    putting p = { .word = HQ_SV("compact") };
    request->remember = HQ_SV("forty-two");
    return put_word(tx, &p);
}

static hq_status say_compact(hq_request *request, hq_status written, void *user)
{
    (void)user;
    HQ_TRY(written);
    request->answer.body = HQ_BUF_ARENA(request->arena, 64);
    hq_buf_lit(&request->answer.body, "{\"first\":true}");
    return HQ_DONE;
}

static hq_status say_again(hq_request *request, hq_sv remembered, void *user)
{
    (void)user;
    request->answer.body = HQ_BUF_ARENA(request->arena, 64);
    hq_buf_printf(&request->answer.body, "{\"again\":\"%.*s\"}", HQ_SV_FMT(remembered));
    return HQ_DONE;
}

static hq_status post_compact(hq_request *request, void *room)
{
    (void)room;
    request->again = say_again;
    return hq_request_write(request, put_compact, say_compact, request);
}

static hq_status get_slowly(hq_request *request, void *room)
{
    (void)room;
    usleep(20000);
    request->answer.body = HQ_BUF_ARENA(request->arena, 64);
    hq_buf_lit(&request->answer.body, "{\"slow\":true}");
    return HQ_DONE;
}

#define P HQ_ROUTE_PUBLIC
static const hq_route shelf_routes[] = {
    { HQ_POST, "/shelf", post_word, 0, P | HQ_ROUTE_KEY, HQ_POOL_FORMAL, 4096 },
    { HQ_POST, "/shelf/slow", post_word, 0, P | HQ_ROUTE_KEY | HQ_ROUTE_SLOW, HQ_POOL_FORMAL,
      4096 },
    { HQ_POST, "/shelf/free", post_word, 0, P, HQ_POOL_FORMAL, 4096 },
    { HQ_POST, "/shelf/compact", post_compact, 0, P | HQ_ROUTE_KEY, HQ_POOL_FORMAL, 4096 },
    { HQ_GET, "/slow", get_slowly, 0, P | HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/closed", get_slowly, 0, 0, HQ_POOL_FORMAL, 0 },
};
static const hq_route_table shelf_table = { "shelf", shelf_routes,
                                            sizeof shelf_routes / sizeof shelf_routes[0], NULL };

/* ------------------------------------------------------------------ the frame */

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    hq_why why = { 0 };
    assert_true(place_make(f->dir, sizeof f->dir));
    snprintf(f->url, sizeof f->url, "sqlite:%s/a.db", f->dir);
    f->arena = hq_arena_new((size_t)64 << 20);
    hq_store_options store = { .url = hq_sv_from_cstr(f->url),
                               .clock = hq_os_clock(),
                               .rooms = rooms,
                               .room_count = 1,
                               .no_realtime = true };
    MUST(hq_store_open(&f->store, &store, f->arena, &why));
    hq_server_options options = {
        .clock = hq_os_clock(),
        .store = f->store,
        .listen = HQ_SV("127.0.0.1:0"),
        .tables = &shelf_table,
        .table_count = 1,
        .limits = { .workers = 2 },
    };
    MUST(hq_server_start(&f->server, &options, f->arena, &why));
    snprintf(f->base, sizeof f->base, "http://127.0.0.1:%d", hq_server_port(f->server));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    hq_server_stop(f->server);
    hq_store_close(f->store);
    hq_server_free(f->server);
    hq_arena_free(f->arena);
    place_remove(f->dir);
    free(f);
    return 0;
}

typedef struct {
    int http;
    char body[1024];
} got;

static got call(const fixture *f, const char *method, const char *path, const char *key,
                const char *body)
{
    hq_arena *arena = hq_arena_new((size_t)4 << 20);
    hq_http_reply reply = { 0 };
    hq_why why = { 0 };
    char line[160];
    char url[160];
    snprintf(url, sizeof url, "%s%s", f->base, path);
    snprintf(line, sizeof line, "Idempotency-Key: %s", key == NULL ? "" : key);
    hq_sv headers[] = { HQ_SV("Content-Type: application/json"), HQ_SV("Accept-Language: en"),
                        hq_sv_from_cstr(line) };
    hq_http_call request = { .method = method,
                             .url = hq_sv_from_cstr(url),
                             .headers = headers,
                             .header_count = key == NULL ? 2 : 3,
                             .body = hq_sv_from_cstr(body) };
    hq_status s = hq_http_fetch(&reply, &why, arena, &request);
    got out = { .http = hq_ok(s) ? reply.http : -1 };
    snprintf(out.body, sizeof out.body, "%.*s", HQ_SV_FMT(reply.body));
    hq_arena_free(arena);
    return out;
}

static hq_status count_rows(hq_tx *tx, void *user)
{
    static hq_sql all = HQ_SQL_OF("SELECT count(*) FROM shelf");
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, &all, NULL, 0));
    *(int64_t *)user = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : -1;
    return hq_rows_end(&rows);
}

static int64_t shelf_count(const fixture *f)
{
    int64_t count = -1;
    MUST(hq_store_read(f->store, count_rows, &count));
    return count;
}

/* ------------------------------------------------------------------ tests */

static void the_same_key_answers_the_same_and_acts_once(void **state)
{
    fixture *f = *state;
    got first = call(f, "POST", "/shelf", "k1", "{\"word\":\"tea\"}");
    got again = call(f, "POST", "/shelf", "k1", "{\"word\":\"tea\"}");
    got other = call(f, "POST", "/shelf", "k2", "{\"word\":\"tea\"}");
    assert_int_equal(first.http, 201);
    assert_string_equal(first.body, "{\"word\":\"tea\",\"count\":1}");
    assert_int_equal(again.http, 201);
    assert_string_equal(again.body, first.body);
    assert_string_equal(other.body, "{\"word\":\"tea\",\"count\":2}");
    assert_int_equal(shelf_count(f), 2);
}

static void the_same_key_with_another_body_is_refused(void **state)
{
    fixture *f = *state;
    call(f, "POST", "/shelf", "k1", "{\"word\":\"tea\"}");
    got other = call(f, "POST", "/shelf", "k1", "{\"word\":\"rice\"}");
    got elsewhere = call(f, "POST", "/shelf?x=1", "k1", "{\"word\":\"tea\"}");
    assert_int_equal(other.http, 422);
    assert_non_null(strstr(other.body, "\"code\":\"KEY_REUSED\""));
    assert_int_equal(elsewhere.http, 422);
    assert_int_equal(shelf_count(f), 1);
}

static void a_key_is_required_where_the_route_says_so(void **state)
{
    fixture *f = *state;
    assert_int_equal(call(f, "POST", "/shelf", NULL, "{\"word\":\"tea\"}").http, 400);
    assert_int_equal(call(f, "POST", "/shelf/free", NULL, "{\"word\":\"tea\"}").http, 201);
    assert_int_equal(shelf_count(f), 1);
}

static void what_fails_is_not_remembered_and_leaves_nothing(void **state)
{
    fixture *f = *state;
    assert_int_equal(call(f, "POST", "/shelf", "k1", "{\"word\":\"refused\"}").http, 409);
    assert_int_equal(shelf_count(f), 0);
    /* Not remembered: the key is free for the request that succeeds. */
    assert_int_equal(call(f, "POST", "/shelf", "k1", "{\"word\":\"tea\"}").http, 201);
    assert_int_equal(shelf_count(f), 1);
}

static void an_answer_that_refuses_undoes_the_write(void **state)
{
    fixture *f = *state;
    got refused = call(f, "POST", "/shelf", "k1", "{\"word\":\"unspeakable\"}");
    assert_int_equal(refused.http, 422);
    assert_non_null(strstr(refused.body, "\"code\":\"E9999\""));
    assert_int_equal(shelf_count(f), 0);
}

static void a_compact_answer_is_rendered_again(void **state)
{
    fixture *f = *state;
    assert_string_equal(call(f, "POST", "/shelf/compact", "k1", "{}").body, "{\"first\":true}");
    assert_string_equal(call(f, "POST", "/shelf/compact", "k1", "{}").body,
                        "{\"again\":\"forty-two\"}");
    assert_int_equal(shelf_count(f), 1);
}

static void slow_routes_write_and_answer(void **state)
{
    fixture *f = *state;
    assert_string_equal(call(f, "GET", "/slow", NULL, "").body, "{\"slow\":true}");
    assert_int_equal(call(f, "POST", "/shelf/slow", "k1", "{\"word\":\"tea\"}").http, 201);
    assert_int_equal(call(f, "POST", "/shelf/slow", "k1", "{\"word\":\"tea\"}").http, 201);
    assert_int_equal(shelf_count(f), 1);
}

static void problems_say_what_and_where(void **state)
{
    fixture *f = *state;
    got missing = call(f, "GET", "/api/v1/nowhere", NULL, "");
    assert_int_equal(missing.http, 404);
    assert_non_null(strstr(missing.body, "\"title\":\"not found\""));
    assert_non_null(strstr(missing.body, "\"trace_id\":\""));
    assert_int_equal(call(f, "PUT", "/shelf", NULL, "{}").http, 405);
    assert_int_equal(call(f, "GET", "/closed", NULL, "").http, 401);
    assert_int_equal(call(f, "POST", "/shelf", "k1", "{\"word\":").http, 400);
}

typedef struct {
    const fixture *f;
    int number;
    _Atomic int *created, *wrong;
} sender;

/* Two threads share each key: both must read one answer, and one row must be there. */
static void *send_many(void *user)
{
    sender *s = user;
    for (int i = 0; i < 60; i++) {
        char key[32];
        char body[64];
        snprintf(key, sizeof key, "k-%d-%d", s->number / 2, i);
        snprintf(body, sizeof body, "{\"word\":\"w-%d-%d\"}", s->number / 2, i);
        got g = call(s->f, "POST", i % 2 == 0 ? "/shelf" : "/shelf/slow", key, body);
        atomic_fetch_add(s->created, g.http == 201);
        atomic_fetch_add(s->wrong, strstr(g.body, "\"count\":1}") == NULL);
    }
    return NULL;
}

static void racing_senders_of_one_key_act_once(void **state)
{
    fixture *f = *state;
    pthread_t threads[8];
    sender senders[8];
    _Atomic int created = 0;
    _Atomic int wrong = 0;
    for (int i = 0; i < 8; i++) {
        senders[i] = (sender){ f, i, &created, &wrong };
        pthread_create(&threads[i], NULL, send_many, &senders[i]);
    }
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(created, 8 * 60);
    assert_int_equal(wrong, 0);
    assert_int_equal(shelf_count(f), 4 * 60);
    hq_journal_report report;
    MUST(hq_journal_verify(&report, f->store, NULL, NULL, f->arena));
    assert_true(report.intact);
    assert_int_equal(report.events, 4 * 60);
}

static void a_server_stops_while_requests_come(void **state)
{
    fixture *f = *state;
    pthread_t threads[4];
    sender senders[4];
    _Atomic int created = 0;
    _Atomic int wrong = 0;
    for (int i = 0; i < 4; i++) {
        senders[i] = (sender){ f, 2 * i, &created, &wrong };
        pthread_create(&threads[i], NULL, send_many, &senders[i]);
    }
    usleep(30000);
    hq_server_stop(f->server);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    /* Who was told 201 finds his word; nobody waits for ever. */
    assert_true(shelf_count(f) >= created);
}

/* ------------------------------------------------------------------ kept connections */

typedef struct {
    const fixture *f;
    int number;
    _Atomic int *answers;
} keeper;

static int connect_to(const fixture *f)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)hq_server_port(f->server)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

/* One whole answer; false when the connection ended, or ends with it. */
static bool take_answer(int fd)
{
    char text[8192];
    size_t len = 0;
    for (;;) {
        ssize_t more = read(fd, text + len, sizeof text - 1 - len);
        if (more <= 0) {
            return false;
        }
        len += (size_t)more;
        text[len] = '\0';
        const char *end = strstr(text, "\r\n\r\n");
        const char *length = strcasestr(text, "Content-Length:");
        if (end != NULL && length != NULL &&
            len >= (size_t)(end + 4 - text) + strtoul(length + 15, NULL, 10)) {
            return strcasestr(text, "Connection: close") == NULL;
        }
    }
}

/* One request behind the other on one connection, some for the slow threads, some for the writer.
 */
static void *keep_asking(void *arg)
{
    keeper *k = arg;
    int fd = connect_to(k->f);
    for (int i = 0;; i++) {
        char text[256], body[64];
        int body_len = snprintf(body, sizeof body, "{\"word\":\"%d-%d\"}", k->number, i);
        int len = i % 2 == 0 ? snprintf(text, sizeof text, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
                             : snprintf(text, sizeof text,
                                        "POST /shelf/free HTTP/1.1\r\nHost: x\r\nContent-Type: "
                                        "application/json\r\nContent-Length: %d\r\n\r\n%s",
                                        body_len, body);
        if (send(fd, text, (size_t)len, MSG_NOSIGNAL) != len || !take_answer(fd)) {
            break;
        }
        atomic_fetch_add(k->answers, 1);
    }
    close(fd);
    return NULL;
}

enum { KEEPERS = 6, STOPS = 5 };

static void stop_under_kept_connections(const fixture *f)
{
    pthread_t threads[KEEPERS];
    keeper keepers[KEEPERS];
    _Atomic int answers = 0;
    for (int i = 0; i < KEEPERS; i++) {
        keepers[i] = (keeper){ f, i, &answers };
        pthread_create(&threads[i], NULL, keep_asking, &keepers[i]);
    }
    while (atomic_load(&answers) < 3 * KEEPERS) {
        usleep(1000);
    }
    hq_server_stop(f->server);
    for (int i = 0; i < KEEPERS; i++) {
        pthread_join(threads[i], NULL);
    }
}

static void a_server_stops_under_connections_that_never_rest(void **state)
{
    (void)state;
    for (int i = 0; i < STOPS; i++) {
        void *own;
        set_up(&own);
        stop_under_kept_connections(own);
        tear_down(&own);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_same_key_answers_the_same_and_acts_once),
        TEST(the_same_key_with_another_body_is_refused),
        TEST(a_key_is_required_where_the_route_says_so),
        TEST(what_fails_is_not_remembered_and_leaves_nothing),
        TEST(an_answer_that_refuses_undoes_the_write),
        TEST(a_compact_answer_is_rendered_again),
        TEST(slow_routes_write_and_answer),
        TEST(problems_say_what_and_where),
        TEST(racing_senders_of_one_key_act_once),
        TEST(a_server_stops_while_requests_come),
        cmocka_unit_test(a_server_stops_under_connections_that_never_rest),
    };
    if (hq_failed(hq_signals_block()) || hq_failed(hq_base_init())) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
