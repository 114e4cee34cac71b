/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: files of many declarations, XLSX or NDJSON, each declaration filed on its own
 * as if it had come alone, with a result a declaration that points into the file.
 *
 * In a sheet a row is a line of goods; rows with the same reference are one declaration, in the
 * order of the rows. Which column is which field says one row of keys ("importer.tax_code",
 * "lines.hs", "permits.2.number"), which are the paths of the fields in the JSON of a declaration:
 * they are made of the decoder's tables, so that every field has its column. A row becomes that
 * JSON and goes the way of all declarations; what is found there at a JSON pointer is told at its
 * cell. */

#include "clearance/batch.h"
#include "clearance/decode.h"
#include "clearance/filing.h"

#define HQ_UPL__ITEMS_MAX 2000 /* declarations in a file */
#define HQ_UPL__BODY_MAX  ((size_t)32 << 20)

/* ------------------------------------------------------------------ columns (upload_columns.c) */

#define HQ_UPL__DEPTH 5
typedef struct {
    hq_sv name;
    int element; /* of a list, from 0; -1: an object */
} hq_upl__step;

typedef struct {
    hq_sv key; /* "valuation.adjustments.2.amount" */
    const hq_decode__field *field;
    hq_upl__step steps[HQ_UPL__DEPTH]; /* from the root; of a line: from the line */
    uint8_t depth;
    bool of_line;
    hq_sv vi, en;
} hq_upl__column;

/* All of them, in the order of the declaration's fields; live as long as the process. NULL without
 * memory. */
const hq_upl__column *hq_upl__columns(size_t *count);
const hq_upl__column *hq_upl__column_of(hq_sv key);
/* The nearest key, for a slip. */
hq_sv hq_upl__nearest_key(hq_sv key, hq_arena *arena);

/* ------------------------------------------------------------------ what a file holds */

typedef struct {
    uint16_t at; /* of the file's columns */
    uint32_t row;
    hq_sv text;
} hq_upl__cell;

typedef struct {
    uint32_t row;
    uint32_t first, count; /* of the item's cells of lines */
} hq_upl__row;

/* A column that a sheet has. */
typedef struct {
    const hq_upl__column *column;
    uint32_t column_no; /* from 1 */
} hq_upl__used;

/* One declaration of the file. */
typedef struct {
    uint32_t row; /* the first row, or line of NDJSON: its name within the upload */
    hq_sv reference;
    hq_findings found; /* before it was a declaration */
    hq_sv text;        /* NDJSON */
    hq_upl__cell *header;
    uint32_t header_count, header_cap;
    hq_upl__row *rows; /* those with anything of a line */
    uint32_t row_count, row_cap;
    hq_upl__cell *cells;
    uint32_t cell_count, cell_cap;
} hq_upl__item;

typedef struct {
    hq_arena *arena;
    bool is_sheet;
    hq_upl__used *used; /* in order of the declaration's fields */
    size_t used_count;
    hq_upl__item *items;
    size_t count;
    hq_findings found; /* of the file as a whole: nothing of it is filed */
} hq_upl__file;

/* Reads the bytes (64 readable ones behind them, which stay the caller's). INVALID with
 * file->found; MEDIA, SYNTAX, LIMIT with *why. */
hq_status hq_upl__read_sheet(hq_upl__file *file, hq_sv body, hq_why *why); /* upload_sheet.c */
hq_status hq_upl__read_ndjson(hq_upl__file *file, hq_sv body, hq_why *why);

/* upload_json.c: the declaration of an item of a sheet, 64 readable bytes behind it. */
hq_status hq_upl__json(hq_sv *out, const hq_upl__file *file, const hq_upl__item *item,
                       hq_arena *arena);
/* The cell that a JSON pointer means; ptr NULL: the sheet has none for it. */
hq_sv hq_upl__cell_of(char text[12], const hq_upl__file *file, const hq_upl__item *item,
                      hq_sv pointer);
/* The JSON pointer of a column in a line (from 0), or of the header. */
hq_sv hq_upl__pointer_of(const hq_upl__column *column, size_t line, hq_arena *arena);

