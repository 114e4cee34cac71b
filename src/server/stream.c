/* SPDX-License-Identifier: Apache-2.0 */
#include "server/admit.h"
#include "server/state.h"

/* Bodies of any length, handed on as they come (hq_intake). */

bool hq_exchange_streams(const hq_exchange *ex)
{
    return ex->compiled != NULL && (ex->compiled->route->flags & HQ_ROUTE_STREAM) != 0;
}

static void wake_stream(void *exchange)
{
    hq_exchange_wake(exchange);
}

void hq_stream_open(hq_exchange *ex)
{
    hq_request *r = &ex->request;
    if (!hq_limiter_enter(ex->server->limiter, ex->compiled->route->pool)) {
        hq_exchange_refuse(ex, HQ_FAIL(BUSY));
        return;
    }
    ex->counted = true;
    ex->status = ex->compiled->route->handle(r, ex->compiled->self);
    if (hq_ok(ex->status)) {
        ex->status = hq_admit_query(ex);
    }
    if (hq_failed(ex->status) || r->intake == NULL) {
        hq_exchange_refuse(ex, hq_failed(ex->status) ? ex->status : HQ_FAIL(INTERNAL));
        return;
    }
    r->intake->wake = wake_stream;
    r->intake->exchange = ex;
    ex->stage = HQ_AT_STREAM;
}

/* Suspended until there is room, or the answer. False: the server stops. Who was woken at once has
 * the connection back already. */
static bool hold_up(hq_exchange *ex)
{
    if (!hq_http_suspend(ex->server->http, ex->wire)) {
        return false;
    }
    if (!ex->request.intake->wait(ex->request.intake)) {
        hq_exchange_wake(ex);
    }
    return true;
}

bool hq_stream_take(hq_exchange *ex, const char *bytes, size_t *left)
{
    if (atomic_load(&ex->server->stopping)) {
        return false; /* what was taken is safe; the sender comes back with the rest */
    }
    *left -= ex->request.intake->take(ex->request.intake, bytes, *left);
    return *left == 0 || hold_up(ex);
}

bool hq_stream_end(hq_exchange *ex)
{
    hq_intake *intake = ex->request.intake;
    if (!ex->body_ended) {
        ex->body_ended = true;
        intake->end(intake);
    }
    if (!intake->ready(intake)) {
        if (hold_up(ex)) {
            return true;
        }
        ex->status = HQ_FAIL(BUSY);
        return false;
    }
    ex->status = intake->answer(intake, &ex->request);
    return false;
}
