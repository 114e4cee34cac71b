/* SPDX-License-Identifier: Apache-2.0 */
#include "server/state.h"

/* Idempotency keys. The key is looked up in the transaction of the write and remembered in it, so
 * that an answer exists exactly when its effects do. What is stored:
 *
 *   u8 1, le16 http, content type, etag, location, disposition, body     the whole answer
 *   u8 2, bytes                                                          for request->again */
enum { WHOLE = 1, COMPACT = 2 };
#define STORED_MAX ((size_t)8 << 20)

void hq_keyed_prepare(hq_exchange *ex)
{
    hq_request *r = &ex->request;
    ex->key.caller = r->caller == NULL ? HQ_SV("public") : r->caller->id;
    ex->key.key = r->idempotency_key;
    /* The body by its hash, which the room can use again. */
    char what[2 * sizeof ex->body_hash.bytes];
    hq_hash32 head;
    hq_blake2b(&ex->body_hash, r->body);
    hq_blake2b(&head, hq_sv_sub(hq_buf_view(&ex->bytes), 0, ex->prefix));
    memcpy(what, head.bytes, sizeof head.bytes);
    memcpy(what + sizeof head.bytes, ex->body_hash.bytes, sizeof ex->body_hash.bytes);
    hq_blake2b(&ex->key.body, hq_sv_make(what, sizeof what));
    r->body_hash = &ex->body_hash;
}

static void encode(hq_buf *to, const hq_answer *a)
{
    hq_buf_char(to, WHOLE);
    hq_buf_le16(to, (uint16_t)a->http);
    hq_buf_bytes32(to, a->content_type);
    hq_buf_bytes32(to, a->etag);
    hq_buf_bytes32(to, a->location);
    hq_buf_bytes32(to, a->disposition);
    hq_buf_bytes32(to, hq_buf_view(&a->body));
}

static hq_status decode(hq_answer *a, hq_sv stored, hq_arena *arena)
{
    hq_cursor cur = { .in = stored, .at = 1 };
    *a = (hq_answer){ .http = hq_cursor_le16(&cur) };
    a->content_type = hq_cursor_bytes32(&cur);
    a->etag = hq_cursor_bytes32(&cur);
    a->location = hq_cursor_bytes32(&cur);
    a->disposition = hq_cursor_bytes32(&cur);
    hq_sv body = hq_cursor_bytes32(&cur);
    a->body = HQ_BUF_ARENA(arena, STORED_MAX);
    hq_buf_sv(&a->body, body);
    return cur.failed ? HQ_FAIL(CORRUPT) : hq_buf_status(&a->body);
}

static bool is_refusal(const hq_exchange *ex, hq_status s)
{
    int http = ex->request.answer.http;
    return hq_failed(s) && (http != 0 ? http : hq_status_http(s)) >= 400;
}

/* Renders inside the transaction; what refuses the request there undoes the write. */
static hq_status remember_whole(hq_tx *tx, hq_exchange *ex)
{
    hq_request *r = &ex->request;
    ex->rendered_as = r->then == NULL ? HQ_DONE : r->then(r, HQ_DONE, r->write_user);
    ex->rendered = true;
    if (is_refusal(ex, ex->rendered_as)) {
        return ex->rendered_as;
    }
    if (r->answer.http == 0 && hq_failed(ex->rendered_as)) {
        r->answer.http = hq_status_http(ex->rendered_as);
    }
    ex->status = ex->rendered_as;
    hq_answer_body_of_members(ex);
    hq_buf stored = HQ_BUF_ARENA(hq_tx_arena(tx), STORED_MAX);
    encode(&stored, &r->answer);
    HQ_TRY(hq_buf_status(&stored));
    return hq_tx_remember(tx, &ex->key, hq_buf_view(&stored));
}

static hq_status remember_compact(hq_tx *tx, hq_exchange *ex)
{
    hq_buf stored = HQ_BUF_ARENA(hq_tx_arena(tx), STORED_MAX);
    hq_buf_char(&stored, COMPACT);
    hq_buf_sv(&stored, ex->request.remember);
    HQ_TRY(hq_buf_status(&stored));
    return hq_tx_remember(tx, &ex->key, hq_buf_view(&stored));
}

hq_status hq_keyed_write(hq_tx *tx, void *exchange)
{
    hq_exchange *ex = exchange;
    hq_request *r = &ex->request;
    hq_sv stored;
    if (ex->key.key.len == 0) {
        return HQ_FAIL(KEY_MISSING); /* a dry run that would write after all */
    }
    ex->replayed = HQ_SV_NULL;
    ex->rendered = false;
    r->answer = (hq_answer){ 0 };
    hq_status s = hq_tx_idempotent(&stored, tx, &ex->key);
    if (hq_ok(s)) {
        ex->replayed = hq_arena_dup(r->arena, stored);
        return ex->replayed.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
    }
    if (s.code != HQ_E_NOT_FOUND) {
        return s;
    }
    HQ_TRY(r->write(tx, r->write_user));
    return r->again == NULL ? remember_whole(tx, ex) : remember_compact(tx, ex);
}

static hq_status replay(hq_exchange *ex)
{
    hq_request *r = &ex->request;
    hq_sv stored = ex->replayed;
    if (stored.len > 0 && stored.ptr[0] == WHOLE) {
        return decode(&r->answer, stored, r->arena);
    }
    if (stored.len > 0 && stored.ptr[0] == COMPACT && r->again != NULL) {
        return r->again(r, hq_sv_sub(stored, 1, stored.len), r->write_user);
    }
    return HQ_FAIL(CORRUPT);
}

hq_status hq_keyed_finish(hq_exchange *ex, hq_status written)
{
    hq_request *r = &ex->request;
    if (hq_ok(written) && ex->replayed.ptr != NULL) {
        return replay(ex);
    }
    if (written.code == HQ_E_KEY_REUSED) {
        return written; /* the room never saw this request */
    }
    if (ex->rendered && (hq_ok(written) || is_refusal(ex, ex->rendered_as))) {
        return ex->rendered_as;
    }
    if (ex->rendered) {
        r->answer = (hq_answer){ 0 };
    }
    return r->then == NULL ? written : r->then(r, written, r->write_user);
}

typedef struct {
    hq_exchange *ex;
    hq_sv stored;
} recollection;

static hq_status find_answer(hq_tx *tx, void *user)
{
    recollection *r = user;
    hq_sv stored;
    HQ_TRY(hq_tx_idempotent(&stored, tx, &r->ex->key));
    r->stored = hq_arena_dup(r->ex->request.arena, stored);
    return r->stored.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

void hq_keyed_recall(hq_exchange *ex)
{
    hq_request *r = &ex->request;
    const hq_answer refusal = r->answer;
    recollection found = { .ex = ex };
    if (hq_ok(ex->status) || r->idempotency_key.len == 0 ||
        hq_failed(hq_store_read(ex->server->options.store, find_answer, &found))) {
        return;
    }
    r->answer = (hq_answer){ 0 };
    ex->replayed = found.stored;
    hq_status s = replay(ex);
    if (s.code == HQ_E_CORRUPT) { /* the room needs to come further before it can tell it */
        r->answer = refusal;
    } else {
        ex->status = s;
    }
}
