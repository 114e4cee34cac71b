/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <sys/resource.h>

#include "clearance/upload.h"
#include "clearance/upload_inside.h"

/* Uploads as they come in: the connection gathers the bytes, a thread of the uploads' own does the
 * work while the connection sleeps, and wakes it with the result. Two files are worked on at a
 * time, few wait; formal declarations, parcels and pages have their own threads and their own turn
 * at the writer. */

enum { THREADS = 2, TOGETHER = 8, NICE = 5 };
#define JOB_ARENA  ((size_t)320 << 20)
#define RESULT_MAX ((size_t)64 << 20)
#define KEPT_US    (30 * HQ_US_PER_DAY)

typedef struct job job;
struct job {
    hq_intake intake; /* first: what the server knows */
    hq_upl__engine *engine;
    job *next_job, *next_task;
    hq_arena *arena;
    hq_caller caller;
    hq_upl__upload upload;
    hq_buf body;
    bool too_long;
    hq_upl__file file;
    int64_t *filed;
    /* Under the engine's lock. */
    bool running, done, waiting, left, stored;
    size_t filed_so_far;
    /* The answer. */
    hq_buf rows;
    hq_status failed;
    hq_why why;
};

struct hq_upl__engine {
    hq_clearance *clearance;
    pthread_mutex_t lock;
    pthread_cond_t work;
    job *jobs;
    int count;
    job *tasks, **last_task;
    bool closing;
    hq_thread threads[THREADS];
    int thread_count;
};

/* ------------------------------------------------------------------ its end */

static void free_job(job *j)
{
    hq_buf_free(&j->body);
    hq_buf_free(&j->rows);
    hq_arena_free(j->arena);
}

/* With the lock. */
static void unlist(hq_upl__engine *engine, const job *j)
{
    for (job **at = &engine->jobs; *at != NULL; at = &(*at)->next_job) {
        if (*at == j) {
            *at = j->next_job;
            engine->count--;
            return;
        }
    }
}

static void end_job(job *j)
{
    hq_upl__engine *engine = j->engine;
    pthread_mutex_lock(&engine->lock);
    j->done = true;
    j->running = false;
    bool wake = j->waiting;
    bool over = j->left;
    j->waiting = false;
    if (over) {
        unlist(engine, j);
    }
    pthread_mutex_unlock(&engine->lock);
    if (wake) {
        hq_intake_wake(&j->intake);
    } else if (over) {
        free_job(j);
    }
}

/* ------------------------------------------------------------------ the work */

static hq_status read_body(job *j)
{
    hq_upl__upload *u = &j->upload;
    char *padding = hq_buf_reserve(&j->body, 64);
    if (j->too_long) {
        j->why = (hq_why){ .vi = HQ_SV("Tệp lớn hơn 32 MiB: hãy chia thành nhiều tệp"),
                           .en = HQ_SV("The file has more than 32 MiB: divide it into several") };
        return HQ_FAIL(LIMIT);
    }
    if (padding == NULL) {
        return HQ_FAIL(NOMEM);
    }
    memset(padding, 0, 64);
    hq_hash32 bytes;
    hq_buf what = HQ_BUF_ARENA(j->arena, 128);
    hq_blake2b(&bytes, hq_buf_view(&j->body));
    hq_buf_append(&what, bytes.bytes, sizeof bytes.bytes);
    hq_buf_char(&what, (char)('0' + u->mode));
    hq_buf_char(&what, u->is_sheet ? 'x' : 'n');
    hq_blake2b(&u->hash, hq_buf_view(&what));
    return hq_buf_status(&what);
}

typedef struct {
    job *job;
    hq_upl__upload there;
} lookup;

static hq_status find_earlier(hq_tx *tx, void *user)
{
    lookup *l = user;
    return hq_upl__find(&l->there, tx, l->job->upload.caller, l->job->upload.key, l->job->arena);
}

static void note_filed(void *user, uint32_t row, int64_t declaration)
{
    job *j = user;
    for (size_t i = 0; i < j->file.count; i++) {
        if (j->file.items[i].row == row) {
            j->filed[i] = declaration;
        }
    }
}

static hq_status read_filed(hq_tx *tx, void *user)
{
    job *j = user;
    return hq_upl__each_filed(tx, &j->upload.id, note_filed, j);
}

/* The same file came before with this key: its result, or what of it is filed. DONE with
 * upload.done_at set: nothing is left to do. */
