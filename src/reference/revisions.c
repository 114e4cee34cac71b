/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/snapshot.h"

#include <stdlib.h>

/* What rows were before they were corrected. A decision records ids and the version of the tables;
 * most rows never change, so what is kept here are the few that did, and only what differs from the
 * revision after it: of a row the first revision that was still known after a version is the one of
 * that version. */

static int by_id_and_time(const void *a, const void *b)
{
    const hq_ref__revision *x = a;
    const hq_ref__revision *y = b;
    if (x->id != y->id) {
        return x->id < y->id ? -1 : 1;
    }
    return (x->known_to > y->known_to) - (x->known_to < y->known_to);
}

static const void *row_of(hq_ref__table_id table, const void *rows, size_t i)
{
    if (table == HQ_REF_TARIFF) {
        return (const hq_tariff_row *)rows + i;
    }
    return table == HQ_REF_EXCHANGE_RATES ? (const void *)&((const hq_ref__rate *)rows)[i].row
                                          : (const void *)((const hq_exemption_row *)rows + i);
}

static hq_status take_run(hq_ref *ref, struct hq_ref__builder *b, const hq_ref__row *rows,
                          size_t count)
{
    hq_ref__table_id table = (hq_ref__table_id)rows[0].table;
    void *typed = NULL;
    if (table != HQ_REF_TARIFF && table != HQ_REF_EXCHANGE_RATES && table != HQ_REF_EXEMPTIONS) {
        return HQ_FAIL(USAGE);
    }
    HQ_TRY(hq_ref__take_rows(b, &typed, table, rows, count));
    for (size_t i = 0; i < count; i++) {
        ref->revisions[ref->revision_count++] =
            (hq_ref__revision){ .id = rows[i].id,
                                .known_from = rows[i].known_from,
                                .known_to = rows[i].known_to,
                                .row = row_of(table, typed, i),
                                .table = rows[i].table };
    }
    return HQ_DONE;
}

hq_status hq_ref__take_revisions(hq_ref *ref, struct hq_ref__builder *b, const hq_ref__row *rows,
                                 size_t count)
{
    ref->revisions = HQ_NEW_ARRAY(ref->arena, hq_ref__revision, count + 1);
    if (ref->revisions == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t at = 0, run; at < count; at += run) {
        for (run = 1; at + run < count && rows[at + run].table == rows[at].table; run++) {
        }
        HQ_TRY(take_run(ref, b, rows + at, run));
    }
    qsort(ref->revisions, count, sizeof *ref->revisions, by_id_and_time);
    return HQ_DONE;
}

/* NULL when the row is now as it was then. */
static const void *revision_at(const hq_ref *ref, int64_t id, int64_t version)
{
    size_t low = 0;
    size_t high = ref->revision_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const hq_ref__revision *r = &ref->revisions[middle];
        if (r->id < id || (r->id == id && r->known_to <= version)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const hq_ref__revision *r = low < ref->revision_count ? &ref->revisions[low] : NULL;
    return r != NULL && r->id == id ? r->row : NULL;
}

const hq_tariff_row *hq_ref_tariff_at(const hq_ref *ref, int64_t id, int64_t version)
{
    const hq_tariff_row *then = revision_at(ref, id, version);
    return then != NULL ? then : hq_ref_tariff_by_id(ref, id);
}

const hq_rate_row *hq_ref_rate_at(const hq_ref *ref, hq_code4 currency, hq_day day, int64_t id,
                                  int64_t version)
{
    const hq_rate_row *then = revision_at(ref, id, version);
    if (then != NULL) {
        return then;
    }
    const hq_rate_row *now = hq_ref_rate(ref, currency, day);
    return now != NULL && now->id == id ? now : hq_ref_rate_by_id(ref, id);
}

const hq_exemption_row *hq_ref_exemption_at(const hq_ref *ref, hq_sv code, hq_tax tax, hq_day day,
                                            int64_t version)
{
    for (size_t i = 0; i < ref->revision_count; i++) {
        const hq_ref__revision *r = &ref->revisions[i];
        if (r->table != HQ_REF_EXEMPTIONS || version < r->known_from || version >= r->known_to) {
            continue;
        }
        const hq_exemption_row *row = r->row;
        if (row->tax == tax && row->from <= day && day <= row->to && hq_sv_eq(row->code, code)) {
            return row;
        }
    }
    return hq_ref_exemption(ref, code, tax, day);
}
