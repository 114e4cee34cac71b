/* SPDX-License-Identifier: Apache-2.0 */
#include "../check.h"

#include <sodium.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sha256.h"

static void check_hash(const hq_hash32 *hash, const char *expected)
{
    hq_buf buf = HQ_BUF_HEAP(64);
    hq_buf_hex(&buf, hash->bytes, 32);
    check_text(hq_buf_view(&buf), expected);
    hq_buf_free(&buf);
}

/* FIPS 180-4, RFC 6962 (hash of one empty leaf) and RFC 7693 with 32 bytes out. */
static void test_known_answers(void **state)
{
    (void)state;
    hq_hash32 h, again;
    hq_sha256(&h, HQ_SV("abc"));
    check_hash(&h, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hq_sha256(&h, HQ_SV_NULL);
    check_hash(&h, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    hq_sha256_prefixed(&h, 0, HQ_SV(""), HQ_SV(""));
    check_hash(&h, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    hq_sha256_prefixed(&h, 1, HQ_SV("ab"), HQ_SV("c"));
    hq_sha256(&again, HQ_SV("\x01"
                            "abc"));
    assert_true(hq_hash_eq(&h, &again));
    hq_blake2b(&h, HQ_SV("abc"));
    check_hash(&h, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    assert_false(hq_hash_eq(&h, &again));
    assert_true(hq_hash64(HQ_SV("a")) == hq_hash64(HQ_SV("a")));
    assert_true(hq_hash64(HQ_SV("a")) != hq_hash64(HQ_SV("b")));
}

/* Every byte of every length counts, and so does the length; small tables look at low bits only. */
static void test_hash64_sees_every_byte(void **state)
{
    (void)state;
    char bytes[70] = { 0 };
    unsigned places[64] = { 0 };
    for (size_t len = 0; len < sizeof bytes; len++) {
        uint64_t plain = hq_hash64(hq_sv_make(bytes, len));
        assert_true(plain != hq_hash64(hq_sv_make(bytes, len + 1)));
        for (size_t i = 0; i < len; i++) {
            bytes[i] = 1;
            uint64_t changed = hq_hash64(hq_sv_make(bytes, len));
            assert_true(changed != plain);
            assert_true(changed == hq_hash64(hq_sv_make(bytes, len)));
            places[changed & 63]++;
            bytes[i] = 0;
        }
    }
    for (size_t i = 0; i < 64; i++) {
        assert_in_range(places[i], 10, 100); /* 2,415 hashes, 38 a place */
    }
}

/* The processor's and the portable code against libsodium: every length over several blocks, and
 * the three pieces of a prefixed hash cut in all ways. */
static void test_sha256_is_that_of_libsodium(void **state)
{
    (void)state;
    uint8_t bytes[300], want[32];
    hq_hash32 h;
    for (int round = 0; round < 3; round++) {
        hq_random_bytes(bytes, 64);
        hq_random_bytes(bytes + 64, sizeof bytes - 64);
        for (size_t len = 0; len <= sizeof bytes; len++) {
            crypto_hash_sha256(want, bytes, len);
            hq_sha256(&h, hq_sv_make(bytes, len));
            assert_memory_equal(h.bytes, want, 32);
            size_t cut = len == 0 ? 0 : 1 + hq_random_below((uint32_t)len);
            if (len > 0) {
                hq_sha256_prefixed(&h, bytes[0], hq_sv_make(bytes + 1, cut - 1),
                                   hq_sv_make(bytes + cut, len - cut));
                assert_memory_equal(h.bytes, want, 32);
            }
        }
    }
}

static void test_both_sha256_codes_agree(void **state)
{
    (void)state;
    uint8_t bytes[64 * 9];
    for (int round = 0; round < 200; round++) {
        uint32_t one[8], two[8];
        hq_random_bytes(one, sizeof one);
        memcpy(two, one, sizeof two);
        for (size_t i = 0; i < sizeof bytes; i += 64) {
            hq_random_bytes(bytes + i, 64);
        }
        hq_sha256__blocks(one, bytes, (size_t)round % 10);
        hq_sha256__blocks_portable(two, bytes, (size_t)round % 10);
        assert_memory_equal(one, two, sizeof one);
    }
}

static void test_draws_stay_below_their_bound_and_reach_it(void **state)
{
    (void)state;
    for (uint32_t bound = 1; bound < 20; bound++) {
        uint32_t seen = 0;
        for (int i = 0; i < 3000; i++) {
            uint32_t v = hq_random_below(bound);
            assert_true(v < bound);
            seen |= 1U << v;
        }
        /* Missing one value of 19 in 3000 draws has a chance below 1e-69. */
        assert_int_equal(seen, (1U << bound) - 1);
    }
    assert_true(hq_random_below(UINT32_MAX) < UINT32_MAX);
}

static void test_a_child_draws_other_numbers(void **state)
{
    (void)state;
    int ends[2];
    uint64_t mine, theirs;
    hq_random_u64(); /* the pool is filled */
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        theirs = hq_random_u64();
        _exit(write(ends[1], &theirs, sizeof theirs) == sizeof theirs ? 0 : 1);
    }
    mine = hq_random_u64();
    assert_int_equal(read(ends[0], &theirs, sizeof theirs), sizeof theirs);
    waitpid(child, NULL, 0);
    assert_true(mine != theirs);
    close(ends[0]);
    close(ends[1]);
}

static void test_identifiers_sort_by_time_and_read_back(void **state)
{
    (void)state;
    hq_id earlier, later, back;
    hq_time_us now = INT64_C(1795000000123456);
    for (int i = 0; i < 1000; i++) {
        hq_id_make(&earlier, now + i);
        hq_id_make(&later, now + i + 1);
        assert_true(memcmp(earlier.bytes, later.bytes, 8) < 0);
    }
    hq_id_make(&later, now + 999);
    assert_true(memcmp(&earlier, &later, sizeof later) != 0); /* one instant, two names */
    hq_buf buf = HQ_BUF_HEAP(64);
    hq_id_write(&buf, &later);
    assert_int_equal(buf.len, 36);
    assert_int_equal(buf.ptr[14], '7');
    assert_non_null(strchr("89ab", buf.ptr[19]));
    check_status(hq_id_parse(&back, hq_buf_view(&buf)), OK);
    assert_memory_equal(back.bytes, later.bytes, 16);
    static const char *const broken[] = { "", "0190163d-8694-739b-aea5-966c26f8ad9",
                                          "0190163d-8694-739b-aea5-966c26f8ad911",
                                          "0190163d08694-739b-aea5-966c26f8ad91",
                                          "0190163d-8694-739b-aea5-966c26f8ad9g" };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        check_status(hq_id_parse(&back, hq_sv_from_cstr(broken[i])), SYNTAX);
    }
    check_status(hq_id_parse(&back, HQ_SV("0190163D-8694-739B-AEA5-966C26F8AD91")), OK);
    hq_buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_hash64_sees_every_byte),
        cmocka_unit_test(test_sha256_is_that_of_libsodium),
        cmocka_unit_test(test_both_sha256_codes_agree),
        cmocka_unit_test(test_draws_stay_below_their_bound_and_reach_it),
        cmocka_unit_test(test_a_child_draws_other_numbers),
        cmocka_unit_test(test_identifiers_sort_by_time_and_read_back),
    };
    return hq_ok(hq_base_init()) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
