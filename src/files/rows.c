/* SPDX-License-Identifier: Apache-2.0 */
#include "files/room.h"

enum { PART = 256 * 1024 };

#define B_ID(id) HQ_B_BLOB(hq_sv_make((id)->bytes, sizeof(id)->bytes))

static hq_sql find_content = HQ_SQL_OF("SELECT id FROM files_content WHERE sha256 = ?1");
static hq_sql put_content =
    HQ_SQL_OF("INSERT INTO files_content (id, sha256, size) VALUES (?1, ?2, ?3)");
static hq_sql put_part =
    HQ_SQL_OF("INSERT INTO files_part (content, part, bytes) VALUES (?1, ?2, ?3)");
static hq_sql get_parts = HQ_SQL_OF("SELECT p.bytes FROM files_attachment a JOIN files_part p ON "
                                    "p.content = a.content WHERE a.id = ?1 ORDER BY p.part");
static hq_sql put_attachment = HQ_SQL_OF(
    "INSERT INTO files_attachment (id, content, sha256, type, size, name, owner, tax_code, at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
#define COLUMNS "a.id, a.sha256, a.type, a.size, a.name, a.owner, a.tax_code, a.at"
static hq_sql get_attachment =
    HQ_SQL_OF("SELECT " COLUMNS " FROM files_attachment a WHERE a.id = ?1");
static hq_sql of_subject =
    HQ_SQL_OF("SELECT " COLUMNS ", l.office, l.goods_office, l.trader, l.agent "
              "FROM files_link l JOIN files_attachment a ON a.id = l.attachment "
              "WHERE l.subject = ?1 ORDER BY l.seq");
static hq_sql links_of_subject =
    HQ_SQL_OF("SELECT count(*), coalesce(sum(CASE WHEN attachment = ?2 THEN 1 ELSE 0 END), 0) "
              "FROM files_link WHERE subject = ?1");
static hq_sql links_of_attachment =
    HQ_SQL_OF("SELECT office, goods_office, trader, agent FROM files_link WHERE attachment = ?1");
static hq_sql put_link = HQ_SQL_OF("INSERT INTO files_link (subject, seq, attachment, office, "
                                   "goods_office, trader, agent, at) "
                                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");

/* ------------------------------------------------------------------ contents */

static hq_status put_parts(hq_tx *tx, const hq_id *content, hq_sv bytes)
{
    for (size_t at = 0; at < bytes.len; at += PART) {
        HQ_TRY(HQ_TX_RUN(tx, &put_part, B_ID(content), HQ_B_I64((int64_t)(at / PART)),
                         HQ_B_BLOB(hq_sv_sub(bytes, at, PART))));
    }
    return HQ_DONE;
}

/* The content with this hash, which is kept now if it was not. */
static hq_status keep_content(hq_id *out, hq_tx *tx, const hq_file *file, hq_sv bytes)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &find_content, HQ_B_HASH(&file->sha256)));
    bool known = hq_rows_next(&rows);
    if (known) {
        memcpy(out->bytes, hq_rows_text(&rows, 0).ptr, sizeof out->bytes);
    }
    HQ_TRY(hq_rows_end(&rows));
    if (known) {
        return HQ_DONE;
    }
    *out = file->id; /* the first attachment lends its name */
    HQ_TRY(HQ_TX_RUN(tx, &put_content, B_ID(out), HQ_B_HASH(&file->sha256), HQ_B_I64(file->size)));
    return put_parts(tx, out, bytes);
}

hq_status hq_files__store(hq_tx *tx, const hq_file *file, hq_sv bytes)
{
    hq_id content;
    HQ_TRY(keep_content(&content, tx, file, bytes));
    return HQ_TX_RUN(tx, &put_attachment, B_ID(&file->id), B_ID(&content), HQ_B_HASH(&file->sha256),
                     HQ_B_TEXT(hq_sv_from_cstr(hq_file_type_mime(file->type))),
                     HQ_B_I64(file->size), HQ_B_TEXT(file->name), HQ_B_TEXT(file->owner),
                     HQ_B_TEXT(file->tax_code), HQ_B_I64(file->at));
}

