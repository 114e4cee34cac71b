/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/transitions.h"
#include "lives.h"
#include "overlay.h"

/* The transition table holds: every state with every verb, random sequences, and the README. */

typedef struct {
    hq_clr__verb verb;
    const char *body;
} asked;

#define SAMPLES                                                                                    \
    "{\"samples\":[{\"line\":1,\"quantity\":{\"amount\":\"1\",\"unit\":\"PCE\"},\"seal\":\"S\"}]}"

static const asked verbs[] = {
    { HQ_VERB_REPLACE, NULL },
    { HQ_VERB_REGISTER, "{}" },
    { HQ_VERB_DOCUMENTS_COMPLETE, "{}" },
    { HQ_VERB_GOODS_PRESENTED, "{}" },
    { HQ_VERB_ASSIGN, "{\"officer\":\"walker\",\"reason\":\"x\"}" },
    { HQ_VERB_DOCUMENT_CHECK, "{\"result\":\"satisfactory\"}" },
    { HQ_VERB_DOCUMENT_CHECK, "{\"result\":\"discrepancy\"}" },
    { HQ_VERB_GOODS_CHECK, "{\"result\":\"satisfactory\"}" },
    { HQ_VERB_GOODS_CHECK, "{\"result\":\"discrepancy\"}" },
    { HQ_VERB_ATTACH, NULL }, /* body_of */
    { HQ_VERB_INSTRUCT, "{\"kind\":\"EXPLAIN\",\"text\":\"x\"}" },
    { HQ_VERB_ANSWER, "{\"instruction\":1,\"text\":\"x\"}" },
    { HQ_VERB_INSTRUCTION_CLOSE, "{}" },
    { HQ_VERB_MATTER, "{\"kind\":\"VIOLATION\",\"text\":\"x\",\"act\":\"OTHER\"}" },
    { HQ_VERB_MATTER_SAMPLES, SAMPLES },
    { HQ_VERB_MATTER_RECEIVE, "{}" },
    { HQ_VERB_MATTER_RESULT, "{\"results\":[{\"sample\":1,\"description\":\"x\"}]}" },
    { HQ_VERB_MATTER_MINUTES, "{\"held_at\":\"2026-11-20T08:00:00+07:00\",\"text\":\"x\","
                              "\"outcome\":\"AGREED\"}" },
    { HQ_VERB_MATTER_DISPOSAL, "{\"text\":\"x\"}" },
    { HQ_VERB_MATTER_CLOSE, "{\"outcome\":\"WITHDRAWN\"}" },
    { HQ_VERB_CHANNEL, "{\"to\":\"GREEN\",\"reason\":\"x\"}" },
    { HQ_VERB_AMEND, "{\"reason_code\":\"6\",\"reason\":\"x\",\"changes\":[{\"path\":\"/notes\","
                     "\"value\":\"y\"}]}" },
    { HQ_VERB_CANCEL, "{\"ground\":\"OTHER\",\"reason\":\"x\"}" },
    { HQ_VERB_RELEASE, "{\"ground\":\"VALUE\"}" },
    { HQ_VERB_STORE, "{\"ground\":\"QUALITY\"}" },
    { HQ_VERB_RESULT, "{\"result\":\"satisfactory\"}" },
    { HQ_VERB_RESULT, "{\"result\":\"unsatisfactory\"}" },
    { HQ_VERB_MANUAL, "{\"reason\":\"x\"}" },
    { HQ_VERB_HOLD, "{\"order\":\"HOLD\",\"ground\":\"x\"}" },
    { HQ_VERB_HOLD, "{\"order\":\"SCAN\",\"ground\":\"x\",\"until\":\"2027-01-01\"}" },
    { HQ_VERB_LIFT, "{\"reason\":\"x\"}" },
    { HQ_VERB_PASSAGE, "{\"vehicle\":\"x\"}" },
    { HQ_VERB_PASSAGE, "{\"vehicle\":\"x\",\"packages\":50,\"partial\":true}" },
};
#define ASKED (sizeof verbs / sizeof verbs[0])

typedef struct {
    lives l;
    const hq_caller *walker; /* an officer, also the assigned one */
    const hq_caller *laboratory;
    const char *covered; /* the document with a guarantee for its tax */
} world;

