/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clearance/batch_inside.h"

#define SPARES    8
#define ARENA_MAX ((size_t)64 << 20)
#define OUT_MAX   ((size_t)32 << 20)
#define NICE      10 /* who files a declaration by hand goes before parcels */

/* ------------------------------------------------------------------ sheets */

static hq_clr__sheet *take_spare(hq_clr__batches *engine)
{
    pthread_mutex_lock(&engine->lock);
    hq_clr__sheet *sheet = engine->spare;
    if (sheet != NULL) {
        engine->spare = sheet->next_task;
        engine->spares--;
    }
    pthread_mutex_unlock(&engine->lock);
    return sheet;
}

static void free_sheet(hq_clr__sheet *sheet)
{
    if (sheet != NULL) {
        hq_arena_free(sheet->arena);
        hq_buf_free(&sheet->out);
        free(sheet);
    }
}

hq_clr__sheet *hq_clr__sheet_new(hq_clr__batch *batch)
{
    hq_clr__sheet *sheet = take_spare(batch->engine);
    if (sheet == NULL) {
        sheet = malloc(sizeof *sheet);
        if (sheet == NULL) {
            return NULL;
        }
        sheet->arena = hq_arena_new(ARENA_MAX);
        sheet->out = HQ_BUF_HEAP(OUT_MAX);
    }
    if (sheet->arena == NULL) {
        free_sheet(sheet);
        return NULL;
    }
    sheet->batch = batch;
    sheet->clearance = batch->engine->clearance;
    sheet->caller = batch->caller;
    sheet->count = 0;
    sheet->work = NULL;
    sheet->written = HQ_DONE;
    sheet->next_task = sheet->next_in_order = NULL;
    sheet->submitted = sheet->answered = false;
    sheet->len = sheet->line_at = 0;
    return sheet;
}

void hq_clr__sheet_give(hq_clr__batches *engine, hq_clr__sheet *sheet)
{
    hq_arena_reset(sheet->arena);
    hq_buf_clear(&sheet->out);
    pthread_mutex_lock(&engine->lock);
    bool keep = engine->spares < SPARES && !engine->closing;
    if (keep) {
        sheet->next_task = engine->spare;
        engine->spare = sheet;
        engine->spares++;
    }
    pthread_mutex_unlock(&engine->lock);
    if (!keep) {
        free_sheet(sheet);
    }
}

/* ------------------------------------------------------------------ tasks */

/* What is written comes before what is to be read: it gives room back. */
static void add_task(hq_clr__batches *engine, hq_clr__sheet *sheet, bool first)
{
    pthread_mutex_lock(&engine->lock);
    if (first) {
        engine->submitted--;
        sheet->next_task = engine->tasks;
        engine->tasks = sheet;
        if (engine->last_task == &engine->tasks) {
            engine->last_task = &sheet->next_task;
        }
    } else {
        sheet->next_task = NULL;
        *engine->last_task = sheet;
        engine->last_task = &sheet->next_task;
    }
    pthread_cond_signal(&engine->work);
    pthread_mutex_unlock(&engine->lock);
}

void hq_clr__sheet_ship(hq_clr__sheet *sheet)
{
    hq_clr__batch *batch = sheet->batch;
    memset(sheet->text + sheet->len, 0, sizeof sheet->text - sheet->len);
    pthread_mutex_lock(&batch->lock);
    *batch->last = sheet;
    batch->last = &sheet->next_in_order;
    pthread_mutex_unlock(&batch->lock);
    add_task(batch->engine, sheet, false);
}

void hq_clr__batch_forget(hq_clr__batch *batch)
{
    hq_clr__batches *engine = batch->engine;
    pthread_mutex_lock(&engine->lock);
    hq_clr__batch **at = &engine->batches;
    while (*at != batch) {
        at = &(*at)->next;
    }
    *at = batch->next;
    engine->count--;
    pthread_mutex_unlock(&engine->lock);
    hq_clr__spool_close(&batch->spool);
    pthread_mutex_destroy(&batch->lock);
    hq_arena_free(batch->arena);
}

bool hq_clr__batch_has_room(const hq_clr__batch *batch)
{
    return batch->ended ? batch->sheets == 0 : batch->sheets < HQ_CLR__BATCH_SHEETS;
}

