/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdio.h>

/* RFC 6238, appendix B, the SHA-1 rows: secret "12345678901234567890", eight digits. */
static void test_vectors_of_rfc_6238(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        uint32_t code;
    } rows[] = {
        { 59, 94287082 },         { 1111111109, 7081804 },  { 1111111111, 14050471 },
        { 1234567890, 89005924 }, { 2000000000, 69279037 }, { 20000000000, 65353130 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(hq_identity__totp_code(HQ_SV("12345678901234567890"),
                                                rows[i].seconds / HQ_IDENTITY__STEP_S, 8),
                         rows[i].code);
    }
}

/* RFC 4226, appendix D: the first codes of six digits. */
static void test_vectors_of_rfc_4226(void **state)
{
    (void)state;
    static const uint32_t codes[] = { 755224, 287082, 359152, 969429, 338314,
                                      254676, 287922, 162583, 399871, 520489 };
    for (int i = 0; i < 10; i++) {
        assert_int_equal(hq_identity__totp_code(HQ_SV("12345678901234567890"), i, 6), codes[i]);
    }
}

static void hex(char out[41], const uint8_t mac[20])
{
    for (int i = 0; i < 20; i++) {
        snprintf(out + i * 2, 3, "%02x", mac[i]);
    }
}

/* RFC 2202, section 3: cases 1, 2 and 6 (a key longer than a block). */
static void test_vectors_of_rfc_2202(void **state)
{
    (void)state;
    uint8_t mac[20];
    char text[41];
    char key[80];
    memset(key, 0x0b, 20);
    hq_identity__hmac_sha1(mac, hq_sv_make(key, 20), HQ_SV("Hi There"));
    hex(text, mac);
    assert_string_equal(text, "b617318655057264e28bc0b6fb378c8ef146be00");
    hq_identity__hmac_sha1(mac, HQ_SV("Jefe"), HQ_SV("what do ya want for nothing?"));
    hex(text, mac);
    assert_string_equal(text, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    memset(key, 0xaa, 80);
    hq_identity__hmac_sha1(mac, hq_sv_make(key, 80),
                           HQ_SV("Test Using Larger Than Block-Size Key - Hash Key First"));
    hex(text, mac);
    assert_string_equal(text, "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

/* RFC 4648, section 10, without the padding. */
static void test_base32(void **state)
{
    (void)state;
    static const char *const pairs[][2] = { { "f", "MY" },           { "fo", "MZXQ" },
                                            { "foo", "MZXW6" },      { "foob", "MZXW6YQ" },
                                            { "fooba", "MZXW6YTB" }, { "foobar", "MZXW6YTBOI" } };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        hq_buf out = HQ_BUF_HEAP(64);
        hq_identity__base32(&out, (const uint8_t *)pairs[i][0], strlen(pairs[i][0]));
        assert_true(hq_sv_eq(hq_buf_view(&out), hq_sv_from_cstr(pairs[i][1])));
        hq_buf_free(&out);
    }
}

static void test_neighbours_and_used_steps(void **state)
{
    (void)state;
    hq_sv secret = HQ_SV("12345678901234567890");
    char code[7];
    hq_time_us now = START;
    int64_t step = now / HQ_US_PER_SECOND / HQ_IDENTITY__STEP_S;
    for (int64_t at = step - 2; at <= step + 2; at++) {
        snprintf(code, sizeof code, "%06u", hq_identity__totp_code(secret, at, 6));
        bool near = at >= step - 1 && at <= step + 1;
        assert_int_equal(hq_identity__totp_match(secret, hq_sv_from_cstr(code), 0, now),
                         near ? at : 0);
        assert_int_equal(hq_identity__totp_match(secret, hq_sv_from_cstr(code), at, now), 0);
    }
    assert_int_equal(hq_identity__totp_match(secret, HQ_SV("12345"), 0, now), 0);
    assert_int_equal(hq_identity__totp_match(secret, HQ_SV("12345a"), 0, now), 0);
    assert_int_equal(hq_identity__totp_match(secret, HQ_SV("-12345"), 0, now), 0);
}

/* ------------------------------------------------------------------ through the routes */

typedef struct {
    uint8_t secret[HQ_IDENTITY__TOTP_BYTES];
    hq_sv cookie, recovery;
} enrolled;

static void read_base32(uint8_t out[HQ_IDENTITY__TOTP_BYTES], hq_sv text)
{
    uint32_t held = 0;
    int bits = 0;
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        held = held << 5 | (uint32_t)(c >= 'A' ? c - 'A' : c - '2' + 26);
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            out[len++] = (uint8_t)(held >> bits);
        }
    }
    assert_int_equal(len, HQ_IDENTITY__TOTP_BYTES);
}