static hq_status take_up(job *j, bool *known)
{
    lookup l = { .job = j };
    hq_status s = hq_store_read(j->engine->clearance->store, find_earlier, &l);
    *known = hq_ok(s);
    if (s.code == HQ_E_NOT_FOUND) {
        return HQ_DONE;
    }
    HQ_TRY(s);
    if (!hq_hash_eq(&l.there.hash, &j->upload.hash)) {
        return HQ_FAIL(KEY_REUSED);
    }
    j->upload = l.there;
    return HQ_DONE;
}

static hq_status begin(hq_tx *tx, void *user)
{
    job *j = user;
    HQ_TRY(hq_upl__forget(tx, hq_tx_now(tx) - KEPT_US));
    return hq_upl__insert(tx, &j->upload);
}

static hq_status finish(hq_tx *tx, void *user)
{
    job *j = user;
    j->upload.done_at = hq_tx_now(tx);
    return hq_upl__finish(tx, &j->upload);
}

static bool progress(void *user, size_t done)
{
    job *j = user;
    pthread_mutex_lock(&j->engine->lock);
    j->filed_so_far = done;
    bool go_on = !j->engine->closing;
    pthread_mutex_unlock(&j->engine->lock);
    return go_on;
}

static hq_status file_them(job *j)
{
    hq_upl__work work = { .clearance = j->engine->clearance,
                          .caller = &j->caller,
                          .file = &j->file,
                          .upload = &j->upload,
                          .filed = j->filed,
                          .progress = progress,
                          .user = j };
    return hq_upl__file_all(&j->rows, &work);
}

static hq_status work_on(job *j)
{
    hq_store *store = j->engine->clearance->store;
    hq_upl__upload *u = &j->upload;
    bool known = false;
    bool dry = u->mode == HQ_UPL__DRY_RUN;
    HQ_TRY(read_body(j));
    HQ_TRY(dry ? HQ_DONE : take_up(j, &known));
    if (u->done_at > 0) {
        return HQ_DONE;
    }
    hq_sv body = hq_buf_view(&j->body);
    j->file.arena = j->arena;
    HQ_TRY(u->is_sheet ? hq_upl__read_sheet(&j->file, body, &j->why)
                       : hq_upl__read_ndjson(&j->file, body, &j->why));
    u->items = (int64_t)j->file.count;
    j->filed = HQ_NEW_ARRAY(j->arena, int64_t, j->file.count + 1);
    HQ_TRY(j->filed == NULL ? HQ_FAIL(NOMEM) : HQ_DONE);
    if (dry) {
        return file_them(j);
    }
    HQ_TRY(known ? hq_store_read(store, read_filed, j) : hq_store_write(store, begin, j));
    HQ_TRY(file_them(j));
    return hq_store_write(store, finish, j);
}

static void work(void *user)
{
    hq_upl__engine *engine = user;
    (void)setpriority(PRIO_PROCESS, 0, NICE); /* on Linux: of this thread */
    pthread_mutex_lock(&engine->lock);
    while (!engine->closing || engine->tasks != NULL) {
        job *j = engine->tasks;
        if (j == NULL) {
            /* Not for ever: a signal can be lost where several wait (glibc bug 25847). */
            hq_cond_wait_us(&engine->work, &engine->lock, HQ_US_PER_SECOND);
            continue;
        }
        engine->tasks = j->next_task;
        if (engine->tasks == NULL) {
            engine->last_task = &engine->tasks;
        }
        j->running = true;
        bool closing = engine->closing;
        pthread_mutex_unlock(&engine->lock);
        j->failed = closing ? HQ_FAIL(BUSY) : work_on(j);
        end_job(j);
        pthread_mutex_lock(&engine->lock);
    }
    pthread_mutex_unlock(&engine->lock);
}

/* ------------------------------------------------------------------ the connection's side */

static job *job_of(hq_intake *intake)
{
    return (job *)(void *)intake;
}

static size_t take(hq_intake *intake, const char *bytes, size_t len)
{
    job *j = job_of(intake);
    if (j->too_long || j->body.len + len > HQ_UPL__BODY_MAX) {
        j->too_long = true;
        hq_buf_clear(&j->body);
        return len; /* read and thrown away, so that the sender sees the answer */
    }
    hq_buf_append(&j->body, bytes, len);
    return len;
}

static void end(hq_intake *intake)
{
    job *j = job_of(intake);
    hq_upl__engine *engine = j->engine;
    pthread_mutex_lock(&engine->lock);
    *engine->last_task = j;
    engine->last_task = &j->next_task;
    j->running = true;
    pthread_cond_signal(&engine->work);
    pthread_mutex_unlock(&engine->lock);
}

