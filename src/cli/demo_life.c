/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <time.h>

#include "cli/demo.h"

/* The invented life of the demo: traders file, the bank pays some debts, officers check some
 * declarations and leave others to whoever looks at the pages. */

#define STEP_US    (HQ_US_PER_SECOND / 5)
#define FILE_EVERY 125 /* steps: a declaration every 25 seconds */
#define PAY_EVERY  90
#define WORK_EVERY 240
#define FILED_MAX  3000 /* then only what exists moves on */

uint32_t hq_demo_draw(hq_demo *demo, uint32_t bound)
{
    /* splitmix64 from a fixed seed, so that every demo tells the same story. */
    demo->chance += 0x9e3779b97f4a7c15;
    uint64_t z = demo->chance;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return bound == 0 ? 0 : (uint32_t)((z ^ (z >> 31)) % bound);
}

typedef struct {
    hq_demo *demo;
    hq_arena *arena; /* of one deed */
    const hq_json *answer;
    int http;
} deed;

/* A request by a person of the demo; true when it was granted. */
static bool act_as(deed *d, const hq_caller *caller, hq_method method, hq_sv target, hq_sv body)
{
    hq_inner_answer got;
    hq_id key;
    hq_buf text = HQ_BUF_ARENA(d->arena, 64);
    hq_id_make(&key, hq_now(d->demo->house->clock));
    hq_id_write(&text, &key);
    hq_inner_request request = {
        .method = method, .target = target, .body = body, .key = hq_buf_view(&text)
    };
    d->answer = NULL;
    if (hq_failed(hq_server_perform(&got, d->demo->server, caller, &request, d->arena))) {
        return false;
    }
    d->http = got.http;
    if (got.http >= 400) {
        hq_log(HQ_LOG_DEBUG, "demo_refused", "target", hq_arena_cstr(d->arena, target), "answer",
               hq_arena_cstr(d->arena, got.body), NULL);
        return false;
    }
    return hq_ok(hq_json_parse_copy(&d->answer, got.body, d->arena, NULL));
}

static bool act(deed *d, const char *persona, hq_method method, hq_sv target, hq_sv body)
{
    hq_caller caller;
    return hq_demo_caller(&caller, d->demo->house, hq_demo_persona(persona), d->arena) &&
           act_as(d, &caller, method, target, body);
}

static hq_sv path_of(deed *d, hq_sv number, const char *verb)
{
    return hq_arena_printf(d->arena, "/api/v1/declarations/%.*s%s", HQ_SV_FMT(number), verb);
}

/* ------------------------------------------------------------------ deeds */

/* Number of the declaration, ptr NULL when it was refused. */
static hq_sv file(deed *d)
{
    hq_demo *demo = d->demo;
    const hq_demo_trader *trader =
        &hq_demo_traders[hq_demo_draw(demo, (uint32_t)hq_demo_trader_count)];
    bool himself = trader == &hq_demo_traders[0] && hq_demo_draw(demo, 2) == 0;
    bool only_told = hq_demo_draw(demo, 7) == 0;
    hq_buf body = HQ_BUF_ARENA(d->arena, (size_t)1 << 20);
    hq_demo_declaration(&body, demo, trader, himself ? NULL : "9900000270",
                        hq_day_of(hq_now(demo->house->clock)));
    hq_sv target =
        only_told ? HQ_SV("/api/v1/declarations") : HQ_SV("/api/v1/declarations?mode=register");
    if (!act(d, himself ? "anbinh" : "daily", HQ_POST, target, hq_buf_view(&body))) {
        return HQ_SV_NULL;
    }
    return hq_json_get_text(d->answer, "number");
}