static const hq_caller *who_for(const world *w, hq_clr__verb verb)
{
    uint32_t roles = hq_clr__verbs[verb].roles;
    if ((roles & HQ_CLR__HEADS) != 0 && verb != HQ_VERB_AMEND) {
        return w->l.head; /* others only ask for it */
    }
    if (roles == HQ_CLR__LABORATORY) {
        return w->laboratory;
    }
    if ((roles & HQ_CLR__DECLARANT) != 0) {
        return w->l.trader;
    }
    if ((roles & HQ_ROLE_BIT(HQ_ROLE_OFFICER)) != 0) {
        return w->walker;
    }
    return (roles & HQ_ROLE_BIT(HQ_ROLE_TEAM_LEADER)) != 0 ? w->l.leader : w->l.head;
}

/* Id of the first hold that is open, of any when none is; "1" without any. */
static hq_sv hold_of(world *w, hq_arena *arena, const char *number)
{
    char path[64];
    snprintf(path, sizeof path, "/api/v1/declarations/%s", number);
    house_answer record = house_call(&w->l.h, arena, w->l.head, HQ_GET, path, NULL, NULL);
    const hq_json *holds = hq_json_get(record.json, "holds");
    hq_sv id = HQ_SV("1");
    for (const hq_json *e = holds == NULL ? NULL : hq_json_first(holds); e != NULL;
         e = hq_json_next(holds, e)) {
        if (id.len == 1 || hq_sv_eq(hq_json_get_text(e, "state"), HQ_SV("OPEN"))) {
            id = hq_json_get_text(e, "id");
        }
    }
    return id;
}

/* The route's last piece with 1 for {id}. */
static const char *path_of(world *w, hq_arena *arena, const char *number, hq_clr__verb verb)
{
    hq_sv path = hq_sv_from_cstr(hq_clr__verbs[verb].path);
    if (verb == HQ_VERB_LIFT) {
        return hq_arena_cstr(
            arena, hq_arena_printf(arena, "holds/%.*s/lift", HQ_SV_FMT(hold_of(w, arena, number))));
    }
    size_t hole = hq_sv_find(path, '{', 0);
    if (hole == path.len) {
        return path.ptr;
    }
    hq_sv after = hq_sv_sub(path, hq_sv_find(path, '}', 0) + 1, path.len);
    return hq_arena_cstr(
        arena, hq_arena_printf(arena, "%.*s1%.*s", (int)hole, path.ptr, HQ_SV_FMT(after)));
}

/* Its body; of attaching, with a file that was sent just now. */
static const char *body_of(world *w, hq_arena *arena, const asked *a)
{
    if (a->verb != HQ_VERB_ATTACH) {
        return a->body;
    }
    house_answer sent =
        house_call(&w->l.h, arena, w->l.trader, HQ_POST, "/api/v1/attachments", "A paper", NULL);
    hq_sv id = house_at(&sent, "/id");
    return hq_arena_cstr(
        arena, hq_arena_printf(arena, "{\"file\":\"%.*s\",\"kind\":\"OTHER\"}", HQ_SV_FMT(id)));
}

static house_answer ask(world *w, hq_arena *arena, const hq_caller *who, const char *number,
                        const asked *a)
{
    char path[128];
    if (a->verb == HQ_VERB_REPLACE) {
        snprintf(path, sizeof path, "/api/v1/declarations/%s", number);
        return house_call(&w->l.h, arena, w->l.trader, HQ_PUT, path, w->l.document, NULL);
    }
    return lives_post(&w->l, arena, who, number, path_of(w, arena, number, a->verb),
                      body_of(w, arena, a));
}

static bool may_lead(hq_declaration_status from, hq_clr__verb verb, hq_declaration_status to)
{
    for (size_t i = 0; i < hq_clr__move_count; i++) {
        const hq_clr__move *m = &hq_clr__moves[i];
        if (m->state == from && m->verb == verb && m->next == to) {
            return true;
        }
    }
    return false;
}

