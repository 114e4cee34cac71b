/* SPDX-License-Identifier: Apache-2.0 */
#include "store/inside.h"

/* Canonical bytes of an event, little-endian; a text is its length in four bytes, then itself:
 *   "HQE1", id (16), at (8), version (8), office, room, kind, subject, actor, payload,
 *   1 and the row hash (32), or 0. */

enum {
    HEAD = 4 + 16 + 8 + 8,
    TEXTS = 6,
    OFFICE_MAX = 32,
    ROOM_MAX = 32,
    KIND_MAX = 96,
    SUBJECT_MAX = 256,
    ACTOR_MAX = 128,
    PAYLOAD_MAX = 256 << 10
};

static const char magic[4] = { 'H', 'Q', 'E', '1' };

static char *put_le(char *to, uint64_t v, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        to[i] = (char)(v >> (8 * i));
    }
    return to + bytes;
}

static char *put_text(char *to, hq_sv v)
{
    to = put_le(to, v.len, 4);
    if (v.len > 0) {
        memcpy(to, v.ptr, v.len);
    }
    return to + v.len;
}

/* One reservation, then plain stores: this runs for every event of every commit. */
void hq_store__event_encode(hq_buf *buf, const hq_id *id, const hq_event *event)
{
    const hq_sv texts[TEXTS] = { event->office,  event->room,  event->kind,
                                 event->subject, event->actor, event->payload };
    size_t len = HEAD + 4 * TEXTS + 1 + (event->row_hash == NULL ? 0 : sizeof(hq_hash32));
    for (size_t i = 0; i < TEXTS; i++) {
        len += texts[i].len;
    }
    char *to = hq_buf_reserve(buf, len);
    if (to == NULL) {
        return;
    }
    memcpy(to, magic, sizeof magic);
    memcpy(to + sizeof magic, id->bytes, sizeof id->bytes);
    to = put_le(to + sizeof magic + sizeof id->bytes, (uint64_t)event->at, 8);
    to = put_le(to, (uint64_t)event->version, 8);
    for (size_t i = 0; i < TEXTS; i++) {
        to = put_text(to, texts[i]);
    }
    *to++ = event->row_hash == NULL ? 0 : 1;
    if (event->row_hash != NULL) {
        memcpy(to, event->row_hash->bytes, sizeof event->row_hash->bytes);
    }
    buf->len += len;
}

hq_status hq_store__event_decode(hq_event_view *out, hq_hash32 *row_hash, hq_sv bytes)
{
    hq_cursor cur = { .in = bytes };
    hq_event *e = &out->event;
    *e = (hq_event){ 0 };
    hq_sv start = hq_cursor_take(&cur, sizeof magic);
    hq_sv id = hq_cursor_take(&cur, sizeof out->id.bytes);
    e->at = (hq_time_us)hq_cursor_le64(&cur);
    e->version = (int64_t)hq_cursor_le64(&cur);
    hq_sv *texts[TEXTS] = { &e->office, &e->room, &e->kind, &e->subject, &e->actor, &e->payload };
    for (size_t i = 0; i < TEXTS; i++) {
        *texts[i] = hq_cursor_bytes32(&cur);
    }
    uint8_t has_hash = hq_cursor_u8(&cur);
    hq_sv hash = hq_cursor_take(&cur, has_hash == 1 ? sizeof row_hash->bytes : 0);
    if (cur.failed || cur.at != bytes.len || has_hash > 1 ||
        memcmp(start.ptr, magic, sizeof magic) != 0) {
        return HQ_FAIL(SYNTAX);
    }
    memcpy(out->id.bytes, id.ptr, sizeof out->id.bytes);
    if (has_hash == 1) {
        memcpy(row_hash->bytes, hash.ptr, sizeof row_hash->bytes);
        e->row_hash = row_hash;
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ pending */

hq_store__point hq_store__point_of(const hq_store__pending *pending)
{
    return (hq_store__point){ .head = pending->head,
                              .seq = pending->seq,
                              .bytes = pending->bytes.len,
                              .entries = pending->entries.len,
                              .keys = pending->keys.len };
}

void hq_store__back_to(hq_store *store, hq_store__pending *pending, hq_store__point point)
{
    /* A key is a 4-byte print and its 8-byte number. */
    for (size_t at = point.keys; at < pending->keys.len; at += 12) {
        uint32_t print;
        int64_t seq;
        memcpy(&print, pending->keys.ptr + at, sizeof print);
        memcpy(&seq, pending->keys.ptr + at + 4, sizeof seq);
        hq_store__keys_drop(store->keys, print, seq);
    }
    pending->head = point.head;
    pending->seq = point.seq;
    pending->bytes.len = point.bytes;
    pending->entries.len = point.entries;
    pending->keys.len = point.keys;
    pending->bytes.failed = pending->entries.failed = pending->keys.failed = HQ_E_OK;
}

static hq_sql head_get = HQ_SQL_OF("SELECT coalesce(max(position), 0) FROM journal_event");

hq_status hq_store__pending_refresh(hq_tx *tx)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, &head_get, NULL, 0));
    int64_t head = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : 0;
    HQ_TRY(hq_rows_end(&rows));
    tx->pending->head = head;
    return hq_store__keys_load(tx->store->keys, tx, tx->pending->seq, &tx->pending->seq);
}

