/* SPDX-License-Identifier: Apache-2.0 */
#include "policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../place.h"

hq_day day_of(const char *text)
{
    hq_day out;
    assert_true(hq_ok(hq_day_parse(&out, hq_sv_from_cstr(text))));
    return out;
}

uint32_t below(uint64_t *seed, uint32_t bound)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (uint32_t)((*seed >> 11) % bound);
}

hq_risk_rules *rules_of(hq_sv csv, hq_sv shares, hq_risk__found *found)
{
    hq_arena *arena = hq_arena_new((size_t)256 << 20);
    hq_why why = { 0 };
    assert_non_null(arena);
    hq_risk_rules *rules = HQ_NEW(arena, hq_risk_rules);
    rules->arena = arena;
    rules->version = 1;
    hq_sv text = hq_arena_dup(arena, csv);
    hq_status s = text.len == 0
                      ? HQ_DONE
                      : hq_risk__read(&rules->rules, &rules->count, text, found, arena, &why);
    if (hq_failed(s)) {
        fail_msg("%s: %.*s", hq_status_name(s), HQ_SV_FMT(why.en));
    }
    if (found->count > 0) {
        hq_arena_free(arena);
        return NULL;
    }
    assert_true(hq_ok(hq_risk__shares_read(&rules->shares, &rules->share_count,
                                           hq_arena_dup(arena, shares), arena)));
    assert_true(hq_ok(hq_risk__index(rules)));
    return rules;
}

policy *policy_open(void)
{
    static hq_store_room rooms[2];
    policy *p = calloc(1, sizeof *p);
    hq_why why = { 0 };
    assert_non_null(p);
    assert_true(hq_ok(hq_base_init()));
    p->arena = hq_arena_new((size_t)1 << 30);
    p->clock = hq_test_clock_new(hq_day_start(day_of("2026-11-20")));
    assert_true(place_make(p->dir, sizeof p->dir));
    rooms[0] = hq_reference_room;
    rooms[1] = hq_risk_room;
    hq_store_options options = { .url = hq_arena_printf(p->arena, "sqlite:%s/risk.db", p->dir),
                                 .clock = hq_test_clock_face(p->clock),
                                 .rooms = rooms,
                                 .room_count = 2,
                                 .no_sync = true,
                                 .no_realtime = true };
    if (hq_failed(hq_store_open(&p->store, &options, p->arena, &why))) {
        fail_msg("store: %.*s", HQ_SV_FMT(why.en));
    }
    assert_true(hq_ok(hq_reference_open(&p->reference, p->store, &why, p->arena)));
    assert_true(hq_ok(hq_risk_open(&p->risk, p->store, p->reference)));
    return p;
}

void policy_close(policy *p)
{
    hq_risk_close(p->risk);
    hq_reference_close(p->reference);
    hq_store_close(p->store);
    hq_test_clock_free(p->clock);
    hq_arena_free(p->arena);
    place_remove(p->dir);
    free(p);
}