static bool reachable(hq_declaration_status from, hq_declaration_status to)
{
    for (int verb = 0; verb < HQ_CLR__VERBS; verb++) {
        if (may_lead(from, (hq_clr__verb)verb, to)) {
            return true;
        }
    }
    /* What has gone while it was released passes in the moment it is cleared. */
    return from == to || (to == HQ_DECLARATION_PASSED && reachable(from, HQ_DECLARATION_CLEARED));
}

static void begin(world *w)
{
    lives_begin(&w->l);
    w->walker = house_officer(&w->l.h, "walker", "15BB", true);
    w->laboratory = house_caller(&w->l.h, HQ_ROLE_LABORATORY, NULL, NULL);
}

/* ------------------------------------------------------------------ every state, every verb */

static void force(world *w, const char *number, hq_declaration_status state)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "UPDATE declaration SET status = %d, officer = '%.*s' WHERE id = %.11s", (int)state,
             HQ_SV_FMT(w->walker->id), number);
    house_run(&w->l.h, sql);
}

/* What a verb is about must be there: steps taken before, for a verb from its first row to its
 * last. */
typedef struct {
    hq_clr__verb for_verb;
    enum { WALKER, HEAD, LABORATORY } who;
    const char *path, *body;
} prepared;

#define EXPLAIN  "{\"kind\":\"EXPLAIN\",\"text\":\"x\"}"
#define FOUND    "document-check", "{\"result\":\"discrepancy\"}"
#define ANALYSIS "matters", "{\"kind\":\"ANALYSIS\",\"text\":\"x\"}"

static const prepared preparations[] = {
    { HQ_VERB_ANSWER, WALKER, "instructions", EXPLAIN },
    { HQ_VERB_INSTRUCTION_CLOSE, WALKER, "instructions", EXPLAIN },
    { HQ_VERB_MATTER, WALKER, FOUND },
    { HQ_VERB_MATTER_SAMPLES, WALKER, FOUND },
    { HQ_VERB_MATTER_SAMPLES, WALKER, ANALYSIS },
    { HQ_VERB_MATTER_RECEIVE, WALKER, FOUND },
    { HQ_VERB_MATTER_RECEIVE, WALKER, ANALYSIS },
    { HQ_VERB_MATTER_RECEIVE, WALKER, "matters/1/samples", SAMPLES },
    { HQ_VERB_MATTER_RESULT, WALKER, FOUND },
    { HQ_VERB_MATTER_RESULT, WALKER, ANALYSIS },
    { HQ_VERB_MATTER_RESULT, WALKER, "matters/1/samples", SAMPLES },
    { HQ_VERB_MATTER_RESULT, LABORATORY, "matters/1/receive", "{}" },
    { HQ_VERB_MATTER_MINUTES, WALKER, FOUND },
    { HQ_VERB_MATTER_MINUTES, WALKER, "matters",
      "{\"kind\":\"CONSULTATION\",\"text\":\"x\",\"invitation\":{\"at\":\"2099-01-01\",\"place\":"
      "\"x\"}}" },
    { HQ_VERB_MATTER_DISPOSAL, WALKER, FOUND },
    { HQ_VERB_MATTER_DISPOSAL, HEAD, "matters",
      "{\"kind\":\"REFUSAL\",\"text\":\"x\",\"ground\":\"x\",\"disposal\":\"DESTRUCTION\"}" },
    { HQ_VERB_MATTER_CLOSE, WALKER, FOUND },
    { HQ_VERB_MATTER_CLOSE, WALKER, ANALYSIS },
};

static void must(world *w, hq_arena *arena, const hq_caller *who, const char *number,
                 const char *verb, const char *body)
{
    assert_int_equal(lives_post(&w->l, arena, who, number, verb, body).http, 200);
}

