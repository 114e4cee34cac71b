/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/room.h"

#include <stdlib.h>

#include "embedded_stamp.h"

HQ_EMBED(hq_notice_sql_001, "notice/schema/001_notice.sql");

/* The text of a migration is a linker symbol, whose length no constant expression knows. */
static hq_migration migrations[] = { { "notice", 1, "notice", { NULL, 0 } } };
const hq_store_room hq_notice_room = { "notice", migrations, 1, NULL };

__attribute__((constructor)) static void fill_migrations(void)
{
    migrations[0].sql = HQ_EMBEDDED(hq_notice_sql_001);
}

static hq_status is_set(bool *out, hq_tx *tx, hq_sv name)
{
    hq_sv value;
    hq_status s = hq_tx_setting_get(&value, tx, name);
    if (s.code == HQ_E_NOT_FOUND) {
        return HQ_DONE;
    }
    *out |= hq_ok(s) && hq_sv_eq(value, HQ_SV("1"));
    return s;
}

static hq_status read_settings(hq_tx *tx, void *user)
{
    hq_notice *notice = user;
    HQ_TRY(is_set(&notice->private_ok, tx, HQ_SV("test")));
    return is_set(&notice->private_ok, tx, HQ_SV("demo"));
}

/* A rebuild would tell everybody everything once more; `replay` of a webhook is what is wanted. */
static hq_status refuse_rebuild(hq_tx *tx, void *user)
{
    (void)tx;
    (void)user;
    return HQ_FAIL(NOT_OFFERED);
}

static hq_status start(hq_notice *notice, const hq_notice_options *options)
{
    HQ_TRY(hq_store_read(notice->store, read_settings, notice));
    if (options->no_delivery) {
        return HQ_DONE;
    }
    hq_follower follower = { .name = HQ_NOTICE__FOLLOWER,
                             .take = hq_notice__take,
                             .forget = refuse_rebuild,
                             .gather_us = 100000 };
    HQ_TRY(hq_store_follow(notice->store, &follower));
    return hq_notice__deliverer_start(&notice->deliverer, notice);
}

hq_status hq_notice_open(hq_notice **out, const hq_notice_options *options)
{
    hq_notice *notice = calloc(1, sizeof *notice);
    if (notice == NULL) {
        return HQ_FAIL(NOMEM);
    }
    notice->store = options->store;
    notice->identity = options->identity;
    hq_status s = start(notice, options);
    if (hq_failed(s)) {
        hq_notice_close(notice);
        return s;
    }
    *out = notice;
    return HQ_DONE;
}

void hq_notice_close(hq_notice *notice)
{
    if (notice != NULL) {
        hq_notice__deliverer_stop(notice->deliverer);
        free(notice);
    }
}

void hq_notice_settle(hq_notice *notice)
{
    if (notice->deliverer != NULL) {
        hq_notice__deliverer_settle(notice->deliverer);
    }
}
