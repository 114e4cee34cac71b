/* SPDX-License-Identifier: Apache-2.0 */
#include "../check.h"

#include "codec/codec.h"

enum { CEILING = 512 * 1024 * 1024 };

/* Parses a copy that ends where its memory ends, so that a sanitizer sees one byte too far. */
static hq_status parse(const hq_json **out, hq_arena *arena, hq_sv text, hq_why *why)
{
    return hq_json_parse_copy(out, text, arena, why);
}

static void render(hq_json_w *w, const hq_json *v)
{
    if (v->key.ptr != NULL) {
        hq_json_key_sv(w, v->key);
    }
    switch ((hq_json_type)v->type) {
    case HQ_JSON_NULL:
        hq_json_null(w);
        return;
    case HQ_JSON_FALSE:
    case HQ_JSON_TRUE:
        hq_json_bool(w, v->type == HQ_JSON_TRUE);
        return;
    case HQ_JSON_NUMBER:
        hq_json_raw(w, v->text);
        return;
    case HQ_JSON_STRING:
        hq_json_text(w, v->text);
        return;
    case HQ_JSON_ARRAY:
    case HQ_JSON_OBJECT:
        break;
    }
    bool object = v->type == HQ_JSON_OBJECT;
    hq_json_open(w, object ? '{' : '[');
    uint32_t members = 0;
    for (const hq_json *c = hq_json_first(v); c != NULL; c = hq_json_next(v, c)) {
        assert_int_equal(c->depth, v->depth + 1);
        render(w, c);
        members++;
    }
    assert_int_equal(members, v->count);
    hq_json_close(w, object ? '}' : ']');
}

static hq_sv rendered_at(hq_buf *buf, const hq_json *v)
{
    hq_buf_clear(buf);
    hq_json_w w = hq_json_writer(buf);
    render(&w, v);
    assert_true(hq_ok(hq_buf_status(buf)));
    return hq_buf_view(buf);
}

/* Text and what it comes to when read and written again without white space. */
static const struct {
    const char *text, *again;
} accepted[] = {
    { "null", "null" },
    { " true ", "true" },
    { "false\n", "false" },
    { "0", "0" },
    { "-0", "-0" },
    { "\r\n\t 12 \t\r\n", "12" },
    { "1e999", "1e999" },
    { "-0.0E+00", "-0.0E+00" },
    { "123456789012345678901234567890", "123456789012345678901234567890" },
    { "1.50", "1.50" },
    { "[1e1,2E2,3e-3,4E+4,5.6e7]", "[1e1,2E2,3e-3,4E+4,5.6e7]" },
    { "\"\"", "\"\"" },
    { "\"a b\" ", "\"a b\"" },
    { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\"" },
    { "\"\\u0041\\u00e9\\u1EA1\\u20AC\"", "\"Aéạ€\"" },
    { "\"\\uD834\\uDD1E\\ud83d\\ude00\"", "\"𝄞😀\"" },
    { "\"\\u001f\\u007f\"", "\"\\u001f\x7f\"" },
    { "\"\\uFFFE\\uFFFF\"", "\"\xef\xbf\xbe\xef\xbf\xbf\"" },
    { "\"\\\\u0000\"", "\"\\\\u0000\"" },
    { "\"\\\\\"", "\"\\\\\"" },
    { "[\"\\\\\",\"\\\\\"]", "[\"\\\\\",\"\\\\\"]" },
    { "\"Đồng Đăng\"", "\"Đồng Đăng\"" },
    { "\"\xf4\x8f\xbf\xbf\"", "\"\xf4\x8f\xbf\xbf\"" },
    { "\"\x7f\"", "\"\x7f\"" },
    { "\"{[,:]}\"", "\"{[,:]}\"" },
    { "[]", "[]" },
    { "{}", "{}" },
    { " [ ] ", "[]" },
    { " { } ", "{}" },
    { "[[],{},[{}]]", "[[],{},[{}]]" },
    { "[null,true,false,0,\"\"]", "[null,true,false,0,\"\"]" },
    { "[1 , 2\n,\t3 ]", "[1,2,3]" },
    { "{\"\":1}", "{\"\":1}" },
    { "{\"a\":1,\"b\":[2,{\"a\":3}],\"c\":{}}", "{\"a\":1,\"b\":[2,{\"a\":3}],\"c\":{}}" },
    { "{ \"a\" : \"b\" , \"A\" : \"c\" }", "{\"a\":\"b\",\"A\":\"c\"}" },
    { "{\"a\\\"b\":\"\\\"\"}", "{\"a\\\"b\":\"\\\"\"}" },
    { "{\"khối lượng\":\"12340.500\"}", "{\"khối lượng\":\"12340.500\"}" },
};

