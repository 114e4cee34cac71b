/* SPDX-License-Identifier: Apache-2.0 */
#include "files/room.h"

#define ANSWER_MAX ((size_t)4 << 20)

/* ------------------------------------------------------------------ sending a file */

typedef struct {
    hq_files *files;
    const hq_caller *caller;
    hq_file file;
    hq_sv bytes;
} upload;

static hq_status bad_name(hq_request *request, const char *vi, const char *en)
{
    request->answer.why =
        (hq_why){ HQ_SV("/query/name"), hq_sv_from_cstr(vi), hq_sv_from_cstr(en) };
    return HQ_FAIL(INVALID);
}

static hq_status read_name(hq_sv *out, hq_request *request)
{
    hq_sv name = hq_sv_trim(hq_request_query(request, "name"));
    HQ_TRY(hq_utf8_nfc(out, request->arena, name));
    if (hq_utf8_length(*out) > HQ_FILE_NAME_CHARS) {
        return bad_name(request, "Tên tệp dài quá 200 ký tự",
                        "The name is longer than 200 characters");
    }
    bool path = hq_sv_find(*out, '/', 0) < out->len || hq_sv_find(*out, '\\', 0) < out->len;
    if (path || hq_utf8_has_control(*out) || hq_sv_find(*out, '\n', 0) < out->len) {
        return bad_name(request, "Tên tệp không được chứa '/', '\\' hoặc ký tự điều khiển",
                        "The name must not contain '/', '\\' or control characters");
    }
    return HQ_DONE;
}

/* The name stays out of the event: it may tell of persons. */
static hq_status stored_event(hq_tx *tx, const upload *u)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_hash32 hash;
    HQ_TRY(hq_files__hash_of(&hash, &u->file, &u->file.sha256, arena));
    hq_buf payload = HQ_BUF_ARENA(arena, 1024);
    hq_buf_lit(&payload, "{\"sha256\":\"");
    hq_buf_hex(&payload, u->file.sha256.bytes, sizeof u->file.sha256.bytes);
    hq_buf_printf(&payload, "\",\"type\":\"%s\",\"size\":%lld}", hq_file_type_mime(u->file.type),
                  (long long)u->file.size);
    HQ_TRY(hq_buf_status(&payload));
    return hq_tx_event(tx,
                       &(hq_event){ .office = u->caller->office,
                                    .room = HQ_SV("files"),
                                    .kind = HQ_SV("attachment.stored"),
                                    .subject = hq_files__subject(arena, &u->file.id),
                                    .version = 1,
                                    .actor = u->caller->id,
                                    .payload = hq_buf_view(&payload),
                                    .row_hash = &hash },
                       NULL);
}

static hq_status store_upload(hq_tx *tx, void *user)
{
    upload *u = user;
    u->file.at = hq_tx_now(tx);
    hq_id_make(&u->file.id, u->file.at);
    HQ_TRY(hq_files__store(tx, &u->file, u->bytes));
    return stored_event(tx, u);
}

static hq_status stored(hq_request *request, hq_status written, void *user)
{
    const upload *u = user;
    HQ_TRY(written);
    request->answer.body = HQ_BUF_ARENA(request->arena, ANSWER_MAX);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_file_write(&w, &u->file);
    hq_buf location = HQ_BUF_ARENA(request->arena, 128);
    hq_buf_lit(&location, "/api/v1/attachments/");
    hq_id_write(&location, &u->file.id);
    request->answer.http = 201;
    request->answer.location = hq_buf_view(&location);
    return hq_buf_status(&request->answer.body);
}

static hq_status post_attachment(hq_request *request, void *room)
{
    upload *u = HQ_NEW(request->arena, upload);
    if (u == NULL) {
        return HQ_FAIL(NOMEM);
    }
    *u = (upload){ .files = room, .caller = request->caller, .bytes = request->body };
    HQ_TRY(read_name(&u->file.name, request));
    HQ_TRY(hq_file_recognise(&u->file.type, request->body, request->content_type, u->file.name,
                             request->arena, &request->answer.why));
    hq_sha256(&u->file.sha256, request->body);
    u->file.size = (int64_t)request->body.len;
    u->file.owner = request->caller->id;
    u->file.tax_code =
        request->caller->role == HQ_ROLE_DECLARANT ? request->caller->tax_code : HQ_SV("");
    request->low_value = true; /* megabytes wait behind declarations */
    return hq_request_write(request, store_upload, stored, u);
}

/* ------------------------------------------------------------------ reading */

typedef struct {
    hq_files *files;
    hq_request *request;
    const hq_ref *ref;
    hq_day day;
    hq_id id;
    hq_file file;
    hq_buf bytes;
    hq_sv subject;
    const hq_file *list;
    size_t count;
} reading;