hq_status hq_file_bytes(hq_buf *out, hq_tx *tx, const hq_file *file, hq_arena *arena)
{
    *out = HQ_BUF_ARENA(arena, (size_t)file->size);
    hq_buf_reserve(out, (size_t)file->size);
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &get_parts, B_ID(&file->id)));
    while (hq_rows_next(&rows)) {
        hq_buf_sv(out, hq_rows_text(&rows, 0));
    }
    HQ_TRY(hq_rows_end(&rows));
    /* More than was said overruns the buffer's ceiling, less shows in the length. */
    if (out->failed == HQ_E_LIMIT || (out->failed == HQ_E_OK && out->len != (size_t)file->size)) {
        return HQ_FAIL(CORRUPT);
    }
    return hq_buf_status(out);
}

/* ------------------------------------------------------------------ attachments */

static bool type_of(hq_file_type *out, hq_sv mime)
{
#define HQ_FILE_MATCH(name, text, extensions)                                                      \
    if (hq_sv_eq(mime, hq_sv_from_cstr(text))) {                                                   \
        *out = HQ_FILE_##name;                                                                     \
        return true;                                                                               \
    }
    HQ_FILE_TYPES(HQ_FILE_MATCH)
#undef HQ_FILE_MATCH
    return false;
}

static hq_status read_row(hq_file *out, const hq_rows *rows, hq_arena *arena)
{
    hq_sv id = hq_rows_text(rows, 0), sha256 = hq_rows_text(rows, 1);
    *out = (hq_file){ .size = hq_rows_i64(rows, 3),
                      .name = hq_arena_dup(arena, hq_rows_text(rows, 4)),
                      .owner = hq_arena_dup(arena, hq_rows_text(rows, 5)),
                      .tax_code = hq_arena_dup(arena, hq_rows_text(rows, 6)),
                      .at = hq_rows_i64(rows, 7) };
    if (id.len != sizeof out->id.bytes || sha256.len != sizeof out->sha256.bytes ||
        !type_of(&out->type, hq_rows_text(rows, 2))) {
        return HQ_FAIL(CORRUPT);
    }
    memcpy(out->id.bytes, id.ptr, id.len);
    memcpy(out->sha256.bytes, sha256.ptr, sha256.len);
    bool whole = out->name.ptr != NULL && out->owner.ptr != NULL && out->tax_code.ptr != NULL;
    return whole ? HQ_DONE : HQ_FAIL(NOMEM);
}

hq_status hq_file_get(hq_file *out, hq_tx *tx, const hq_id *id, hq_arena *arena)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &get_attachment, B_ID(id)));
    hq_status s = HQ_FAIL(NOT_FOUND);
    if (hq_rows_next(&rows)) {
        s = read_row(out, &rows, arena);
    }
    HQ_TRY(hq_rows_end(&rows));
    return s;
}

/* ------------------------------------------------------------------ links */

static void read_scope(hq_target *out, const hq_rows *rows, int first)
{
    *out = (hq_target){ .office = hq_rows_text(rows, first),
                        .goods_office = hq_rows_text(rows, first + 1),
                        .trader_tax_code = hq_rows_text(rows, first + 2),
                        .agent_tax_code = hq_rows_text(rows, first + 3) };
}

hq_status hq_files__any_link(bool *out, hq_tx *tx, const hq_id *id,
                             bool (*see)(const hq_target *scope, void *user), void *user)
{
    hq_rows rows;
    *out = false;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &links_of_attachment, B_ID(id)));
    while (!*out && hq_rows_next(&rows)) {
        hq_target scope;
        read_scope(&scope, &rows, 0);
        *out = see(&scope, user);
    }
    return hq_rows_end(&rows);
}

static hq_status count_of(int64_t *out, int64_t *of_it, hq_tx *tx, hq_sql *sql,
                          const hq_bind *binds, size_t count)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, sql, binds, count));
    if (hq_rows_next(&rows)) {
        *out = hq_rows_i64(&rows, 0);
        *of_it = hq_rows_i64(&rows, 1);
    }
    return hq_rows_end(&rows);
}

