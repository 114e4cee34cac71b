/* SPDX-License-Identifier: Apache-2.0 */
#include "balance/room.h"

#include "embedded_stamp.h"
#include <stdlib.h>

HQ_EMBED(hq_balance_sql_001, "balance/schema/001_balance.sql");

/* ------------------------------------------------------------------ opening */

static hq_status row_hash(hq_hash32 *out, hq_tx *tx, hq_sv subject)
{
    hq_sv rest = subject;
    return hq_sv_eq(hq_sv_cut(&rest, '/'), HQ_SV("balance")) && rest.ptr != NULL
               ? hq_bal__account_hash(out, tx, rest)
               : HQ_FAIL(NOT_FOUND);
}

/* The text of a migration is a linker symbol, whose length no constant expression knows. */
static hq_migration migrations[] = { { "balance", 1, "balance", { NULL, 0 } } };
const hq_store_room hq_balance_room = { "balance", migrations, 1, row_hash };

__attribute__((constructor)) static void fill_migrations(void)
{
    migrations[0].sql = HQ_EMBEDDED(hq_balance_sql_001);
}

hq_status hq_balance_open(hq_balance **out, const hq_balance_options *options)
{
    hq_balance *balance = calloc(1, sizeof *balance);
    if (balance == NULL) {
        return HQ_FAIL(NOMEM);
    }
    balance->store = options->store;
    balance->reference = options->reference;
    balance->clock = options->clock != NULL ? options->clock : hq_store_clock(options->store);
    *out = balance;
    return HQ_DONE;
}

void hq_balance_close(hq_balance *balance)
{
    if (balance != NULL) {
        hq_balance_stop_ticking(balance);
        free(balance);
    }
}

/* ------------------------------------------------------------------ words */

bool hq_bal__scaled(int64_t *out, hq_decimal quantity)
{
    hq_decimal scaled;
    if (hq_failed(hq_decimal_rescale(&scaled, quantity, HQ_BAL__SCALE, HQ_ROUND_HALF_UP))) {
        return false;
    }
    *out = scaled.units;
    return true;
}

/* Two decimals as on declarations, more where there are more. */
static hq_decimal shown(int64_t quantity)
{
    hq_decimal v = hq_decimal_trim((hq_decimal){ quantity, HQ_BAL__SCALE });
    hq_decimal two;
    return v.scale < 2 && hq_ok(hq_decimal_rescale(&two, v, 2, HQ_ROUND_NEVER)) ? two : v;
}

hq_sv hq_bal__quantity_text(hq_arena *arena, int64_t quantity)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 64);
    hq_decimal_write(&buf, shown(quantity));
    return hq_buf_view(&buf);
}

hq_sv hq_bal__amount_text(hq_arena *arena, int64_t quantity, hq_sv unit)
{
    hq_sv amount = hq_bal__quantity_text(arena, quantity);
    return hq_arena_printf(arena, "%.*s %.*s", HQ_SV_FMT(amount), HQ_SV_FMT(unit));
}

void hq_bal__quantity_json(hq_json_w *w, int64_t quantity)
{
    hq_json_decimal(w, shown(quantity));
}

hq_sv hq_bal__declaration_text(hq_arena *arena, int64_t declaration)
{
    return hq_arena_printf(arena, "%lld0", (long long)declaration);
}

void hq_bal__declaration_json(hq_json_w *w, int64_t declaration)
{
    char text[32];
    hq_buf buf = { .ptr = text, .cap = sizeof text, .ceiling = sizeof text };
    if (declaration == 0) {
        hq_json_null(w);
        return;
    }
    hq_buf_i64(&buf, declaration);
    hq_buf_char(&buf, '0');
    hq_json_text(w, hq_buf_view(&buf));
}

bool hq_bal__declaration_parse(int64_t *out, hq_sv text)
{
    return text.len == 12 && hq_sv_digits(text) && hq_sv_i64(out, hq_sv_sub(text, 0, 11)) &&
           *out > 0;
}

hq_sv hq_bal__json_text(hq_arena *arena, hq_sv text)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 8192);
    hq_json_w w = hq_json_writer(&buf);
    hq_json_text(&w, hq_sv_sub(text, 0, 1000));
    return hq_buf_view(&buf);
}

void hq_bal__why(hq_why *why, hq_sv path, hq_sv vi, hq_sv en)
{
    if (why != NULL) {
        *why = (hq_why){ .path = path, .vi = vi, .en = en };
    }
}

hq_target hq_bal__target_of(const hq_bal__account *account)
{
    return (hq_target){ .office = account->office,
                        .trader_tax_code = account->holder,
                        .agent_tax_code = account->agent };
}

/* ------------------------------------------------------------------ routes */

#define DECLARANT HQ_ROLE_BIT(HQ_ROLE_DECLARANT)
#define DECIDERS                                                                                   \
    (HQ_ROLE_BIT(HQ_ROLE_OFFICER) | HQ_ROLE_BIT(HQ_ROLE_TEAM_LEADER) |                             \
     HQ_ROLE_BIT(HQ_ROLE_BRANCH_HEAD) | HQ_ROLE_BIT(HQ_ROLE_DEPARTMENT_HEAD) |                     \
     HQ_ROLE_BIT(HQ_ROLE_HEADQUARTERS))
#define SEES     (HQ_ROLES_CUSTOMS | DECLARANT)
#define BODY_MAX ((size_t)1 << 20)
#define VERB(path, handler, roles)                                                                 \
    {                                                                                              \
        HQ_POST, "/api/v1/balances/{id}/" path, handler, roles, 0, HQ_POOL_FORMAL, 0               \
    }

const hq_route hq_balance_routes[] = {
    { HQ_POST, "/api/v1/balances", hq_bal__post, DECLARANT, HQ_ROUTE_KEY, HQ_POOL_FORMAL,
      BODY_MAX },
    { HQ_GET, "/api/v1/balances", hq_bal__list, SEES, HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/balances/{id}", hq_bal__get, SEES, HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_PUT, "/api/v1/balances/{id}", hq_bal__put, DECLARANT, 0, HQ_POOL_FORMAL, BODY_MAX },
    { HQ_GET, "/api/v1/balances/{id}/report", hq_bal__report, SEES, HQ_ROUTE_SLOW, HQ_POOL_FORMAL,
      0 },
    VERB("approval", hq_bal__approval, DECIDERS),
    VERB("refusal", hq_bal__refusal, DECIDERS),
    VERB("suspension", hq_bal__suspension, DECIDERS),
    VERB("resumption", hq_bal__resumption, DECIDERS),
    VERB("extension", hq_bal__extension, DECIDERS),
    VERB("cancellation", hq_bal__cancellation, DECIDERS | DECLARANT),
};
const size_t hq_balance_route_count = sizeof hq_balance_routes / sizeof hq_balance_routes[0];
