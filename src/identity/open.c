/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/acts.h"

#include <stdlib.h>
#include "embedded_stamp.h"

HQ_EMBED(hq_identity_sql_001, "identity/schema/001_identity.sql");

/* The text of a migration is a linker symbol, whose length no constant expression knows. */
static hq_migration migrations[] = { { "identity", 1, "identity", { NULL, 0 } } };
const hq_store_room hq_identity_room = { "identity", migrations, 1, hq_identity__row_hash };

__attribute__((constructor)) static void fill_migrations(void)
{
    migrations[0].sql = HQ_EMBEDDED(hq_identity_sql_001);
}

hq_status hq_identity_open(hq_identity **out, hq_store *store, hq_reference *reference)
{
    hq_identity *identity = calloc(1, sizeof *identity);
    if (identity == NULL) {
        return HQ_FAIL(NOMEM);
    }
    identity->store = store;
    identity->reference = reference;
    identity->clock = hq_store_clock(store);
    pthread_mutex_init(&identity->throttle.lock, NULL);
    hq_status s = hq_identity__directory_open(&identity->directory);
    if (hq_ok(s)) {
        s = hq_identity_refresh(identity);
    }
    if (hq_ok(s)) {
        s = hq_identity__keeper_open(identity);
    }
    if (hq_failed(s)) {
        hq_identity_close(identity);
        return s;
    }
    *out = identity;
    return HQ_DONE;
}

void hq_identity_close(hq_identity *identity)
{
    if (identity == NULL) {
        return;
    }
    hq_identity__keeper_close(identity);
    hq_identity__directory_close(&identity->directory);
    pthread_mutex_destroy(&identity->throttle.lock);
    free(identity);
}