/* Results leave in the order of the lines, whichever sheet was done first. */
static void finish_sheet(hq_clr__sheet *sheet)
{
    hq_clr__batch *batch = sheet->batch;
    hq_clr__batches *engine = batch->engine;
    hq_clr__sheet *done = NULL;
    pthread_mutex_lock(&batch->lock);
    sheet->answered = true;
    while (batch->first != NULL && batch->first->answered) {
        hq_clr__sheet *one = batch->first;
        batch->first = one->next_in_order;
        if (batch->first == NULL) {
            batch->last = &batch->first;
        }
        if (!batch->left) {
            hq_clr__spool_add(&batch->spool, hq_buf_view(&one->out));
        }
        batch->sheets--;
        one->next_in_order = done;
        done = one;
    }
    bool wake = batch->waiting && hq_clr__batch_has_room(batch);
    bool over = batch->left && batch->sheets == 0;
    batch->waiting = batch->waiting && !wake;
    pthread_mutex_unlock(&batch->lock);
    while (done != NULL) {
        hq_clr__sheet *next = done->next_in_order;
        hq_clr__sheet_give(engine, done);
        done = next;
    }
    if (wake) {
        hq_intake_wake(&batch->intake);
    } else if (over) {
        hq_clr__batch_forget(batch);
    }
}

static void answer_sheet(hq_clr__sheet *sheet)
{
    sheet->batch->trade->answer(sheet, sheet->written);
    if (hq_failed(hq_buf_status(&sheet->out))) {
        pthread_mutex_lock(&sheet->batch->lock);
        sheet->batch->spool.failed = hq_buf_status(&sheet->out);
        pthread_mutex_unlock(&sheet->batch->lock);
    }
    finish_sheet(sheet);
}

static void on_written(hq_write *write, hq_status status)
{
    hq_clr__sheet *sheet = write->user;
    sheet->written = status;
    add_task(sheet->batch->engine, sheet, true);
}

static void submit(hq_clr__sheet *sheet)
{
    hq_clr__batches *engine = sheet->batch->engine;
    sheet->submitted = true;
    sheet->write = (hq_write){ .fn = sheet->batch->trade->write,
                               .user = sheet,
                               .done = on_written,
                               .class_ = HQ_WRITE_LOW_VALUE };
    pthread_mutex_lock(&engine->lock);
    engine->submitted++;
    pthread_mutex_unlock(&engine->lock);
    hq_status s = hq_store_submit(engine->clearance->store, &sheet->write);
    if (hq_failed(s)) {
        on_written(&sheet->write, s);
    }
}

/* Nobody waits for the results of a connection that broke; lines not begun are not begun. */
static bool is_left(hq_clr__batch *batch)
{
    pthread_mutex_lock(&batch->lock);
    bool left = batch->left;
    pthread_mutex_unlock(&batch->lock);
    return left;
}

static void do_task(hq_clr__sheet *sheet)
{
    if (sheet->submitted) {
        answer_sheet(sheet);
    } else if (is_left(sheet->batch)) {
        finish_sheet(sheet);
    } else if (sheet->batch->trade->read(sheet)) {
        submit(sheet);
    } else {
        answer_sheet(sheet);
    }
}

static void work(void *user)
{
    hq_clr__batches *engine = user;
    (void)setpriority(PRIO_PROCESS, 0, NICE); /* on Linux: of this thread */
    pthread_mutex_lock(&engine->lock);
    while (!engine->closing || engine->tasks != NULL || engine->submitted > 0) {
        hq_clr__sheet *sheet = engine->tasks;
        if (sheet == NULL) {
            /* Not for ever: a signal can be lost where several wait (glibc bug 25847). */
            hq_cond_wait_us(&engine->work, &engine->lock, HQ_US_PER_SECOND);
            continue;
        }
        engine->tasks = sheet->next_task;
        if (engine->tasks == NULL) {
            engine->last_task = &engine->tasks;
        }
        pthread_mutex_unlock(&engine->lock);
        do_task(sheet);
        pthread_mutex_lock(&engine->lock);
    }
    pthread_cond_broadcast(&engine->work);
    pthread_mutex_unlock(&engine->lock);
}

/* ------------------------------------------------------------------ beginning */

