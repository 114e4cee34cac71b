/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/elements.h"

/* What a declarant is told of sections that hold more: his own proposals, not those of customs
 * among themselves; what was decided, not why a channel was changed; that goods are held, not the
 * ground. */

#define TOLD_MAX ((size_t)16 << 20)

static bool is_declarants(const hq_json *element)
{
    return hq_sv_eq(hq_json_get_text(element, "role"), HQ_SV("declarant"));
}

static bool one_of(hq_sv name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (hq_sv_eq(name, hq_sv_from_cstr(*names))) {
            return true;
        }
    }
    return false;
}

/* The element with null for what is not told. */
static void put_without(hq_json_w *w, const hq_json *element, const char *const *kept_back)
{
    hq_json_open(w, '{');
    for (const hq_json *m = hq_json_first(element); m != NULL; m = hq_json_next(element, m)) {
        hq_json_key_sv(w, m->key);
        if (one_of(m->key, kept_back)) {
            hq_json_null(w);
        } else {
            hq_clr__json_value(w, m);
        }
    }
    hq_json_close(w, '}');
}

static void put_element(hq_json_w *w, hq_clr__section section, const hq_json *element)
{
    static const char *const none[] = { NULL };
    static const char *const of_channel[] = { "reason", "proposal", "proposed_by", NULL };
    static const char *const of_hold[] = { "ground",   "by",        "role",        "for", "reason",
                                           "proposal", "lifted_by", "lift_reason", NULL };
    if (section == HQ_CLR__PROPOSALS) {
        if (is_declarants(element)) {
            put_without(w, element, none);
        }
        return;
    }
    bool channel = hq_sv_eq(hq_json_get_text(element, "verb"), HQ_SV("channel"));
    put_without(w, element, section == HQ_CLR__HOLDS ? of_hold : channel ? of_channel : none);
}

void hq_clr__section_told(hq_json_w *w, hq_clr__section section, hq_sv text)
{
    const hq_json *all;
    hq_arena *arena = hq_arena_new(TOLD_MAX);
    bool reads = arena != NULL && hq_ok(hq_clr__elements(&all, text, arena));
    hq_json_open(w, '[');
    for (const hq_json *e = reads ? hq_json_first(all) : NULL; e != NULL;
         e = hq_json_next(all, e)) {
        put_element(w, section, e);
    }
    hq_json_close(w, ']');
    hq_arena_free(arena);
}
