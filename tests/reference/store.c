/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../place.h"

void stored_open(stored *s)
{
    static hq_store_room room;
    hq_why why = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    room = hq_reference_room;
    hq_store_options options = { .url = hq_sv_from_cstr(s->url),
                                 .clock = hq_os_clock(),
                                 .rooms = &room,
                                 .room_count = 1,
                                 .no_realtime = true };
    hq_status opened = hq_store_open(&s->store, &options, s->arena, &why);
    if (hq_failed(opened)) {
        print_error("%.*s\n", HQ_SV_FMT(why.en));
    }
    MUST(opened);
    MUST(hq_reference_open(&s->reference, s->store, &why, s->arena));
}

void stored_close(stored *s)
{
    hq_reference_close(s->reference);
    hq_store_close(s->store);
    s->reference = NULL;
    s->store = NULL;
}

int stored_set_up(void **state)
{
    stored *s = calloc(1, sizeof *s);
    assert_non_null(s);
    MUST(hq_base_init());
    assert_true(place_make(s->dir, sizeof s->dir));
    snprintf(s->url, sizeof s->url, "sqlite:%s/t.db", s->dir);
    s->arena = hq_arena_new((size_t)1 << 30);
    stored_open(s);
    *state = s;
    return 0;
}

int stored_tear_down(void **state)
{
    stored *s = *state;
    stored_close(s);
    place_remove(s->dir);
    hq_arena_free(s->arena);
    free(s);
    return 0;
}

imported import_csv(stored *s, const char *table, hq_sv csv, const hq_import_options *options)
{
    imported out = { .findings = NULL };
    hq_why why = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    out.status = hq_reference_import(&out.report, s->reference, hq_sv_from_cstr(table), csv,
                                     options, s->arena, &out.findings, &out.finding_count, &why);
    return out;
}
