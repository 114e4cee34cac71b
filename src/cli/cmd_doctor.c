/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include "cli/wire.h"

/* Looks at everything that must hold, says each in a line, and is "no" when something does not. */

#define SPACE_LEAST ((uint64_t)1 << 30)
#define FILES_LEAST 4096

typedef struct {
    hq_cli *cli;
    hq_house *house;
    int bad;
} examination;

static void say(examination *e, bool good, const char *vi, const char *en, hq_sv more)
{
    more = more.ptr == NULL ? HQ_SV("") : more;
    printf("%s %s%s%.*s\n", good ? "ok " : "BAD", hq_cli_say(e->cli, vi, en),
           more.len > 0 ? ": " : "", HQ_SV_FMT(more));
    e->bad += !good;
}

static void look_at_journal(examination *e)
{
    hq_journal_report r;
    hq_status s = hq_journal_verify(&r, e->house->store, NULL, NULL, e->cli->arena);
    if (hq_failed(s)) {
        say(e, false, "nhật ký không đọc được", "the journal cannot be read",
            hq_sv_from_cstr(hq_status_text_en(s)));
        return;
    }
    say(e, r.intact, "nhật ký nguyên vẹn, các bản ghi khớp với sự kiện",
        "the journal is intact and rows agree with their events", r.first_bad);
}

typedef struct {
    bool balanced;
    hq_sv difference;
    hq_arena *arena;
} balance;

static hq_status read_balance(hq_tx *tx, void *user)
{
    balance *b = user;
    return hq_treasury_balanced(&b->balanced, &b->difference, tx, b->arena);
}

static void look_at_treasury(examination *e)
{
    balance b = { .arena = e->cli->arena };
    hq_status s = hq_store_read(e->house->store, read_balance, &b);
    say(e, hq_ok(s) && b.balanced, "sổ thu ngân sách cân đối", "the treasury's books balance",
        b.difference);
}

static hq_status read_accounts(hq_tx *tx, void *user)
{
    balance *b = user;
    return hq_balance_audit(&b->balanced, &b->difference, tx, b->arena);
}

static void look_at_accounts(examination *e)
{
    balance b = { .arena = e->cli->arena };
    hq_status s = hq_store_read(e->house->store, read_accounts, &b);
    say(e, hq_ok(s) && b.balanced, "sổ trừ lùi khớp với từng lần ra vào",
        "accounts of goods are the sums of their movements", b.difference);
}

typedef struct {
    int64_t gap;
} numbering;

static hq_status read_gap(hq_tx *tx, void *user)
{
    numbering *n = user;
    return hq_clearance_number_gap(&n->gap, tx);
}

static void look_at_numbers(examination *e)
{
    numbering n = { 0 };
    hq_status s = hq_store_read(e->house->store, read_gap, &n);
    hq_sv more = n.gap == 0 ? HQ_SV("") : hq_arena_printf(e->cli->arena, "%lld0", (long long)n.gap);
    say(e, hq_ok(s) && n.gap == 0, "mọi số tờ khai đều có tờ khai hoặc được ghi là hủy số",
        "every declaration number is a declaration's or recorded as void", more);
}

static int open_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 0;
    }
    return limit.rlim_max > INT32_MAX ? INT32_MAX : (int)limit.rlim_max;
}

/* What does not hold here stops nobody, but somebody should know. */
static void look_at_settings(examination *e)
{
    int files = open_files();
    say(e, files >= FILES_LEAST, "số tệp được mở cùng lúc", "files that may be open at once",
        hq_arena_printf(e->cli->arena, "%d", files));
    say(e, !hq_cli_flag(e->cli, HQ_S_NO_SYNC), "mọi câu trả lời chờ đĩa ghi xong",
        "every answer waits for the disk", HQ_SV(""));
}

static void look_at_followers(examination *e)
{
    hq_follower_state *states;
    size_t count;
    if (hq_failed(hq_store_followers(&states, &count, e->house->store, e->cli->arena))) {
        say(e, false, "không đọc được các bộ theo dõi", "followers cannot be read", HQ_SV_NULL);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        hq_sv more = hq_arena_printf(
            e->cli->arena, "%s %lld/%lld %.*s", states[i].name, (long long)states[i].position,
            (long long)hq_journal_head(e->house->store), HQ_SV_FMT(states[i].error));
        say(e, !states[i].parked, "bộ theo dõi", "follower", more);
    }
}

static void look_at_disk(examination *e)
{
    struct statvfs fs;
    hq_sv url = hq_cli_text(e->cli, HQ_S_DB);
    size_t at = hq_sv_find(url, ':', 0);
    char *path = hq_arena_cstr(e->cli->arena, hq_sv_sub(url, at + 1, url.len));
    if (path == NULL || statvfs(path, &fs) != 0) {
        return;
    }
    uint64_t left = (uint64_t)fs.f_bavail * fs.f_frsize;
    say(e, left >= SPACE_LEAST, "đĩa còn trống", "room on the disk",
        hq_arena_printf(e->cli->arena, "%llu MB", (unsigned long long)(left >> 20)));
}

static void look_at_reference(examination *e)
{
    const hq_ref *ref = hq_reference_acquire(e->house->reference);
    int64_t version = hq_ref_version(ref);
    hq_day today = hq_day_of(hq_now(e->house->clock));
    bool dollar = hq_ref_rate(ref, hq_code4_of(HQ_SV("USD")), today) != NULL;
    hq_reference_release(e->house->reference, ref);
    say(e, dollar, "có tỷ giá USD cho hôm nay", "there is a rate of USD for today",
        hq_arena_printf(e->cli->arena, "%s %lld",
                        hq_cli_say(e->cli, "phiên bản tham chiếu", "reference version"),
                        (long long)version));
}

static int run(hq_cli *cli)
{
    hq_house house;
    hq_why why = { 0 };
    hq_status s = hq_house_open_for(&house, cli, &why);
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, &why);
    }
    examination e = { .cli = cli, .house = &house };
    look_at_journal(&e);
    look_at_treasury(&e);
    look_at_accounts(&e);
    look_at_numbers(&e);
    look_at_followers(&e);
    look_at_reference(&e);
    look_at_settings(&e);
    look_at_disk(&e);
    hq_house_close(&house);
    return e.bad > 0 ? HQ_EXIT_NO : HQ_EXIT_DONE;
}

const hq_command hq_command_doctor = {
    .name = "doctor",
    .arguments = "",
    .en = "looks at everything that must hold",
    .vi = "kiểm tra mọi điều phải đúng",
    .run = run,
    .settings = { HQ_S_DB, HQ_S_NO_SYNC, HQ_S_COUNT },
};