static const char *code_now(fixture *f, const enrolled *e, int steps)
{
    int64_t step =
        hq_now(hq_test_clock_face(f->clock)) / HQ_US_PER_SECOND / HQ_IDENTITY__STEP_S + steps;
    return hq_arena_printf(f->arena, "%06u%c",
                           hq_identity__totp_code(hq_sv_make(e->secret, sizeof e->secret), step, 6),
                           0)
        .ptr;
}

static reply with_code(fixture *f, hq_sv cookie, const char *path, const char *code)
{
    return call(
        f, HQ_POST, path, cookie,
        hq_arena_printf(f->arena, "{\"password\":\"" PASSWORD "\",\"code\":\"%s\"}%c", code, 0)
            .ptr);
}

static hq_sv in_with(fixture *f, const char *code, hq_sv *why)
{
    return sign_in_from(f, "an", PASSWORD,
                        hq_arena_printf(f->arena, ",\"code\":\"%s\"%c", code, 0).ptr, "192.0.2.1",
                        why);
}

static enrolled enrol(fixture *f)
{
    enrolled e;
    add_user(f, "an", "officer", "15BB");
    e.cookie = sign_in(f, "an");
    reply r = call(f, HQ_POST, "/api/v1/session/totp", e.cookie, "{\"password\":\"" PASSWORD "\"}");
    assert_int_equal(r.http, 201);
    read_base32(e.secret, hq_json_get_text(r.json, "secret"));
    assert_true(
        hq_sv_starts(hq_json_get_text(r.json, "uri"), HQ_SV("otpauth://totp/Haiquan:an?secret=")));
    assert_true(hq_sv_starts(hq_json_get_text(r.json, "qr_svg"), HQ_SV("<svg")));
    r = with_code(f, e.cookie, "/api/v1/session/totp/confirmation", code_now(f, &e, 0));
    assert_int_equal(r.http, 200);
    const hq_json *codes = hq_json_get(r.json, "recovery_codes");
    assert_int_equal(codes->count, HQ_IDENTITY__RECOVERY);
    e.recovery = hq_json_first(codes)->text;
    advance(f, 60);
    return e;
}

static void test_enrolled_needs_a_code_to_sign_in(void **state)
{
    fixture *f = *state;
    hq_sv why;
    enrolled e = enrol(f);
    assert_null(in_with(f, "", &why).ptr);
    assert_true(hq_sv_eq(why, HQ_SV("TOTP_REQUIRED")));
    assert_non_null(in_with(f, code_now(f, &e, 0), &why).ptr);
    assert_int_equal(count_events(f, "user.totp_offered"), 1);
    assert_int_equal(count_events(f, "user.totp_confirmed"), 1);
}

static void test_a_used_step_is_refused(void **state)
{
    fixture *f = *state;
    hq_sv why;
    enrolled e = enrol(f);
    const char *code = code_now(f, &e, 0);
    assert_non_null(in_with(f, code, &why).ptr);
    assert_null(in_with(f, code, &why).ptr);
    assert_true(hq_sv_eq(why, HQ_SV("TOTP_WRONG")));
    /* Neither does the code of an older step come back. */
    assert_null(in_with(f, code_now(f, &e, -1), &why).ptr);
    advance(f, 30);
    assert_non_null(in_with(f, code_now(f, &e, 0), &why).ptr);
}

typedef struct {
    fixture *f;
    const char *code;
    hq_identity__session_new made;
    hq_arena *arena;
} racer;

static void race(void *user)
{
    racer *r = user;
    const hq_identity__sign_in in = { .username = HQ_SV("an"),
                                      .password = HQ_SV(PASSWORD),
                                      .code = hq_sv_from_cstr(r->code),
                                      .peer = HQ_SV("192.0.2.1") };
    r->made.result = HQ_IDENTITY__WRONG;
    HQ_IGNORE(hq_identity__sign_in_do(&r->made, r->f->identity, &in, r->arena, NULL));
}

/* Two sign-ins with one code, each looking before the other wrote. */
static void test_one_code_opens_one_session_also_at_once(void **state)
{
    fixture *f = *state;
    enrolled e = enrol(f);
    for (int i = 0; i < 5; i++) {
        racer racers[3];
        hq_thread threads[3];
        int in = 0;
        const char *code = code_now(f, &e, 0);
        for (int k = 0; k < 3; k++) {
            racers[k] = (racer){ .f = f, .code = code, .arena = hq_arena_new(1 << 20) };
            MUST(hq_thread_start(&threads[k], "racer", race, &racers[k]));
        }
        for (int k = 0; k < 3; k++) {
            hq_thread_join(&threads[k]);
            in += racers[k].made.result == HQ_IDENTITY__IN;
            hq_arena_free(racers[k].arena);
        }
        assert_int_equal(in, 1);
        advance(f, 120);
    }
}

