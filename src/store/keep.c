/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "store/inside.h"

hq_status hq_store_backup(hq_store *store, hq_sv path,
                          void (*progress)(int done, int total, void *), void *user)
{
    hq_store__conn *conn = NULL;
    char *to = path.len == 0 ? NULL : strndup(path.ptr, path.len);
    if (to == NULL) {
        return path.len == 0 ? HQ_FAIL(USAGE) : HQ_FAIL(NOMEM);
    }
    hq_status s = store->engine->connect(&conn, &store->place, HQ_STORE__READER);
    if (hq_ok(s)) {
        s = store->engine->backup(conn, to, progress, user);
    }
    if (conn != NULL) {
        if (hq_failed(s)) {
            hq_store__note_problem(store, conn);
        }
        store->engine->disconnect(conn);
    }
    free(to);
    return s;
}

static hq_status told(hq_why *why, hq_status s, hq_sv en, hq_sv vi)
{
    if (why != NULL && hq_failed(s)) {
        *why = (hq_why){ .en = en, .vi = vi };
    }
    return s;
}

/* The journal of the copy must hold against its own key before it may take anybody's place. */
static hq_status check_backup(hq_sv url, hq_arena *arena, hq_why *why)
{
    hq_store *copy = NULL;
    hq_journal_report report;
    hq_store_options options = { .url = url, .read_only = true };
    HQ_TRY(hq_store_open(&copy, &options, arena, why));
    hq_status s = hq_journal_verify(&report, copy, NULL, NULL, arena);
    hq_store_close(copy);
    HQ_TRY(s);
    if (report.intact) {
        return HQ_DONE;
    }
    return told(why, HQ_FAIL(CORRUPT),
                hq_arena_printf(arena, "the backup's journal was altered: %.*s",
                                HQ_SV_FMT(report.first_bad)),
                hq_arena_printf(arena, "nhật ký trong bản sao lưu đã bị sửa đổi: %.*s",
                                HQ_SV_FMT(report.first_bad)));
}

static hq_status restore_failed(hq_status s, const char *path, const char *from, hq_arena *arena,
                                hq_why *why)
{
    if (s.code == HQ_E_BUSY) {
        return told(why, s, hq_arena_printf(arena, "%s is in use: stop the server first", path),
                    hq_arena_printf(arena, "%s đang được sử dụng: hãy dừng máy chủ trước", path));
    }
    return told(why, s,
                hq_arena_printf(arena,
                                "%s could not be put in the place of %s: %s; what was there "
                                "stays as it was",
                                from, path, hq_status_text_en(s)),
                hq_arena_printf(arena, "không thay được %s bằng %s: %s; dữ liệu cũ được giữ nguyên",
                                path, from, hq_status_text_vi(s)));
}

static hq_status restore(const hq_store__engine *engine, hq_sv url, hq_sv backup, hq_arena *arena,
                         hq_why *why)
{
    size_t scheme = strlen(engine->scheme);
    const char *path = hq_arena_cstr(arena, hq_sv_sub(url, scheme, url.len));
    const char *from = hq_arena_cstr(arena, backup);
    hq_sv from_url = hq_arena_printf(arena, "%s%.*s", engine->scheme, HQ_SV_FMT(backup));
    if (path == NULL || from == NULL || from_url.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_status s = engine->check(from);
    if (hq_failed(s)) {
        return told(why, s,
                    hq_arena_printf(arena, "%s is no whole backup: %s", from, hq_status_text_en(s)),
                    hq_arena_printf(arena, "%s không phải bản sao lưu nguyên vẹn: %s", from,
                                    hq_status_text_vi(s)));
    }
    HQ_TRY(check_backup(from_url, arena, why));
    s = engine->restore(path, from);
    return hq_ok(s) ? s : restore_failed(s, path, from, arena, why);
}

hq_status hq_store_restore(hq_sv url, hq_sv backup, hq_arena *arena, hq_why *why)
{
    const hq_store__engine *engine = hq_store__engine_of(url);
    if (why != NULL) {
        *why = (hq_why){ 0 };
    }
    if (engine == NULL) {
        return told(
            why, HQ_FAIL(USAGE),
            hq_arena_printf(arena, "\"%.*s\" names no database; write sqlite:FILE", HQ_SV_FMT(url)),
            hq_arena_printf(arena,
                            "\"%.*s\" không phải là địa chỉ cơ sở dữ liệu; hãy viết "
                            "sqlite:TỆP",
                            HQ_SV_FMT(url)));
    }
    return restore(engine, url, backup, arena, why);
}