static void test_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        hq_arena *arena = hq_arena_new(CEILING);
        hq_buf buf = HQ_BUF_HEAP(1 << 20);
        const hq_json *root = NULL;
        hq_why why = { 0 };
        if (hq_failed(parse(&root, arena, hq_sv_from_cstr(accepted[i].text), &why))) {
            fail_msg("refused: %s: %.*s", accepted[i].text, HQ_SV_FMT(why.en));
        }
        check_text(rendered_at(&buf, root), accepted[i].again);
        hq_buf_free(&buf);
        hq_arena_free(arena);
    }
}

#define AT(text, status, at, words)                                                                \
    {                                                                                              \
        ("" text), sizeof(text) - 1, HQ_E_##status, at, words                                      \
    }

#define ANYWHERE SIZE_MAX

/* Text, status, byte at fault, a piece of the English sentence. */
static const struct {
    const char *text;
    size_t len;
    hq_code status;
    size_t at;
    const char *words;
} refused[] = {
    AT("", SYNTAX, 0, "empty"),
    AT("   \n", SYNTAX, 4, "empty"),
    AT("\xef\xbb\xbf{}", SYNTAX, 0, "byte order mark"),
    AT("nul", SYNTAX, 0, "true, false and null"),
    AT("nulll", SYNTAX, 0, "true, false and null"),
    AT("True", SYNTAX, 0, "true, false and null"),
    AT("NaN", SYNTAX, 0, "true, false and null"),
    AT("[Infinity]", SYNTAX, 1, "true, false and null"),
    AT("[-Infinity]", SYNTAX, 1, "number"),
    AT("[truefalse]", SYNTAX, 1, "true, false and null"),
    AT("[true false]", SYNTAX, 6, "',' or ']'"),
    AT("[null\x01]", SYNTAX, 1, "true, false and null"),
    AT("'a'", SYNTAX, 0, "true, false and null"),
    AT("/* a */ 1", SYNTAX, 0, "true, false and null"),
    AT("[1]//", SYNTAX, 3, "follows the end"),
    AT("+1", SYNTAX, 0, "number"),
    AT("01", SYNTAX, 0, "number"),
    AT("-01", SYNTAX, 0, "number"),
    AT("-", SYNTAX, 0, "number"),
    AT("--1", SYNTAX, 0, "number"),
    AT(".5", SYNTAX, 0, "number"),
    AT("5.", SYNTAX, 0, "number"),
    AT("5.e1", SYNTAX, 0, "number"),
    AT("1e", SYNTAX, 0, "number"),
    AT("1e+", SYNTAX, 0, "number"),
    AT("1e1.5", SYNTAX, 0, "number"),
    AT("0x10", SYNTAX, 0, "number"),
    AT("1_000", SYNTAX, 0, "number"),
    AT("[1a]", SYNTAX, 1, "number"),
    /* Which fault a form feed is, and where, depends on the vector unit that makes the index. */
    AT("[1\x0c]", SYNTAX, ANYWHERE, ""),
    AT("[1 000]", SYNTAX, 3, "',' or ']'"),
    AT("[1\"a\"]", SYNTAX, 1, "number"),
    AT("[\"a\"b]", SYNTAX, 4, "',' or ']'"),
    AT("[\"a\"\"b\"]", SYNTAX, 4, "',' or ']'"),
    AT("[1,]", SYNTAX, 3, "value"),
    AT("[,1]", SYNTAX, 1, "value"),
    AT("[1,,2]", SYNTAX, 3, "value"),
    AT("[", SYNTAX, 1, "too early"),
    AT("[1", SYNTAX, 2, "too early"),
    AT("[1,", SYNTAX, 3, "too early"),
    AT("]", SYNTAX, 0, "value"),
    AT("[}", SYNTAX, 1, "value"),
    AT("[1}", SYNTAX, 2, "',' or ']'"),
    AT("{\"a\":1]", SYNTAX, 6, "',' or '}'"),
    AT("[1]]", SYNTAX, 3, "follows the end"),
    AT("{}{}", SYNTAX, 2, "follows the end"),
    AT("1 2", SYNTAX, 2, "follows the end"),
    AT("{", SYNTAX, 1, "too early"),
    AT("{\"a\"", SYNTAX, 4, "too early"),
    AT("{\"a\":", SYNTAX, 5, "too early"),
    AT("{\"a\":1", SYNTAX, 6, "too early"),
    AT("{\"a\":1,", SYNTAX, 7, "too early"),
    AT("{\"a\":1,}", SYNTAX, 7, "member name"),
    AT("{,}", SYNTAX, 1, "member name"),
    AT("{a:1}", SYNTAX, 1, "member name"),
    AT("{1:1}", SYNTAX, 1, "member name"),
    AT("{\"a\" 1}", SYNTAX, 5, "':'"),
    AT("{\"a\",1}", SYNTAX, 4, "':'"),
    AT("{\"a\"::1}", SYNTAX, 5, "value"),
    AT("{\"a\":}", SYNTAX, 5, "value"),
    AT("{\"a\":1 \"b\":2}", SYNTAX, 7, "',' or '}'"),
    AT("{\"a\":1,\"a\":2}", SYNTAX, 7, "twice"),
    AT("{\"a\":1,\"\\u0061\":2}", SYNTAX, 0, "twice"),
    AT("[{\"x\":{\"k\":1,\"l\":2,\"k\":3}}]", SYNTAX, 19, "twice"),
    AT("{\"\":1,\"\":2}", SYNTAX, 6, "twice"),
    AT("\"", SYNTAX, 0, "closing quote"),
    AT("[\"a", SYNTAX, 1, "closing quote"),
    AT("\"\\\"", SYNTAX, 0, "closing quote"),
    AT("{\"a\":\"b}", SYNTAX, 5, "closing quote"),
    AT("\"a\nb\"", SYNTAX, 2, "control character"),
    AT("\"a\tb\"", SYNTAX, 2, "control character"),
    AT("\"\x1f\"", SYNTAX, 1, "control character"),
    AT("\"a\0b\"", SYNTAX, 2, "U+0000"),
    AT("\0", SYNTAX, 0, "true, false and null"),
    AT("[1,\0]", SYNTAX, 3, "true, false and null"),
    AT("{}\0", SYNTAX, 2, "follows the end"),
    AT("\"\\u0000\"", SYNTAX, 1, "U+0000"),
    AT("\"\\x41\"", SYNTAX, 1, "unknown escape"),
    AT("\"a\\'\"", SYNTAX, 2, "unknown escape"),
    AT("\"\\U0041\"", SYNTAX, 1, "unknown escape"),
    AT("\"\\u004\"", SYNTAX, 1, "four hexadecimal"),
    AT("\"\\u00g0\"", SYNTAX, 1, "four hexadecimal"),
    AT("\"\\u\"", SYNTAX, 1, "four hexadecimal"),
    AT("\"\\uD800\"", SYNTAX, 1, "surrogate"),
    AT("\"\\uDC00\"", SYNTAX, 1, "surrogate"),
    AT("\"ab\\uD800x\"", SYNTAX, 3, "surrogate"),
    AT("\"\\uD800\\n\"", SYNTAX, 1, "surrogate"),
    AT("\"\\uD800\\u0041\"", SYNTAX, 1, "surrogate"),
    AT("\"\\uD800\\uD800\"", SYNTAX, 1, "surrogate"),
    AT("\"\\uDE00\\uD83D\"", SYNTAX, 1, "surrogate"),
    AT("\"\\uD800\\uDC0\"", SYNTAX, 1, "surrogate"),
    AT("{\"\\uD800\":1}", SYNTAX, 2, "surrogate"),
    AT("\"\xff\"", SYNTAX, 1, "UTF-8"),
    AT("\"a\xc3\"", SYNTAX, 2, "UTF-8"),
    AT("\"\xc0\xaf\"", SYNTAX, 1, "UTF-8"),
    AT("\"\xe0\x80\xaf\"", SYNTAX, 1, "UTF-8"),
    AT("\"\xed\xa0\x80\"", SYNTAX, 1, "UTF-8"),
    AT("\"\xf4\x90\x80\x80\"", SYNTAX, 1, "UTF-8"),
    AT("\"\x80\"", SYNTAX, 1, "UTF-8"),
    AT("[\xc3\xa9]", SYNTAX, 1, "true, false and null"),
    AT("[\\n]", SYNTAX, 1, "true, false and null"),
    AT("\\\"", SYNTAX, 0, "true, false and null"),
    AT("\x0c{}", SYNTAX, 0, "true, false and null"),
    AT("{}\x0b", SYNTAX, 2, "follows the end"),
    AT("{\x1a}", SYNTAX, 1, "member name"),
    AT("\xa0{}", SYNTAX, 0, "UTF-8"),
    AT("\xc2\xa0{}", SYNTAX, 0, "true, false and null"),
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        hq_arena *arena = hq_arena_new(CEILING);
        const hq_json *root = NULL;
        hq_why why = { 0 };
        hq_sv text = { refused[i].text, refused[i].len };
        hq_status s = parse(&root, arena, text, &why);
        char at[32];
        snprintf(at, sizeof at, "byte %zu:", refused[i].at);
        at[refused[i].at == ANYWHERE ? 0 : strlen(at)] = '\0';
        char *en = hq_arena_cstr(arena, why.en);
        if (s.code != refused[i].status || en == NULL || strstr(en, at) == NULL ||
            strstr(en, refused[i].words) == NULL) {
            fail_msg("case %zu: %s: %s, \"%s\", expected %s \"%s\"", i, refused[i].text,
                     hq_status_name(s), en, at, refused[i].words);
        }
        assert_true(why.vi.len > 0);
        /* Without a reason asked for, the same answer. */
        assert_int_equal(parse(&root, arena, text, NULL).code, refused[i].status);
        hq_arena_free(arena);
    }
}

