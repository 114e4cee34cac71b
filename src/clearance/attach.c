/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/dialogue.h"
#include "clearance/elements.h"
#include "files/files.h"

/* Attachments of a declaration. The file is kept by files/, once for each content and typed by what
 * its bytes are; here it becomes part of the record: who attached it, when, as what, with which
 * hash. The event of it is sealed in the journal, which is the signature of the house. A signature
 * of the sender over the hash is verified and kept beside. */

#define ATTACHMENTS_MAX 100
#define NAME_CHARS      200
#define NOTE_CHARS      500

/* ------------------------------------------------------------------ signatures */

static bool hex_into(uint8_t *out, size_t count, hq_sv text)
{
    if (text.len != 2 * count) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) {
            return false;
        }
        out[i / 2] = (uint8_t)(i % 2 == 0 ? digit << 4 : out[i / 2] | digit);
    }
    return true;
}

typedef struct {
    bool given;
    uint8_t key[32], value[64];
    hq_sv json;
} signature;

static void read_hex(hq_clr__form *form, const hq_json *object, const char *name, uint8_t *out,
                     size_t count)
{
    hq_arena *arena = form->request->arena;
    const hq_json *m = hq_json_get(object, name);
    if (m == NULL || m->type != HQ_JSON_STRING || !hex_into(out, count, m->text)) {
        hq_findings_add(
            &form->findings, "HQ607", hq_arena_printf(arena, "/signature/%s", name),
            m == NULL ? HQ_SV_NULL : hq_findings__json_of(arena, m),
            HQ_ARGS(hq_sv_from_cstr(name), hq_findings__i64(arena, (int64_t)(2 * count))));
    }
}

static void read_signature(signature *s, hq_clr__form *form)
{
    const hq_json *object = hq_json_get(form->body, "signature");
    hq_arena *arena = form->request->arena;
    if (object == NULL || object->type != HQ_JSON_OBJECT) {
        return;
    }
    for (const hq_json *m = hq_json_first(object); m != NULL; m = hq_json_next(object, m)) {
        if (!hq_sv_eq(m->key, HQ_SV("algorithm")) && !hq_sv_eq(m->key, HQ_SV("public_key")) &&
            !hq_sv_eq(m->key, HQ_SV("value"))) {
            hq_findings_add(&form->findings, "HQ002",
                            hq_arena_printf(arena, "/signature/%.*s", HQ_SV_FMT(m->key)),
                            hq_findings__json_of(arena, m), HQ_ARGS(m->key));
        }
    }
    hq_sv algorithm = hq_json_get_text(object, "algorithm");
    if (!hq_sv_eq(algorithm, HQ_SV("Ed25519"))) {
        hq_findings_add(&form->findings, "HQ014", HQ_SV("/signature/algorithm"),
                        algorithm.ptr == NULL ? HQ_SV_NULL
                                              : hq_findings__json_text(arena, algorithm),
                        HQ_ARGS(HQ_SV("algorithm"), HQ_SV("Ed25519")));
    }
    read_hex(form, object, "public_key", s->key, sizeof s->key);
    read_hex(form, object, "value", s->value, sizeof s->value);
    s->given = true;
}

static hq_status write_signature(signature *s, hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, 512);
    hq_buf_lit(&text, "{\"algorithm\":\"Ed25519\",\"public_key\":\"");
    hq_buf_hex(&text, s->key, sizeof s->key);
    hq_buf_lit(&text, "\",\"value\":\"");
    hq_buf_hex(&text, s->value, sizeof s->value);
    hq_buf_lit(&text, "\"}");
    s->json = hq_buf_view(&text);
    return hq_buf_status(&text);
}

static hq_sv hex_of(const void *bytes, size_t len, hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, 256);
    hq_buf_hex(&text, bytes, len);
    return hq_buf_view(&text);
}

static hq_sv id_text(const hq_id *id, hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, 64);
    hq_id_write(&text, id);
    return hq_buf_view(&text);
}

static hq_status check_signature(hq_clr__change *c, const signature *s, const hq_file *file)
{
    hq_sv hash = hq_sv_make(file->sha256.bytes, sizeof file->sha256.bytes);
    hq_arena *arena = c->request->arena;
    if (!s->given || hq_ed25519_holds(s->value, hash, s->key)) {
        return HQ_DONE;
    }
    return hq_clr__found_one(
        c, "HQ608", HQ_SV("/signature/value"), HQ_SV_NULL,
        HQ_ARGS(hex_of(s->key, sizeof s->key, arena), hex_of(hash.ptr, hash.len, arena)));
}

/* ------------------------------------------------------------------ into the record */

