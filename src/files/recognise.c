/* SPDX-License-Identifier: Apache-2.0 */
#include "files/room.h"

/* What a file is, by its bytes. A table of signatures first for what is refused, then for what is
 * taken; text is what is left when it is UTF-8 without control characters. */

typedef struct {
    const char *mime, *extensions; /* names with spaces between */
} type_row;

static const type_row types[] = {
#define HQ_FILE_ROW(name, mime, extensions) { mime, extensions },
    HQ_FILE_TYPES(HQ_FILE_ROW)
#undef HQ_FILE_ROW
};
enum { TYPE_COUNT = sizeof types / sizeof types[0], LOOK = 1024 };

const char *hq_file_type_mime(hq_file_type type)
{
    return types[type].mime;
}

hq_status hq_files__refuse(hq_why *why, const char *vi, const char *en)
{
    if (why != NULL) {
        *why = (hq_why){ HQ_SV(""), hq_sv_from_cstr(vi), hq_sv_from_cstr(en) };
    }
    return HQ_FAIL(MEDIA);
}

/* ------------------------------------------------------------------ what is refused */

static const struct {
    hq_sv start;
    const char *vi, *en;
    bool may_be_text; /* letters that a text may start with too */
} refused[] = {
#define PROGRAM                                                                                    \
    "Tệp là chương trình hoặc tập lệnh; chỉ nhận tài liệu và hình ảnh",                            \
        "The file is a program or a script; only documents and pictures are taken"
#define OLD_OFFICE                                                                                 \
    "Tệp Office kiểu cũ có thể chứa macro; hãy lưu lại thành XLSX, DOCX hoặc PDF",                 \
        "Old Office files can carry macros; save it as XLSX, DOCX or PDF"
#define ARCHIVE                                                                                    \
    "Không nhận tệp nén; hãy gửi từng tệp riêng",                                                  \
        "Archives are not taken; send the files one by one"
    { { "MZ", 2 }, PROGRAM, true },
    { { "\x7f"
        "ELF",
        4 },
      PROGRAM,
      false },
    { { "\xca\xfe\xba\xbe", 4 }, PROGRAM, false },
    { { "\xfe\xed\xfa\xce", 4 }, PROGRAM, false },
    { { "\xfe\xed\xfa\xcf", 4 }, PROGRAM, false },
    { { "\xce\xfa\xed\xfe", 4 }, PROGRAM, false },
    { { "\xcf\xfa\xed\xfe", 4 }, PROGRAM, false },
    { { "\0asm", 4 }, PROGRAM, false },
    { { "#!", 2 }, PROGRAM, false },
    { { "L\0\0\0\x01\x14\x02\0", 8 }, PROGRAM, false },
    { { "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8 }, OLD_OFFICE, false },
    { { "{\\rtf", 5 }, OLD_OFFICE, false },
    { { "\x1f\x8b", 2 }, ARCHIVE, false },
    { { "7z\xbc\xaf\x27\x1c", 6 }, ARCHIVE, false },
    { { "Rar!", 4 }, ARCHIVE, true },
    { { "BZh", 3 }, ARCHIVE, true },
    { { "\xfd"
        "7zXZ\0",
        6 },
      ARCHIVE,
      false },
};

static bool contains_nocase(hq_sv text, hq_sv word)
{
    for (size_t at = 0; at + word.len <= text.len; at++) {
        if (hq_sv_eq_nocase(hq_sv_sub(text, at, word.len), word)) {
            return true;
        }
    }
    return false;
}

/* What a browser would run when shown. */
static bool is_page(hq_sv bytes)
{
    static const hq_sv marks[] = { { "<html", 5 },   { "<!doctype html", 14 },
                                   { "<script", 7 }, { "<svg", 4 },
                                   { "<?php", 5 },   { "<iframe", 7 },
                                   { "<object", 7 }, { "<body", 5 } };
    hq_sv head = hq_sv_sub(bytes, 0, LOOK);
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (contains_nocase(head, marks[i])) {
            return true;
        }
    }
    return false;
}

static bool plain_text(hq_sv bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f') || c == 0x7f) {
            return false;
        }
    }
    return hq_utf8_valid(bytes);
}

static hq_status refuse_dangerous(hq_sv bytes, hq_why *why)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (hq_sv_starts(bytes, refused[i].start) &&
            !(refused[i].may_be_text && plain_text(bytes))) {
            return hq_files__refuse(why, refused[i].vi, refused[i].en);
        }
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ one type each */

