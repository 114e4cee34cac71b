/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A store on a fresh file with the offices of a small country, a clock that the test moves, and a
 * way to call the room's routes as the server does. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "identity/body.h"

#define MUST(call)          assert_string_equal(hq_status_name(call), "OK")
#define MUST_BE(call, name) assert_string_equal(hq_status_name(call), #name)
#define START               INT64_C(1795478400000000) /* 2026-11-24 07:00 at +07:00 */
#define PASSWORD            "con voi con di chua"

typedef struct {
    char dir[96];
    char url[128];
    hq_arena *arena;
    hq_test_clock *clock;
    hq_store *store;
    hq_reference *reference;
    hq_identity *identity;
} fixture;

int fixture_set_up(void **state);
int fixture_tear_down(void **state);
/* Closes identity, reference and store, and opens them again. */
void fixture_reopen(fixture *f);
/* Another set on the same file, as another process has. */
void fixture_second(fixture *other, const fixture *f);
void fixture_close(fixture *f);
void advance(fixture *f, int64_t seconds);

/* A user with PASSWORD; the id is in the fixture's arena. */
hq_sv add_user(fixture *f, const char *username, const char *role, const char *office);
/* A key as the command adds it. */
hq_sv add_key(fixture *f, const char *role, const char *office, const char *tax_code,
              const char *bank);
const hq_caller *caller_of_key(fixture *f, hq_sv key);
/* Signs in with PASSWORD and more members of the body (may be ""), from a peer. Returns the cookie
 * header, ptr NULL when refused; *code is the problem's code. */
hq_sv sign_in_from(fixture *f, const char *username, const char *password, const char *more,
                   const char *peer, hq_sv *code);
hq_sv sign_in(fixture *f, const char *username);
/* The CSRF token of a session. */
hq_sv csrf_of(fixture *f, hq_sv cookie);

typedef struct {
    hq_status status;
    int http;
    hq_sv body, code;
    const hq_json *json; /* NULL without a body */
    const hq_finding *findings;
    size_t finding_count;
    hq_sv cookie; /* "name=value" of Set-Cookie */
    hq_sv set_cookie;
} reply;
/* With "Bearer ..." or a cookie; the CSRF token of the cookie goes along. */
reply call(fixture *f, hq_method method, const char *path, hq_sv who, const char *body);
reply call_from(fixture *f, hq_method method, const char *path, hq_sv who, const char *body,
                const char *peer);
/* Events of a kind so far. */
int count_events(fixture *f, const char *kind);
