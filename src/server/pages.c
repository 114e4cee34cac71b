/* SPDX-License-Identifier: Apache-2.0 */
#include "server/pages.h"

#include "server/html.h"

/* Scripts and styles from this server only, none in line; nobody may frame the pages. */
#define POLICY                                                                                     \
    "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; " \
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

typedef struct {
    const char *etag;
    hq_http_fixed *plain, *gzip, *unchanged;
} page;

struct hq_pages {
    hq_map *by_path;
    page *items;
    size_t count;
    page *index;
};

static void add(hq_wire_reply *reply, const char *name, const char *value)
{
    reply->headers[reply->header_count].name = name;
    reply->headers[reply->header_count++].value = value;
}

static hq_wire_reply head_of(const hq_ui_file *file)
{
    hq_wire_reply reply = { .http = 200 };
    add(&reply, "Content-Type", file->type);
    add(&reply, "Cache-Control",
        file->immutable ? "public, max-age=31536000, immutable" : "no-cache");
    add(&reply, "ETag", file->etag);
    add(&reply, "Vary", "Accept-Encoding");
    add(&reply, "X-Content-Type-Options", "nosniff");
    add(&reply, "Content-Security-Policy", POLICY);
    add(&reply, "Referrer-Policy", "no-referrer");
    return reply;
}

static bool make_page(page *to, const hq_ui_file *file)
{
    hq_wire_reply reply = head_of(file);
    to->etag = file->etag;
    reply.body = hq_sv_make(file->bytes, (size_t)(file->bytes_end - file->bytes));
    to->plain = hq_http_fixed_new(&reply);
    if (file->gzip != NULL) {
        hq_wire_reply packed = head_of(file);
        add(&packed, "Content-Encoding", "gzip");
        packed.body = hq_sv_make(file->gzip, (size_t)(file->gzip_end - file->gzip));
        to->gzip = hq_http_fixed_new(&packed);
    }
    hq_wire_reply unchanged = head_of(file);
    unchanged.http = 304;
    unchanged.body = HQ_SV("");
    to->unchanged = hq_http_fixed_new(&unchanged);
    return to->plain != NULL && to->unchanged != NULL;
}

/* Instead of the UI when the binary was built without it. */
static hq_ui_file not_built(hq_arena *arena)
{
    hq_buf body = HQ_BUF_ARENA(arena, 8192);
    hq_html_open(&body, HQ_SV("Hải quan"), HQ_SV("Customs"), true);
    hq_html_heading(&body, HQ_SV("Máy chủ đang chạy, giao diện chưa được dựng"),
                    HQ_SV("The server runs, the pages are not built"), true);
    hq_html_line(&body,
                 HQ_SV("Chương trình này được dựng không kèm giao diện. Chạy ./run, hoặc dựng thư "
                       "mục web rồi cấu hình lại với -Dui=web/dist."),
                 HQ_SV("This program was built without its pages. Use ./run, or build the folder "
                       "web and configure again with -Dui=web/dist."),
                 true);
    hq_buf_lit(&body, "<p><a href=\"/track\">/track</a> · <a href=\"/api/openapi.yaml\">"
                      "/api/openapi.yaml</a></p>");
    hq_html_close(&body);
    return (hq_ui_file){ .path = "/index.html",
                         .type = "text/html; charset=utf-8",
                         .etag = "\"not-built\"",
                         .bytes = body.ptr,
                         .bytes_end = body.ptr == NULL ? NULL : body.ptr + body.len };
}

hq_status hq_pages_new(hq_pages **out, hq_arena *arena)
{
    hq_ui_file alone = { 0 };
    const hq_ui_file *files = hq_ui_files;
    size_t count = hq_ui_file_count;
    if (count == 0) {
        alone = not_built(arena);
        files = &alone;
        count = 1;
    }
    hq_pages *pages = HQ_NEW(arena, hq_pages);
    page *items = HQ_NEW_ARRAY(arena, page, count);
    hq_map *map = hq_map_new(arena, count, count);
    if (pages == NULL || items == NULL || map == NULL) {
        return HQ_FAIL(NOMEM);
    }
    *pages = (hq_pages){ .by_path = map, .items = items, .count = count };
    *out = pages;
    for (size_t i = 0; i < count; i++) {
        hq_sv path = hq_sv_from_cstr(files[i].path);
        if (!make_page(&items[i], &files[i])) {
            return HQ_FAIL(NOMEM);
        }
        HQ_TRY(hq_map_put(map, path, &items[i]));
        if (hq_sv_eq(path, HQ_SV("/index.html"))) {
            pages->index = &items[i];
        }
    }
    return HQ_DONE;
}

void hq_pages_free(hq_pages *pages)
{
    for (size_t i = 0; pages != NULL && i < pages->count; i++) {
        hq_http_fixed_free(pages->items[i].plain);
        hq_http_fixed_free(pages->items[i].gzip);
        hq_http_fixed_free(pages->items[i].unchanged);
    }
}

static bool contains(hq_sv text, hq_sv word)
{
    return text.len >= word.len && memmem(text.ptr, text.len, word.ptr, word.len) != NULL;
}

static bool is_file_name(hq_sv path)
{
    size_t at = path.len;
    while (at > 0 && path.ptr[at - 1] != '/') {
        at--;
    }
    return hq_sv_find(path, '.', at) < path.len;
}

const hq_http_fixed *hq_pages_find(const hq_pages *pages, hq_sv path, hq_sv if_none_match,
                                   hq_sv accept_encoding)
{
    const page *found = hq_map_get(pages->by_path, path);
    if (found == NULL && !is_file_name(path)) {
        found = pages->index;
    }
    if (found == NULL) {
        return NULL;
    }
    if (if_none_match.len > 0 && contains(if_none_match, hq_sv_from_cstr(found->etag))) {
        return found->unchanged;
    }
    bool packed = found->gzip != NULL && contains(accept_encoding, HQ_SV("gzip"));
    return packed ? found->gzip : found->plain;
}