/* Of the caller what the lines need, for a batch may outlive its request. */
static bool copy_caller(hq_clr__batch *batch, const hq_caller *caller)
{
    hq_arena *arena = batch->arena;
    batch->caller = HQ_NEW(arena, hq_caller);
    if (batch->caller == NULL) {
        return false;
    }
    *batch->caller = (hq_caller){ .id = hq_arena_dup(arena, caller->id),
                                  .name = hq_arena_dup(arena, caller->name),
                                  .role = caller->role,
                                  .office = hq_arena_dup(arena, caller->office),
                                  .tax_code = hq_arena_dup(arena, caller->tax_code) };
    return batch->caller->id.ptr != NULL && batch->caller->tax_code.ptr != NULL;
}

static hq_status admit(hq_clr__batches *engine, hq_clr__batch *batch, hq_request *request)
{
    int own = 0;
    pthread_mutex_lock(&engine->lock);
    for (const hq_clr__batch *b = engine->batches; b != NULL; b = b->next) {
        own += hq_sv_eq(b->caller->id, batch->caller->id);
    }
    bool many = own >= engine->limits.per_sender;
    bool full = engine->count >= engine->limits.together;
    if (!many && !full) {
        batch->next = engine->batches;
        engine->batches = batch;
        engine->count++;
    }
    pthread_mutex_unlock(&engine->lock);
    if (many) {
        return HQ_CLR__REFUSE(request, RATE, "",
                              "Bạn đang gửi đủ số lô được gửi cùng lúc; đợi một lô xong rồi gửi "
                              "lô tiếp theo",
                              "You have as many batches under way as one sender may; send the next "
                              "one when one of them has ended");
    }
    if (full) {
        return HQ_CLR__REFUSE(
            request, BUSY, "",
            "Hệ thống đang nhận đủ số lô cùng lúc; đợi số giây ghi trong "
            "Retry-After rồi gửi lại",
            "As many batches as are taken at once are coming in; wait the seconds "
            "in Retry-After, then send again");
    }
    return HQ_DONE;
}

hq_status hq_clr__batch_begin(hq_clr__batches *engine, hq_request *request,
                              const hq_clr__trade *trade)
{
    hq_arena *arena = hq_arena_new((size_t)1 << 20);
    hq_clr__batch *batch = arena == NULL ? NULL : HQ_NEW(arena, hq_clr__batch);
    if (batch == NULL) {
        hq_arena_free(arena);
        return HQ_FAIL(NOMEM);
    }
    *batch = (hq_clr__batch){
        .intake = hq_clr__batch_intake, .engine = engine, .trade = trade, .arena = arena, .line = 1
    };
    batch->last = &batch->first;
    hq_status s =
        copy_caller(batch, request->caller) ? admit(engine, batch, request) : HQ_FAIL(NOMEM);
    if (hq_failed(s)) {
        hq_arena_free(arena);
        return s;
    }
    pthread_mutex_init(&batch->lock, NULL);
    hq_clr__spool_open(&batch->spool);
    request->intake = &batch->intake;
    return HQ_DONE;
}

/* ------------------------------------------------------------------ life */

static int half_the_cores(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 2 ? (int)(cores / 2) : 1;
}

hq_status hq_clr__batches_open(hq_clr__batches **out, hq_clearance *clearance,
                               const hq_clearance_batch_limits *limits)
{
    hq_clr__batches *engine = calloc(1, sizeof *engine);
    if (engine == NULL) {
        return HQ_FAIL(NOMEM);
    }
    *out = engine;
    engine->clearance = clearance;
    engine->limits = *limits;
    engine->limits.per_sender = limits->per_sender > 0 ? limits->per_sender : 2;
    engine->limits.together = limits->together > 0 ? limits->together : 16;
    engine->last_task = &engine->tasks;
    pthread_mutex_init(&engine->lock, NULL);
    pthread_cond_init(&engine->work, NULL);
    int threads = limits->threads > 0 ? limits->threads : half_the_cores();
    threads = threads < HQ_CLR__BATCH_THREADS ? threads : HQ_CLR__BATCH_THREADS;
    while (engine->thread_count < threads) {
        HQ_TRY(hq_thread_start(&engine->threads[engine->thread_count], "hq-parcels", work, engine));
        engine->thread_count++;
    }
    return HQ_DONE;
}

void hq_clr__batches_close(hq_clr__batches *engine)
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
    while (engine->spare != NULL) {
        hq_clr__sheet *next = engine->spare->next_task;
        free_sheet(engine->spare);
        engine->spare = next;
    }
    pthread_cond_destroy(&engine->work);
    pthread_mutex_destroy(&engine->lock);
    free(engine);
}
