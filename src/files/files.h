/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Face of files/: attachments. A file is hashed at once, kept once however often it is sent, and
 * its type is what its bytes say it is: a name or declared type that says otherwise is refused, and
 * so is everything that could run. Contents are rows of the database, written in one transaction
 * with the attachment: what was acknowledged survives a crash and is in every backup. */

#include "base/base.h"
#include "codec/codec.h"
#include "files/paper.h"
#include "identity/identity.h"
#include "os/os.h"
#include "reference/reference.h"
#include "store/store.h"

#define HQ_FILE_BYTES_MAX  ((size_t)10 << 20)
#define HQ_FILE_NAME_CHARS 200

/* ------------------------------------------------------------------ types */

#define HQ_FILE_TYPES(X)                                                                           \
    X(PDF, "application/pdf", "pdf")                                                               \
    X(PNG, "image/png", "png")                                                                     \
    X(JPEG, "image/jpeg", "jpg jpeg")                                                              \
    X(TIFF, "image/tiff", "tif tiff")                                                              \
    X(XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")           \
    X(DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx")     \
    X(PPTX, "application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx")   \
    X(ODS, "application/vnd.oasis.opendocument.spreadsheet", "ods")                                \
    X(ODT, "application/vnd.oasis.opendocument.text", "odt")                                       \
    X(XML, "application/xml", "xml")                                                               \
    X(JSON, "application/json", "json")                                                            \
    X(CSV, "text/csv", "csv")                                                                      \
    X(TEXT, "text/plain", "txt")

typedef enum {
#define HQ_FILE_ENUM(name, mime, extensions) HQ_FILE_##name,
    HQ_FILE_TYPES(HQ_FILE_ENUM)
#undef HQ_FILE_ENUM
} hq_file_type;
const char *hq_file_type_mime(hq_file_type type);

/* What the bytes are. `declared` is a Content-Type (empty and application/octet-stream say
 * nothing), `name` a file name (empty or without an extension says nothing). MEDIA with *why: not a
 * type that is taken, a program, something that carries one, cut off, or not what was declared.
 * LIMIT: too large, also when unpacked; RANGE: empty. */
hq_status hq_file_recognise(hq_file_type *out, hq_sv bytes, hq_sv declared, hq_sv name,
                            hq_arena *arena, hq_why *why);

/* ------------------------------------------------------------------ the room */

typedef struct hq_files hq_files;
extern const hq_store_room hq_files_room;

/* Both borrowed for life. */
hq_status hq_files_open(hq_files **out, hq_store *store, hq_reference *reference);
void hq_files_close(hq_files *files);

typedef struct {
    hq_id id;
    hq_hash32 sha256;
    hq_file_type type;
    int64_t size;
    hq_sv name;     /* as sent, in NFC */
    hq_sv owner;    /* id of the caller who sent it */
    hq_sv tax_code; /* his, when a declarant */
    hq_time_us at;
} hq_file;

/* Inside a transaction; texts live in `arena`. NOT_FOUND. */
hq_status hq_file_get(hq_file *out, hq_tx *tx, const hq_id *id, hq_arena *arena);
/* May the caller use this file (attach it to something)? It is his own, or one his own enterprise
 * sent: else NOT_FOUND. */
hq_status hq_file_own(hq_file *out, hq_tx *tx, const hq_caller *caller, const hq_id *id,
                      hq_arena *arena);
/* Inside a write closure: ties a file of the caller to a subject ("declaration/10000000001"), with
 * one event. Who may see `scope` (hq_may, HQ_MAY_SEE) may from then on read the file. Tying it
 * again changes nothing. NOT_FOUND when it is not his. */
hq_status hq_file_link(hq_tx *tx, const hq_caller *caller, const hq_id *id, hq_sv subject,
                       const hq_target *scope);
/* Files of a subject in the order in which they were tied. */
hq_status hq_files_of(const hq_file **out, size_t *count, hq_tx *tx, hq_sv subject,
                      hq_arena *arena);
/* The bytes. */
hq_status hq_file_bytes(hq_buf *out, hq_tx *tx, const hq_file *file, hq_arena *arena);
/* Answers with the file: bytes, type, name, ETag. */
hq_status hq_file_answer(hq_request *request, const hq_file *file, hq_buf bytes);
/* {"id", "sha256", "type", "size", "name", "at"} */
void hq_file_write(hq_json_w *w, const hq_file *file);

/* `self` of the table is the hq_files.
 * POST /api/v1/attachments?name=   body: the file    201 {id, sha256, type, size, name, at}
 * GET  /api/v1/attachments/{id}                      the bytes
 * GET  /api/v1/attachments?subject=                  those tied to a subject */
extern const hq_route hq_files_routes[];
extern const size_t hq_files_route_count;