/* The bank pays all that is open for a declaration. */
static void pay(deed *d, hq_sv number)
{
    hq_demo *demo = d->demo;
    hq_sv target = hq_arena_printf(d->arena, "/api/v1/debts?declaration=%.*s", HQ_SV_FMT(number));
    if (!act(d, "nganhang", HQ_GET, target, HQ_SV(""))) {
        return;
    }
    const hq_json *items = hq_json_get(d->answer, "items");
    hq_buf body = HQ_BUF_ARENA(d->arena, 65536);
    hq_json_w json = hq_json_writer(&body);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "bank");
    hq_json_text(&json, HQ_SV("VDB"));
    HQ_JSON_KEY(&json, "reference");
    hq_json_text(&json, hq_arena_printf(d->arena, "VDB%.*s-%u", HQ_SV_FMT(number),
                                        hq_demo_draw(demo, 1000000)));
    HQ_JSON_KEY(&json, "debited_at");
    hq_json_time(&json, hq_now(demo->house->clock));
    hq_sv payer = HQ_SV_NULL;
    for (const hq_json *i = items == NULL ? NULL : hq_json_first(items);
         i != NULL && payer.ptr == NULL; i = hq_json_next(items, i)) {
        payer = hq_json_get_text(i, "tax_code");
    }
    HQ_JSON_KEY(&json, "payer_tax_code");
    hq_json_text(&json, payer);
    HQ_JSON_KEY(&json, "lines");
    hq_json_open(&json, '[');
    for (const hq_json *i = items == NULL ? NULL : hq_json_first(items); i != NULL;
         i = hq_json_next(items, i)) {
        int64_t amount = 0;
        int64_t paid = 0;
        hq_json_open(&json, '{');
        HQ_JSON_KEY(&json, "declaration");
        hq_json_text(&json, number);
        HQ_JSON_KEY(&json, "tax");
        hq_json_text(&json, hq_json_get_text(i, "tax"));
        HQ_JSON_KEY(&json, "amount");
        hq_json_get_i64(&amount, i, "amount");
        hq_json_get_i64(&paid, i, "paid");
        hq_json_i64(&json, amount - paid);
        hq_json_close(&json, '}');
    }
    hq_json_close(&json, ']');
    hq_json_close(&json, '}');
    if (payer.ptr != NULL) {
        act(d, "nganhang", HQ_POST, HQ_SV("/api/v1/payments"), hq_buf_view(&body));
    }
}

bool hq_demo_act(const hq_json **answer, hq_demo *demo, const char *persona, hq_method method,
                 hq_sv target, hq_sv body, hq_arena *arena)
{
    deed d = { .demo = demo, .arena = arena };
    bool granted = act(&d, persona, method, target, body);
    *answer = d.answer;
    return granted;
}

void hq_demo_pay(hq_demo *demo, hq_sv number, hq_arena *arena)
{
    deed d = { .demo = demo, .arena = arena };
    pay(&d, number);
}

/* The persona of a caller id. */
static const char *persona_of(deed *d, hq_sv id)
{
    for (size_t i = 0; i < hq_persona_count; i++) {
        hq_caller caller;
        if (hq_demo_caller(&caller, d->demo->house, &hq_personas[i], d->arena) &&
            hq_sv_eq(caller.id, id)) {
            return hq_personas[i].id;
        }
    }
    return NULL;
}

static hq_sv officer_of(const hq_json *record)
{
    hq_sv id = hq_json_get_text(record, "officer");
    const hq_json *officer = hq_json_get(record, "officer");
    return id.ptr != NULL || officer == NULL ? id : hq_json_get_text(officer, "id");
}

#define SATISFACTORY                                                                               \
    HQ_SV("{\"result\":\"satisfactory\",\"note\":\"Phù hợp (bản trình diễn)\",\"minutes\":12}")

/* The officer who has it, drawn by the team leader when nobody has; NULL when it stops here. */
static const char *officer_for(deed *d, hq_sv number)
{
    if (!act(d, "lanhdao", HQ_GET, path_of(d, number, ""), HQ_SV(""))) {
        return NULL;
    }
    if (officer_of(d->answer).len == 0 &&
        (!act(d, "doitruong", HQ_POST, path_of(d, number, "/assignment"), HQ_SV("{}")) ||
         !act(d, "lanhdao", HQ_GET, path_of(d, number, ""), HQ_SV("")))) {
        return NULL;
    }
    return persona_of(d, officer_of(d->answer));
}

