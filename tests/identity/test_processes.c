/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <sys/wait.h>
#include <unistd.h>

/* Two processes on one database. They take turns: each line through a pipe is one thing done. */

typedef struct {
    int in, out;
} peer_pipe;

static void say(const peer_pipe *p, hq_sv text)
{
    char line[256] = { 0 };
    assert_true(text.len < sizeof line);
    if (text.len > 0) {
        memcpy(line, text.ptr, text.len);
    }
    assert_int_equal(write(p->out, line, sizeof line), sizeof line);
}

static hq_sv hear(const peer_pipe *p, hq_arena *arena)
{
    char line[256];
    size_t have = 0;
    while (have < sizeof line) {
        ssize_t got = read(p->in, line + have, sizeof line - have);
        if (got <= 0) {
            fail_msg("the other process went away");
        }
        have += (size_t)got;
    }
    return hq_arena_dup(arena, hq_sv_from_cstr(line));
}

static const char *path_of(fixture *f, hq_sv id)
{
    return hq_arena_printf(f->arena, "/api/v1/keys/%.*s%c", HQ_SV_FMT(hq_sv_sub(id, 4, id.len)), 0)
        .ptr;
}

/* The other process: adds a key and a session, revokes the key, sees its session ended. */
static void other_process(const peer_pipe *p)
{
    fixture f = { .arena = hq_arena_new((size_t)64 << 20), .clock = hq_test_clock_new(START) };
    hq_sv url = hear(p, f.arena);
    memcpy(f.url, url.ptr, url.len);
    fixture other;
    fixture_second(&other, &f);
    hq_sv admin = add_key(&other, "administrator", "", "", "");
    hq_sv key = add_key(&other, "officer", "15BB", "", "");
    hq_sv id = caller_of_key(&other, key)->id;
    say(p, key);
    hear(p, f.arena); /* it was known there at once */
    assert_int_equal(call(&other, HQ_DELETE, path_of(&other, id), admin, NULL).http, 204);
    hq_sv cookie = sign_in(&other, "an");
    say(p, cookie);
    hear(p, f.arena); /* revoked there; the session was known, and is ended now */
    MUST(hq_identity_refresh(other.identity));
    assert_int_equal(call(&other, HQ_GET, "/api/v1/session", cookie, NULL).http, 401);
    say(p, HQ_SV("done"));
    fixture_close(&other);
    hq_test_clock_free(f.clock);
    hq_arena_free(f.arena);
}

static void run_first(fixture *f, const peer_pipe *p)
{
    add_user(f, "an", "officer", "15BB");
    say(p, hq_sv_from_cstr(f->url));
    hq_sv key = hear(p, f->arena);
    /* No refresh was asked for: a key that is not known makes the process look. */
    assert_int_equal(call(f, HQ_GET, "/api/v1/roles", key, NULL).http, 200);
    say(p, HQ_SV("known"));
    hq_sv cookie = hear(p, f->arena);
    assert_int_equal(call(f, HQ_GET, "/api/v1/session", cookie, NULL).http, 200);
    MUST(hq_identity_refresh(f->identity));
    assert_int_equal(call(f, HQ_GET, "/api/v1/roles", key, NULL).http, 401);
    assert_int_equal(call(f, HQ_DELETE, "/api/v1/session", cookie, NULL).http, 204);
    say(p, HQ_SV("ended"));
    assert_true(hq_sv_eq(hear(p, f->arena), HQ_SV("done")));
}

static peer_pipe here, there;
static pid_t child;

/* Before any thread is started. */
static int fork_first(void **state)
{
    int down[2];
    int up[2];
    (void)state;
    if (pipe(down) != 0 || pipe(up) != 0) {
        return -1;
    }
    here = (peer_pipe){ up[0], down[1] };
    there = (peer_pipe){ down[0], up[1] };
    child = fork();
    if (child == 0) {
        close(here.in);
        close(here.out);
        if (hq_failed(hq_base_init())) {
            _exit(2);
        }
        other_process(&there);
        _exit(0);
    }
    close(there.in);
    close(there.out);
    return child < 0 ? -1 : 0;
}

static void test_what_one_process_changes_the_other_sees(void **state)
{
    run_first(*state, &here);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_one_process_changes_the_other_sees,
                                        fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, fork_first, NULL);
}