static bool may_see(const hq_target *scope, void *user)
{
    const reading *r = user;
    return hq_ok(hq_may(r->request->caller, HQ_MAY_SEE, scope, r->ref, r->day));
}

static hq_status read_one(hq_tx *tx, void *user)
{
    reading *r = user;
    bool seen = true;
    hq_status s = hq_file_own(&r->file, tx, r->request->caller, &r->id, r->request->arena);
    if (s.code == HQ_E_NOT_FOUND) {
        HQ_TRY(hq_file_get(&r->file, tx, &r->id, r->request->arena));
        s = hq_files__any_link(&seen, tx, &r->id, may_see, r);
    }
    HQ_TRY(s);
    if (!seen) {
        return HQ_FAIL(NOT_FOUND);
    }
    return hq_file_bytes(&r->bytes, tx, &r->file, r->request->arena);
}

static hq_status read_list(hq_tx *tx, void *user)
{
    reading *r = user;
    return hq_files__list(&r->list, &r->count, tx, r->subject, may_see, r, r->request->arena);
}

static hq_status run_reading(reading *r, hq_tx_fn fn)
{
    r->ref = hq_reference_acquire(r->files->reference);
    hq_status s = hq_store_read(r->files->store, fn, r);
    hq_reference_release(r->files->reference, r->ref);
    return s;
}

/* RFC 6266 with RFC 8187: everything but letters and digits is escaped. */
static hq_sv disposition(const hq_file *file, hq_arena *arena)
{
    static const char hex[] = "0123456789ABCDEF";
    hq_buf buf = HQ_BUF_ARENA(arena, 4096);
    hq_buf_lit(&buf, "attachment");
    if (file->name.len > 0) {
        hq_buf_lit(&buf, "; filename*=UTF-8''");
    }
    for (size_t i = 0; i < file->name.len; i++) {
        unsigned char c = (unsigned char)file->name.ptr[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                     c == '.' || c == '-' || c == '_';
        char escaped[3] = { '%', hex[c >> 4], hex[c & 15] };
        hq_buf_append(&buf, plain ? &file->name.ptr[i] : escaped, plain ? 1 : 3);
    }
    return hq_buf_view(&buf);
}

hq_status hq_file_answer(hq_request *request, const hq_file *file, hq_buf bytes)
{
    hq_answer *answer = &request->answer;
    hq_buf etag = HQ_BUF_ARENA(request->arena, 64);
    answer->content_type = hq_sv_from_cstr(hq_file_type_mime(file->type));
    answer->disposition = disposition(file, request->arena);
    answer->no_store = true;
    hq_buf_hex(&etag, file->sha256.bytes, sizeof file->sha256.bytes);
    answer->etag = hq_buf_view(&etag);
    answer->body = bytes;
    return hq_buf_status(&answer->body);
}

static hq_status get_attachment(hq_request *request, void *room)
{
    reading r = { .files = room, .request = request, .day = hq_day_of(request->received_at) };
    if (hq_failed(hq_id_parse(&r.id, request->params[0]))) {
        return HQ_FAIL(NOT_FOUND);
    }
    HQ_TRY(run_reading(&r, read_one));
    return hq_file_answer(request, &r.file, r.bytes);
}

static hq_status list_attachments(hq_request *request, void *room)
{
    reading r = { .files = room, .request = request, .day = hq_day_of(request->received_at) };
    r.subject = hq_request_query(request, "subject");
    if (r.subject.len == 0) {
        request->answer.why = (hq_why){
            HQ_SV("/query/subject"),
            HQ_SV("Cần tham số subject, ví dụ declaration/10000000001"),
            HQ_SV("Needs the parameter subject, for example declaration/10000000001"),
        };
        return HQ_FAIL(INVALID);
    }
    HQ_TRY(run_reading(&r, read_list));
    request->answer.body = HQ_BUF_ARENA(request->arena, ANSWER_MAX);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "items");
    hq_json_open(&w, '[');
    for (size_t i = 0; i < r.count; i++) {
        hq_file_write(&w, &r.list[i]);
    }
    hq_json_close(&w, ']');
    HQ_JSON_KEY(&w, "next");
    hq_json_null(&w);
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

const hq_route hq_files_routes[] = {
    { HQ_POST, "/api/v1/attachments", post_attachment, 0,
      HQ_ROUTE_KEY | HQ_ROUTE_SLOW | HQ_ROUTE_ANY_TYPE, HQ_POOL_FORMAL, HQ_FILE_BYTES_MAX },
    { HQ_GET, "/api/v1/attachments", list_attachments, 0, HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/attachments/{id}", get_attachment, 0, HQ_ROUTE_SLOW | HQ_ROUTE_PERSONAL,
      HQ_POOL_FORMAL, 0 },
};
const size_t hq_files_route_count = sizeof hq_files_routes / sizeof hq_files_routes[0];
