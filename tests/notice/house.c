/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

#include "../place.h"

static hq_status be_a_test(hq_tx *tx, void *user)
{
    (void)user;
    return hq_tx_setting_put(tx, HQ_SV("test"), HQ_SV("1"));
}

static void open_house(house *h)
{
    static hq_store_room rooms[3];
    rooms[0] = hq_reference_room;
    rooms[1] = hq_identity_room;
    rooms[2] = hq_notice_room;
    hq_why why = { 0 };
    hq_store_options options = { .url = hq_sv_from_cstr(h->url),
                                 .clock = hq_test_clock_face(h->clock),
                                 .rooms = rooms,
                                 .room_count = 3,
                                 .no_realtime = true };
    check_status(hq_store_open(&h->store, &options, h->arena, &why), OK);
    check_status(hq_store_write(h->store, be_a_test, NULL), OK);
    check_status(hq_reference_open(&h->reference, h->store, &why, h->arena), OK);
    check_status(hq_identity_open(&h->identity, h->store, h->reference), OK);
    hq_notice_options notice = { .store = h->store, .identity = h->identity };
    check_status(hq_notice_open(&h->notice, &notice), OK);
}

static void close_house(house *h)
{
    hq_notice_close(h->notice);
    hq_identity_close(h->identity);
    hq_reference_close(h->reference);
    hq_store_close(h->store);
}

void house_reopen(house *h)
{
    close_house(h);
    open_house(h);
}

int house_set_up(void **state)
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

int house_tear_down(void **state)
{
    house *h = *state;
    close_house(h);
    place_remove(h->dir);
    hq_test_clock_free(h->clock);
    hq_arena_free(h->arena);
    free(h);
    return 0;
}

const hq_caller *house_caller(house *h, const char *tax_code)
{
    hq_sv secret;
    hq_why why = { 0 };
    const hq_caller *caller;
    hq_new_key key = { .role = HQ_SV("declarant"), .tax_code = hq_sv_from_cstr(tax_code) };
    check_status(hq_key_add(&secret, h->identity, &key, HQ_SV("system"), h->arena, &why), OK);
    hq_sv bearer = hq_arena_printf(h->arena, "Bearer %.*s", HQ_SV_FMT(secret));
    check_status(hq_authenticate(&caller, h->identity, bearer, HQ_SV_NULL, HQ_SV_NULL, HQ_GET,
                                 h->arena, &why),
                 OK);
    return caller;
}

typedef struct {
    hq_event event;
    hq_event_ref ref;
} writing;
static hq_status write_event(hq_tx *tx, void *user)
{
    writing *w = user;
    return hq_tx_event(tx, &w->event, &w->ref);
}

int64_t house_event(house *h, const char *kind, const char *trader, const char *agent,
                    const char *more)
{
    static int64_t version;
    writing w = { .event = { .office = HQ_SV("15BB"),
                             .room = HQ_SV("clearance"),
                             .kind = hq_sv_from_cstr(kind),
                             .subject = HQ_SV("declaration/10000000001"),
                             .version = ++version,
                             .actor = HQ_SV("user/an-officer") } };
    w.event.payload = hq_arena_printf(h->arena,
                                      "{\"number\":\"100000000010\",\"status\":\"REGISTERED\","
                                      "\"trader\":\"%s\",\"agent\":%s%s%s%s}",
                                      trader, agent[0] == '\0' ? "null" : "\"", agent,
                                      agent[0] == '\0' ? "" : "\"", more);
    check_status(hq_store_write(h->store, write_event, &w), OK);
    return w.ref.position;
}

void house_settle(house *h)
{
    check_status(
        hq_store_await(h->store, "notice", hq_journal_head(h->store), 300 * HQ_US_PER_SECOND, NULL),
        OK);
    hq_notice_settle(h->notice);
}

/* ------------------------------------------------------------------ calling routes */

static bool takes(const char *pattern, hq_sv path, hq_sv params[4])
{
    hq_sv want = hq_sv_from_cstr(pattern), have = path;
    size_t count = 0;
    while (want.ptr != NULL && have.ptr != NULL) {
        hq_sv w = hq_sv_cut(&want, '/'), p = hq_sv_cut(&have, '/');
        if (hq_sv_starts(w, HQ_SV("{"))) {
            params[count++] = p;
        } else if (!hq_sv_eq(w, p)) {
            return false;
        }
    }
    return want.ptr == NULL && have.ptr == NULL;
}

static hq_status perform(house *h, hq_request *r, const hq_route *route)
{
    HQ_TRY(route->handle(r, h->notice));
    if (r->write == NULL) {
        return HQ_DONE;
    }
    return r->then(r, hq_store_write(h->store, r->write, r->write_user), r->write_user);
}

reply house_call(house *h, hq_method method, const char *path, const char *query,
                 const hq_caller *caller, const char *body)
{
    hq_request r = { .arena = h->arena,
                     .method = method,
                     .path = hq_sv_from_cstr(path),
                     .query = hq_sv_from_cstr(query),
                     .body = hq_sv_from_cstr(body),
                     .caller = caller,
                     .received_at = hq_now(hq_test_clock_face(h->clock)) };
    reply out = { .status = HQ_FAIL(NOT_OFFERED) };
    for (size_t i = 0; i < hq_notice_route_count; i++) {
        const hq_route *route = &hq_notice_routes[i];
        if (route->method == method && takes(route->pattern, r.path, r.params)) {
            out.status = perform(h, &r, route);
            out.http = r.answer.http;
            out.why = r.answer.why;
            break;
        }
    }
    if (r.answer.body.len > 0) {
        check_status(hq_json_parse(&out.json, hq_buf_view(&r.answer.body), h->arena, NULL), OK);
    }
    return out;
}

hq_sv member(const reply *r, const char *name)
{
    const hq_json *v = r->json == NULL ? NULL : hq_json_get(r->json, name);
    return v == NULL ? HQ_SV("absent") : v->type == HQ_JSON_NULL ? HQ_SV("null") : v->text;
}