static void prepare(world *w, hq_arena *arena, const char *number, hq_clr__verb verb,
                    hq_declaration_status state)
{
    bool inspects = verb == HQ_VERB_GOODS_CHECK && state != HQ_DECLARATION_GOODS_CHECK;
    if (verb == HQ_VERB_RELEASE) {
        assert_int_equal(lives_pay(&w->l, arena, number, 100).http, 201);
    } else if (verb == HQ_VERB_RESULT) {
        must(w, arena, w->l.head, number, "storage", "{\"ground\":\"QUALITY\"}");
    } else if (verb == HQ_VERB_LIFT || inspects) {
        must(w, arena, w->l.head, number, "holds",
             inspects ? "{\"order\":\"GOODS_CHECK\",\"ground\":\"x\"}"
                      : "{\"order\":\"HOLD\",\"ground\":\"x\"}");
    }
    const hq_caller *const people[] = { w->walker, w->l.head, w->laboratory };
    for (size_t i = 0; i < sizeof preparations / sizeof preparations[0]; i++) {
        const prepared *p = &preparations[i];
        if (p->for_verb == verb) {
            assert_int_equal(
                lives_post(&w->l, arena, people[p->who], number, p->path, p->body).http, 200);
        }
    }
}

static void walk_one(world *w, hq_declaration_status state, const asked *a)
{
    char number[13];
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    bool exists = hq_clr__move_find(state, a->verb, NULL) != NULL;
    lives_file(&w->l, "register", number);
    prepare(w, arena, number, a->verb, state);
    force(w, number, state);
    int64_t before = house_ask(&w->l.h, "SELECT max(version) FROM declaration");
    /* What is only pre-registered is cancelled by nobody but its declarant. */
    bool own = a->verb == HQ_VERB_CANCEL && state == HQ_DECLARATION_PREREGISTERED;
    house_answer answer = ask(w, arena, own ? w->l.trader : who_for(w, a->verb), number, a);
    hq_declaration_status after = lives_status(&w->l, number);
    bool asks = a->verb == HQ_VERB_AMEND; /* the declarant: an officer decides */
    int expected = !exists ? 409 : asks ? 202 : 200;
    if (answer.http != expected) {
        fail_msg("%s in %s answered %d, expected %d", hq_clr__verbs[a->verb].path,
                 hq_declaration_status_name(state), answer.http, expected);
    }
    if (expected >= 400) {
        assert_int_equal(after, state);
        assert_int_equal(house_ask(&w->l.h, "SELECT max(version) FROM declaration"), before);
    } else if (asks ? after != state : !may_lead(state, a->verb, after)) {
        fail_msg("%s led from %s to %s", hq_clr__verbs[a->verb].path,
                 hq_declaration_status_name(state), hq_declaration_status_name(after));
    }
    hq_arena_free(arena);
}

static void test_every_state_with_every_verb(void **state)
{
    static const char *const lanes[] = { "YELLOW", "RED" };
    (void)state;
    world w;
    begin(&w);
    for (int lane = 0; lane < 2; lane++) {
        lives_rule(&w.l, lanes[lane]);
        for (int s = 0; s < HQ_DECLARATION_STATUS_COUNT; s++) {
            for (size_t v = 0; v < ASKED; v++) {
                /* For a yellow one, presenting goods is a move of no condition it meets. */
                bool conditional = lane == 0 && s == HQ_DECLARATION_DOCUMENT_CHECK &&
                                   verbs[v].verb == HQ_VERB_GOODS_PRESENTED;
                if (!conditional) {
                    walk_one(&w, (hq_declaration_status)s, &verbs[v]);
                }
            }
        }
    }
    w.l.h.tampered = true; /* by force() */
    lives_end(&w.l);
}