static bool wait(hq_intake *intake)
{
    job *j = job_of(intake);
    pthread_mutex_lock(&j->engine->lock);
    bool waits = j->waiting = j->running;
    pthread_mutex_unlock(&j->engine->lock);
    return waits;
}

static bool ready(const hq_intake *intake)
{
    union {
        const hq_intake *from;
        job *job;
    } self = { .from = intake };
    pthread_mutex_lock(&self.job->engine->lock);
    bool done = self.job->done;
    pthread_mutex_unlock(&self.job->engine->lock);
    return done;
}

static hq_status refuse_file(const job *j, hq_request *request)
{
    const hq_findings *found = &j->file.found;
    if (j->failed.code == HQ_E_INVALID && found->count > 0) {
        request->answer.findings = found->items;
        request->answer.finding_count = found->count;
        request->answer.why =
            (hq_why){ found->items[0].path, found->items[0].vi, found->items[0].en };
    } else if (j->failed.code == HQ_E_BUSY) {
        request->answer.why = (hq_why){
            .vi = HQ_SV("Máy chủ đang dừng khi tệp chưa xong; hãy gửi lại cùng tệp với cùng "
                        "Idempotency-Key: phần đã khai được giữ, phần còn lại sẽ khai tiếp"),
            .en = HQ_SV("The server stopped before the file was done; send the same file with the "
                        "same Idempotency-Key: what is filed stays, the rest goes on"),
        };
    } else {
        request->answer.why = j->why;
    }
    return j->failed;
}

static hq_status answer(hq_intake *intake, hq_request *request)
{
    job *j = job_of(intake);
    hq_upl__upload *u = &j->upload;
    bool dry = u->mode == HQ_UPL__DRY_RUN;
    if (hq_failed(j->failed)) {
        return refuse_file(j, request);
    }
    request->answer.body = HQ_BUF_ARENA(j->arena, RESULT_MAX + 4096);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_upl__upload_json(&w, u, "DONE", u->items, true);
    request->answer.no_store = true;
    if (!dry) {
        hq_buf place = HQ_BUF_ARENA(j->arena, 128);
        hq_buf_lit(&place, "/api/v1/uploads/");
        hq_id_write(&place, &u->id);
        HQ_TRY(hq_buf_status(&place));
        request->answer.http = 201;
        request->answer.location = hq_buf_view(&place);
    }
    return hq_buf_status(&request->answer.body);
}

static void leave(hq_intake *intake)
{
    job *j = job_of(intake);
    hq_upl__engine *engine = j->engine;
    pthread_mutex_lock(&engine->lock);
    j->left = true;
    j->waiting = false;
    bool over = !j->running;
    if (over) {
        unlist(engine, j);
    }
    pthread_mutex_unlock(&engine->lock);
    if (over) {
        free_job(j);
    }
}

static const hq_intake job_intake = { take, end, wait, ready, answer, leave, NULL, NULL };

/* ------------------------------------------------------------------ beginning */

static hq_status admit(hq_upl__engine *engine, job *j, hq_request *request)
{
    bool own = false;
    pthread_mutex_lock(&engine->lock);
    for (const job *other = engine->jobs; other != NULL; other = other->next_job) {
        own |= hq_sv_eq(other->caller.id, j->caller.id);
    }
    bool full = engine->count >= TOGETHER;
    if (!own && !full) {
        j->next_job = engine->jobs;
        engine->jobs = j;
        engine->count++;
    }
    pthread_mutex_unlock(&engine->lock);
    if (own) {
        return HQ_CLR__REFUSE(request, RATE, "",
                              "Bạn đang có một tệp chưa xong; đợi xong rồi gửi tệp tiếp theo",
                              "You have a file under way; send the next one when it is done");
    }
    if (full) {
        return HQ_CLR__REFUSE(request, BUSY, "",
                              "Hệ thống đang nhận đủ số tệp cùng lúc; đợi số giây ghi trong "
                              "Retry-After rồi gửi lại",
                              "As many files as are taken at once are coming in; wait the seconds "
                              "in Retry-After, then send again");
    }
    return HQ_DONE;
}