/* ------------------------------------------------------------------ rows (upload_rows.c) */

typedef enum { HQ_UPL__DRY_RUN, HQ_UPL__PREREGISTER, HQ_UPL__REGISTER } hq_upl__mode;
extern const char *const hq_upl__mode_names[3];

typedef struct {
    hq_id id;
    hq_sv caller, tax_code, key;
    hq_hash32 hash; /* of mode, type and bytes */
    hq_upl__mode mode;
    bool is_sheet;
    hq_time_us at, done_at; /* done_at 0: not yet */
    int64_t items, filed, refused;
    hq_sv rows; /* JSON array, once done */
} hq_upl__upload;

/* The upload of this caller and key; NOT_FOUND. */
hq_status hq_upl__find(hq_upl__upload *out, hq_tx *tx, hq_sv caller, hq_sv key, hq_arena *arena);
hq_status hq_upl__get(hq_upl__upload *out, hq_tx *tx, const hq_id *id, hq_arena *arena);
hq_status hq_upl__insert(hq_tx *tx, const hq_upl__upload *upload);
/* Its end: counts, result, event. */
hq_status hq_upl__finish(hq_tx *tx, const hq_upl__upload *upload);
/* Notes that this row of the upload is that declaration; EXISTS. */
hq_status hq_upl__note_row(hq_tx *tx, const hq_id *upload, uint32_t row, int64_t declaration);
/* Of each row that an earlier try filed. */
typedef void (*hq_upl__filed_fn)(void *user, uint32_t row, int64_t declaration);
hq_status hq_upl__each_filed(hq_tx *tx, const hq_id *upload, hq_upl__filed_fn fn, void *user);
/* Newest first, before `before` (NULL: the newest), without their results. */
hq_status hq_upl__list(hq_upl__upload **out, size_t *count, hq_tx *tx, hq_sv tax_code,
                       const hq_id *before, size_t limit, hq_arena *arena);
/* Lets uploads go that are older than the instant. */
hq_status hq_upl__forget(hq_tx *tx, hq_time_us before);

/* ------------------------------------------------------------------ filing (upload_work.c) */

typedef struct {
    hq_clearance *clearance;
    const hq_caller *caller;
    hq_upl__file *file;
    hq_upl__upload *upload;
    const int64_t *filed; /* of each item, the declaration that an earlier try made of it, 0 none */
    /* Told of each part that is done; false: stop, the server does. */
    bool (*progress)(void *user, size_t done);
    void *user;
} hq_upl__work;
/* Files what is not filed yet, in order, each in a transaction of its own; upload->rows (in the
 * heap buffer `rows`), filed and refused. BUSY when it was stopped. */
hq_status hq_upl__file_all(hq_buf *rows, const hq_upl__work *work);

/* {"id", ...} with its rows. `state`: "DONE", "RUNNING", "INTERRUPTED". */
void hq_upl__upload_json(hq_json_w *w, const hq_upl__upload *upload, const char *state,
                         int64_t done, bool with_rows);

/* ------------------------------------------------------------------ books (upload_book.c) */

hq_status hq_upl__template(hq_buf *out, const hq_ref *ref, hq_day day, bool vi);
hq_status hq_upl__result_book(hq_buf *out, const hq_upl__upload *upload, bool vi, hq_arena *arena);

/* ------------------------------------------------------------------ routes (uploads.c) */

typedef struct hq_upl__engine hq_upl__engine;
hq_status hq_upl__engine_open(hq_upl__engine **out, hq_clearance *clearance);
void hq_upl__engine_close(hq_upl__engine *engine); /* NULL is fine */

hq_status hq_clr__post_upload(hq_request *request, void *room);
hq_status hq_clr__get_uploads(hq_request *request, void *room);
hq_status hq_clr__get_upload(hq_request *request, void *room);
hq_status hq_clr__get_upload_book(hq_request *request, void *room);
hq_status hq_clr__get_upload_template(hq_request *request, void *room);
