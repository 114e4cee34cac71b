/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/elements.h"
#include "clearance/holds.h"
#include "clearance/passage.h"
#include "clearance/verbs.h"

/* What may pass and what has passed: from the document and the passages of the life. */

bool hq_clr__all_gone(const hq_clr__life *life)
{
    return hq_clr__section_has(life->sections[HQ_CLR__PASSAGES], HQ_SV("\"gone\":true"));
}

bool hq_clr__pass_code_fits(const hq_clearance *clearance, int64_t id, hq_sv code)
{
    char expected[10];
    int64_t named;
    hq_sv rest = code;
    if (hq_sv_starts(code, HQ_SV("HQP:"))) {
        hq_sv_cut(&rest, ':');
        hq_sv number = hq_sv_cut(&rest, ':');
        if (!hq_declaration_number_parse(&named, number) || named != id || rest.ptr == NULL) {
            return false;
        }
    }
    return hq_clr__same_code(hq_clr__pass_code(expected, clearance, id), rest);
}

/* ------------------------------------------------------------------ counting */

static bool has_passed(const hq_json *passages, hq_sv container)
{
    for (const hq_json *p = hq_json_first(passages); p != NULL; p = hq_json_next(passages, p)) {
        const hq_json *list = hq_json_get(p, "containers");
        for (const hq_json *c = list == NULL ? NULL : hq_json_first(list); c != NULL;
             c = hq_json_next(list, c)) {
            if (hq_sv_eq(c->text, container)) {
                return true;
            }
        }
    }
    return false;
}

static hq_status count_containers(hq_clr__pass *out, const hq_json *document,
                                  const hq_json *passages, hq_arena *arena)
{
    const hq_json *list = hq_json_get(document, "containers");
    size_t count = list == NULL || list->type != HQ_JSON_ARRAY ? 0 : list->count;
    hq_clr__pass_container *to = HQ_NEW_ARRAY(arena, hq_clr__pass_container, count + 1);
    if (to == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (const hq_json *c = count == 0 ? NULL : hq_json_first(list); c != NULL;
         c = hq_json_next(list, c)) {
        to[out->container_count++] =
            (hq_clr__pass_container){ c->text, has_passed(passages, c->text) };
    }
    out->containers = to;
    return HQ_DONE;
}

static bool may_leave(hq_declaration_status status)
{
    return status == HQ_DECLARATION_CLEARED || status == HQ_DECLARATION_RELEASED ||
           status == HQ_DECLARATION_STORED;
}

hq_status hq_clr__pass_of(hq_clr__pass *out, const hq_clr__row *row, const hq_clr__life *life,
                          hq_arena *arena)
{
    const hq_json *document;
    const hq_json *passages;
    *out = (hq_clr__pass){ .gone = hq_clr__all_gone(life), .held = hq_clr__is_held(life) };
    HQ_TRY(hq_json_parse(&document, row->body, arena, NULL));
    HQ_TRY(hq_clr__elements(&passages, life->sections[HQ_CLR__PASSAGES], arena));
    hq_json_get_i64(&out->declared, hq_json_get(document, "packages"), "count");
    for (const hq_json *p = hq_json_first(passages); p != NULL; p = hq_json_next(passages, p)) {
        int64_t packages = 0;
        hq_json_get_i64(&packages, p, "packages");
        out->passed += packages;
    }
    out->may_pass = may_leave(row->status) && !out->held && !out->gone;
    return count_containers(out, document, passages, arena);
}

/* ------------------------------------------------------------------ the answer */

static void put_packages(hq_json_w *w, const hq_clr__pass *pass)
{
    HQ_JSON_KEY(w, "packages");
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "declared");
    if (pass->declared == 0) {
        hq_json_null(w);
    } else {
        hq_json_i64(w, pass->declared);
    }
    HQ_JSON_KEY(w, "passed");
    hq_json_i64(w, pass->passed);
    HQ_JSON_KEY(w, "left");
    if (pass->declared == 0) {
        hq_json_null(w);
    } else {
        hq_json_i64(w, pass->gone ? 0 : pass->declared - pass->passed);
    }
    hq_json_close(w, '}');
}

static void put_containers(hq_json_w *w, const hq_clr__pass *pass)
{
    HQ_JSON_KEY(w, "containers");
    hq_json_open(w, '[');
    for (size_t i = 0; i < pass->container_count; i++) {
        hq_json_open(w, '{');
        HQ_JSON_KEY(w, "number");
        hq_json_text(w, pass->containers[i].number);
        HQ_JSON_KEY(w, "passed");
        hq_json_bool(w, pass->containers[i].passed);
        hq_json_close(w, '}');
    }
    hq_json_close(w, ']');
}

hq_status hq_clr__pass_answer(hq_request *request, const hq_clr__row *row)
{
    char number[12];
    hq_clr__life life;
    hq_clr__pass pass;
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__pass_of(&pass, row, &life, request->arena));
    request->answer.body = HQ_BUF_ARENA(request->arena, HQ_CLR__RECORD_MAX);
    request->answer.etag = hq_arena_printf(request->arena, "%lld", (long long)row->version);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "number");
    hq_json_text(&w, hq_declaration_number_write(number, row->id, 0));
    HQ_JSON_KEY(&w, "version");
    hq_json_i64(&w, row->version);
    HQ_JSON_KEY(&w, "status");
    hq_json_text(&w, hq_sv_from_cstr(hq_declaration_status_name(row->status)));
    HQ_JSON_KEY(&w, "office");
    hq_json_text(&w, row->office);
    HQ_JSON_KEY(&w, "goods_office");
    hq_clr__put_text(&w, row->goods_office);
    HQ_JSON_KEY(&w, "may_pass");
    hq_json_bool(&w, pass.may_pass);
    HQ_JSON_KEY(&w, "held");
    hq_json_bool(&w, pass.held);
    HQ_JSON_KEY(&w, "gone");
    hq_json_bool(&w, pass.gone);
    put_packages(&w, &pass);
    put_containers(&w, &pass);
    HQ_JSON_KEY(&w, "passages");
    hq_json_raw(&w, life.sections[HQ_CLR__PASSAGES].len == 0 ? HQ_SV("[]")
                                                             : life.sections[HQ_CLR__PASSAGES]);
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

hq_status hq_clr__get_passage(hq_request *request, void *room)
{
    hq_clr__row row;
    HQ_TRY(hq_clr__find(&row, request, room, true, HQ_MAY_SEE));
    return hq_clr__defers(request, &row) ? HQ_DONE : hq_clr__pass_answer(request, &row);
}
