/* SPDX-License-Identifier: Apache-2.0 */
#include "balance/room.h"

/* An account and its lines as they are shown. Who decided is for customs. */

static void put(hq_json_w *w, const char *name, hq_sv text)
{
    hq_json_key_sv(w, hq_sv_from_cstr(name));
    hq_json_text_or_null(w, text.len == 0 ? HQ_SV_NULL : text);
}

static void put_i64(hq_json_w *w, const char *name, int64_t v)
{
    hq_json_key_sv(w, hq_sv_from_cstr(name));
    hq_json_i64(w, v);
}

static void put_days(hq_json_w *w, const hq_bal__account *a, hq_day today)
{
    HQ_JSON_KEY(w, "valid_from");
    hq_json_day(w, a->valid_from);
    HQ_JSON_KEY(w, "valid_to");
    hq_json_day(w, a->valid_to);
    HQ_JSON_KEY(w, "first_valid_to");
    hq_json_day(w, a->first_valid_to);
    put_i64(w, "extensions", a->extensions);
    HQ_JSON_KEY(w, "overdue");
    hq_json_bool(w, hq_bal__is_overdue(a, today));
    HQ_JSON_KEY(w, "settled");
    hq_json_bool(w, a->state == HQ_BAL__REGISTERED && a->open_lines == 0 && a->movements > 0);
}

static void put_decision(hq_json_w *w, const hq_bal__account *a, bool customs)
{
    put(w, "reason", a->reason);
    if (customs) {
        put(w, "decided_by", a->decided_by);
    }
    HQ_JSON_KEY(w, "decided_at");
    if (a->decided_at == 0) {
        hq_json_null(w);
    } else {
        hq_json_time(w, a->decided_at);
    }
    HQ_JSON_KEY(w, "amendment");
    if (a->amendment.len == 0) {
        hq_json_null(w);
    } else {
        hq_json_raw(w, a->amendment);
    }
}

void hq_bal__account_json(hq_json_w *w, const hq_bal__account *a, hq_day today, bool customs)
{
    put(w, "id", a->id);
    put(w, "kind", hq_sv_from_cstr(hq_account_kind_name(a->kind)));
    put(w, "number", a->number);
    put(w, "holder", a->holder);
    put(w, "agent", a->agent);
    put(w, "office", a->office);
    put(w, "state", hq_sv_from_cstr(hq_bal__state_name(a->state)));
    put(w, "title", a->title);
    put(w, "legal_ground", a->legal_ground);
    HQ_JSON_KEY(w, "declaration");
    hq_bal__declaration_json(w, a->declaration);
    put(w, "opened_by", a->opened_by);
    put(w, "warehouse", a->warehouse);
    put(w, "partner", a->partner);
    put_days(w, a, today);
    put_i64(w, "line_count", a->line_count);
    put_i64(w, "open_lines", a->open_lines);
    put_decision(w, a, customs);
    put_i64(w, "version", a->version);
    HQ_JSON_KEY(w, "created_at");
    hq_json_time(w, a->created_at);
    HQ_JSON_KEY(w, "changed_at");
    hq_json_time(w, a->changed_at);
}

static void put_norms(hq_json_w *w, const hq_bal__line *line)
{
    HQ_JSON_KEY(w, "norms");
    hq_json_open(w, '[');
    for (size_t i = 0; i < line->norm_count; i++) {
        hq_json_open(w, '{');
        put_i64(w, "line", line->norms[i].material);
        HQ_JSON_KEY(w, "quantity");
        hq_bal__quantity_json(w, line->norms[i].quantity);
        hq_json_close(w, '}');
    }
    hq_json_close(w, ']');
}

static void put_figure(hq_json_w *w, const char *name, int64_t quantity)
{
    hq_json_key_sv(w, hq_sv_from_cstr(name));
    hq_bal__quantity_json(w, quantity);
}

static void put_line(hq_json_w *w, const hq_bal__line *line)
{
    hq_json_open(w, '{');
    put_i64(w, "line", line->line);
    put(w, "role", hq_sv_from_cstr(hq_bal__role_name(line->role)));
    put(w, "code", line->code);
    put(w, "hs", line->hs);
    put(w, "description", line->description);
    put(w, "unit", line->unit);
    HQ_JSON_KEY(w, "planned");
    if (line->planned < 0) {
        hq_json_null(w);
    } else {
        hq_bal__quantity_json(w, line->planned);
    }
    put_figure(w, "opened", line->opened);
    put_figure(w, "expected", line->expected);
    put_figure(w, "drawn", line->drawn);
    put_figure(w, "restored", line->restored);
    HQ_JSON_KEY(w, "left");
    if (hq_bal__unlimited(line)) {
        hq_json_null(w);
    } else {
        hq_bal__quantity_json(w, hq_bal__left(line));
    }
    put_norms(w, line);
    hq_json_close(w, '}');
}

void hq_bal__lines_json(hq_json_w *w, const hq_bal__line *lines, size_t count)
{
    HQ_JSON_KEY(w, "lines");
    hq_json_open(w, '[');
    for (size_t i = 0; i < count; i++) {
        put_line(w, &lines[i]);
    }
    hq_json_close(w, ']');
}