/* On by whoever's turn it is; `depth` how far it goes. */
static void process(deed *d, hq_sv number, int depth)
{
    const char *filer = "daily";
    if (depth < 1) {
        return;
    }
    if (!act(d, filer, HQ_POST, path_of(d, number, "/documents-complete"), HQ_SV("{}"))) {
        filer = "anbinh";
        act(d, filer, HQ_POST, path_of(d, number, "/documents-complete"), HQ_SV("{}"));
    }
    const char *officer = officer_for(d, number);
    if (depth < 2 || officer == NULL) {
        return;
    }
    act(d, officer, HQ_POST, path_of(d, number, "/documents-complete"), HQ_SV("{}"));
    if (!act(d, officer, HQ_POST, path_of(d, number, "/document-check"), SATISFACTORY) ||
        depth < 3) {
        return;
    }
    act(d, filer, HQ_POST, path_of(d, number, "/goods-presented"), HQ_SV("{}"));
    officer = officer_for(d, number);
    if (officer != NULL) {
        act(d, officer, HQ_POST, path_of(d, number, "/goods-presented"), HQ_SV("{}"));
        act(d, officer, HQ_POST, path_of(d, number, "/goods-check"), SATISFACTORY);
    }
}

static hq_sv status_of(deed *d, hq_sv number)
{
    return act(d, "lanhdao", HQ_GET, path_of(d, number, ""), HQ_SV(""))
               ? hq_json_get_text(d->answer, "status")
               : HQ_SV("");
}

static void file_and_follow(deed *d)
{
    hq_demo *demo = d->demo;
    hq_sv number = file(d);
    uint32_t far = hq_demo_draw(demo, 5);
    uint32_t paying = hq_demo_draw(demo, 10);
    if (number.ptr == NULL) {
        return;
    }
    if (hq_sv_eq(status_of(d, number), HQ_SV("DOCUMENT_CHECK"))) {
        process(d, number, (int)far);
    }
    if (hq_sv_eq(status_of(d, number), HQ_SV("AWAITING_TAX")) && paying < 6) {
        pay(d, number);
    }
}

/* The oldest few that wait in a status, one of them by chance. */
static hq_sv one_in(deed *d, const char *status)
{
    hq_sv target = hq_arena_printf(d->arena, "/api/v1/declarations?status=%s&limit=20", status);
    if (!act(d, "lanhdao", HQ_GET, target, HQ_SV(""))) {
        return HQ_SV_NULL;
    }
    const hq_json *items = hq_json_get(d->answer, "items");
    uint32_t pick = items == NULL ? 0 : hq_demo_draw(d->demo, items->count);
    const hq_json *i = items == NULL ? NULL : hq_json_first(items);
    while (i != NULL && pick-- > 0) {
        i = hq_json_next(items, i);
    }
    return i == NULL ? HQ_SV_NULL : hq_json_get_text(i, "number");
}

/* ------------------------------------------------------------------ time */

static void do_one(hq_demo *demo, void (*what)(deed *))
{
    deed d = { .demo = demo, .arena = hq_arena_new((size_t)64 << 20) };
    if (d.arena != NULL) {
        what(&d);
    }
    hq_arena_free(d.arena);
}

static void pay_one(deed *d)
{
    hq_sv number = one_in(d, "AWAITING_TAX");
    if (number.ptr != NULL) {
        pay(d, number);
    }
}

static void work_on_one(deed *d)
{
    hq_sv number = one_in(d, "DOCUMENT_CHECK");
    if (number.ptr != NULL) {
        process(d, number, 3);
    }
}

static void keep_accounts(deed *d)
{
    hq_demo_balances(d->demo, d->arena);
}

static void live(void *user)
{
    hq_demo *demo = user;
    const struct timespec pause = { 0, STEP_US * 1000 };
    if (demo->fresh) {
        do_one(demo, keep_accounts);
    }
    for (int i = 0; demo->fresh && i < demo->wanted && !atomic_load(&demo->ending); i++) {
        do_one(demo, file_and_follow);
    }
    for (int step = 1; !atomic_load(&demo->ending); step++) {
        nanosleep(&pause, NULL);
        if (step % FILE_EVERY == 0 && demo->filed < FILED_MAX) {
            do_one(demo, file_and_follow);
        }
        if (step % PAY_EVERY == 0) {
            do_one(demo, pay_one);
        }
        if (step % WORK_EVERY == 0) {
            do_one(demo, work_on_one);
        }
    }
}

hq_status hq_demo_start(hq_demo *demo)
{
    atomic_store(&demo->ending, false);
    return hq_thread_start(&demo->thread, "demo", live, demo);
}

void hq_demo_stop(hq_demo *demo)
{
    atomic_store(&demo->ending, true);
    hq_thread_join(&demo->thread);
}