static hq_status element_of(hq_sv *out, const hq_clr__change *c, const hq_file *file,
                            const hq_clr__attaching *what)
{
    hq_arena *arena = c->request->arena;
    hq_buf text = HQ_BUF_ARENA(arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    bool declarant = c->request->caller->role == HQ_ROLE_DECLARANT;
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "id");
    hq_json_text(&w, id_text(&file->id, arena));
    HQ_JSON_KEY(&w, "kind");
    hq_json_text(&w, what->kind);
    HQ_JSON_KEY(&w, "name");
    hq_clr__put_text(&w, what->name.len > 0 ? what->name : file->name);
    HQ_JSON_KEY(&w, "note");
    hq_clr__put_text(&w, what->note);
    HQ_JSON_KEY(&w, "sha256");
    hq_json_text(&w, hex_of(file->sha256.bytes, sizeof file->sha256.bytes, arena));
    HQ_JSON_KEY(&w, "type");
    hq_json_text(&w, hq_sv_from_cstr(hq_file_type_mime(file->type)));
    HQ_JSON_KEY(&w, "size");
    hq_json_i64(&w, file->size);
    HQ_JSON_KEY(&w, "side");
    hq_json_text(&w, declarant ? HQ_SV("declarant") : HQ_SV("customs"));
    HQ_JSON_KEY(&w, "by");
    hq_json_text(&w, c->request->caller->id);
    HQ_JSON_KEY(&w, "at");
    hq_json_time(&w, c->at);
    HQ_JSON_KEY(&w, "signature");
    hq_json_raw(&w, what->signature.len == 0 ? HQ_SV("null") : what->signature);
    hq_json_close(&w, '}');
    *out = hq_buf_view(&text);
    return hq_buf_status(&text);
}

/* What the event says: no name and no note, they may tell of persons. */
static hq_sv members_of(const hq_file *file, const hq_clr__attaching *what, hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, 1024);
    hq_json_w w = hq_json_writer(&text);
    HQ_JSON_KEY(&w, "attachment");
    hq_json_text(&w, id_text(&file->id, arena));
    HQ_JSON_KEY(&w, "attachment_kind");
    hq_json_text(&w, what->kind);
    HQ_JSON_KEY(&w, "sha256");
    hq_json_text(&w, hex_of(file->sha256.bytes, sizeof file->sha256.bytes, arena));
    HQ_JSON_KEY(&w, "signed");
    hq_json_bool(&w, what->signature.len > 0);
    return hq_buf_view(&text);
}

hq_status hq_clr__attach(hq_sv *members, hq_clr__change *c, hq_tx *tx, const hq_clr__row *row,
                         hq_clr__life *life, const hq_clr__attaching *what)
{
    hq_arena *arena = c->request->arena;
    hq_sv *section = &life->sections[HQ_CLR__ATTACHMENTS];
    hq_target scope = hq_clr__target_of(row);
    hq_sv id = id_text(&what->file, arena);
    const hq_json *all;
    hq_file file;
    hq_sv element;
    HQ_TRY(hq_clr__elements(&all, *section, arena));
    if (hq_clr__element_named(all, "id", id) != NULL) {
        return HQ_FAIL(EXISTS);
    }
    if (all->count >= ATTACHMENTS_MAX) {
        return hq_clr__found_one(
            c, "HQ606", hq_sv_from_cstr(what->path), HQ_SV_NULL,
            HQ_ARGS(hq_findings__i64(arena, all->count), hq_findings__i64(arena, ATTACHMENTS_MAX)));
    }
    hq_status s = hq_file_own(&file, tx, c->request->caller, &what->file, arena);
    if (s.code == HQ_E_NOT_FOUND) {
        return hq_clr__found_one(c, "HQ604", hq_sv_from_cstr(what->path),
                                 hq_findings__json_text(arena, id), HQ_ARGS(id));
    }
    HQ_TRY(s);
    HQ_TRY(
        hq_file_link(tx, c->request->caller, &what->file, hq_clr__subject_of(row, arena), &scope));
    HQ_TRY(element_of(&element, c, &file, what));
    *members = members_of(&file, what, arena);
    return hq_clr__array_add(section, element, arena);
}

hq_status hq_clr__attachments_known(hq_clr__change *c, const hq_clr__life *life, hq_sv ids,
                                    const char *path)
{
    hq_arena *arena = c->request->arena;
    hq_findings findings = { .arena = arena };
    const hq_json *all;
    const hq_json *wanted;
    size_t index = 0;
    HQ_TRY(hq_clr__elements(&all, life->sections[HQ_CLR__ATTACHMENTS], arena));
    HQ_TRY(hq_clr__elements(&wanted, ids, arena));
    for (const hq_json *i = hq_json_first(wanted); i != NULL;
         i = hq_json_next(wanted, i), index++) {
        if (hq_clr__element_named(all, "id", i->text) == NULL) {
            hq_findings_add(&findings, "HQ605", hq_arena_printf(arena, "%s/%zu", path, index),
                            hq_findings__json_text(arena, i->text), HQ_ARGS(i->text));
        }
    }
    return hq_clr__body_found(c->request, &findings);
}

/* ------------------------------------------------------------------ the verb */

typedef struct {
    hq_clr__attaching what;
    signature signature;
} attach_body;