/* The program's own verbs: payment and time. */
static void test_what_the_program_does_by_itself(void **state)
{
    (void)state;
    world w;
    begin(&w);
    lives_rule(&w.l, "YELLOW");
    for (int s = 0; s < HQ_DECLARATION_STATUS_COUNT; s++) {
        char number[13];
        hq_arena *arena = hq_arena_new((size_t)64 << 20);
        hq_declaration_status from = (hq_declaration_status)s;
        lives_file(&w.l, "register", number);
        force(&w, number, from);
        assert_int_equal(lives_pay(&w.l, arena, number, 100).http, 201);
        hq_declaration_status after = lives_status(&w.l, number);
        bool exists = hq_clr__move_find(from, HQ_VERB_SETTLE, NULL) != NULL;
        assert_true(exists ? may_lead(from, HQ_VERB_SETTLE, after) : after == from);
        hq_arena_free(arena);
    }
    house_run(&w.l.h, "UPDATE declaration SET due_at = 1");
    house_run(&w.l.h, "UPDATE declaration SET status = 0 WHERE id % 2 = 0");
    int64_t waiting = house_ask(&w.l.h, "SELECT count(*) FROM declaration WHERE status = 0");
    int64_t others =
        house_ask(&w.l.h, "SELECT count(*) FROM declaration WHERE status NOT IN (0, 1)");
    int64_t gone = house_ask(&w.l.h, "SELECT count(*) FROM declaration WHERE status = 1");
    HOUSE_MUST(hq_clearance_tick(w.l.h.clearance, NULL));
    assert_true(waiting > 0);
    assert_int_equal(house_ask(&w.l.h, "SELECT count(*) FROM declaration WHERE status = 1"),
                     gone + waiting);
    assert_int_equal(
        house_ask(&w.l.h, "SELECT count(*) FROM declaration WHERE status NOT IN (0, 1)"), others);
    w.l.h.tampered = true;
    lives_end(&w.l);
}

/* ------------------------------------------------------------------ random lives */

/* A guarantee of the trader, and the document that uses it. */
static void guarantee(world *w)
{
    static const char body[] =
        "{\"bank\":\"EXB\",\"number\":\"BL1\",\"kind\":\"general\",\"tax_code\":\"9900000016\","
        "\"limit_vnd\":100000000000,\"valid_from\":\"2026-11-01\",\"valid_to\":\"2027-12-31\"}";
    const overlay_change change = { .pointer = HQ_SV("/payment"),
                                    .json = HQ_SV("{\"term\":\"B\",\"guarantee\":\"BL1\"}") };
    hq_arena *arena = w->l.h.arena;
    assert_int_equal(
        house_call(&w->l.h, arena, w->l.bank, HQ_POST, "/api/v1/guarantees", body, NULL).http, 201);
    w->covered =
        hq_arena_cstr(arena, overlay_apply(hq_sv_from_cstr(w->l.document), &change, 1, arena));
}

static uint64_t seed = 20261120;

static int ended[HQ_CLR__STATES]; /* how many lives ended there */

static uint32_t draw(uint32_t bound)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % bound;
}

/* Mostly who may, sometimes somebody else: who only asks, or has no business with it. */
static const hq_caller *random_caller(const world *w, hq_clr__verb verb)
{
    const hq_caller *const all[] = { w->l.trader, w->walker, w->l.head, w->l.supervisor };
    return draw(3) == 0 ? all[draw(4)] : who_for(w, verb);
}

static bool is_held(world *w, hq_arena *arena, const char *number)
{
    house_answer record = lives_read(&w->l, arena, number);
    const hq_json *holds = hq_json_get(record.json, "holds");
    assert_non_null(holds);
    for (const hq_json *e = hq_json_first(holds); e != NULL; e = hq_json_next(holds, e)) {
        if (hq_sv_eq(hq_json_get_text(e, "state"), HQ_SV("OPEN"))) {
            return true;
        }
    }
    return false;
}

/* What a hold stops. */
static bool is_let_go(hq_declaration_status status)
{
    return status == HQ_DECLARATION_CLEARED || status == HQ_DECLARATION_RELEASED ||
           status == HQ_DECLARATION_STORED || status == HQ_DECLARATION_PASSED;
}

static void random_step(world *w, const char *number)
{
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    hq_declaration_status before = lives_status(&w->l, number);
    uint32_t dice = draw(ASKED + 3);
    if (dice < ASKED) {
        hq_clr__verb verb = verbs[dice].verb;
        /* The ends of a life come seldom, or none would be long. */
        bool ends = verb == HQ_VERB_CANCEL || verb == HQ_VERB_MANUAL;
        if (!ends || draw(4) == 0) {
            ask(w, arena, random_caller(w, verb), number, &verbs[dice]);
        }
    } else if (dice == ASKED) {
        lives_pay(&w->l, arena, number, 30);
    } else if (dice == ASKED + 1) {
        lives_pay(&w->l, arena, number, 100);
    } else if (draw(20) == 0) {
        house_advance(&w->l.h, "P2D");
    }
    hq_declaration_status after = lives_status(&w->l, number);
    if (after != before && is_let_go(after) && is_held(w, arena, number)) {
        fail_msg("held, and became %s (seed %llu)", hq_declaration_status_name(after),
                 (unsigned long long)seed);
    }
    if (!reachable(before, after)) {
        fail_msg("%s became %s (seed %llu)", hq_declaration_status_name(before),
                 hq_declaration_status_name(after), (unsigned long long)seed);
    }
    hq_arena_free(arena);
}