static bool has(hq_sv bytes, hq_sv word)
{
    return bytes.ptr != NULL && word.len <= bytes.len &&
           memmem(bytes.ptr, bytes.len, word.ptr, word.len) != NULL;
}

static hq_sv last(hq_sv bytes, size_t len)
{
    return bytes.len <= len ? bytes : hq_sv_sub(bytes, bytes.len - len, len);
}

static hq_status cut_off(hq_why *why)
{
    return hq_files__refuse(why, "Tệp bị cắt cụt; hãy gửi lại tệp đầy đủ",
                            "The file is cut off; send the whole of it");
}

static hq_status check_pdf(hq_sv bytes, hq_why *why)
{
    if (!has(last(bytes, LOOK), HQ_SV("%%EOF"))) {
        return cut_off(why);
    }
    if (has(bytes, HQ_SV("/JavaScript")) || has(bytes, HQ_SV("/Launch"))) {
        return hq_files__refuse(why, "PDF chứa tập lệnh hoặc lệnh chạy chương trình",
                                "The PDF carries a script or starts a program");
    }
    return HQ_DONE;
}

static hq_status check_png(hq_sv bytes, hq_why *why)
{
    return has(last(bytes, LOOK), HQ_SV("IEND\xae\x42\x60\x82")) ? HQ_DONE : cut_off(why);
}

/* Cameras put things of their own behind the end of the picture, so it may be anywhere. */
static hq_status check_jpeg(hq_sv bytes, hq_why *why)
{
    return has(bytes, HQ_SV("\xff\xd9")) ? HQ_DONE : cut_off(why);
}

static hq_status check_nothing(hq_sv bytes, hq_why *why)
{
    (void)bytes;
    (void)why;
    return HQ_DONE;
}

static const struct {
    hq_sv start;
    hq_file_type type;
    hq_status (*check)(hq_sv bytes, hq_why *why);
} signatures[] = {
    { { "%PDF-", 5 }, HQ_FILE_PDF, check_pdf },
    { { "\x89PNG\r\n\x1a\n", 8 }, HQ_FILE_PNG, check_png },
    { { "\xff\xd8\xff", 3 }, HQ_FILE_JPEG, check_jpeg },
    { { "II*\0", 4 }, HQ_FILE_TIFF, check_nothing },
    { { "MM\0*", 4 }, HQ_FILE_TIFF, check_nothing },
};

static hq_status xml_type(hq_file_type *out, hq_sv text, hq_why *why)
{
    if (contains_nocase(hq_sv_sub(text, 0, LOOK), HQ_SV("<!DOCTYPE")) ||
        has(text, HQ_SV("<!ENTITY"))) {
        return hq_files__refuse(why, "XML không được khai báo DOCTYPE hoặc ENTITY",
                                "XML must not declare a DOCTYPE or an ENTITY");
    }
    *out = HQ_FILE_XML;
    return HQ_DONE;
}

static bool is_json(hq_sv text)
{
    const hq_json *root;
    hq_arena *arena = hq_arena_new((size_t)256 << 20);
    bool json = arena != NULL && hq_ok(hq_json_parse(&root, text, arena, NULL));
    hq_arena_free(arena);
    return json;
}

static hq_status text_type(hq_file_type *out, hq_sv bytes, hq_sv extension, hq_why *why)
{
    if (!plain_text(bytes)) {
        return hq_files__refuse(
            why,
            "Không nhận ra loại tệp; nhận PDF, PNG, JPEG, TIFF, XLSX, DOCX, PPTX, ODS, ODT, XML, "
            "JSON, CSV và văn bản UTF-8",
            "The type of the file is not known; taken are PDF, PNG, JPEG, TIFF, XLSX, DOCX, PPTX, "
            "ODS, ODT, XML, JSON, CSV and UTF-8 text");
    }
    hq_sv text =
        hq_sv_starts(bytes, HQ_SV("\xef\xbb\xbf")) ? hq_sv_sub(bytes, 3, bytes.len) : bytes;
    hq_sv trimmed = hq_sv_trim(text);
    if (is_page(text)) {
        return hq_files__refuse(why, "Không nhận trang web, SVG và tập lệnh",
                                "Web pages, SVG and scripts are not taken");
    }
    if (hq_sv_starts(trimmed, HQ_SV("<?xml")) ||
        (trimmed.len > 1 && trimmed.ptr[0] == '<' && trimmed.ptr[trimmed.len - 1] == '>')) {
        return xml_type(out, text, why);
    }
    bool braces = trimmed.len > 0 && (trimmed.ptr[0] == '{' || trimmed.ptr[0] == '[');
    if (braces && is_json(text)) {
        *out = HQ_FILE_JSON;
        return HQ_DONE;
    }
    /* The one thing the name decides: a table of text is text all the same. */
    *out = hq_sv_eq_nocase(extension, HQ_SV("csv")) ? HQ_FILE_CSV : HQ_FILE_TEXT;
    return HQ_DONE;
}

