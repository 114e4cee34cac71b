/* SPDX-License-Identifier: Apache-2.0 */
#include "../check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "../place.h"
#include "os/os.h"

static char dir[96];

static const char *in_dir(char *to, size_t room, const char *name)
{
    snprintf(to, room, "%s/%s", dir, name);
    return to;
}
#define IN(name) in_dir((char[256]){ 0 }, 256, (name))

static int make_dir(void **state)
{
    (void)state;
    return place_make(dir, sizeof dir) ? 0 : -1;
}

static void test_written_whole_and_read_whole(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new(1 << 20);
    hq_sv back;
    struct stat st;
    check_status(hq_os_write_file(IN("a"), HQ_SV("one\0two"), 0640), OK);
    check_status(hq_os_read_file(&back, arena, IN("a"), 100), OK);
    assert_true(hq_sv_eq(back, HQ_SV("one\0two")));
    assert_int_equal(back.ptr[back.len], '\0');
    assert_int_equal(stat(IN("a"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    check_status(hq_os_write_file(IN("a"), HQ_SV(""), 0600), OK);
    check_status(hq_os_read_file(&back, arena, IN("a"), 0), OK);
    assert_int_equal(back.len, 0);
    check_status(hq_os_write_file(IN("a"), HQ_SV("12345"), 0600), OK);
    check_status(hq_os_read_file(&back, arena, IN("a"), 5), OK);
    check_status(hq_os_read_file(&back, arena, IN("a"), 4), LIMIT);
    check_status(hq_os_read_file(&back, arena, IN("b"), 4), NOT_FOUND);
    check_status(hq_os_read_file(&back, arena, dir, 4), IO);
    check_status(hq_os_read_file(&back, arena, "/proc/self/stat", 10000), OK);
    assert_true(back.len > 0);
    hq_arena_free(arena);
}

static void test_a_failed_write_leaves_the_old_file(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new(1 << 20);
    hq_sv back;
    check_status(hq_os_write_file(IN("kept"), HQ_SV("old"), 0600), OK);
    check_status(hq_os_make_dirs(IN("taken/below"), 0700), OK);
    check_status(hq_os_write_file(IN("taken"), HQ_SV("x"), 0600),
                 IO); /* a directory stands there */
    check_status(hq_os_write_file(IN("missing/x"), HQ_SV("x"), 0600), NOT_FOUND);
    check_status(hq_os_read_file(&back, arena, IN("kept"), 100), OK);
    check_text(back, "old");
    char wide[5000];
    memset(wide, 'x', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    check_status(hq_os_write_file(wide, HQ_SV("x"), 0600), LIMIT);
    hq_arena_free(arena);
}

static void test_directories(void **state)
{
    (void)state;
    check_status(hq_os_make_dirs(IN("x/y//z/"), 0700), OK);
    check_status(hq_os_make_dirs(IN("x/y/z"), 0700), OK);
    assert_true(hq_os_exists(IN("x/y/z")));
    check_status(hq_os_write_file(IN("x/file"), HQ_SV(""), 0600), OK);
    check_status(hq_os_make_dirs(IN("x/file"), 0700), EXISTS);
    check_status(hq_os_make_dirs(IN("x/file/below"), 0700), EXISTS);
    check_status(hq_os_make_dirs("", 0700), NOT_FOUND);
    check_status(hq_os_remove_file(IN("x/file")), OK);
    check_status(hq_os_remove_file(IN("x/file")), OK);
    assert_false(hq_os_exists(IN("x/file")));
}

static int remove_dir(void **state)
{
    (void)state;
    static const char *const dirs[] = { "x/y/z", "x/y", "x", "taken/below", "taken" };
    unlink(IN("a"));
    unlink(IN("kept"));
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
        rmdir(IN(dirs[i]));
    }
    int left = rmdir(dir); /* fails when a temporary file was left behind */
    place_remove(dir);
    return left;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_whole_and_read_whole),
        cmocka_unit_test(test_a_failed_write_leaves_the_old_file),
        cmocka_unit_test(test_directories),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
