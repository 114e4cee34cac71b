/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "store/seal.h"

static const hq_store__engine *const engines[] = { &hq_store__sqlite };

static hq_status explain(hq_why *why, hq_status s, hq_sv en, hq_sv vi)
{
    if (why != NULL && why->en.ptr == NULL) {
        *why = (hq_why){ .en = en, .vi = vi };
    }
    return s;
}

const hq_store__engine *hq_store__engine_of(hq_sv url)
{
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        hq_sv scheme = hq_sv_from_cstr(engines[i]->scheme);
        if (hq_sv_starts(url, scheme) && url.len > scheme.len) {
            return engines[i];
        }
    }
    return NULL;
}

static hq_status find_engine(hq_store *store, hq_sv url, hq_arena *arena, hq_why *why)
{
    store->engine = hq_store__engine_of(url);
    if (store->engine != NULL) {
        size_t scheme = strlen(store->engine->scheme);
        store->path = strndup(url.ptr + scheme, url.len - scheme);
        store->place.path = store->path;
        return store->path == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
    }
    return explain(
        why, HQ_FAIL(USAGE),
        hq_arena_printf(arena, "\"%.*s\" names no database; write sqlite:FILE", HQ_SV_FMT(url)),
        hq_arena_printf(arena,
                        "\"%.*s\" không phải là địa chỉ cơ sở dữ liệu; hãy viết "
                        "sqlite:TỆP",
                        HQ_SV_FMT(url)));
}

static hq_status explain_open(hq_store *store, const hq_store__conn *conn, hq_status s,
                              hq_arena *arena, hq_why *why)
{
    const char *said = conn == NULL ? "" : conn->problem;
    return explain(why, s,
                   hq_arena_printf(arena,
                                   "%s cannot be opened: %s. Does the folder exist, may this "
                                   "user write there, is it a database of Haiquan?",
                                   store->path, said),
                   hq_arena_printf(arena,
                                   "không mở được %s: %s. Thư mục có tồn tại không, người "
                                   "dùng này có quyền ghi không, tệp có phải cơ sở dữ liệu "
                                   "Haiquan không?",
                                   store->path, said));
}

/* To go on sealing over an altered journal would put our signature under it. */
static hq_status explain_seal(hq_status s, hq_why *why)
{
    if (s.code != HQ_E_CORRUPT) {
        return s;
    }
    return explain(
        why, s,
        HQ_SV("the journal does not agree with its last checkpoint: run \"haiquan journal "
              "verify\", then restore a backup"),
        HQ_SV("nhật ký không khớp với điểm niêm phong cuối: hãy chạy \"haiquan journal "
              "verify\", rồi khôi phục từ bản sao lưu"));
}

static hq_status start_writing(hq_store *store, const hq_store_options *options, hq_arena *arena,
                               hq_why *why)
{
    hq_store__writer *w = &store->writer;
    hq_status s = store->engine->connect(&w->conn, &store->place, HQ_STORE__WRITER);
    if (hq_failed(s)) {
        return explain_open(store, w->conn, s, arena, why);
    }
    HQ_TRY(hq_store__migrate(store, w->conn, !options->no_migrate, arena, why));
    HQ_TRY(hq_store__key_open(store, w->conn, options->new_key, arena, why));
    HQ_TRY(hq_store__writer_start(store, options->group_max));
    HQ_TRY(hq_store__keeper_start(store));
    return explain_seal(hq_store__sealer_start(store), why);
}

static hq_sql head_get = HQ_SQL_OF("SELECT coalesce(max(position), 0) FROM journal_event");

typedef struct {
    int64_t head;
    hq_why why;
} beginning;

static hq_status begin_reading(hq_tx *tx, void *user)
{
    beginning *b = user;
    hq_rows rows;
    HQ_TRY(hq_store__migrations_done(tx, &b->why));
    hq_status s = hq_store__key_public(tx->store->sealer.public_key, tx);
    if (hq_failed(s) && s.code != HQ_E_NOT_FOUND) {
        return s;
    }
    HQ_TRY(hq_tx_query(&rows, tx, &head_get, NULL, 0));
    b->head = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : 0;
    return hq_rows_end(&rows);
}

