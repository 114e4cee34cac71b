/* SPDX-License-Identifier: Apache-2.0 */
#include "os/http.h"

static int nibble(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool hq_percent_decode(hq_sv *out, hq_arena *arena, hq_sv raw, bool plus_is_space)
{
    if (raw.len == 0) {
        *out = raw;
        return true;
    }
    bool plain = memchr(raw.ptr, '%', raw.len) == NULL;
    if (plain && !(plus_is_space && memchr(raw.ptr, '+', raw.len) != NULL)) {
        *out = raw;
        return true;
    }
    char *to = hq_arena_alloc(arena, raw.len + 1);
    size_t len = 0;
    for (size_t i = 0; to != NULL && i < raw.len; i++) {
        char c = raw.ptr[i];
        if (c == '%') {
            int high = raw.len - i > 2 ? nibble(raw.ptr[i + 1]) : -1;
            int low = raw.len - i > 2 ? nibble(raw.ptr[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        to[len++] = c;
    }
    *out = hq_sv_make(to, len);
    return to != NULL;
}

static uint64_t bit_of(size_t index)
{
    return index < 64 ? UINT64_C(1) << index : 0;
}

static void remember_name(hq_query_asked *asked, const char *name)
{
    for (size_t i = 0; i < asked->count; i++) {
        if (asked->names[i] == name) {
            return;
        }
    }
    if (asked->count < HQ_QUERY_NAMES) {
        asked->names[asked->count++] = name;
    }
}

hq_sv hq_request_query(hq_request *request, const char *name)
{
    hq_sv wanted = hq_sv_from_cstr(name);
    hq_sv rest = request->query;
    if (rest.len > 0) {
        remember_name(&request->asked, name);
    }
    for (size_t index = 0; rest.ptr != NULL; index++) {
        hq_sv value = hq_sv_cut(&rest, '&');
        hq_sv key = hq_sv_cut(&value, '=');
        hq_sv decoded;
        if (hq_percent_decode(&decoded, request->arena, key, true) && hq_sv_eq(decoded, wanted)) {
            request->asked.met |= bit_of(index);
            hq_sv text = value.ptr == NULL ? HQ_SV("") : value;
            return hq_percent_decode(&decoded, request->arena, text, true) ? decoded : HQ_SV("");
        }
    }
    return HQ_SV_NULL;
}

hq_sv hq_request_strange(hq_request *request, hq_sv *near)
{
    hq_sv names[HQ_QUERY_NAMES], name;
    hq_sv rest = request->query;
    *near = HQ_SV_NULL;
    for (size_t i = 0; i < request->asked.count; i++) {
        names[i] = hq_sv_from_cstr(request->asked.names[i]);
    }
    for (size_t index = 0; rest.ptr != NULL && index < 64; index++) {
        hq_sv value = hq_sv_cut(&rest, '&');
        hq_sv key = hq_sv_cut(&value, '=');
        if (key.len > 0 && (request->asked.met & bit_of(index)) == 0 &&
            hq_percent_decode(&name, request->arena, key, true)) {
            *near = hq_sv_nearest(name, names, request->asked.count);
            return name;
        }
    }
    return HQ_SV_NULL;
}

bool hq_if_match(const hq_request *request, hq_sv etag)
{
    hq_sv rest = request->if_match;
    if (rest.len == 0) {
        return true;
    }
    while (rest.ptr != NULL) {
        hq_sv one = hq_sv_trim(hq_sv_cut(&rest, ','));
        bool quoted = one.len == etag.len + 2 && one.ptr[0] == '"' && one.ptr[one.len - 1] == '"';
        if (hq_sv_eq(one, HQ_SV("*")) || hq_sv_eq(one, etag) ||
            (quoted && hq_sv_eq(hq_sv_sub(one, 1, etag.len), etag))) {
            return true;
        }
    }
    return false;
}
