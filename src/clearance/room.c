/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/room.h"

#include <stdlib.h>

#include "clearance/branches.h"
#include "clearance/due.h"
#include "clearance/index.h"
#include "clearance/outages.h"
#include "clearance/parcels.h"
#include "clearance/upload.h"
#include "embedded_stamp.h"

#define TICK_US    (INT64_C(60) * HQ_US_PER_SECOND)
#define KEY_NAME   "clearance.tracking_key"
#define CODE_CHARS 8

HQ_EMBED(hq_clearance_sql_001, "clearance/schema/001_declarations.sql");
HQ_EMBED(hq_clearance_sql_002, "clearance/schema/002_lists.sql");
HQ_EMBED(hq_clearance_sql_003, "clearance/schema/003_branches.sql");
HQ_EMBED(hq_clearance_sql_004, "clearance/schema/004_due.sql");
HQ_EMBED(hq_clearance_sql_005, "clearance/schema/005_proposals.sql");
HQ_EMBED(hq_clearance_sql_006, "clearance/schema/006_packed.sql");
HQ_EMBED(hq_clearance_sql_007, "clearance/schema/007_parcels.sql");
HQ_EMBED(hq_clearance_sql_008, "clearance/schema/008_outages.sql");
HQ_EMBED(hq_clearance_sql_009, "clearance/schema/009_matters.sql");
HQ_EMBED(hq_clearance_sql_010, "clearance/schema/010_storage_bans.sql");
HQ_EMBED(hq_clearance_sql_011, "clearance/schema/011_items.sql");
HQ_EMBED(hq_clearance_sql_012, "clearance/schema/012_uploads.sql");

static hq_status row_hash(hq_hash32 *out, hq_tx *tx, hq_sv subject)
{
    if (hq_sv_starts(subject, HQ_SV("outage/"))) {
        return hq_clr__outage_hash(out, tx, subject);
    }
    return hq_sv_starts(subject, HQ_SV("parcels/")) ? hq_clr__group_row_hash(out, tx, subject)
                                                    : hq_clr__row_hash(out, tx, subject);
}

/* clang-format off */
static hq_migration migrations[] = {
    { "clearance", 1, "declarations", { NULL, 0 } },
    { "clearance", 2, "lists", { NULL, 0 } },
    { "clearance", 3, "branches", { NULL, 0 } },
    { "clearance", 4, "due", { NULL, 0 } },
    { "clearance", 5, "proposals", { NULL, 0 } },
    { "clearance", 6, "packed", { NULL, 0 } },
    { "clearance", 7, "parcels", { NULL, 0 } },
    { "clearance", 8, "outages", { NULL, 0 } },
    { "clearance", 9, "matters", { NULL, 0 } },
    { "clearance", 10, "storage_bans", { NULL, 0 } },
    { "clearance", 11, "items", { NULL, 0 } },
    { "clearance", 12, "uploads", { NULL, 0 } },
};
/* clang-format on */
const hq_store_room hq_clearance_room = { "clearance", migrations,
                                          sizeof migrations / sizeof migrations[0], row_hash };

__attribute__((constructor)) static void fill_migrations(void)
{
    migrations[0].sql = HQ_EMBEDDED(hq_clearance_sql_001);
    migrations[1].sql = HQ_EMBEDDED(hq_clearance_sql_002);
    migrations[2].sql = HQ_EMBEDDED(hq_clearance_sql_003);
    migrations[3].sql = HQ_EMBEDDED(hq_clearance_sql_004);
    migrations[4].sql = HQ_EMBEDDED(hq_clearance_sql_005);
    migrations[5].sql = HQ_EMBEDDED(hq_clearance_sql_006);
    migrations[6].sql = HQ_EMBEDDED(hq_clearance_sql_007);
    migrations[7].sql = HQ_EMBEDDED(hq_clearance_sql_008);
    migrations[8].sql = HQ_EMBEDDED(hq_clearance_sql_009);
    migrations[9].sql = HQ_EMBEDDED(hq_clearance_sql_010);
    migrations[10].sql = HQ_EMBEDDED(hq_clearance_sql_011);
    migrations[11].sql = HQ_EMBEDDED(hq_clearance_sql_012);
}

hq_status hq_clr__refuse(hq_request *request, hq_status status, hq_sv path, const char *vi,
                         const char *en)
{
    request->answer.why = (hq_why){ path, hq_sv_from_cstr(vi), hq_sv_from_cstr(en) };
    return status;
}

/* ------------------------------------------------------------------ tracking codes */

/* The key is made once for a database and kept in it; whoever can read the database needs no code.
 */
static hq_status read_key(hq_tx *tx, void *user)
{
    hq_sv found;
    HQ_TRY(hq_tx_setting_get(&found, tx, HQ_SV(KEY_NAME)));
    uint8_t *key = user;
    for (size_t i = 0; i < 32; i++) {
        unsigned high;
        unsigned low;
        if (found.len != 64) {
            return HQ_FAIL(CORRUPT);
        }
        high = (unsigned char)found.ptr[2 * i];
        low = (unsigned char)found.ptr[2 * i + 1];
        high = high <= '9' ? high - '0' : high - 'a' + 10;
        low = low <= '9' ? low - '0' : low - 'a' + 10;
        key[i] = (uint8_t)(high << 4 | low);
    }
    return HQ_DONE;
}

static hq_status make_key(hq_tx *tx, void *user)
{
    hq_buf hex = HQ_BUF_ARENA(hq_tx_arena(tx), 128);
    uint8_t fresh[32];
    hq_status s = read_key(tx, user);
    if (s.code != HQ_E_NOT_FOUND) {
        return s;
    }
    hq_random_bytes(fresh, sizeof fresh);
    hq_buf_hex(&hex, fresh, sizeof fresh);
    HQ_TRY(hq_tx_setting_put(tx, HQ_SV(KEY_NAME), hq_buf_view(&hex)));
    memcpy(user, fresh, sizeof fresh);
    return HQ_DONE;
}

