/* SPDX-License-Identifier: Apache-2.0 */
#include "treasury/room.h"

#include "embedded_stamp.h"
#include <stdlib.h>

HQ_EMBED(hq_treasury_sql_001, "treasury/schema/001_treasury.sql");

/* ------------------------------------------------------------------ opening */

static hq_status row_hash(hq_hash32 *out, hq_tx *tx, hq_sv subject)
{
    hq_sv rest = subject;
    hq_sv noun = hq_sv_cut(&rest, '/');
    int64_t declaration;
    if (hq_sv_eq(noun, HQ_SV("debt")) && hq_sv_i64(&declaration, rest)) {
        return hq_tre__debt_hash(out, tx, declaration);
    }
    if (hq_sv_eq(noun, HQ_SV("guarantee"))) {
        return hq_tre__guarantee_hash(out, tx, rest);
    }
    if (hq_sv_eq(noun, HQ_SV("credit"))) {
        return hq_tre__credit_hash(out, tx, rest);
    }
    if (hq_sv_eq(noun, HQ_SV("payment"))) {
        hq_sv bank = hq_sv_cut(&rest, '/');
        return hq_tre__payment_hash(out, tx, bank, rest);
    }
    return HQ_FAIL(NOT_FOUND);
}

/* The text of a migration is a linker symbol, whose length no constant expression knows. */
static hq_migration migrations[] = { { "treasury", 1, "treasury", { NULL, 0 } } };
const hq_store_room hq_treasury_room = { "treasury", migrations, 1, row_hash };

__attribute__((constructor)) static void fill_migrations(void)
{
    migrations[0].sql = HQ_EMBEDDED(hq_treasury_sql_001);
}

hq_status hq_treasury_open(hq_treasury **out, hq_store *store, hq_reference *reference)
{
    hq_treasury *treasury = calloc(1, sizeof *treasury);
    if (treasury == NULL) {
        return HQ_FAIL(NOMEM);
    }
    treasury->store = store;
    treasury->reference = reference;
    hq_status s = hq_tre__follow(treasury);
    if (hq_failed(s)) {
        free(treasury);
        return s;
    }
    *out = treasury;
    return HQ_DONE;
}

void hq_treasury_close(hq_treasury *treasury)
{
    free(treasury);
}

void hq_treasury_on_settled(hq_treasury *treasury, hq_settled_fn fn, void *user)
{
    treasury->settled = fn;
    treasury->settled_user = user;
}

void hq_treasury_on_unknown(hq_treasury *treasury, hq_owner_fn fn, void *user)
{
    treasury->owner = fn;
    treasury->owner_user = user;
}

hq_status hq_tre__owner_of(int64_t *declaration, hq_treasury *treasury, hq_tx *tx)
{
    return treasury->owner == NULL ? HQ_DONE
                                   : treasury->owner(declaration, tx, treasury->owner_user);
}

/* ------------------------------------------------------------------ shared */

const char *hq_debt_kind_name(hq_debt_kind kind)
{
    static const char *const names[] = { "TAX", "INTEREST", "FINE", "FEE" };
    return names[kind];
}

hq_status hq_tre__event_write(hq_tx *tx, const hq_tre__event *event)
{
    hq_event e = {
        .office = event->office,
        .room = HQ_SV("treasury"),
        .kind = hq_sv_from_cstr(event->kind),
        .subject = event->subject,
        .version = event->version,
        .actor = event->actor,
        .payload = event->payload,
        .row_hash = event->hash,
    };
    return hq_tx_event(tx, &e, NULL);
}

hq_sv hq_tre__debt_subject(hq_arena *arena, int64_t declaration)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 32);
    hq_buf_lit(&buf, "debt/");
    hq_buf_i64(&buf, declaration);
    return hq_buf_view(&buf);
}

hq_sv hq_tre__declaration_text(hq_arena *arena, int64_t declaration)
{
    return hq_arena_printf(arena, "%lld0", (long long)declaration);
}

bool hq_tre__declaration_parse(int64_t *out, hq_sv text)
{
    return text.len == 12 && hq_sv_digits(text) && hq_sv_i64(out, hq_sv_sub(text, 0, 11)) &&
           *out > 0;
}

void hq_tre__why(hq_why *why, hq_sv path, hq_sv vi, hq_sv en)
{
    if (why != NULL) {
        *why = (hq_why){ .path = path, .vi = vi, .en = en };
    }
}

/* ------------------------------------------------------------------ routes */

#define ROLES_READ                                                                                 \
    (HQ_ROLES_CUSTOMS | HQ_ROLE_BIT(HQ_ROLE_BANK) | HQ_ROLE_BIT(HQ_ROLE_TREASURY) |                \
     HQ_ROLE_BIT(HQ_ROLE_DECLARANT))
#define ROLE_BANK HQ_ROLE_BIT(HQ_ROLE_BANK)

const hq_route hq_treasury_routes[] = {
    { HQ_GET, "/api/v1/debts", hq_tre__get_debts, ROLES_READ, HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_POST, "/api/v1/payments", hq_tre__post_payment, ROLE_BANK, HQ_ROUTE_KEY, HQ_POOL_FORMAL,
      0 },
    { HQ_GET, "/api/v1/guarantees", hq_tre__list_guarantees, ROLES_READ, HQ_ROUTE_SLOW,
      HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/guarantees/{id}", hq_tre__get_guarantee, ROLES_READ, 0, HQ_POOL_FORMAL, 0 },
    { HQ_POST, "/api/v1/guarantees", hq_tre__post_guarantee, ROLE_BANK, HQ_ROUTE_KEY,
      HQ_POOL_FORMAL, 0 },
    { HQ_POST, "/api/v1/guarantees/{id}/extend", hq_tre__post_extend, ROLE_BANK, 0, HQ_POOL_FORMAL,
      0 },
    { HQ_POST, "/api/v1/guarantees/{id}/cancel", hq_tre__post_cancel, ROLE_BANK, 0, HQ_POOL_FORMAL,
      0 },
};
const size_t hq_treasury_route_count = sizeof hq_treasury_routes / sizeof hq_treasury_routes[0];