/* ------------------------------------------------------------------ what was said of it */

static hq_sv extension_of(hq_sv name)
{
    size_t dot = name.len;
    while (dot > 0 && name.ptr[dot - 1] != '.') {
        dot--;
    }
    return dot == 0 ? HQ_SV("") : hq_sv_sub(name, dot, name.len);
}

static bool listed(const char *list, hq_sv word)
{
    for (hq_sv rest = hq_sv_from_cstr(list); rest.ptr != NULL;) {
        if (hq_sv_eq_nocase(hq_sv_cut(&rest, ' '), word)) {
            return true;
        }
    }
    return false;
}

static bool says_the_same(hq_file_type type, hq_sv declared)
{
    size_t end = hq_sv_find(declared, ';', 0);
    hq_sv mime = hq_sv_trim(hq_sv_sub(declared, 0, end));
    if (mime.len == 0 || hq_sv_eq_nocase(mime, HQ_SV("application/octet-stream")) ||
        hq_sv_eq_nocase(mime, hq_sv_from_cstr(types[type].mime))) {
        return true;
    }
    bool text = type == HQ_FILE_XML || type == HQ_FILE_JSON || type == HQ_FILE_CSV;
    return (text && hq_sv_eq_nocase(mime, HQ_SV("text/plain"))) ||
           (type == HQ_FILE_XML && hq_sv_eq_nocase(mime, HQ_SV("text/xml"))) ||
           (type == HQ_FILE_TEXT && hq_sv_eq_nocase(mime, HQ_SV("text/csv"))) ||
           (type == HQ_FILE_JPEG && hq_sv_eq_nocase(mime, HQ_SV("image/jpg")));
}

static hq_status refuse_lie(hq_file_type type, hq_sv said, const char *what_vi, const char *what_en,
                            hq_arena *arena, hq_why *why)
{
    if (why != NULL) {
        hq_sv shown = hq_sv_sub(said, 0, 100);
        *why = (hq_why){
            .path = HQ_SV(""),
            .vi = hq_arena_printf(arena, "%s là \"%.*s\" nhưng nội dung là %s", what_vi,
                                  HQ_SV_FMT(shown), types[type].mime),
            .en = hq_arena_printf(arena, "The %s is \"%.*s\" but the content is %s", what_en,
                                  HQ_SV_FMT(shown), types[type].mime),
        };
    }
    return HQ_FAIL(MEDIA);
}

static hq_status by_content(hq_file_type *out, hq_sv bytes, hq_sv extension, hq_why *why)
{
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
        if (hq_sv_starts(bytes, signatures[i].start)) {
            *out = signatures[i].type;
            return signatures[i].check(bytes, why);
        }
    }
    if (hq_sv_starts(bytes, HQ_SV("PK\x03\x04"))) {
        return hq_files__office(out, bytes, why);
    }
    HQ_TRY(refuse_dangerous(bytes, why));
    return text_type(out, bytes, extension, why);
}

hq_status hq_file_recognise(hq_file_type *out, hq_sv bytes, hq_sv declared, hq_sv name,
                            hq_arena *arena, hq_why *why)
{
    if (bytes.len == 0) {
        HQ_IGNORE(hq_files__refuse(why, "Tệp rỗng", "The file is empty")); /* for its text only */
        return HQ_FAIL(RANGE);
    }
    if (bytes.len > HQ_FILE_BYTES_MAX) {
        HQ_IGNORE(hq_files__refuse(why, "Tệp lớn hơn 10 MiB", "The file is larger than 10 MiB"));
        return HQ_FAIL(LIMIT);
    }
    hq_sv extension = extension_of(name);
    HQ_TRY(by_content(out, bytes, extension, why));
    if (!says_the_same(*out, declared)) {
        return refuse_lie(*out, declared, "Kiểu khai báo", "declared type", arena, why);
    }
    if (extension.len > 0 && !listed(types[*out].extensions, extension)) {
        return refuse_lie(*out, name, "Tên tệp", "name", arena, why);
    }
    return HQ_DONE;
}
