/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/batch_inside.h"

/* The connection's side of a batch: cuts what comes into sheets of whole lines, and answers when
 * all of them are done. */

static void ship_filling(hq_clr__batch *batch)
{
    hq_clr__sheet *sheet = batch->filling;
    batch->filling = NULL;
    hq_clr__sheet_ship(sheet);
}

/* The line in hand ends at sheet->len. Blank lines have a number and no result. */
static void end_line(hq_clr__batch *batch, bool too_long)
{
    hq_clr__sheet *sheet = batch->filling;
    hq_sv text = hq_sv_trim(hq_sv_make(sheet->text + sheet->line_at, sheet->len - sheet->line_at));
    if (text.len > 0) {
        sheet->lines[sheet->count++] =
            (hq_clr__batch_line){ .number = batch->line, .text = text, .too_long = too_long };
        sheet->line_at = sheet->len;
    } else {
        sheet->len = sheet->line_at;
    }
    batch->line++;
}

/* A sheet to put bytes into; NULL: none now. */
static hq_clr__sheet *sheet_for(hq_clr__batch *batch)
{
    if (batch->filling != NULL) {
        return batch->filling;
    }
    pthread_mutex_lock(&batch->lock);
    bool room = batch->sheets < HQ_CLR__BATCH_SHEETS;
    batch->sheets += room;
    pthread_mutex_unlock(&batch->lock);
    if (!room) {
        return NULL;
    }
    batch->filling = hq_clr__sheet_new(batch);
    if (batch->filling == NULL) {
        pthread_mutex_lock(&batch->lock);
        batch->sheets--;
        batch->failed = HQ_FAIL(NOMEM);
        pthread_mutex_unlock(&batch->lock);
    }
    return batch->filling;
}

/* The sheet is full and its last line is not whole: that line moves to a new sheet. False: there is
 * none now. A line that is alone in its sheet is too long. */
static bool make_room(hq_clr__batch *batch)
{
    hq_clr__sheet *sheet = batch->filling;
    if (sheet->count == 0) {
        end_line(batch, true);
        batch->line--; /* it has not ended yet */
        batch->skipping = true;
        return true;
    }
    batch->filling = NULL;
    hq_clr__sheet *next = sheet_for(batch);
    if (next == NULL) {
        batch->filling = sheet;
        return false;
    }
    size_t part = sheet->len - sheet->line_at;
    memcpy(next->text, sheet->text + sheet->line_at, part);
    next->len = part;
    sheet->len = sheet->line_at;
    hq_clr__sheet_ship(sheet);
    batch->filling = next;
    return true;
}

/* Bytes up to and with the end of a line, or all; how many were taken. */
static size_t take_piece(hq_clr__batch *batch, const char *bytes, size_t len)
{
    const char *end = memchr(bytes, '\n', len);
    size_t piece = end == NULL ? len : (size_t)(end - bytes);
    if (batch->skipping) {
        batch->skipping = end == NULL;
        batch->line += end != NULL;
        return piece + (end != NULL);
    }
    hq_clr__sheet *sheet = sheet_for(batch);
    if (sheet == NULL) {
        return 0;
    }
    size_t room = HQ_CLR__LINE_MAX - sheet->len;
    if (piece > room) {
        memcpy(sheet->text + sheet->len, bytes, room);
        sheet->len += room;
        if (!make_room(batch)) {
            sheet->len -= room;
            return 0;
        }
        return room + take_piece(batch, bytes + room, len - room);
    }
    memcpy(sheet->text + sheet->len, bytes, piece);
    sheet->len += piece;
    if (end != NULL) {
        end_line(batch, false);
    }
    if (sheet->count == HQ_CLR__SHEET_LINES) {
        ship_filling(batch);
    }
    return piece + (end != NULL);
}

static hq_clr__batch *batch_of(hq_intake *intake)
{
    return (hq_clr__batch *)(void *)intake;
}

static size_t take(hq_intake *intake, const char *bytes, size_t len)
{
    hq_clr__batch *batch = batch_of(intake);
    size_t taken = 0;
    while (taken < len && hq_ok(batch->failed)) {
        size_t piece = take_piece(batch, bytes + taken, len - taken);
        if (piece == 0 && hq_ok(batch->failed)) {
            break;
        }
        taken += piece;
    }
    return hq_failed(batch->failed) ? len : taken; /* the answer will say what failed */
}

static void end(hq_intake *intake)
{
    hq_clr__batch *batch = batch_of(intake);
    hq_clr__sheet *sheet = batch->filling;
    if (sheet != NULL && sheet->len > sheet->line_at) {
        end_line(batch, false);
    }
    if (sheet != NULL && sheet->count > 0) {
        ship_filling(batch);
    }
    pthread_mutex_lock(&batch->lock);
    if (batch->filling != NULL) {
        batch->sheets--;
    }
    batch->ended = true;
    pthread_mutex_unlock(&batch->lock);
    if (batch->filling != NULL) {
        hq_clr__sheet_give(batch->engine, batch->filling);
        batch->filling = NULL;
    }
}

static bool wait(hq_intake *intake)
{
    hq_clr__batch *batch = batch_of(intake);
    pthread_mutex_lock(&batch->lock);
    batch->waiting = !hq_clr__batch_has_room(batch);
    bool waits = batch->waiting;
    pthread_mutex_unlock(&batch->lock);
    return waits;
}

static bool ready(const hq_intake *intake)
{
    union {
        const hq_intake *from;
        hq_clr__batch *batch;
    } self = { .from = intake };
    pthread_mutex_lock(&self.batch->lock);
    bool done = self.batch->ended && self.batch->sheets == 0;
    pthread_mutex_unlock(&self.batch->lock);
    return done;
}

static hq_status answer(hq_intake *intake, hq_request *request)
{
    hq_clr__batch *batch = batch_of(intake);
    hq_status s =
        hq_failed(batch->failed) ? batch->failed : hq_clr__spool_answer(&batch->spool, request);
    if (hq_failed(s)) {
        return HQ_CLR__REFUSE(request, FULL, "",
                              "Không giữ được kết quả của lô; các dòng đã ghi vẫn còn, hãy gửi lại "
                              "cả lô với cùng số tham chiếu",
                              "The results of the batch could not be kept; what was stored stays, "
                              "send the same batch again with the same references");
    }
    request->answer.content_type = HQ_SV("application/x-ndjson");
    request->answer.no_store = true;
    return HQ_DONE;
}

static void leave(hq_intake *intake)
{
    hq_clr__batch *batch = batch_of(intake);
    hq_clr__sheet *filling = batch->filling;
    batch->filling = NULL;
    pthread_mutex_lock(&batch->lock);
    batch->left = true;
    batch->waiting = false;
    batch->sheets -= filling != NULL;
    bool over = batch->sheets == 0;
    pthread_mutex_unlock(&batch->lock);
    if (filling != NULL) {
        hq_clr__sheet_give(batch->engine, filling);
    }
    if (over) {
        hq_clr__batch_forget(batch);
    }
}

const hq_intake hq_clr__batch_intake = { take, end, wait, ready, answer, leave, NULL, NULL };
