/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <sodium.h>
#include <stdio.h>

#include "store/seal.h"

/* The secret key lies beside the database in FILE.key, for its owner's eyes only, and never in it:
 * a copy of the database can be verified but not signed. FILE.pub is its public half to hand out.
 */

enum { KEY_FILE_MAX = 4096 };
static const char first_line[] = "haiquan journal key 1\n";

static hq_sql key_newest =
    HQ_SQL_OF("SELECT public_key FROM journal_key ORDER BY first DESC LIMIT 1");
static hq_sql key_put =
    HQ_SQL_OF("INSERT INTO journal_key (first, public_key) "
              "VALUES ((SELECT coalesce(max(number), 0) + 1 FROM journal_checkpoint), ?1) "
              "ON CONFLICT (first) DO UPDATE SET public_key = excluded.public_key");

/* NOT_FOUND when the database has none yet. */
hq_status hq_store__key_public(uint8_t out[32], hq_tx *tx)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, &key_newest, NULL, 0));
    bool found = hq_rows_next(&rows), good = false;
    if (found) {
        hq_sv key = hq_rows_text(&rows, 0);
        good = key.len == 32;
        memcpy(out, key.ptr, good ? 32 : 0);
    }
    HQ_TRY(hq_rows_end(&rows));
    return !found ? HQ_FAIL(NOT_FOUND) : good ? HQ_DONE : HQ_FAIL(CORRUPT);
}

/* ------------------------------------------------------------------ files */

static hq_status beside(char out[PATH_MAX], const hq_store *store, const char *end)
{
    int len = snprintf(out, PATH_MAX, "%s%s", store->path, end);
    return len > 0 && len < PATH_MAX ? HQ_DONE : HQ_FAIL(LIMIT);
}

static hq_status read_secret(uint8_t secret[64], const hq_store *store, hq_arena *arena)
{
    char path[PATH_MAX];
    hq_sv text;
    HQ_TRY(beside(path, store, ".key"));
    HQ_TRY(hq_os_read_file(&text, arena, path, KEY_FILE_MAX));
    hq_sv first = HQ_SV("haiquan journal key 1\n");
    hq_sv hex = hq_sv_trim(hq_sv_sub(text, first.len, text.len));
    bool good = hq_sv_starts(text, first) && hq_store__unhex(secret, 64, hex);
    sodium_memzero((void *)(uintptr_t)text.ptr, text.len);
    return good ? HQ_DONE : HQ_FAIL(SYNTAX);
}

static hq_status write_secret(const uint8_t secret[64], const hq_store *store)
{
    char path[PATH_MAX];
    hq_buf text = HQ_BUF_HEAP(KEY_FILE_MAX);
    HQ_TRY(beside(path, store, ".key"));
    hq_buf_append(&text, first_line, sizeof first_line - 1);
    hq_buf_hex(&text, secret, 64);
    hq_buf_char(&text, '\n');
    hq_status s = hq_buf_status(&text);
    if (hq_ok(s)) {
        s = hq_os_write_file(path, hq_buf_view(&text), 0600);
    }
    if (text.ptr != NULL) {
        sodium_memzero(text.ptr, text.cap);
    }
    hq_buf_free(&text);
    return s;
}

static hq_status write_public(const uint8_t public_key[32], const hq_store *store)
{
    char path[PATH_MAX];
    char text[66];
    hq_buf hex = HQ_BUF_HEAP(sizeof text);
    HQ_TRY(beside(path, store, ".pub"));
    hq_buf_hex(&hex, public_key, 32);
    hq_buf_char(&hex, '\n');
    hq_status s = hq_buf_status(&hex);
    if (hq_ok(s)) {
        s = hq_os_write_file(path, hq_buf_view(&hex), 0644);
    }
    hq_buf_free(&hex);
    return s;
}

/* ------------------------------------------------------------------ opening */

static hq_status refuse(const hq_store *store, hq_status s, hq_arena *arena, hq_why *why)
{
    if (why != NULL) {
        why->en =
            hq_arena_printf(arena,
                            "the key that signs the journal, %s.key, is missing or not the one "
                            "of this database: put it back from where it is kept, or begin a "
                            "new one with `haiquan journal new-key`",
                            store->path);
        why->vi = hq_arena_printf(arena,
                                  "khóa ký nhật ký %s.key bị thiếu hoặc không thuộc cơ sở dữ liệu "
                                  "này: hãy đặt lại khóa từ nơi lưu giữ, hoặc bắt đầu khóa mới "
                                  "bằng `haiquan journal new-key`",
                                  store->path);
    }
    return s;
}

/* A key that lies there already is used: it may be carried over from an earlier database. */
static hq_status make_key(hq_store *store, hq_tx *tx, bool carry_over)
{
    uint8_t *secret = store->sealer.secret, *public_key = store->sealer.public_key;
    hq_status s = carry_over ? read_secret(secret, store, tx->arena) : HQ_FAIL(NOT_FOUND);
    if (hq_ok(s)) {
        memcpy(public_key, secret + 32, 32);
    } else {
        crypto_sign_keypair(public_key, secret);
        HQ_TRY(write_secret(secret, store));
    }
    HQ_TRY(write_public(public_key, store));
    return HQ_TX_RUN(tx, &key_put, HQ_B_BLOB(hq_sv_make(public_key, 32)));
}

static hq_status open_key(hq_store *store, hq_tx *tx, bool fresh, hq_why *why)
{
    hq_status s = hq_store__key_public(store->sealer.public_key, tx);
    if (s.code == HQ_E_NOT_FOUND || (hq_ok(s) && fresh)) {
        return make_key(store, tx, s.code == HQ_E_NOT_FOUND);
    }
    HQ_TRY(s);
    s = read_secret(store->sealer.secret, store, tx->arena);
    if (hq_failed(s)) {
        return refuse(store, s, tx->arena, why);
    }
    return memcmp(store->sealer.secret + 32, store->sealer.public_key, 32) == 0
               ? HQ_DONE
               : refuse(store, HQ_FAIL(CONFLICT), tx->arena, why);
}

hq_status hq_store__key_open(hq_store *store, hq_store__conn *conn, bool fresh, hq_arena *arena,
                             hq_why *why)
{
    hq_tx tx = { .store = store, .conn = conn, .arena = arena, .writes = true };
    tx.now = hq_now(store->clock);
    HQ_TRY(conn->engine->begin(conn));
    hq_status s = open_key(store, &tx, fresh, why);
    if (hq_ok(s)) {
        s = conn->engine->commit(conn);
    }
    conn->engine->rollback(conn);
    return s;
}

/* ------------------------------------------------------------------ signatures */

void hq_store__sign(hq_checkpoint *checkpoint, const uint8_t secret[64], const char *text,
                    size_t len)
{
    crypto_sign_detached(checkpoint->signature, NULL, (const unsigned char *)text, len, secret);
}

bool hq_store__signed_by(const hq_checkpoint *checkpoint, const uint8_t public_key[32])
{
    hq_buf text = HQ_BUF_HEAP(1024);
    hq_store__checkpoint_signed(&text, checkpoint);
    bool good = hq_ok(hq_buf_status(&text)) &&
                crypto_sign_verify_detached(checkpoint->signature, (const unsigned char *)text.ptr,
                                            text.len, public_key) == 0;
    hq_buf_free(&text);
    return good;
}