/* The signature is held against the hash that files/ took of the bytes. */
static hq_status sign(hq_clr__change *c, hq_tx *tx, attach_body *b)
{
    hq_file file;
    if (!b->signature.given) {
        return HQ_DONE;
    }
    hq_status s = hq_file_own(&file, tx, c->request->caller, &b->what.file, c->request->arena);
    if (s.code == HQ_E_NOT_FOUND) {
        return HQ_DONE; /* hq_clr__attach says so */
    }
    HQ_TRY(s);
    HQ_TRY(check_signature(c, &b->signature, &file));
    HQ_TRY(write_signature(&b->signature, c->request->arena));
    b->what.signature = b->signature.json;
    return HQ_DONE;
}

/* The same file once more: as the same kind nothing is to be done, as another the caller must know.
 */
static hq_status attached_before(hq_clr__change *c, const hq_clr__life *life, const attach_body *b)
{
    const hq_json *all;
    HQ_TRY(hq_clr__elements(&all, life->sections[HQ_CLR__ATTACHMENTS], c->request->arena));
    const hq_json *e = hq_clr__element_named(all, "id", id_text(&b->what.file, c->request->arena));
    if (e != NULL && hq_sv_eq(hq_json_get_text(e, "kind"), b->what.kind)) {
        c->unchanged = true;
        return HQ_DONE;
    }
    c->explained = true;
    return HQ_CLR__REFUSE(c->request, CONFLICT, "/kind",
                          "Tệp này đã được đính kèm tờ khai với loại chứng từ khác",
                          "This file is attached to the declaration already, as another kind");
}

static hq_status attach(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    attach_body b = *(const attach_body *)c->body; /* this run's own */
    hq_arena *arena = c->request->arena;
    hq_clr__life life;
    hq_sv members = HQ_SV("");
    if (hq_clr__move_find(row->status, HQ_VERB_ATTACH, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(sign(c, tx, &b));
    hq_status s = hq_clr__attach(&members, c, tx, row, &life, &b.what);
    if (s.code == HQ_E_EXISTS) {
        return attached_before(c, &life, &b);
    }
    HQ_TRY(s);
    HQ_TRY(hq_clr__life_pack(&row->life, &life, arena));
    hq_clr__step step = { .verb = HQ_VERB_ATTACH,
                          .facts = { .channel = (hq_channel)row->channel },
                          .actor = c->request->caller->id,
                          .at = c->at,
                          .more = members };
    return hq_clr__row_move(row, tx, &step, arena);
}

static hq_status read_body(attach_body *b, hq_request *request, hq_clearance *clearance, hq_day day)
{
    static const hq_clr__member members[] = {
        { "file", HQ_JSON_STRING }, { "kind", HQ_JSON_STRING },      { "name", HQ_JSON_STRING },
        { "note", HQ_JSON_STRING }, { "signature", HQ_JSON_OBJECT },
    };
    hq_clr__form form;
    HQ_TRY(hq_clr__form_open(&form, request, members, sizeof members / sizeof members[0]));
    HQ_IGNORE(hq_clr__form_id(&b->what.file, &form, "file", HQ_CLR__NEEDED)); /* found, if wrong */
    b->what.kind = hq_clr__form_code(&form, "kind", HQ_LIST_ATTACHMENT, clearance, day);
    b->what.name = hq_clr__form_text(&form, "name", NAME_CHARS, 0);
    b->what.note = hq_clr__form_text(&form, "note", NOTE_CHARS, 0);
    b->what.path = "/file";
    read_signature(&b->signature, &form);
    return hq_clr__form_close(&form);
}

hq_status hq_clr__post_attachment(hq_request *request, void *room)
{
    hq_clr__change *c;
    attach_body *b = HQ_NEW(request->arena, attach_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_ATTACH));
    hq_clr__change_keyed(c);
    HQ_TRY(read_body(b, request, room, c->day));
    c->body = b;
    return hq_clr__change_write(c, attach);
}

/* ------------------------------------------------------------------ reading one */

typedef struct {
    hq_request *request;
    hq_id id;
    hq_file file;
    hq_buf bytes;
} reading;

static hq_status read_file(hq_tx *tx, void *user)
{
    reading *r = user;
    HQ_TRY(hq_file_get(&r->file, tx, &r->id, r->request->arena));
    return hq_file_bytes(&r->bytes, tx, &r->file, r->request->arena);
}

static hq_status not_attached(hq_request *request)
{
    return HQ_CLR__REFUSE(request, NOT_FOUND, "/id",
                          "Tờ khai này không có tệp đính kèm mang mã này",
                          "The declaration has no attachment of this id");
}

hq_status hq_clr__get_attachment(hq_request *request, void *room)
{
    hq_clearance *clearance = room;
    reading r = { .request = request };
    hq_clr__row row;
    hq_clr__life life;
    const hq_json *all;
    HQ_TRY(hq_clr__find(&row, request, clearance, false, HQ_MAY_SEE));
    HQ_TRY(hq_clr__life_unpack(&life, row.life));
    HQ_TRY(hq_clr__elements(&all, life.sections[HQ_CLR__ATTACHMENTS], request->arena));
    if (hq_failed(hq_id_parse(&r.id, request->params[1])) ||
        hq_clr__element_named(all, "id", request->params[1]) == NULL) {
        return not_attached(request);
    }
    HQ_TRY(hq_store_read(clearance->store, read_file, &r));
    return hq_file_answer(request, &r.file, r.bytes);
}