static hq_sv repeat(hq_buf *buf, const char *head, const char *piece, size_t times,
                    const char *tail)
{
    hq_buf_clear(buf);
    hq_buf_sv(buf, hq_sv_from_cstr(head));
    for (size_t i = 0; i < times; i++) {
        hq_buf_sv(buf, hq_sv_from_cstr(piece));
    }
    hq_buf_sv(buf, hq_sv_from_cstr(tail));
    return hq_buf_view(buf);
}

static void test_depth_32_is_the_last(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new(CEILING);
    hq_buf both = HQ_BUF_HEAP(1 << 20);
    const hq_json *root;
    hq_why why;
    check_status(hq_json_parse(&root,
                               repeat(&both, "", "[", 32, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"),
                               arena, &why),
                 OK);
    check_status(hq_json_parse(&root,
                               repeat(&both, "", "[", 33, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"),
                               arena, &why),
                 LIMIT);
    check_text(why.en, "JSON, byte 32: nested deeper than 32 levels");
    check_text(why.vi, "JSON, byte thứ 32: lồng nhau sâu quá 32 cấp");
    check_status(hq_json_parse(&root, repeat(&both, "", "[", 100000, ""), arena, &why), LIMIT);
    check_status(hq_json_parse(&root, repeat(&both, "", "{\"a\":", 100000, ""), arena, &why),
                 LIMIT);
    hq_buf_free(&both);
    hq_arena_free(arena);
}

static void test_more_than_a_million_values_are_refused(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new(CEILING);
    hq_buf buf = HQ_BUF_HEAP(8 << 20);
    const hq_json *root;
    hq_why why;
    check_status(
        hq_json_parse(&root, repeat(&buf, "[", "1,", HQ_JSON_NODES_MAX - 2, "1]"), arena, &why),
        OK);
    assert_int_equal(root->count, HQ_JSON_NODES_MAX - 1);
    assert_int_equal(root->skip, HQ_JSON_NODES_MAX);
    check_status(
        hq_json_parse(&root, repeat(&buf, "[", "1,", HQ_JSON_NODES_MAX - 1, "1]"), arena, &why),
        LIMIT);
    hq_buf_free(&buf);
    hq_arena_free(arena);
}

static void test_small_arena_fails_the_document_only(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new(1000);
    hq_buf buf = HQ_BUF_HEAP(1 << 20);
    const hq_json *root;
    hq_why why;
    check_status(hq_json_parse(&root, repeat(&buf, "[", "1,", 100, "1]"), arena, &why), NOMEM);
    assert_true(why.en.len > 0);
    check_status(hq_json_parse(&root, repeat(&buf, "[", "1,", 5000, "1]"), arena, &why), LIMIT);
    check_status(hq_json_parse(&root, HQ_SV("[1,2]"), arena, &why), OK);
    hq_buf_free(&buf);
    hq_arena_free(arena);
}

/* An object with `members` names n0, n1, ...; the name of the last one is given. */
static hq_sv wide_object(hq_buf *buf, int members, const char *last)
{
    hq_buf_clear(buf);
    hq_buf_char(buf, '{');
    for (int i = 0; i < members - 1; i++) {
        hq_buf_printf(buf, "\"n%d\":%d,", i, i);
    }
    hq_buf_printf(buf, "\"%s\":0}", last);
    return hq_buf_view(buf);
}

static void test_a_name_twice_is_found_in_objects_of_any_size(void **state)
{
    (void)state;
    hq_buf buf = HQ_BUF_HEAP(8 << 20);
    const int sizes[] = { 2, 3, 10, 63, 64, 65, 66, 400, 5000, 50000 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        hq_arena *arena = hq_arena_new(CEILING);
        const hq_json *root;
        hq_why why;
        check_status(hq_json_parse(&root, wide_object(&buf, sizes[i], "last"), arena, &why), OK);
        assert_int_equal(root->count, sizes[i]);
        char same[16];
        snprintf(same, sizeof same, "n%d", sizes[i] / 2 - (sizes[i] == 2));
        hq_sv text = wide_object(&buf, sizes[i], same);
        check_status(hq_json_parse(&root, text, arena, &why), SYNTAX);
        char at[64];
        snprintf(at, sizeof at, "JSON, byte %zu: this member name appears twice in its object",
                 text.len - strlen(same) - 5);
        check_text(why.en, at);
        hq_arena_free(arena);
    }
    hq_buf_free(&buf);
}

static void test_members_by_name(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new(CEILING);
    hq_sv text = HQ_SV("{\"a\":\"x\",\"n\":-12,\"f\":1.5,\"e\":1e3,\"big\":9223372036854775808,"
                       "\"z\":null,\"o\":{\"a\":[1,{\"deep\":2}] , \"b\":3},\"end\":true}");
    const hq_json *root;
    check_status(hq_json_parse(&root, text, arena, NULL), OK);
    check_text(hq_json_get_text(root, "a"), "x");
    assert_null(hq_json_get_text(root, "n").ptr);
    assert_null(hq_json_get_text(root, "z").ptr);
    assert_null(hq_json_get_text(root, "absent").ptr);
    int64_t v = 7;
    assert_true(hq_json_get_i64(&v, root, "n"));
    assert_int_equal(v, -12);
    assert_false(hq_json_get_i64(&v, root, "f"));
    assert_false(hq_json_get_i64(&v, root, "e"));
    assert_false(hq_json_get_i64(&v, root, "big"));
    assert_false(hq_json_get_i64(&v, root, "a"));
    assert_false(hq_json_get_i64(&v, root, "absent"));
    const hq_json *o = hq_json_get(root, "o");
    check_text(o->text, "{\"a\":[1,{\"deep\":2}] , \"b\":3}");
    check_text(hq_json_get(o, "a")->text, "[1,{\"deep\":2}]");
    check_text(root->text, text.ptr);
    assert_null(hq_json_get(hq_json_get(root, "a"), "a"));
    assert_null(hq_json_get(NULL, "a"));
    assert_int_equal(hq_json_get(root, "end")->type, HQ_JSON_TRUE);
    hq_arena_free(arena);
}

/* What lies behind the text belongs to somebody else: "[1" must not read on into "2]". */
static void test_nothing_behind_the_end_counts(void **state)
{
    (void)state;
    static const char *const whole[] = { "[12]",    "{\"a\":\"bc\"}", "[true]",
                                         "\"abc\"", "[1,2,[3,4]]",    "{\"a\":{\"b\":[]}}" };
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        for (size_t len = 0; len < strlen(whole[i]); len++) {
            hq_arena *arena = hq_arena_new(CEILING);
            const hq_json *root;
            check_status(hq_json_parse(&root, hq_sv_make(whole[i], len), arena, NULL), SYNTAX);
            hq_arena_free(arena);
        }
    }
}

static void test_documents_longer_than_the_kept_index(void **state)
{
    (void)state;
    hq_buf buf = HQ_BUF_HEAP(64 << 20);
    const hq_json *root;
    for (int round = 0; round < 3; round++) {
        hq_arena *arena = hq_arena_new(CEILING);
        check_status(
            hq_json_parse(&root, repeat(&buf, "[", "\"twelve\",", 100000, "0]"), arena, NULL), OK);
        assert_int_equal(root->count, 100001);
        check_status(hq_json_parse(&root, HQ_SV("[1]"), arena, NULL), OK);
        for (size_t len = 65500; len < 65600; len++) {
            hq_buf_clear(&buf);
            hq_buf_char(&buf, '"');
            hq_buf_fill(&buf, 'x', len - 2);
            hq_buf_char(&buf, '"');
            check_status(hq_json_parse(&root, hq_buf_view(&buf), arena, NULL), OK);
            assert_int_equal(root->text.len, len - 2);
        }
        hq_arena_free(arena);
    }
    hq_buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_depth_32_is_the_last),
        cmocka_unit_test(test_more_than_a_million_values_are_refused),
        cmocka_unit_test(test_small_arena_fails_the_document_only),
        cmocka_unit_test(test_a_name_twice_is_found_in_objects_of_any_size),
        cmocka_unit_test(test_members_by_name),
        cmocka_unit_test(test_nothing_behind_the_end_counts),
        cmocka_unit_test(test_documents_longer_than_the_kept_index),
    };
    return hq_ok(hq_base_init()) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
