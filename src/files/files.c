/* SPDX-License-Identifier: Apache-2.0 */
#include "files/room.h"

#include <stdlib.h>

#include "embedded_stamp.h"

HQ_EMBED(hq_files_sql_001, "files/schema/001_files.sql");

/* The text of a migration is a linker symbol, whose length no constant expression knows. */
static hq_migration migrations[] = { { "files", 1, "files", { NULL, 0 } } };
const hq_store_room hq_files_room = { "files", migrations, 1, hq_files__row_hash };

__attribute__((constructor)) static void fill_migrations(void)
{
    migrations[0].sql = HQ_EMBEDDED(hq_files_sql_001);
}

hq_status hq_files_open(hq_files **out, hq_store *store, hq_reference *reference)
{
    hq_files *files = malloc(sizeof *files);
    if (files == NULL) {
        return HQ_FAIL(NOMEM);
    }
    *files = (hq_files){ store, reference };
    *out = files;
    return HQ_DONE;
}

void hq_files_close(hq_files *files)
{
    free(files);
}

static bool owns(const hq_caller *caller, const hq_file *file)
{
    return hq_sv_eq(caller->id, file->owner) ||
           (caller->role == HQ_ROLE_DECLARANT && caller->tax_code.len > 0 &&
            hq_sv_eq(caller->tax_code, file->tax_code));
}

hq_status hq_file_own(hq_file *out, hq_tx *tx, const hq_caller *caller, const hq_id *id,
                      hq_arena *arena)
{
    HQ_TRY(hq_file_get(out, tx, id, arena));
    return owns(caller, out) ? HQ_DONE : HQ_FAIL(NOT_FOUND);
}

hq_sv hq_files__subject(hq_arena *arena, const hq_id *id)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 64);
    hq_buf_lit(&buf, "attachment/");
    hq_id_write(&buf, id);
    return hq_buf_view(&buf);
}

hq_status hq_file_link(hq_tx *tx, const hq_caller *caller, const hq_id *id, hq_sv subject,
                       const hq_target *scope)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_file file;
    bool added;
    int64_t version;
    hq_hash32 hash;
    HQ_TRY(hq_file_own(&file, tx, caller, id, arena));
    HQ_TRY(hq_files__tie(&added, &version, tx, id, subject, scope));
    if (!added) {
        return HQ_DONE;
    }
    HQ_TRY(hq_files__hash_of(&hash, &file, &file.sha256, arena));
    hq_buf payload = HQ_BUF_ARENA(arena, 1024);
    hq_json_w w = hq_json_writer(&payload);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "subject");
    hq_json_text(&w, subject);
    hq_json_close(&w, '}');
    HQ_TRY(hq_buf_status(&payload));
    return hq_tx_event(tx,
                       &(hq_event){ .office = scope->office,
                                    .room = HQ_SV("files"),
                                    .kind = HQ_SV("attachment.linked"),
                                    .subject = hq_files__subject(arena, id),
                                    .version = version,
                                    .actor = caller->id,
                                    .payload = hq_buf_view(&payload),
                                    .row_hash = &hash },
                       NULL);
}

hq_status hq_files_of(const hq_file **out, size_t *count, hq_tx *tx, hq_sv subject, hq_arena *arena)
{
    return hq_files__list(out, count, tx, subject, NULL, NULL, arena);
}

void hq_file_write(hq_json_w *w, const hq_file *file)
{
    char text[64];
    hq_buf hex = { .ptr = text, .cap = sizeof text, .ceiling = sizeof text };
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "id");
    hq_id_write(&hex, &file->id);
    hq_json_text(w, hq_buf_view(&hex));
    HQ_JSON_KEY(w, "sha256");
    hq_buf_clear(&hex);
    hq_buf_hex(&hex, file->sha256.bytes, sizeof file->sha256.bytes);
    hq_json_text(w, hq_buf_view(&hex));
    HQ_JSON_KEY(w, "type");
    hq_json_text(w, hq_sv_from_cstr(hq_file_type_mime(file->type)));
    HQ_JSON_KEY(w, "size");
    hq_json_i64(w, file->size);
    HQ_JSON_KEY(w, "name");
    hq_json_text(w, file->name);
    HQ_JSON_KEY(w, "at");
    hq_json_time(w, file->at);
    hq_json_close(w, '}');
}