/* An event that only says more of a step, or that something was asked: of no row at all. */
static bool is_beside(hq_sv kind)
{
    for (size_t i = 0; i < hq_clr__move_count; i++) {
        if (hq_sv_eq(hq_clr__moves[i].event, kind)) {
            return false;
        }
    }
    return true;
}

static bool is_row(hq_declaration_status from, hq_sv event, hq_declaration_status to)
{
    for (size_t i = 0; i < hq_clr__move_count; i++) {
        const hq_clr__move *m = &hq_clr__moves[i];
        if (m->state == from && m->next == to && hq_sv_eq(m->event, event)) {
            return true;
        }
    }
    return is_beside(event) && from == to;
}

/* Each step that the journal tells is a row of the table. */
static void check_told_steps(world *w, const char *number)
{
    char path[64];
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    hq_declaration_status from = HQ_DECLARATION_NEW;
    snprintf(path, sizeof path, "/api/v1/declarations/%s/timeline", number);
    house_answer told = house_call(&w->l.h, arena, w->l.head, HQ_GET, path, NULL, NULL);
    const hq_json *items = hq_json_get(told.json, "items");
    assert_non_null(items);
    for (const hq_json *i = hq_json_first(items); i != NULL; i = hq_json_next(items, i)) {
        hq_declaration_status to = lives_status_named(hq_json_get_text(i, "status"));
        hq_sv event = hq_json_get_text(i, "event");
        if (!is_row(from, event, to)) {
            fail_msg("%.*s led to %s (seed %llu)", HQ_SV_FMT(event), hq_declaration_status_name(to),
                     (unsigned long long)seed);
        }
        from = to;
        ended[to] += hq_json_next(items, i) == NULL;
    }
    hq_arena_free(arena);
}

/* Cancelled: nothing is owed, held of a guarantee, or kept of what was paid. */
static void check_given_back(world *w, const char *number)
{
    char sql[256];
    if (lives_status(&w->l, number) != HQ_DECLARATION_CANCELLED) {
        return;
    }
    snprintf(sql, sizeof sql,
             "SELECT coalesce(sum(owed_vnd - cancelled_vnd + paid_vnd), 0) FROM treasury_debts"
             " WHERE declaration = %.11s",
             number);
    assert_int_equal(house_ask(&w->l.h, sql), 0);
    snprintf(sql, sizeof sql,
             "SELECT coalesce(sum(held_vnd), 0) FROM treasury_reservations"
             " WHERE declaration = %.11s",
             number);
    assert_int_equal(house_ask(&w->l.h, sql), 0);
}

static hq_status look_at_balance(hq_tx *tx, void *user)
{
    hq_sv difference = HQ_SV("");
    bool balanced = false;
    hq_status s = hq_treasury_balanced(&balanced, &difference, tx, user);
    if (hq_ok(s) && !balanced) {
        fail_msg("treasury: %.*s", HQ_SV_FMT(difference));
    }
    return s;
}

static void test_random_lives_stay_in_the_table(void **state)
{
    static const char *const lanes[] = { "GREEN", "YELLOW", "RED" };
    (void)state;
    world w;
    begin(&w);
    const char *plain = w.l.document;
    guarantee(&w);
    for (int life = 0; life < 40; life++) {
        char number[13];
        lives_rule(&w.l, lanes[draw(3)]);
        w.l.document = draw(3) == 0 ? w.covered : plain;
        lives_file(&w.l, draw(4) == 0 ? "preregister" : "register", number);
        for (int step = 0; step < 30; step++) {
            random_step(&w, number);
        }
        check_told_steps(&w, number);
        check_given_back(&w, number);
    }
    HOUSE_MUST(hq_store_read(w.l.h.store, look_at_balance, w.l.h.arena));
    /* The dice came everywhere that matters. */
    assert_true(ended[HQ_DECLARATION_CANCELLED] > 0 && ended[HQ_DECLARATION_PASSED] > 0);
    assert_true(ended[HQ_DECLARATION_MANUAL] > 0 && ended[HQ_DECLARATION_RELEASED] > 0);
    lives_end(&w.l);
}