static void test_a_recovery_code_is_good_once(void **state)
{
    fixture *f = *state;
    hq_sv why;
    enrolled e = enrol(f);
    const char *code = hq_arena_cstr(f->arena, e.recovery);
    assert_non_null(in_with(f, code, &why).ptr);
    assert_null(in_with(f, code, &why).ptr);
    assert_true(hq_sv_eq(why, HQ_SV("TOTP_WRONG")));
    assert_null(in_with(f, "AAAA-AAAA-AAAA-AAAA", &why).ptr);
}

static void test_wrong_codes_are_slowed_down(void **state)
{
    fixture *f = *state;
    hq_sv why;
    enrol(f);
    for (int i = 0; i < 3; i++) {
        assert_null(in_with(f, "000000", &why).ptr);
        assert_true(hq_sv_eq(why, HQ_SV("TOTP_WRONG")));
        /* Asking with the right password alone in between does not clear the count. */
    }
    assert_null(in_with(f, "", &why).ptr);
    assert_true(hq_sv_eq(why, HQ_SV("SIGN_IN_WAIT")));
}

static void test_removal_and_a_new_password(void **state)
{
    fixture *f = *state;
    hq_sv why;
    enrolled e = enrol(f);
    hq_sv cookie = in_with(f, code_now(f, &e, 0), &why);
    assert_non_null(cookie.ptr);
    /* The secret follows the password: the old codes go on. */
    reply r = call(f, HQ_POST, "/api/v1/session/password", cookie,
                   "{\"password\":\"" PASSWORD "\",\"new_password\":\"mot cau khac han\"}");
    assert_int_equal(r.http, 204);
    advance(f, 30);
    assert_null(in_with(f, code_now(f, &e, 0), &why).ptr); /* old password */
    hq_sv again =
        sign_in_from(f, "an", "mot cau khac han",
                     hq_arena_printf(f->arena, ",\"code\":\"%s\"%c", code_now(f, &e, 0), 0).ptr,
                     "192.0.2.1", &why);
    assert_non_null(again.ptr);
    advance(f, 30);
    const char *body =
        hq_arena_printf(f->arena, "{\"password\":\"mot cau khac han\",\"code\":\"%s\"}%c",
                        code_now(f, &e, 0), 0)
            .ptr;
    r = call(f, HQ_POST, "/api/v1/session/totp/removal", again, body);
    assert_int_equal(r.http, 204);
    assert_non_null(sign_in_from(f, "an", "mot cau khac han", "", "192.0.2.1", NULL).ptr);
    assert_int_equal(count_events(f, "user.totp_removed"), 1);
}

static void test_codes_cannot_be_guessed_with_a_right_password(void **state)
{
    fixture *f = *state;
    hq_sv why;
    enrolled e = enrol(f);
    hq_sv cookie = in_with(f, code_now(f, &e, 0), &why);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(with_code(f, cookie, "/api/v1/session/totp/removal", "000000").http, 403);
    }
    assert_int_equal(with_code(f, cookie, "/api/v1/session/totp/removal", "000000").http, 429);
    advance(f, 90);
    const char *right = code_now(f, &e, 0);
    assert_int_equal(with_code(f, cookie, "/api/v1/session/totp/removal", right).http, 204);
}

static void test_the_password_is_asked_again(void **state)
{
    fixture *f = *state;
    add_user(f, "an", "officer", "15BB");
    hq_sv cookie = sign_in(f, "an");
    reply r = call(f, HQ_POST, "/api/v1/session/totp", cookie, "{\"password\":\"wrong wrong\"}");
    assert_int_equal(r.http, 403);
    r = with_code(f, cookie, "/api/v1/session/totp/confirmation", "123456");
    assert_int_equal(r.http, 409); /* not begun */
    r = call(f, HQ_POST, "/api/v1/session/totp", add_key(f, "officer", "15BB", "", ""),
             "{\"password\":\"" PASSWORD "\"}");
    assert_int_equal(r.http, 403); /* a key has no password */
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_of_rfc_6238),
        cmocka_unit_test(test_vectors_of_rfc_4226),
        cmocka_unit_test(test_vectors_of_rfc_2202),
        cmocka_unit_test(test_base32),
        cmocka_unit_test(test_neighbours_and_used_steps),
        T(test_enrolled_needs_a_code_to_sign_in),
        T(test_a_used_step_is_refused),
        T(test_one_code_opens_one_session_also_at_once),
        T(test_a_recovery_code_is_good_once),
        T(test_wrong_codes_are_slowed_down),
        T(test_removal_and_a_new_password),
        T(test_codes_cannot_be_guessed_with_a_right_password),
        T(test_the_password_is_asked_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
