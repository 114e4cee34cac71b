/* SPDX-License-Identifier: Apache-2.0 */
#include <expat.h>

#include "codec/xlsx_inside.h"

/* Parts of the archive as XML: unpacked in pieces, each counted, so that what a small file swells
 * to is bounded before it is there. */

enum {
    PIECE = 65536,
    DEPTH_MAX = 64,
    TOKEN_MAX = 1 << 20 /* of a tag or comment, which expat holds whole */
};

hq_status hq_xlsx__refuse(hq_xlsx *x, hq_status status, const char *vi, const char *en, ...)
{
    char text[2][512];
    if (x->why == NULL) {
        return status;
    }
    const char *formats[2] = { vi, en };
    hq_sv out[2];
    for (int i = 0; i < 2; i++) {
        va_list args;
        va_start(args, en);
        int len = vsnprintf(text[i], sizeof text[i], formats[i], args);
        va_end(args);
        size_t kept = len < 0 ? 0 : (size_t)len < sizeof text[i] ? (size_t)len : sizeof text[i] - 1;
        hq_sv whole = hq_sv_make(text[i], kept);
        out[i] = hq_arena_dup(x->arena, hq_sv_sub(whole, 0, hq_utf8_valid_prefix(whole)));
    }
    *x->why = (hq_why){ HQ_SV(""), out[0], out[1] };
    return status;
}

static hq_sv local_name(const char *name)
{
    const char *colon = strchr(name, ':');
    return hq_sv_from_cstr(colon == NULL ? name : colon + 1);
}

hq_sv hq_xlsx__attribute(const char **attributes, const char *name)
{
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        if (hq_sv_eq(local_name(attributes[i]), hq_sv_from_cstr(name))) {
            return hq_sv_from_cstr(attributes[i + 1]);
        }
    }
    return HQ_SV_NULL;
}

/* ------------------------------------------------------------------ expat's side */

static void end_pass(hq_xlsx__parse *p, hq_status status)
{
    p->status = hq_failed(p->status) ? p->status : status;
    (void)XML_StopParser(p->parser, XML_FALSE);
}

static void XMLCALL on_open(void *user, const XML_Char *name, const XML_Char **attributes)
{
    hq_xlsx__parse *p = user;
    if (++p->depth > DEPTH_MAX) {
        end_pass(p,
                 hq_xlsx__refuse(p->x, HQ_FAIL(LIMIT), "%.*s: XML lồng quá %d cấp",
                                 "%.*s: XML nested deeper than %d", HQ_SV_FMT(p->part), DEPTH_MAX));
        return;
    }
    p->open(p, local_name(name), attributes);
    if (hq_failed(p->status)) {
        end_pass(p, p->status);
    }
}

static void XMLCALL on_close(void *user, const XML_Char *name)
{
    hq_xlsx__parse *p = user;
    p->depth--;
    if (p->close != NULL && hq_ok(p->status)) {
        p->close(p, local_name(name));
    }
    if (hq_failed(p->status)) {
        end_pass(p, p->status);
    }
}

static void XMLCALL on_text(void *user, const XML_Char *text, int len)
{
    hq_xlsx__parse *p = user;
    if (p->text != NULL && hq_ok(p->status)) {
        p->text(p, hq_sv_make(text, (size_t)len));
    }
    if (hq_failed(p->status)) {
        end_pass(p, p->status);
    }
}

/* With a DTD come entities, which swell, and files of others. No spreadsheet writes one. */
static void XMLCALL on_doctype(void *user, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public_id, int internal)
{
    hq_xlsx__parse *p = user;
    (void)name, (void)system, (void)public_id, (void)internal;
    end_pass(p,
             hq_xlsx__refuse(p->x, HQ_FAIL(SYNTAX), "%.*s có DTD (DOCTYPE): không nhận",
                             "%.*s has a DTD (DOCTYPE), which is not taken", HQ_SV_FMT(p->part)));
}

/* ------------------------------------------------------------------ the archive's side */

static hq_status damaged(hq_xlsx__parse *p)
{
    return hq_xlsx__refuse(p->x, HQ_FAIL(SYNTAX),
                           "Tệp XLSX hỏng hoặc bị cắt cụt: không giải nén được %.*s; hãy lưu lại "
                           "tệp rồi gửi lại",
                           "The XLSX file is damaged or cut off: %.*s cannot be unpacked; save it "
                           "again, then send it again",
                           HQ_SV_FMT(p->part));
}

static hq_status swollen(hq_xlsx *x)
{
    return hq_xlsx__refuse(x, HQ_FAIL(LIMIT), "Tệp giải nén ra hơn %zu MiB: không nhận",
                           "The file unpacks to more than %zu MiB, which is not taken",
                           x->limits.unpacked_max >> 20);
}

