/* SPDX-License-Identifier: Apache-2.0 */
#include "balance/room.h"

/* What falls due by itself: an account with something left after its last day is told once by an
 * event; an extension makes it wait anew. */

#define TICK_US (INT64_C(60) * HQ_US_PER_SECOND)
#define BATCH   100

typedef struct {
    hq_day today, next;
    size_t told;
} turn;

static hq_status look(hq_tx *tx, void *user)
{
    turn *t = user;
    return hq_bal__next_watch(&t->next, tx);
}

static hq_status tell(hq_tx *tx, hq_sv id, hq_day today)
{
    hq_bal__account account;
    hq_buf more = HQ_BUF_ARENA(hq_tx_arena(tx), 128);
    HQ_TRY(hq_bal__account_get(&account, tx, id, hq_tx_arena(tx)));
    if (!hq_bal__is_overdue(&account, today)) {
        return HQ_DONE;
    }
    account.overdue = true;
    hq_buf_lit(&more, "\"valid_to\":\"");
    hq_day_write(&more, account.valid_to);
    hq_buf_lit(&more, "\"");
    hq_bal__event event = {
        .kind = account.kind == HQ_ACCOUNT_EXEMPTION_LIST ? "balance.expired" : "balance.overdue",
        .more = hq_buf_view(&more),
        .actor = HQ_SV("system"),
    };
    return hq_bal__account_write(tx, &account, &event);
}

static hq_status tell_batch(hq_tx *tx, void *user)
{
    turn *t = user;
    hq_sv ids[BATCH];
    HQ_TRY(hq_bal__accounts_due(ids, &t->told, BATCH, tx, t->today));
    for (size_t i = 0; i < t->told; i++) {
        HQ_TRY(tell(tx, ids[i], t->today));
    }
    return hq_bal__next_watch(&t->next, tx);
}

hq_status hq_balance_tick(hq_balance *balance, hq_time_us *next)
{
    turn t = { .today = hq_day_of(hq_now(balance->clock)) };
    HQ_TRY(hq_store_read(balance->store, look, &t));
    while (t.next < t.today) {
        HQ_TRY(hq_store_write(balance->store, tell_batch, &t));
    }
    if (next != NULL) {
        hq_time_us latest = hq_now(balance->clock) + TICK_US;
        hq_time_us due = t.next == HQ_DAY_OPEN ? latest : hq_day_start(t.next + 1);
        *next = due < latest ? due : latest;
    }
    return HQ_DONE;
}

/* A tick that fails (the disk is full) is tried again with the next. */
static void ticked(void *user)
{
    hq_balance *balance = user;
    hq_time_us next = hq_now(balance->clock) + TICK_US;
    HQ_IGNORE(hq_balance_tick(balance, &next));
    HQ_IGNORE(hq_loop_arm(balance->loop, &balance->timer, next));
}

hq_status hq_balance_tick_on(hq_balance *balance, hq_loop *loop)
{
    balance->loop = loop;
    balance->timer = (hq_timer){ .fn = ticked, .user = balance };
    return hq_loop_arm(loop, &balance->timer, hq_now(balance->clock));
}

void hq_balance_stop_ticking(hq_balance *balance)
{
    if (balance->loop != NULL) {
        hq_loop_disarm(balance->loop, &balance->timer);
        balance->loop = NULL;
    }
}
