/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/codec.h"
#include "server/state.h"

/* The route tables as JSON, for tests that hold every route against every role and against the
 * published description. */

static const char *const pool_names[HQ_POOL_COUNT] = { "formal", "low_value", "public" };

static void write_roles(hq_json_w *json, uint32_t roles)
{
    hq_json_open(json, '[');
    for (int i = 0; i < HQ_ROLE_COUNT; i++) {
        if ((roles & HQ_ROLE_BIT(i)) != 0) {
            hq_json_text(json, hq_sv_from_cstr(hq_role_name((hq_role)i)));
        }
    }
    hq_json_close(json, ']');
}

static void write_flag(hq_json_w *json, const char *name, bool set)
{
    hq_json_key_sv(json, hq_sv_from_cstr(name));
    hq_json_bool(json, set);
}

static void write_route(hq_json_w *json, const char *room, const hq_route *route)
{
    hq_json_open(json, '{');
    HQ_JSON_KEY(json, "method");
    hq_json_text(json, hq_sv_from_cstr(hq_method_name(route->method)));
    HQ_JSON_KEY(json, "pattern");
    hq_json_text(json, hq_sv_from_cstr(route->pattern));
    HQ_JSON_KEY(json, "room");
    hq_json_text(json, hq_sv_from_cstr(room));
    HQ_JSON_KEY(json, "pool");
    hq_json_text(json, hq_sv_from_cstr(pool_names[route->pool]));
    HQ_JSON_KEY(json, "body_max");
    hq_json_i64(json, route->body_max > 0 ? (int64_t)route->body_max : 65536);
    HQ_JSON_KEY(json, "roles");
    write_roles(json, route->roles != 0 ? route->roles : HQ_ROLES_ALL);
    write_flag(json, "public", (route->flags & HQ_ROUTE_PUBLIC) != 0);
    write_flag(json, "key", (route->flags & HQ_ROUTE_KEY) != 0);
    write_flag(json, "slow", (route->flags & HQ_ROUTE_SLOW) != 0);
    write_flag(json, "test", (route->flags & HQ_ROUTE_TEST) != 0);
    write_flag(json, "personal", (route->flags & HQ_ROUTE_PERSONAL) != 0);
    write_flag(json, "html", (route->flags & HQ_ROUTE_HTML) != 0);
    write_flag(json, "csv", (route->flags & HQ_ROUTE_CSV) != 0);
    write_flag(json, "ndjson", (route->flags & HQ_ROUTE_NDJSON) != 0);
    write_flag(json, "form", (route->flags & HQ_ROUTE_FORM) != 0);
    write_flag(json, "dry_run", (route->flags & HQ_ROUTE_DRY_RUN) != 0);
    write_flag(json, "any_type", (route->flags & HQ_ROUTE_ANY_TYPE) != 0);
    write_flag(json, "stream", (route->flags & HQ_ROUTE_STREAM) != 0);
    hq_json_close(json, '}');
}

void hq_server_routes_json(hq_buf *buf, const hq_route_table *tables, size_t count)
{
    hq_json_w json = hq_json_writer(buf);
    hq_json_open(&json, '[');
    for (size_t t = 0; t < count; t++) {
        for (size_t r = 0; r < tables[t].count; r++) {
            write_route(&json, tables[t].room, &tables[t].routes[r]);
        }
    }
    for (size_t r = 0; r < hq_server__route_count; r++) {
        write_route(&json, "server", &hq_server__routes[r]);
    }
    hq_json_close(&json, ']');
}
