/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: the item master, what a trader deals in, to fill lines with. Each trader's
 * own; an agent keeps those of the clients whose authority he holds. */

#include "clearance/findings.h"
#include "clearance/room.h"

#define HQ_CLR__ITEMS_MAX  20000 /* of a trader */
#define HQ_CLR__IMPORT_MAX 5000  /* at once */

typedef struct {
    hq_sv code, description, hs, origin, unit, currency, words;
    int64_t price; /* scale HQ_SCALE_PRICE, -1 none */
    int64_t version;
    hq_time_us changed_at;
} hq_clr__item;

/* item_rows.c */
hq_status hq_clr__item_get(hq_clr__item *out, hq_tx *tx, hq_sv trader, hq_sv code, hq_arena *arena);
/* In order of code after `after`; `words` folded, empty all. */
typedef struct {
    hq_sv trader, words, after;
    size_t max;
} hq_clr__item_page;
hq_status hq_clr__item_list(hq_clr__item **out, size_t *count, hq_tx *tx,
                            const hq_clr__item_page *page, hq_arena *arena);
/* What came of it: added, changed or as it was; item->version and changed_at are set. */
typedef enum { HQ_CLR__ITEM_ADDED, HQ_CLR__ITEM_CHANGED, HQ_CLR__ITEM_SAME } hq_clr__item_fate;
hq_status hq_clr__item_put(hq_clr__item_fate *fate, hq_tx *tx, hq_sv trader, hq_clr__item *item);
hq_status hq_clr__item_delete(hq_tx *tx, hq_sv trader, hq_sv code); /* NOT_FOUND */
/* `more` items are in the list now (may be negative): one event. LIMIT over HQ_CLR__ITEMS_MAX. */
hq_status hq_clr__item_list_changed(hq_tx *tx, hq_sv trader, int64_t more, hq_sv actor, hq_sv kind,
                                    hq_sv payload);

/* item_read.c: rows of a body, all findings at once with paths under `under` ("/line/2", ""). */
typedef struct {
    hq_findings *findings;
    const hq_ref *ref;
    hq_day day;
    hq_arena *arena;
} hq_clr__item_reading;
bool hq_clr__item_of_json(hq_clr__item *out, const hq_clr__item_reading *reading,
                          const hq_json *object, hq_sv under, bool with_code);
/* The whole of a CSV or NDJSON body. */
hq_status hq_clr__items_of_csv(hq_clr__item **out, size_t *count,
                               const hq_clr__item_reading *reading, hq_sv body, hq_why *why);
hq_status hq_clr__items_of_lines(hq_clr__item **out, size_t *count,
                                 const hq_clr__item_reading *reading, hq_sv body, hq_why *why);

hq_status hq_clr__get_items(hq_request *request, void *room);
hq_status hq_clr__put_items(hq_request *request, void *room);
hq_status hq_clr__get_item(hq_request *request, void *room);
hq_status hq_clr__put_item(hq_request *request, void *room);
hq_status hq_clr__delete_item(hq_request *request, void *room);