static hq_status feed(hq_xlsx__parse *p, const char *piece, size_t len, size_t *fed)
{
    enum XML_Status parsed = XML_Parse(p->parser, piece, (int)len, len == 0);
    *fed += len;
    HQ_TRY(p->status);
    if (parsed != XML_STATUS_OK) {
        if (XML_GetErrorCode(p->parser) == XML_ERROR_NO_MEMORY) {
            return HQ_FAIL(NOMEM);
        }
        return hq_xlsx__refuse(p->x, HQ_FAIL(SYNTAX), "%.*s không phải XML hợp lệ (dòng %lu: %s)",
                               "%.*s is no XML that can be read (line %lu: %s)", HQ_SV_FMT(p->part),
                               (unsigned long)XML_GetCurrentLineNumber(p->parser),
                               XML_ErrorString(XML_GetErrorCode(p->parser)));
    }
    XML_Index at = XML_GetCurrentByteIndex(p->parser);
    if (len > 0 && at >= 0 && *fed > (size_t)at && *fed - (size_t)at > TOKEN_MAX + PIECE) {
        return hq_xlsx__refuse(p->x, HQ_FAIL(LIMIT), "%.*s có một thẻ XML dài hơn 1 MiB",
                               "%.*s has an XML tag of more than 1 MiB", HQ_SV_FMT(p->part));
    }
    return HQ_DONE;
}

static hq_status feed_all(hq_xlsx__parse *p, zip_file_t *file)
{
    char piece[PIECE];
    size_t fed = 0;
    for (;;) {
        zip_int64_t got = zip_fread(file, piece, sizeof piece);
        if (got < 0) {
            return damaged(p);
        }
        p->x->unpacked += (size_t)got;
        if (p->x->unpacked > p->x->limits.unpacked_max) {
            return swollen(p->x);
        }
        HQ_TRY(feed(p, piece, (size_t)got, &fed));
        if (got == 0) {
            return HQ_DONE;
        }
    }
}

static hq_status parse_file(hq_xlsx__parse *p, zip_file_t *file)
{
    XML_Parser parser = XML_ParserCreate(NULL);
    if (parser == NULL) {
        return HQ_FAIL(NOMEM);
    }
    p->parser = parser;
    XML_SetUserData(parser, p);
    XML_SetElementHandler(parser, on_open, on_close);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    /* Names in the file are short and few, but who wrote it is not known: a random salt. */
    XML_SetHashSalt(parser, (unsigned long)hq_random_u64() | 1);
    hq_status s = feed_all(p, file);
    XML_ParserFree(parser);
    p->parser = NULL;
    return s;
}

static hq_status look_at(hq_xlsx__parse *p, zip_int64_t index)
{
    zip_stat_t stat;
    hq_xlsx *x = p->x;
    if (zip_stat_index(x->zip, (zip_uint64_t)index, 0, &stat) != 0) {
        return damaged(p);
    }
    if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE) {
        return hq_xlsx__refuse(x, HQ_FAIL(MEDIA), "Tệp có mật khẩu: hãy bỏ mật khẩu rồi gửi lại",
                               "The file has a password: take it off, then send it again");
    }
    if ((stat.valid & ZIP_STAT_COMP_METHOD) != 0 && stat.comp_method != ZIP_CM_STORE &&
        stat.comp_method != ZIP_CM_DEFLATE) {
        return hq_xlsx__refuse(x, HQ_FAIL(MEDIA), "%.*s nén bằng cách mà XLSX không dùng",
                               "%.*s is packed in a way that XLSX does not have",
                               HQ_SV_FMT(p->part));
    }
    bool large = (stat.valid & ZIP_STAT_SIZE) != 0 && stat.size > x->limits.unpacked_max;
    return large ? swollen(x) : HQ_DONE;
}

hq_status hq_xlsx__parse_part(hq_xlsx__parse *p, hq_xlsx *x, hq_sv part)
{
    p->x = x;
    p->part = part;
    const char *name = hq_arena_cstr(x->arena, part);
    zip_int64_t index = name == NULL ? -1 : zip_name_locate(x->zip, name, 0);
    if (index < 0) {
        return name == NULL ? HQ_FAIL(NOMEM) : HQ_FAIL(NOT_FOUND);
    }
    HQ_TRY(look_at(p, index));
    zip_file_t *file = zip_fopen_index(x->zip, (zip_uint64_t)index, 0);
    if (file == NULL) {
        return damaged(p);
    }
    hq_status s = parse_file(p, file);
    zip_fclose(file);
    return s;
}
