/* SPDX-License-Identifier: Apache-2.0 */
#include "../check.h"
#include <setjmp.h>

#include "codec/codec.h"

#define WORDS                                                                                      \
    "\"importer\":{\"tax_code\":\"\",\"name\":\"\"},\"lines\":[{\"hs\":\"\",\"origin\":\"CN\"}]"
#define LIKE                                                                                       \
    "{\"importer\":{\"tax_code\":\"0101234567\"},\"lines\":[{\"hs\":\"84818099\",\"origin\":"      \
    "\"CN\"}]}"

static void random_text(hq_buf *text, size_t len)
{
    unsigned kinds = 1 + (unsigned)hq_random_below(256); /* from one letter to noise */
    for (size_t i = 0; i < len; i++) {
        hq_buf_char(text, (char)hq_random_below(kinds));
    }
}

static void comes_back(hq_sv text, const hq_dictionary *dictionary)
{
    hq_buf packed = HQ_BUF_HEAP((size_t)4 << 20);
    hq_buf back = HQ_BUF_HEAP((size_t)4 << 20);
    hq_buf_lit(&packed, "before"); /* both append */
    hq_buf_lit(&back, "before");
    assert_true(hq_ok(hq_pack(&packed, text, dictionary)));
    hq_sv bytes = hq_sv_sub(hq_buf_view(&packed), 6, packed.len);
    assert_true(hq_ok(hq_unpack(&back, text.len, bytes, dictionary)));
    assert_true(hq_sv_eq(hq_sv_sub(hq_buf_view(&back), 6, back.len), text));
    assert_int_equal(hq_unpack(&back, text.len + 1, bytes, dictionary).code, HQ_E_CORRUPT);
    if (text.len > 0) {
        assert_int_equal(hq_unpack(&back, text.len - 1, bytes, dictionary).code, HQ_E_CORRUPT);
    }
    hq_buf_free(&packed);
    hq_buf_free(&back);
}

static void test_every_text_comes_back(void **state)
{
    (void)state;
    hq_dictionary *dictionary = hq_dictionary_new(HQ_SV(WORDS));
    comes_back(HQ_SV(""), dictionary);
    comes_back(HQ_SV("x"), dictionary);
    comes_back(HQ_SV(LIKE), dictionary);
    for (size_t i = 0; i < 500; i++) {
        hq_buf text = HQ_BUF_HEAP((size_t)1 << 20);
        random_text(&text, hq_random_below(i % 10 == 0 ? 200000 : 3000));
        comes_back(hq_buf_view(&text), dictionary);
        hq_buf_free(&text);
    }
    hq_dictionary_free(dictionary);
}

static void test_a_text_of_its_words_becomes_short(void **state)
{
    (void)state;
    hq_dictionary *dictionary = hq_dictionary_new(HQ_SV(WORDS));
    hq_buf packed = HQ_BUF_HEAP(1000);
    assert_true(hq_ok(hq_pack(&packed, HQ_SV(LIKE), dictionary)));
    assert_true(packed.len < sizeof LIKE * 3 / 4);
    hq_buf_free(&packed);
    hq_dictionary_free(dictionary);
}

/* Whatever the bytes are: no more than `len` come out, and most are refused. */
static void test_rubbish_is_refused(void **state)
{
    (void)state;
    hq_dictionary *dictionary = hq_dictionary_new(HQ_SV(WORDS));
    hq_buf whole = HQ_BUF_HEAP(1000);
    assert_true(hq_ok(hq_pack(&whole, HQ_SV(LIKE), dictionary)));
    for (int i = 0; i < 20000; i++) {
        char bytes[256];
        size_t len = hq_random_below((uint32_t)whole.len + 1);
        hq_buf back = HQ_BUF_HEAP(1000);
        memcpy(bytes, whole.ptr, whole.len);
        bytes[hq_random_below((uint32_t)whole.len)] = (char)hq_random_below(256);
        hq_status s = hq_unpack(&back, sizeof LIKE - 1, hq_sv_make(bytes, len), dictionary);
        assert_true(s.code == HQ_E_CORRUPT || (hq_ok(s) && back.len == sizeof LIKE - 1));
        hq_buf_free(&back);
    }
    hq_buf back = HQ_BUF_HEAP(1000);
    assert_int_equal(hq_unpack(&back, 0, HQ_SV(""), dictionary).code, HQ_E_CORRUPT);
    /* A length that nothing so short can have asks for no memory. */
    assert_int_equal(hq_unpack(&back, (size_t)1 << 29, HQ_SV("abc"), dictionary).code,
                     HQ_E_CORRUPT);
    hq_buf_free(&whole);
    hq_dictionary_free(dictionary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_text_comes_back),
        cmocka_unit_test(test_a_text_of_its_words_becomes_short),
        cmocka_unit_test(test_rubbish_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
