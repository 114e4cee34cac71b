/* SPDX-License-Identifier: Apache-2.0 */
#include "../check.h"

static const hq_setting table[] = {
    { "listen", HQ_SETTING_TEXT, "127.0.0.1:8080", 0, 0, "address" },
    { "threads", HQ_SETTING_INT, "2", 1, 64, "worker threads" },
    { "test-clock", HQ_SETTING_BOOL, "false", 0, 0, "a clock that stands" },
    { "db", HQ_SETTING_TEXT, NULL, 0, 0, "database" },
};
enum { COUNT = sizeof table / sizeof *table, LISTEN = 0, THREADS, TEST_CLOCK, DB };

typedef struct {
    hq_arena *arena;
    hq_setting_value values[COUNT];
    char *rest[16];
    int rest_count;
    hq_sv why;
} reading;

/* The flags are given as one text with spaces between. */
static hq_status read_flags(reading *r, const char *flags, hq_sv file)
{
    char *argv[16];
    int argc = 0;
    for (hq_sv rest = hq_sv_from_cstr(flags); rest.ptr != NULL && rest.len > 0;) {
        argv[argc++] = hq_arena_cstr(r->arena, hq_sv_cut(&rest, ' '));
    }
    return hq_config_read(r->values, table, COUNT, argc, argv, r->rest, &r->rest_count, file,
                          &r->why, r->arena);
}

static void test_flag_before_environment_before_file_before_default(void **state)
{
    (void)state;
    reading r = { .arena = hq_arena_new(1 << 20) };
    hq_sv file = HQ_SV("# comment\n\n threads = 8 \nlisten=file:1\ntest-clock = yes\n");
    setenv("HAIQUAN_LISTEN", "environment:1", 1);
    setenv("HAIQUAN_TEST_CLOCK", "off", 1);
    check_status(read_flags(&r, "--listen=flag:1 --db sqlite:x serve -- --rest", file), OK);
    check_text(r.values[LISTEN].value, "flag:1");
    assert_string_equal(r.values[LISTEN].origin, "flag");
    assert_int_equal(r.values[THREADS].number, 8);
    assert_string_equal(r.values[THREADS].origin, "file");
    check_text(r.values[TEST_CLOCK].value, "false");
    assert_string_equal(r.values[TEST_CLOCK].origin, "environment");
    check_text(r.values[DB].value, "sqlite:x");
    assert_int_equal(r.rest_count, 2);
    assert_string_equal(r.rest[0], "serve");
    assert_string_equal(r.rest[1], "--rest");
    unsetenv("HAIQUAN_LISTEN");
    unsetenv("HAIQUAN_TEST_CLOCK");
    check_status(read_flags(&r, "--test-clock", HQ_SV_NULL), OK);
    assert_int_equal(r.values[TEST_CLOCK].number, 1);
    assert_string_equal(r.values[THREADS].origin, "default");
    assert_null(r.values[DB].origin);
    assert_null(r.values[DB].value.ptr);
    hq_arena_free(r.arena);
}

static void check_refused(const char *flags, const char *file, const char *english)
{
    reading r = { .arena = hq_arena_new(1 << 20) };
    hq_status s = read_flags(&r, flags, hq_sv_from_cstr(file));
    assert_int_equal(s.code, HQ_E_USAGE);
    hq_sv rest = r.why;
    check_text(hq_sv_cut(&rest, '\n'), english);
    assert_true(rest.len > 0); /* the same in Vietnamese */
    hq_arena_free(r.arena);
}

static void test_wrong_settings_are_named(void **state)
{
    (void)state;
    check_refused("--listn x", "", "flag --listn: no such setting; did you mean listen?");
    check_refused("--zzzzzzzz x", "",
                  "flag --zzzzzzzz: no such setting; `haiquan config` lists them");
    check_refused("--threads 65", "", "flag --threads: must be a whole number from 1 to 64");
    check_refused("--threads x", "", "flag --threads: must be a whole number from 1 to 64");
    check_refused("--threads", "", "flag --threads: needs a value");
    check_refused("--threads=1 --threads=1", "", "flag --threads: given twice; keep one");
    check_refused("--test-clock=maybe", "", "flag --test-clock: must be true or false");
    check_refused("", "threads = 2\nthread = 3",
                  "configuration file line 2, thread: no such setting; did you mean threads?");
    check_refused("", "threads = 2\nthreads = 3",
                  "configuration file line 2, threads: given twice; keep one");
    check_refused("", "just words",
                  "configuration file line 1, just words: expected \"key = value\"");
    setenv("HAIQUAN_THREDS", "1", 1);
    check_refused("", "",
                  "environment variable HAIQUAN_THREDS: no such setting; did you mean threads?");
    unsetenv("HAIQUAN_THREDS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flag_before_environment_before_file_before_default),
        cmocka_unit_test(test_wrong_settings_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