/* ------------------------------------------------------------------ appending */

static hq_sql event_put = HQ_SQL_OF("INSERT INTO journal_event (position, id, at, office, room, "
                                    "kind, subject, version, actor, bytes)"
                                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");

static hq_status checked(const hq_event *event)
{
    if (event->room.len == 0 || event->kind.len == 0 || event->subject.len == 0 ||
        event->actor.len == 0) {
        return HQ_FAIL(USAGE);
    }
    return event->office.len > OFFICE_MAX || event->room.len > ROOM_MAX ||
                   event->kind.len > KIND_MAX || event->subject.len > SUBJECT_MAX ||
                   event->actor.len > ACTOR_MAX || event->payload.len > PAYLOAD_MAX
               ? HQ_FAIL(LIMIT)
               : HQ_DONE;
}

static hq_status insert(hq_tx *tx, int64_t position, const hq_id *id, const hq_event *e,
                        hq_sv bytes)
{
    return HQ_TX_RUN(
        tx, &event_put, HQ_B_I64(position), HQ_B_BLOB(hq_sv_make(id->bytes, sizeof id->bytes)),
        HQ_B_I64(e->at), HQ_B_TEXT(e->office), HQ_B_TEXT(e->room), HQ_B_TEXT(e->kind),
        HQ_B_TEXT(e->subject), HQ_B_I64(e->version), HQ_B_TEXT(e->actor), HQ_B_BLOB(bytes));
}

hq_status hq_tx_event(hq_tx *tx, const hq_event *event, hq_event_ref *out)
{
    hq_store__pending *pending = tx->pending;
    hq_event e = *event;
    hq_id id;
    if (pending == NULL) {
        return HQ_FAIL(USAGE);
    }
    HQ_TRY(checked(event));
    if (e.at == 0) {
        e.at = tx->now;
    }
    hq_store__entry entry = { .at = pending->bytes.len };
    hq_id_make(&id, tx->now);
    hq_store__event_encode(&pending->bytes, &id, &e);
    HQ_TRY(hq_buf_status(&pending->bytes));
    hq_sv bytes = hq_sv_sub(hq_buf_view(&pending->bytes), entry.at, pending->bytes.len);
    entry.len = bytes.len;
    hq_sha256_prefixed(&entry.leaf, 0, bytes, HQ_SV_NULL);
    hq_status s = insert(tx, pending->head + 1, &id, &e, bytes);
    if (hq_failed(s)) {
        pending->bytes.len = entry.at;
        return s;
    }
    hq_buf_append(&pending->entries, &entry, sizeof entry);
    pending->head++;
    if (out != NULL) {
        *out = (hq_event_ref){ .position = pending->head, .leaf = entry.leaf };
    }
    return hq_buf_status(&pending->entries);
}
