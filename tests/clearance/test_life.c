/* SPDX-License-Identifier: Apache-2.0 */
#include "../house.h"
#include "desk.h"
#include "overlay.h"

#include <dirent.h>

/* The life of declarations as text that an officer can read: life/README.md has the words. */

typedef struct {
    house h;
    const char *file;
    int line_number;
    hq_sv document; /* the declaration to be filed next */
    char number[16];
    char token[64];
    house_answer last;
    struct {
        hq_sv name;
        const hq_caller *caller;
        hq_sv secret; /* of a key: looked up with each call, with what is delegated to it */
    } people[24];
    size_t people_count;
    struct {
        hq_sv name, id;
    } files[32];
    size_t file_count;
    hq_sv rules; /* CSV of risk rules so far */
    int payments;
} script;

static const char *folder;

static void wrong(const script *s, const char *what, hq_sv seen)
{
    print_error("%s:%d: %s\n", s->file, s->line_number, what);
    print_error("last answer: %d %.*s\n", s->last.http, HQ_SV_FMT(s->last.body));
    print_error("why: %.*s\n", HQ_SV_FMT(s->last.answer.why.en));
    for (size_t i = 0; i < s->last.answer.finding_count; i++) {
        const hq_finding *f = &s->last.answer.findings[i];
        print_error("finding %.*s %.*s %.*s\n", HQ_SV_FMT(f->rule), HQ_SV_FMT(f->path),
                    HQ_SV_FMT(f->en));
    }
    fail_msg("%s:%d: %s: %.*s", s->file, s->line_number, what, HQ_SV_FMT(seen));
}

/* ------------------------------------------------------------------ people */

static void add_person(script *s, const char *name, const hq_caller *caller)
{
    s->people[s->people_count].name = hq_arena_dup(s->h.arena, hq_sv_from_cstr(name));
    s->people[s->people_count++].caller = caller;
}

static const hq_caller *caller_of(script *s, hq_sv secret)
{
    const hq_caller *caller;
    hq_why why = { .en = HQ_SV("") };
    hq_sv bearer = hq_arena_printf(s->h.arena, "Bearer %.*s", HQ_SV_FMT(secret));
    HOUSE_MUST(hq_authenticate(&caller, s->h.identity, bearer, HQ_SV(""), HQ_SV(""), HQ_POST,
                               s->h.arena, &why));
    return caller;
}

static const hq_caller *person(script *s, hq_sv name)
{
    for (size_t i = 0; i < s->people_count; i++) {
        if (hq_sv_eq(s->people[i].name, name)) {
            return s->people[i].secret.len > 0 ? caller_of(s, s->people[i].secret)
                                               : s->people[i].caller;
        }
    }
    wrong(s, "nobody of this name", name);
    return NULL;
}

static void add_people(script *s)
{
    house *h = &s->h;
    add_person(s, "trader", house_caller(h, HQ_ROLE_DECLARANT, NULL, "9900000016"));
    add_person(s, "agent", house_caller(h, HQ_ROLE_DECLARANT, NULL, "9900000055"));
    add_person(s, "stranger", house_caller(h, HQ_ROLE_DECLARANT, NULL, "9900000062"));
    add_person(s, "clerk", house_caller(h, HQ_ROLE_OFFICER, "15BB", NULL));
    add_person(s, "leader", house_caller(h, HQ_ROLE_TEAM_LEADER, "15BB", NULL));
    add_person(s, "head", house_caller(h, HQ_ROLE_BRANCH_HEAD, "15BB", NULL));
    add_person(s, "department", house_caller(h, HQ_ROLE_DEPARTMENT_HEAD, "15", NULL));
    add_person(s, "elsewhere", house_caller(h, HQ_ROLE_OFFICER, "20BB", NULL));
    add_person(s, "auditor", house_caller(h, HQ_ROLE_AUDITOR, NULL, NULL));
    add_person(s, "administrator", house_caller(h, HQ_ROLE_ADMINISTRATOR, NULL, NULL));
    add_person(s, "supervisor", house_caller(h, HQ_ROLE_SUPERVISOR, NULL, NULL));
    add_person(s, "laboratory", house_caller(h, HQ_ROLE_LABORATORY, NULL, NULL));
    add_person(s, "bank", house_bank(h, "EXB"));
}