static hq_status read_head(job *j, hq_request *request)
{
    hq_sv mode = hq_request_query(request, "mode");
    hq_sv type =
        hq_sv_trim(hq_sv_sub(request->content_type, 0, hq_sv_find(request->content_type, ';', 0)));
    j->upload.mode = HQ_UPL__PREREGISTER;
    bool known = mode.ptr == NULL;
    for (int i = 0; i < 3 && !known; i++) {
        known = hq_sv_eq(mode, hq_sv_from_cstr(hq_upl__mode_names[i]));
        j->upload.mode = (hq_upl__mode)i;
    }
    if (!known) {
        return HQ_CLR__REFUSE(request, INVALID, "/query/mode",
                              "mode phải là dry_run, preregister hoặc register",
                              "mode must be dry_run, preregister or register");
    }
    j->upload.is_sheet = hq_sv_eq_nocase(type, HQ_SV(HQ_UPL__XLSX_TYPE));
    if (!j->upload.is_sheet && !hq_sv_eq_nocase(type, HQ_SV("application/x-ndjson")) &&
        !hq_sv_eq_nocase(type, HQ_SV("application/ndjson"))) {
        return HQ_CLR__REFUSE(request, MEDIA, "",
                              "Ở đây nhận XLSX (Content-Type " HQ_UPL__XLSX_TYPE
                              ") hoặc NDJSON (application/x-ndjson); không nhận tệp có macro",
                              "XLSX (Content-Type " HQ_UPL__XLSX_TYPE
                              ") or NDJSON (application/x-ndjson) is taken here; no macros");
    }
    return HQ_DONE;
}

/* Of the caller what filing needs, for a job may outlive its request. */
static bool copy_caller(job *j, const hq_request *request)
{
    const hq_caller *caller = request->caller;
    hq_arena *arena = j->arena;
    j->caller = (hq_caller){ .id = hq_arena_dup(arena, caller->id),
                             .name = hq_arena_dup(arena, caller->name),
                             .role = caller->role,
                             .office = hq_arena_dup(arena, caller->office),
                             .tax_code = hq_arena_dup(arena, caller->tax_code) };
    j->upload.caller = j->caller.id;
    j->upload.tax_code = j->caller.tax_code;
    j->upload.key = hq_arena_dup(arena, request->idempotency_key);
    return j->caller.id.ptr != NULL && j->caller.tax_code.ptr != NULL && j->upload.key.ptr != NULL;
}

hq_status hq_clr__post_upload(hq_request *request, void *room)
{
    hq_clearance *clearance = room;
    hq_arena *arena = hq_arena_new(JOB_ARENA);
    job *j = arena == NULL ? NULL : HQ_NEW(arena, job);
    if (j == NULL) {
        hq_arena_free(arena);
        return HQ_FAIL(NOMEM);
    }
    j->intake = job_intake;
    j->engine = clearance->uploads;
    j->arena = arena;
    j->body = HQ_BUF_HEAP(HQ_UPL__BODY_MAX + 64);
    j->rows = HQ_BUF_HEAP(RESULT_MAX);
    j->upload.at = hq_now(clearance->clock);
    hq_id_make(&j->upload.id, j->upload.at);
    hq_status s = copy_caller(j, request) ? read_head(j, request) : HQ_FAIL(NOMEM);
    s = hq_ok(s) ? admit(clearance->uploads, j, request) : s;
    if (hq_failed(s)) {
        hq_arena_free(arena);
        return s;
    }
    request->intake = &j->intake;
    return HQ_DONE;
}

bool hq_upl__is_running(size_t *done, hq_upl__engine *engine, const hq_id *id)
{
    bool found = false;
    pthread_mutex_lock(&engine->lock);
    for (const job *j = engine->jobs; j != NULL && !found; j = j->next_job) {
        found = j->running && memcmp(&j->upload.id, id, sizeof *id) == 0;
        *done = found ? j->filed_so_far : 0;
    }
    pthread_mutex_unlock(&engine->lock);
    return found;
}

/* ------------------------------------------------------------------ life */

hq_status hq_upl__engine_open(hq_upl__engine **out, hq_clearance *clearance)
{
    hq_upl__engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL) {
        return HQ_FAIL(NOMEM);
    }
    *out = engine;
    engine->clearance = clearance;
    engine->last_task = &engine->tasks;
    pthread_mutex_init(&engine->lock, NULL);
    pthread_cond_init(&engine->work, NULL);
    while (engine->thread_count < THREADS) {
        HQ_TRY(hq_thread_start(&engine->threads[engine->thread_count], "hq-uploads", work, engine));
        engine->thread_count++;
    }
    return HQ_DONE;
}

void hq_upl__engine_close(hq_upl__engine *engine)
{
    if (engine == NULL) {
        return;
    }
    pthread_mutex_lock(&engine->lock);
    engine->closing = true;
    pthread_cond_broadcast(&engine->work);
    pthread_mutex_unlock(&engine->lock);
    for (int i = 0; i < engine->thread_count; i++) {
        hq_thread_join(&engine->threads[i]);
    }
    pthread_cond_destroy(&engine->work);
    pthread_mutex_destroy(&engine->lock);
    free(engine);
}