/* ------------------------------------------------------------------ documents */

static void test_routes_have_the_roles_of_the_table(void **state)
{
    (void)state;
    int held = 0;
    for (int verb = 0; verb < HQ_CLR__VERBS; verb++) {
        for (size_t r = 0; r < hq_clearance_route_count; r++) {
            hq_sv pattern = hq_sv_from_cstr(hq_clearance_routes[r].pattern);
            hq_sv tail = hq_sv_from_cstr(hq_clr__verbs[verb].path);
            /* "result" is not the end of "matters/{id}/result"; "lift" is that of
             * "holds/{id}/lift". */
            bool whole = hq_sv_eq(hq_sv_sub(pattern, 0, pattern.len - tail.len),
                                  HQ_SV("/api/v1/declarations/{number}/")) ||
                         verb == HQ_VERB_LIFT;
            if (hq_clearance_routes[r].method == HQ_POST && hq_sv_ends(pattern, tail) && whole) {
                assert_int_equal(hq_clearance_routes[r].roles, hq_clr__verbs[verb].roles);
                held++;
            }
        }
    }
    int own = 0; /* the program's */
    for (int verb = 0; verb < HQ_CLR__VERBS; verb++) {
        own += hq_clr__verbs[verb].roles == 0;
    }
    assert_int_equal(held, HQ_CLR__VERBS - own - 2); /* two are other routes */
}

static const char *state_name(hq_declaration_status state)
{
    return state == HQ_DECLARATION_NEW ? "(new)" : hq_declaration_status_name(state);
}

static void write_table(hq_buf *out)
{
    hq_buf_printf(out, "| from | verb | when | to | event |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < hq_clr__move_count; i++) {
        const hq_clr__move *m = &hq_clr__moves[i];
        const hq_clr__verb_row *v = &hq_clr__verbs[m->verb];
        hq_buf_printf(out, "| %s | %s%s | %s | %s | %.*s |\n", state_name(m->state), v->path,
                      v->roles == 0 ? " (program)" : "", hq_clr__when_text(m->when),
                      state_name(m->next), HQ_SV_FMT(m->event));
    }
}

/* HQ_README is the room's README; HQ_WRITE_README=1 puts the table into it. */
static void test_the_readme_has_the_table(void **state)
{
    (void)state;
    const char *path = getenv("HQ_README");
    hq_buf table = HQ_BUF_HEAP((size_t)1 << 20);
    char *text = calloc(1, (size_t)1 << 20);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_non_null(text);
    assert_true(fread(text, 1, ((size_t)1 << 20) - 1, file) > 0);
    fclose(file);
    write_table(&table);
    char *from = strstr(text, "<!-- transitions -->\n");
    char *to = strstr(text, "<!-- /transitions -->");
    assert_non_null(from);
    assert_non_null(to);
    from += strlen("<!-- transitions -->\n");
    if (getenv("HQ_WRITE_README") != NULL) {
        file = fopen(path, "wb");
        fwrite(text, 1, (size_t)(from - text), file);
        fwrite(table.ptr, 1, table.len, file);
        fputs(to, file);
        fclose(file);
    } else if (!hq_sv_eq(hq_sv_make(from, (size_t)(to - from)), hq_buf_view(&table))) {
        fail_msg("the table in %s is an old one: run this test with HQ_WRITE_README=1", path);
    }
    hq_buf_free(&table);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_state_with_every_verb),
        cmocka_unit_test(test_what_the_program_does_by_itself),
        cmocka_unit_test(test_random_lives_stay_in_the_table),
        cmocka_unit_test(test_routes_have_the_roles_of_the_table),
        cmocka_unit_test(test_the_readme_has_the_table),
    };
    return cmocka_run_group_tests_name("moves", tests, NULL, NULL);
}
