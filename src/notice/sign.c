/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/room.h"

#include <sodium.h>

enum { BASE64_MAX = 64 };

static hq_sv base64(hq_arena *arena, const char *before, const uint8_t *bytes, size_t len)
{
    char text[BASE64_MAX];
    sodium_bin2base64(text, sizeof text, bytes, len, sodium_base64_VARIANT_ORIGINAL);
    return hq_arena_printf(arena, "%s%s", before, text);
}

hq_sv hq_notice__secret_text(hq_arena *arena, const uint8_t secret[HQ_NOTICE__SECRET_LEN])
{
    return base64(arena, "whsec_", secret, HQ_NOTICE__SECRET_LEN);
}

hq_sv hq_notice__signature(hq_arena *arena, const uint8_t secret[HQ_NOTICE__SECRET_LEN], hq_sv id,
                           int64_t timestamp_s, hq_sv body)
{
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    char head[128];
    int len = snprintf(head, sizeof head, "%.*s.%lld.", HQ_SV_FMT(id), (long long)timestamp_s);
    crypto_auth_hmacsha256_init(&state, secret, HQ_NOTICE__SECRET_LEN);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)head, (unsigned long long)len);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)body.ptr, body.len);
    crypto_auth_hmacsha256_final(&state, mac);
    return base64(arena, "v1,", mac, sizeof mac);
}

/* Members of a payload that a declarant may see. What a room adds to its events later stays inside
 * until it is named here. */
static bool may_leave(hq_sv key)
{
    static const hq_sv heard[] = {
#define HEARD(text) { "" text, sizeof(text) - 1 }
        HEARD("number"),        HEARD("status"), HEARD("channel"),     HEARD("flow"),
        HEARD("kind"),          HEARD("office"), HEARD("trader"),      HEARD("agent"),
        HEARD("customs_value"), HEARD("tax"),    HEARD("declaration"), HEARD("amount"),
        HEARD("total_payable"), HEARD("due"),    HEARD("amount_vnd"),  HEARD("left_vnd"),
#undef HEARD
    };
    for (size_t i = 0; i < sizeof heard / sizeof heard[0]; i++) {
        if (hq_sv_eq(heard[i], key)) {
            return true;
        }
    }
    return false;
}

static void write_value(hq_json_w *w, const hq_json *v)
{
    switch ((hq_json_type)v->type) {
    case HQ_JSON_STRING:
        hq_json_text(w, v->text);
        return;
    case HQ_JSON_NUMBER:
        hq_json_raw(w, v->text);
        return;
    case HQ_JSON_FALSE:
    case HQ_JSON_TRUE:
        hq_json_bool(w, v->type == HQ_JSON_TRUE);
        return;
    case HQ_JSON_NULL:
    case HQ_JSON_ARRAY:
    case HQ_JSON_OBJECT:
        hq_json_null(w);
        return;
    }
}

static void write_payload(hq_json_w *w, const hq_json *payload)
{
    for (const hq_json *m = hq_json_first(payload); m != NULL; m = hq_json_next(payload, m)) {
        if (may_leave(m->key)) {
            hq_json_key_sv(w, m->key);
            write_value(w, m);
        }
    }
}

hq_status hq_notice__body(hq_buf *out, const hq_event_view *view, hq_arena *arena)
{
    const hq_event *event = &view->event;
    const hq_json *payload;
    hq_buf id = HQ_BUF_ARENA(arena, 64);
    HQ_TRY(hq_json_parse_copy(&payload, event->payload, arena, NULL));
    hq_id_write(&id, &view->id);
    hq_json_w w = hq_json_writer(out);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "specversion");
    hq_json_text(&w, HQ_SV("1.0"));
    HQ_JSON_KEY(&w, "id");
    hq_json_text(&w, hq_buf_view(&id));
    HQ_JSON_KEY(&w, "source");
    hq_json_text(&w, HQ_SV("haiquan"));
    HQ_JSON_KEY(&w, "type");
    hq_json_text(&w, event->kind);
    HQ_JSON_KEY(&w, "subject");
    hq_json_text(&w, event->subject);
    HQ_JSON_KEY(&w, "time");
    hq_json_time(&w, event->at);
    HQ_JSON_KEY(&w, "datacontenttype");
    hq_json_text(&w, HQ_SV("application/json"));
    HQ_JSON_KEY(&w, "data");
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "position");
    hq_json_i64(&w, view->position);
    HQ_JSON_KEY(&w, "version");
    hq_json_i64(&w, event->version);
    write_payload(&w, payload);
    hq_json_close(&w, '}');
    hq_json_close(&w, '}');
    return hq_buf_status(out);
}