static hq_status start_reading(hq_store *store, hq_arena *arena, hq_why *why)
{
    beginning b = { 0 };
    hq_status s = hq_store_read(store, begin_reading, &b);
    if (s.code == HQ_E_CONFLICT) {
        return explain(why, s, hq_arena_dup(arena, b.why.en), hq_arena_dup(arena, b.why.vi));
    }
    if (hq_failed(s)) {
        hq_store__conn said = { 0 };
        memcpy(said.problem, store->problem, sizeof said.problem);
        return explain_open(store, &said, s, arena, why);
    }
    store->tail = hq_store__tail_new(b.head);
    return store->tail == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

static void set_up(hq_store *store, const hq_store_options *options)
{
    store->clock = options->clock != NULL ? options->clock : hq_os_clock();
    store->rooms = options->rooms;
    store->room_count = options->room_count;
    store->no_realtime = options->no_realtime;
    store->place.read_only = options->read_only;
    store->place.no_sync = options->no_sync;
    pthread_mutex_init(&store->problem_lock, NULL);
    pthread_mutex_init(&store->readers.lock, NULL);
    pthread_mutex_init(&store->writer.lock, NULL);
    pthread_cond_init(&store->writer.work, NULL);
    pthread_mutex_init(&store->keeper.lock, NULL);
    pthread_cond_init(&store->keeper.work, NULL);
    pthread_mutex_init(&store->sealer.lock, NULL);
    pthread_cond_init(&store->sealer.work, NULL);
    pthread_cond_init(&store->sealer.sealed, NULL);
    pthread_mutex_init(&store->followers.lock, NULL);
    pthread_cond_init(&store->followers.moved, NULL);
}

hq_status hq_store_open(hq_store **out, const hq_store_options *options, hq_arena *arena,
                        hq_why *why)
{
    *out = NULL;
    if (why != NULL) {
        *why = (hq_why){ 0 };
    }
    hq_store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        return HQ_FAIL(NOMEM);
    }
    set_up(store, options);
    hq_status s = find_engine(store, options->url, arena, why);
    if (hq_ok(s)) {
        store->keys = hq_store__keys_new();
        s = store->keys == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
    }
    if (hq_ok(s)) {
        s = options->read_only ? start_reading(store, arena, why)
                               : start_writing(store, options, arena, why);
    }
    if (hq_failed(s)) {
        hq_store_close(store);
        return explain(why, s, hq_sv_from_cstr(hq_status_text_en(s)),
                       hq_sv_from_cstr(hq_status_text_vi(s)));
    }
    *out = store;
    return HQ_DONE;
}

void hq_store_close(hq_store *store)
{
    if (store == NULL) {
        return;
    }
    if (store->tail != NULL) {
        hq_store__tail_close(store->tail);
    }
    hq_store__followers_stop(store);
    hq_store__sealer_stop(store);
    hq_store__writer_stop(store);
    hq_store__keeper_stop(store);
    hq_store__readers_close(store);
    /* The last to leave moves the log into the file; only this one may write. */
    if (store->writer.conn != NULL) {
        store->engine->disconnect(store->writer.conn);
    }
    hq_store__tail_free(store->tail);
    hq_store__keys_free(store->keys);
    pthread_mutex_destroy(&store->problem_lock);
    pthread_mutex_destroy(&store->readers.lock);
    pthread_mutex_destroy(&store->writer.lock);
    pthread_cond_destroy(&store->writer.work);
    pthread_mutex_destroy(&store->keeper.lock);
    pthread_cond_destroy(&store->keeper.work);
    pthread_mutex_destroy(&store->sealer.lock);
    pthread_cond_destroy(&store->sealer.work);
    pthread_cond_destroy(&store->sealer.sealed);
    pthread_mutex_destroy(&store->followers.lock);
    pthread_cond_destroy(&store->followers.moved);
    free(store->path);
    free(store);
}

bool hq_store_realtime(const hq_store *store)
{
    return store->writer.realtime;
}

const hq_clock *hq_store_clock(const hq_store *store)
{
    return store->clock;
}

int64_t hq_journal_head(const hq_store *store)
{
    return hq_store__tail_head(store->tail);
}