/* ------------------------------------------------------------------ calls */

static void take_text(char *to, size_t room, hq_sv text)
{
    size_t len = text.len < room - 1 ? text.len : room - 1;
    if (text.ptr != NULL) {
        memcpy(to, text.ptr, len);
        to[len] = '\0';
    }
}

static void call(script *s, hq_sv who, hq_method method, hq_sv body, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
static void call(script *s, hq_sv who, hq_method method, hq_sv body, const char *format, ...)
{
    char path[512];
    va_list args;
    va_start(args, format);
    vsnprintf(path, sizeof path, format, args);
    va_end(args);
    s->last = house_call(&s->h, s->h.arena, person(s, who), method, path,
                         hq_arena_cstr(s->h.arena, body), NULL);
    house_settle(&s->h); /* the next number and what lists show do not depend on speed */
    hq_sv number = house_at(&s->last, "/number");
    if (s->last.http == 201 && number.ptr != NULL) {
        take_text(s->number, sizeof s->number, number);
    }
    hq_sv members = s->last.answer.members;
    const char *token =
        members.ptr == NULL ? NULL : strstr(hq_arena_cstr(s->h.arena, members), "\"token\":\"");
    if (token != NULL) {
        take_text(s->token, 33, hq_sv_from_cstr(token + 9));
    }
}

/* "trader sends invoice Hóa đơn ...": a file of this text; $invoice is its id from then on. */
static void send_file(script *s, hq_sv who, hq_sv rest)
{
    hq_sv name = hq_sv_cut(&rest, ' ');
    call(s, who, HQ_POST, rest.ptr == NULL ? HQ_SV("") : rest, "/api/v1/attachments?name=%.*s",
         HQ_SV_FMT(name));
    hq_sv id = house_at(&s->last, "/id");
    if (s->last.http == 201) {
        hq_sv stem = hq_sv_sub(name, 0, hq_sv_find(name, '.', 0));
        s->files[s->file_count].name = hq_arena_dup(s->h.arena, stem);
        s->files[s->file_count++].id = hq_arena_dup(s->h.arena, id);
    }
}

/* The text with the ids of files for $name. */
static hq_sv with_files(script *s, hq_sv text)
{
    hq_buf out = HQ_BUF_ARENA(s->h.arena, 1 << 20);
    size_t at = 0;
    while (text.ptr != NULL && at < text.len) {
        size_t i = 0;
        hq_sv rest = hq_sv_sub(text, at + 1, text.len);
        while (text.ptr[at] == '$' && i < s->file_count && !hq_sv_starts(rest, s->files[i].name)) {
            i++;
        }
        if (text.ptr[at] == '$' && i < s->file_count) {
            hq_buf_sv(&out, s->files[i].id);
            at += 1 + s->files[i].name.len;
        } else {
            hq_buf_char(&out, text.ptr[at++]);
        }
    }
    return hq_buf_view(&out);
}

static void pay(script *s, hq_sv who, hq_sv amount)
{
    hq_buf body = HQ_BUF_ARENA(s->h.arena, 65536);
    const hq_json *taxes;
    bool first = true;
    call(s, HQ_SV("trader"), HQ_GET, HQ_SV(""), "/api/v1/declarations/%s", s->number);
    taxes = hq_json_get(hq_json_get(s->last.json, "assessment"), "taxes");
    hq_buf_printf(&body,
                  "{\"bank\":\"EXB\",\"reference\":\"P%d\",\"debited_at\":"
                  "\"2026-11-20T09:00:00+07:00\",\"payer_tax_code\":\"9900000016\",\"lines\":[",
                  s->payments++);
    for (const hq_json *t = hq_json_first(taxes); t != NULL; t = hq_json_next(taxes, t)) {
        int64_t due;
        assert_true(hq_json_get_i64(&due, t, "amount"));
        if (due == 0) {
            continue;
        }
        hq_buf_printf(&body, "%s{\"declaration\":\"%s\",\"tax\":\"%.*s\",\"amount\":%lld}",
                      first ? "" : ",", s->number, HQ_SV_FMT(hq_json_get_text(t, "tax")),
                      (long long)(hq_sv_eq(amount, HQ_SV("half")) ? due / 2 : due));
        first = false;
    }
    hq_buf_printf(&body, "]}");
    call(s, who, HQ_POST, hq_buf_view(&body), "/api/v1/payments");
}

static void act(script *s, hq_sv who, hq_sv rest)
{
    hq_sv verb = hq_sv_cut(&rest, ' ');
    rest = rest.ptr == NULL ? HQ_SV("") : hq_sv_trim(rest);
    if (hq_sv_eq(verb, HQ_SV("files"))) {
        call(s, who, HQ_POST, s->document, "/api/v1/declarations?mode=%.*s", HQ_SV_FMT(rest));
    } else if (hq_sv_eq(verb, HQ_SV("replaces"))) {
        call(s, who, HQ_PUT, s->document, "/api/v1/declarations/%s", s->number);
    } else if (hq_sv_eq(verb, HQ_SV("registers"))) {
        call(s, who, HQ_POST, HQ_SV("{}"), "/api/v1/declarations/%s/registration", s->number);
    } else if (hq_sv_eq(verb, HQ_SV("accepts"))) {
        hq_sv body = hq_arena_printf(s->h.arena, "{\"accept\":\"%s\"}", s->token);
        call(s, who, HQ_POST, body, "/api/v1/declarations/%s/registration", s->number);
    } else if (hq_sv_eq(verb, HQ_SV("posts"))) {
        hq_sv what = hq_sv_cut(&rest, ' ');
        what = with_files(s, what);
        call(s, who, HQ_POST, rest.ptr == NULL ? HQ_SV("{}") : with_files(s, rest),
             "/api/v1/declarations/%s/%.*s", s->number, HQ_SV_FMT(what));
    } else if (hq_sv_eq(verb, HQ_SV("sends"))) {
        send_file(s, who, rest);
    } else if (hq_sv_eq(verb, HQ_SV("reads"))) {
        rest = with_files(s, rest);
        bool record = hq_sv_eq(rest, HQ_SV("record"));
        call(s, who, HQ_GET, HQ_SV(""), "/api/v1/declarations/%s%s%.*s", s->number,
             record ? "" : "/", record ? 0 : (int)rest.len, rest.ptr);
    } else if (hq_sv_eq(verb, HQ_SV("looks"))) {
        call(s, who, HQ_GET, HQ_SV(""), "/api/v1/debts?declaration=%s", s->number);
    } else if (hq_sv_eq(verb, HQ_SV("lists"))) {
        call(s, who, HQ_GET, HQ_SV(""), "/api/v1/declarations?%.*s", HQ_SV_FMT(rest));
    } else if (hq_sv_eq(verb, HQ_SV("pays"))) {
        pay(s, who, rest);
    } else if (hq_sv_eq(verb, HQ_SV("calls"))) {
        hq_sv name = hq_sv_cut(&rest, ' ');
        hq_method method = hq_sv_eq(name, HQ_SV("GET"))   ? HQ_GET
                           : hq_sv_eq(name, HQ_SV("PUT")) ? HQ_PUT
                                                          : HQ_POST;
        hq_sv path = with_files(s, hq_sv_cut(&rest, ' '));
        call(s, who, method, rest.ptr == NULL ? HQ_SV("") : with_files(s, rest), "/api/v1/%.*s",
             HQ_SV_FMT(path));
    } else if (hq_sv_eq(verb, HQ_SV("guarantees"))) {
        call(s, who, HQ_POST, rest, "/api/v1/guarantees");
    } else {
        wrong(s, "no such deed", verb);
    }
}

/* ------------------------------------------------------------------ expectations */

/* "= 201 AWAITING_TAX GREEN": answer, then status and channel of the record. */
static void expect_answer(script *s, hq_sv rest)
{
    int64_t http;
    hq_sv first = hq_sv_cut(&rest, ' ');
    if (!hq_sv_i64(&http, first) || http != s->last.http) {
        wrong(s, "another answer was expected", first);
    }
    static const char *const members[] = { "/status", "/channel" };
    for (int i = 0; i < 2 && rest.ptr != NULL; i++) {
        hq_sv want = hq_sv_cut(&rest, ' ');
        if (!hq_sv_eq(house_at(&s->last, members[i]), want)) {
            wrong(s, "another state was expected", want);
        }
    }
}

static void see_value(script *s, hq_sv line)
{
    hq_sv rest = line;
    hq_sv pointer = hq_sv_cut(&rest, ' ');
    hq_sv want = with_files(s, rest.ptr == NULL ? HQ_SV("") : hq_sv_trim(rest));
    hq_sv seen = house_at(&s->last, hq_arena_cstr(s->h.arena, pointer));
    bool any = hq_sv_eq(want, HQ_SV("(any)")) && seen.ptr != NULL;
    bool none = hq_sv_eq(want, HQ_SV("(none)")) && seen.ptr == NULL;
    if (!any && !none && !hq_sv_eq(seen, want)) {
        print_error("%.*s is %.*s\n", HQ_SV_FMT(pointer), HQ_SV_FMT(seen));
        wrong(s, "another value was expected", want);
    }
}

static void expect_finding(script *s, hq_sv rest)
{
    hq_sv rule = hq_sv_cut(&rest, ' ');
    for (size_t i = 0; i < s->last.answer.finding_count; i++) {
        const hq_finding *f = &s->last.answer.findings[i];
        if (hq_sv_eq(f->rule, rule) && (rest.ptr == NULL || hq_sv_eq(f->path, rest))) {
            return;
        }
    }
    wrong(s, "a finding was expected", rule);
}

static void expect_refusal(script *s, hq_sv words)
{
    hq_sv all =
        hq_arena_printf(s->h.arena, "%.*s %.*s %.*s", HQ_SV_FMT(s->last.answer.code),
                        HQ_SV_FMT(s->last.answer.why.en), HQ_SV_FMT(s->last.answer.members));
    if (strstr(hq_arena_cstr(s->h.arena, all), hq_arena_cstr(s->h.arena, words)) == NULL) {
        print_error("%.*s\n", HQ_SV_FMT(all));
        wrong(s, "another explanation was expected", words);
    }
}

/* Events of the declaration, without "declaration.", as its trader sees them. */
static void expect_timeline(script *s, hq_sv want)
{
    hq_buf seen = HQ_BUF_ARENA(s->h.arena, 65536);
    call(s, HQ_SV("trader"), HQ_GET, HQ_SV(""), "/api/v1/declarations/%s/timeline", s->number);
    const hq_json *items = hq_json_get(s->last.json, "items");
    for (const hq_json *i = items == NULL ? NULL : hq_json_first(items); i != NULL;
         i = hq_json_next(items, i)) {
        hq_sv event = hq_json_get_text(i, "event");
        hq_buf_printf(&seen, "%s%.*s", seen.len == 0 ? "" : " ",
                      HQ_SV_FMT(hq_sv_sub(event, sizeof "declaration." - 1, event.len)));
    }
    if (!hq_sv_eq(hq_buf_view(&seen), want)) {
        print_error("timeline is: %.*s\n", HQ_SV_FMT(hq_buf_view(&seen)));
        wrong(s, "another timeline was expected", want);
    }
}

/* "owed 1000": what is left to pay for the declaration; "credit 1000": what lies with the payer. */
static void expect_money(script *s, hq_sv word, hq_sv want)
{
    bool owed = hq_sv_eq(word, HQ_SV("owed"));
    int64_t expected;
    hq_sv sql = owed
                    ? hq_arena_printf(s->h.arena,
                                      "SELECT COALESCE(SUM(owed_vnd - paid_vnd - cancelled_vnd), 0)"
                                      " FROM treasury_debts WHERE declaration = %.11s",
                                      s->number)
                    : HQ_SV("SELECT COALESCE(SUM(balance_vnd), 0) FROM treasury_credits"
                            " WHERE tax_code = '9900000016'");
    int64_t seen = house_ask(&s->h, hq_arena_cstr(s->h.arena, sql));
    if (!hq_sv_i64(&expected, want) || expected != seen) {
        print_error("%.*s is %lld\n", HQ_SV_FMT(word), (long long)seen);
        wrong(s, "another amount was expected", want);
    }
}

static hq_status look_at_ledger(hq_tx *tx, void *user)
{
    script *s = user;
    bool balanced;
    hq_sv difference;
    HOUSE_MUST(hq_treasury_balanced(&balanced, &difference, tx, hq_tx_arena(tx)));
    if (!balanced) {
        wrong(s, "the ledger does not come out", difference);
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ circumstances */

static void set(script *s, hq_sv rest, bool removes)
{
    overlay_change change = { .pointer = hq_sv_cut(&rest, ' ') };
    change.json = removes ? HQ_SV_NULL : with_files(s, hq_sv_trim(rest));
    s->document = overlay_apply(s->document, &change, 1, s->h.arena);
}

static void add_row(script *s, hq_sv rest)
{
    char path[4096];
    hq_sv table = hq_sv_cut(&rest, ' ');
    snprintf(path, sizeof path, "%s/../cases/reference/%.*s.csv", folder, HQ_SV_FMT(table));
    hq_sv file = file_text(path, s->h.arena);
    hq_sv header = hq_sv_cut(&file, '\n');
    hq_sv csv = hq_arena_printf(s->h.arena, "%.*s\n%.*s\n", HQ_SV_FMT(header), HQ_SV_FMT(rest));
    house_import(&s->h, hq_arena_cstr(s->h.arena, table), hq_arena_cstr(s->h.arena, csv));
}

/* "rule YELLOW 8481": goods of this heading go there. */
static void add_rule(script *s, hq_sv rest)
{
    static int next;
    hq_risk_imported imported;
    const hq_finding *findings;
    size_t count;
    hq_why why = { .en = HQ_SV("") };
    hq_sv lane = hq_sv_cut(&rest, ' ');
    s->rules = hq_arena_printf(
        s->h.arena, "%.*s\n%d,%.*s,import,,%.*s,,,,Quy tắc mẫu,Example rule,Điều mẫu,1,2020-01-01,",
        HQ_SV_FMT(s->rules), ++next, HQ_SV_FMT(lane), HQ_SV_FMT(rest));
    hq_status st = hq_risk_import(&imported, s->h.risk, s->rules, HQ_SV("system"), s->h.arena,
                                  &findings, &count, &why);
    for (size_t i = 0; hq_failed(st) && i < count; i++) {
        print_error("%.*s: %.*s\n", HQ_SV_FMT(findings[i].path), HQ_SV_FMT(findings[i].en));
    }
    HOUSE_MUST(st);
}

static void add_officer(script *s, hq_sv rest)
{
    hq_sv name = hq_sv_cut(&rest, ' ');
    hq_sv office = hq_sv_cut(&rest, ' ');
    const char *login = hq_arena_cstr(s->h.arena, name);
    add_person(s, login,
               house_officer(&s->h, login, hq_arena_cstr(s->h.arena, office), rest.ptr != NULL));
}

/* "keep hold /holds/0/id": $hold is that value of the last answer from then on. */
static void keep(script *s, hq_sv rest)
{
    hq_sv name = hq_sv_cut(&rest, ' ');
    hq_sv value = house_at(&s->last, hq_arena_cstr(s->h.arena, rest));
    if (value.ptr == NULL) {
        wrong(s, "there is nothing to keep", rest);
    }
    s->files[s->file_count].name = hq_arena_dup(s->h.arena, name);
    s->files[s->file_count++].id = hq_arena_dup(s->h.arena, value);
}

/* "key deputy officer 15BB": somebody with an API key, to whom decisions can be delegated. */
static void add_key(script *s, hq_sv rest)
{
    hq_why why = { .en = HQ_SV("") };
    hq_sv secret;
    hq_sv name = hq_sv_cut(&rest, ' ');
    hq_new_key key = { .name = name, .role = hq_sv_cut(&rest, ' ') };
    key.office = rest;
    HOUSE_MUST(hq_key_add(&secret, s->h.identity, &key, HQ_SV("system"), s->h.arena, &why));
    add_person(s, hq_arena_cstr(s->h.arena, name), NULL);
    s->people[s->people_count - 1].secret = hq_arena_dup(s->h.arena, secret);
}

static void run_line(script *s, hq_sv line)
{
    hq_sv rest = line;
    if (line.len == 0 || line.ptr[0] == '#') {
        return;
    }
    if (line.ptr[0] == '/') {
        see_value(s, line);
        return;
    }
    hq_sv word = hq_sv_cut(&rest, ' ');
    rest = rest.ptr == NULL ? HQ_SV("") : hq_sv_trim(rest);
    if (hq_sv_eq(word, HQ_SV("="))) {
        expect_answer(s, rest);
    } else if (hq_sv_eq(word, HQ_SV("finding"))) {
        expect_finding(s, rest);
    } else if (hq_sv_eq(word, HQ_SV("because"))) {
        expect_refusal(s, rest);
    } else if (hq_sv_eq(word, HQ_SV("timeline"))) {
        expect_timeline(s, rest);
    } else if (hq_sv_eq(word, HQ_SV("owed")) || hq_sv_eq(word, HQ_SV("credit"))) {
        expect_money(s, word, rest);
    } else if (hq_sv_eq(word, HQ_SV("set"))) {
        set(s, rest, false);
    } else if (hq_sv_eq(word, HQ_SV("remove"))) {
        set(s, rest, true);
    } else if (hq_sv_eq(word, HQ_SV("row"))) {
        add_row(s, rest);
    } else if (hq_sv_eq(word, HQ_SV("rule"))) {
        add_rule(s, rest);
    } else if (hq_sv_eq(word, HQ_SV("keep"))) {
        keep(s, rest);
    } else if (hq_sv_eq(word, HQ_SV("key"))) {
        add_key(s, rest);
    } else if (hq_sv_eq(word, HQ_SV("officer"))) {
        add_officer(s, rest);
    } else if (hq_sv_eq(word, HQ_SV("after"))) {
        house_advance(&s->h, hq_arena_cstr(s->h.arena, rest));
    } else if (hq_sv_eq(word, HQ_SV("down"))) {
        house_close(&s->h);
        house_advance(&s->h, hq_arena_cstr(s->h.arena, rest));
        house_open(&s->h);
        /* What the start of a server does by itself, done when this returns. */
        HOUSE_MUST(hq_clearance_tick(s->h.clearance, NULL));
    } else if (hq_sv_eq(word, HQ_SV("restart"))) {
        house_close(&s->h);
        house_open(&s->h);
    } else {
        act(s, word, rest);
    }
}

/* ------------------------------------------------------------------ one file a test */

static void run_script(void **state)
{
    char path[4096];
    char tables[4096];
    script *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->file = *state;
    snprintf(tables, sizeof tables, "%s/../cases/reference", folder);
    house_set_up(&s->h, "2026-11-20T08:00:00+07:00", tables);
    snprintf(path, sizeof path, "%s/../cases/import.json", folder);
    s->document = file_text(path, s->h.arena);
    s->rules = HQ_SV("rule,lane,flow,kinds,hs,origins,compliance,offices,reason_vi,reason_en,"
                     "legal_ground,disclosed,valid_from,valid_to");
    add_people(s);
    snprintf(path, sizeof path, "%s/%s", folder, s->file);
    hq_sv text = file_text(path, s->h.arena);
    assert_non_null(text.ptr);
    while (text.ptr != NULL) {
        s->line_number++;
        run_line(s, hq_sv_trim(hq_sv_cut(&text, '\n')));
    }
    HOUSE_MUST(hq_store_read(s->h.store, look_at_ledger, s));
    house_tear_down(&s->h);
    free(s);
}

int main(int argc, char **argv)
{
    static struct CMUnitTest tests[200];
    size_t count = 0;
    folder = getenv("HQ_LIFE");
    DIR *dir = folder == NULL ? NULL : opendir(folder);
    struct dirent *entry;
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL && count < 200) {
        size_t len = strlen(entry->d_name);
        bool wanted = argc < 2 || strcmp(argv[1], entry->d_name) == 0;
        if (wanted && len > 4 && strcmp(entry->d_name + len - 4, ".txt") == 0) {
            char *name = strdup(entry->d_name);
            tests[count++] =
                (struct CMUnitTest){ .name = name, .test_func = run_script, .initial_state = name };
        }
    }
    closedir(dir);
    assert_true(count > 0);
    int failed = _cmocka_run_group_tests("life", tests, count, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        free(tests[i].initial_state);
    }
    return failed;
}