static hq_status load_key(hq_clearance *clearance)
{
    hq_status s = hq_store_read(clearance->store, read_key, clearance->tracking_key);
    return s.code == HQ_E_NOT_FOUND
               ? hq_store_write(clearance->store, make_key, clearance->tracking_key)
               : s;
}

/* Keyed by purpose: who has one code cannot make the other. */
static hq_sv code_of(char text[10], const hq_clearance *clearance, int64_t id, uint8_t purpose)
{
    /* Letters and digits that are not taken for one another. */
    static const char alphabet[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    uint8_t bytes[41];
    hq_hash32 hash;
    memcpy(bytes, clearance->tracking_key, 32);
    for (int i = 0; i < 8; i++) {
        bytes[32 + i] = (uint8_t)(id >> (8 * i));
    }
    bytes[40] = purpose;
    hq_blake2b(&hash, hq_sv_make(bytes, purpose == 0 ? 40 : sizeof bytes));
    for (int i = 0; i < CODE_CHARS; i++) {
        text[i + (i >= 4)] = alphabet[hash.bytes[i] & 31];
    }
    text[4] = '-';
    return hq_sv_make(text, CODE_CHARS + 1);
}

hq_sv hq_clr__tracking_code(char text[10], const hq_clearance *clearance, int64_t id)
{
    return code_of(text, clearance, id, 0);
}

hq_sv hq_clr__pass_code(char text[10], const hq_clearance *clearance, int64_t id)
{
    return code_of(text, clearance, id, 'P');
}

/* ------------------------------------------------------------------ opening */

hq_status hq_clearance_open(hq_clearance **out, const hq_clearance_options *options)
{
    hq_clearance *c = calloc(1, sizeof *c);
    if (c == NULL) {
        return HQ_FAIL(NOMEM);
    }
    c->store = options->store;
    c->reference = options->reference;
    c->identity = options->identity;
    c->risk = options->risk;
    c->treasury = options->treasury;
    c->clock = options->clock == NULL ? hq_store_clock(options->store) : options->clock;
    hq_status s = hq_clr__numbers_open(&c->numbers, c->store);
    if (hq_failed(s)) {
        free(c);
        return s;
    }
    s = load_key(c);
    if (hq_ok(s)) {
        s = hq_clr__index_open(&c->index, c);
    }
    if (hq_ok(s)) {
        s = hq_clr__refs_open(&c->refs, c);
    }
    if (hq_ok(s)) {
        s = hq_clr__batches_open(&c->batches, c, &options->batches);
    }
    if (hq_ok(s)) {
        s = hq_upl__engine_open(&c->uploads, c);
    }
    if (hq_failed(s)) {
        hq_clearance_close(c);
        return s;
    }
    hq_treasury_on_settled(c->treasury, hq_clr__settled, c);
    hq_treasury_on_unknown(c->treasury, hq_clr__branch_owner, c);
    *out = c;
    return HQ_DONE;
}

static void close_room(hq_clearance *clearance, bool orderly)
{
    hq_clearance_stop_ticking(clearance);
    hq_upl__engine_close(clearance->uploads);
    hq_clr__batches_close(clearance->batches);
    hq_clr__refs_close(clearance->refs);
    hq_clr__numbers_close(&clearance->numbers, orderly);
    hq_clr__index_close(clearance->index, orderly);
    free(clearance);
}

void hq_clearance_close(hq_clearance *clearance)
{
    if (clearance != NULL) {
        close_room(clearance, true);
    }
}

void hq_clr__drop(hq_clearance *clearance)
{
    close_room(clearance, false);
}

/* ------------------------------------------------------------------ timers */

hq_status hq_clearance_tick(hq_clearance *clearance, hq_time_us *next)
{
    hq_time_us expiry = 0;
    hq_time_us due = 0;
    hq_time_us latest = hq_now(clearance->clock) + TICK_US;
    bool standing;
    HQ_TRY(hq_clr__outages_tend(clearance, &standing));
    if (!standing) {
        HQ_TRY(hq_clr__expire_due(clearance, &expiry));
        HQ_TRY(hq_clr__due_pass(clearance, &due));
    }
    HQ_TRY(hq_clr__numbers_tend(&clearance->numbers));
    if (next != NULL) {
        *next = expiry != 0 && expiry < latest ? expiry : latest;
        *next = due != 0 && due < *next ? due : *next;
    }
    return HQ_DONE;
}

/* A tick that fails (the disk is full) is tried again with the next. */
static void ticked(void *user)
{
    hq_clearance *clearance = user;
    hq_time_us next = hq_now(clearance->clock) + TICK_US;
    HQ_IGNORE(hq_clearance_tick(clearance, &next));
    HQ_IGNORE(hq_loop_arm(clearance->loop, &clearance->timer, next));
}

hq_status hq_clearance_tick_on(hq_clearance *clearance, hq_loop *loop)
{
    clearance->loop = loop;
    clearance->timer = (hq_timer){ .fn = ticked, .user = clearance };
    /* Serving begins now: how long it did not is known before anything else happens. */
    HQ_TRY(hq_clr__outages_begin(clearance));
    return hq_loop_arm(loop, &clearance->timer, hq_now(clearance->clock));
}

void hq_clearance_stop_ticking(hq_clearance *clearance)
{
    if (clearance->loop != NULL) {
        hq_loop_disarm(clearance->loop, &clearance->timer);
        clearance->loop = NULL;
    }
}