/* Versions of an attachment: 1 when stored, one more with each link. */
static hq_status version_of(int64_t *out, hq_tx *tx, const hq_id *id)
{
    hq_rows rows;
    *out = 1;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &links_of_attachment, B_ID(id)));
    while (hq_rows_next(&rows)) {
        ++*out;
    }
    return hq_rows_end(&rows);
}

hq_status hq_files__tie(bool *added, int64_t *version, hq_tx *tx, const hq_id *id, hq_sv subject,
                        const hq_target *scope)
{
    int64_t seq = 0, tied = 0;
    *added = false;
    HQ_TRY(count_of(&seq, &tied, tx, &links_of_subject,
                    (const hq_bind[]){ HQ_B_TEXT(subject), B_ID(id) }, 2));
    if (tied > 0) {
        return HQ_DONE;
    }
    HQ_TRY(HQ_TX_RUN(tx, &put_link, HQ_B_TEXT(subject), HQ_B_I64(seq), B_ID(id),
                     HQ_B_TEXT(scope->office), HQ_B_TEXT(scope->goods_office),
                     HQ_B_TEXT(scope->trader_tax_code), HQ_B_TEXT(scope->agent_tax_code),
                     HQ_B_I64(hq_tx_now(tx))));
    *added = true;
    return version_of(version, tx, id);
}

/* Twice through the rows: the arena cannot grow an array in place. */
static hq_status count_files(size_t *out, hq_tx *tx, hq_sv subject)
{
    int64_t count = 0, none;
    HQ_TRY(count_of(&count, &none, tx, &links_of_subject,
                    (const hq_bind[]){ HQ_B_TEXT(subject), HQ_B_BLOB(HQ_SV("")) }, 2));
    *out = (size_t)count;
    return HQ_DONE;
}

hq_status hq_files__list(const hq_file **out, size_t *count, hq_tx *tx, hq_sv subject,
                         bool (*see)(const hq_target *scope, void *user), void *user,
                         hq_arena *arena)
{
    size_t most = 0, used = 0;
    HQ_TRY(count_files(&most, tx, subject));
    hq_file *list = HQ_NEW_ARRAY(arena, hq_file, most);
    if (list == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_rows rows;
    hq_status s = HQ_DONE;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &of_subject, HQ_B_TEXT(subject)));
    while (hq_ok(s) && used < most && hq_rows_next(&rows)) {
        hq_target scope;
        read_scope(&scope, &rows, 8);
        if (see == NULL || see(&scope, user)) {
            s = read_row(&list[used++], &rows, arena);
        }
    }
    HQ_TRY(hq_rows_end(&rows));
    *out = list;
    *count = used;
    return s;
}

/* ------------------------------------------------------------------ the journal's hash of a row */

hq_status hq_files__hash_of(hq_hash32 *out, const hq_file *file, const hq_hash32 *content,
                            hq_arena *arena)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 64 * 1024);
    hq_buf_append(&buf, file->id.bytes, sizeof file->id.bytes);
    hq_buf_append(&buf, content->bytes, sizeof content->bytes);
    hq_buf_bytes32(&buf, hq_sv_from_cstr(hq_file_type_mime(file->type)));
    hq_buf_le64(&buf, (uint64_t)file->size);
    hq_buf_bytes32(&buf, file->name);
    hq_buf_bytes32(&buf, file->owner);
    hq_buf_bytes32(&buf, file->tax_code);
    hq_buf_le64(&buf, (uint64_t)file->at);
    hq_blake2b(out, hq_buf_view(&buf));
    return hq_buf_status(&buf);
}

/* Over the bytes as they are kept, so that an altered content shows too. */
hq_status hq_files__row_hash(hq_hash32 *out, hq_tx *tx, hq_sv subject)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_sv rest = subject;
    hq_buf bytes;
    hq_id id;
    hq_file file;
    hq_hash32 content;
    hq_sv_cut(&rest, '/');
    if (hq_failed(hq_id_parse(&id, rest))) {
        return HQ_FAIL(NOT_FOUND);
    }
    HQ_TRY(hq_file_get(&file, tx, &id, arena));
    HQ_TRY(hq_file_bytes(&bytes, tx, &file, arena));
    hq_sha256(&content, hq_buf_view(&bytes));
    return hq_files__hash_of(out, &file, &content, arena);
}
