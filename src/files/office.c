/* SPDX-License-Identifier: Apache-2.0 */
#include "files/room.h"

/* ZIP archives that are office documents (ECMA-376, ISO/IEC 26300), by their central directory
 * only: nothing is unpacked. APPNOTE.TXT 4.3.12 and 4.3.16 give the records. */

enum { END_LEN = 22, LOCAL_LEN = 30, COMMENT_MAX = 65535, ENTRIES_MAX = 20000, ENCRYPTED = 1 };
#define UNPACKED_MAX ((uint64_t)256 << 20)

typedef struct {
    uint16_t flags;
    uint64_t unpacked;
    uint32_t offset; /* of its local header */
    hq_sv name;
} entry;

typedef struct {
    bool content_types, sheet, document, slides, first_is_mimetype;
    uint64_t unpacked;
} found;

static hq_status broken(hq_why *why)
{
    return hq_files__refuse(why, "Tệp bị hỏng hoặc bị cắt cụt; hãy gửi lại tệp đầy đủ",
                            "The file is broken or cut off; send the whole of it");
}

/* Where the end record starts: it lies before a comment at the very end. */
static bool find_end(size_t *out, hq_sv bytes)
{
    if (bytes.len < END_LEN) {
        return false;
    }
    size_t least = bytes.len > END_LEN + COMMENT_MAX ? bytes.len - END_LEN - COMMENT_MAX : 0;
    for (size_t at = bytes.len - END_LEN + 1; at-- > least;) {
        if (memcmp(bytes.ptr + at, "PK\x05\x06", 4) == 0) {
            hq_cursor cur = { .in = bytes, .at = at + 20 };
            if (at + END_LEN + hq_cursor_le16(&cur) == bytes.len) {
                *out = at;
                return true;
            }
        }
    }
    return false;
}

static bool read_entry(entry *e, hq_cursor *cur)
{
    hq_sv mark = hq_cursor_take(cur, 4);
    hq_cursor_take(cur, 4); /* versions */
    e->flags = hq_cursor_le16(cur);
    hq_cursor_take(cur, 14); /* method, time, checksum, packed size */
    e->unpacked = hq_cursor_le32(cur);
    uint16_t name = hq_cursor_le16(cur);
    uint16_t extra = hq_cursor_le16(cur);
    uint16_t comment = hq_cursor_le16(cur);
    hq_cursor_take(cur, 8); /* disk, attributes */
    e->offset = hq_cursor_le32(cur);
    e->name = hq_cursor_take(cur, name);
    hq_cursor_take(cur, (size_t)extra + comment);
    return !cur->failed && hq_sv_eq(mark, HQ_SV("PK\x01\x02"));
}

static bool ends_nocase(hq_sv name, hq_sv end)
{
    return name.len >= end.len &&
           hq_sv_eq_nocase(hq_sv_sub(name, name.len - end.len, end.len), end);
}

static hq_status check_entry(const entry *e, hq_why *why)
{
    static const hq_sv programs[] = { { ".exe", 4 }, { ".dll", 4 }, { ".bat", 4 }, { ".cmd", 4 },
                                      { ".ps1", 4 }, { ".vbs", 4 }, { ".js", 3 },  { ".jar", 4 },
                                      { ".scr", 4 }, { ".sh", 3 },  { ".com", 4 }, { ".msi", 4 } };
    if ((e->flags & ENCRYPTED) != 0) {
        return hq_files__refuse(why, "Tệp được đặt mật khẩu; hãy gỡ mật khẩu rồi gửi lại",
                                "The file is locked by a password; unlock it and send it again");
    }
    if (ends_nocase(e->name, HQ_SV("vbaProject.bin")) || hq_sv_starts(e->name, HQ_SV("Basic/")) ||
        hq_sv_starts(e->name, HQ_SV("Scripts/"))) {
        return hq_files__refuse(why, "Tài liệu chứa macro; hãy lưu lại không kèm macro",
                                "The document carries macros; save it without them");
    }
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        if (ends_nocase(e->name, programs[i])) {
            return hq_files__refuse(why, "Tài liệu chứa chương trình hoặc tập lệnh",
                                    "The document carries a program or a script");
        }
    }
    if (hq_sv_starts(e->name, HQ_SV("/")) ||
        (e->name.len >= 3 && memmem(e->name.ptr, e->name.len, "../", 3) != NULL)) {
        return broken(why);
    }
    return HQ_DONE;
}

static void note_entry(found *f, const entry *e, size_t index)
{
    f->content_types |= hq_sv_eq(e->name, HQ_SV("[Content_Types].xml"));
    f->sheet |= hq_sv_eq(e->name, HQ_SV("xl/workbook.xml"));
    f->document |= hq_sv_eq(e->name, HQ_SV("word/document.xml"));
    f->slides |= hq_sv_eq(e->name, HQ_SV("ppt/presentation.xml"));
    f->first_is_mimetype |= index == 0 && hq_sv_eq(e->name, HQ_SV("mimetype"));
    f->unpacked += e->unpacked;
}

/* The first entry of an OpenDocument is stored as it is and names the type (ISO/IEC 26300-3, 3.3).
 */
static hq_sv stored_mimetype(hq_sv bytes)
{
    hq_cursor cur = { .in = bytes, .at = 18 };
    uint32_t len = hq_cursor_le32(&cur);
    cur.at = 26;
    size_t name = hq_cursor_le16(&cur), extra = hq_cursor_le16(&cur);
    return hq_sv_sub(bytes, LOCAL_LEN + name + extra, len < 100 ? len : 0);
}

static hq_status decide(hq_file_type *out, const found *f, hq_sv bytes, hq_why *why)
{
    if (f->content_types && f->sheet + f->document + f->slides == 1) {
        *out = f->sheet ? HQ_FILE_XLSX : f->document ? HQ_FILE_DOCX : HQ_FILE_PPTX;
        return HQ_DONE;
    }
    hq_sv mimetype = f->first_is_mimetype ? stored_mimetype(bytes) : HQ_SV("");
    if (hq_sv_eq(mimetype, hq_sv_from_cstr(hq_file_type_mime(HQ_FILE_ODS)))) {
        *out = HQ_FILE_ODS;
        return HQ_DONE;
    }
    if (hq_sv_eq(mimetype, hq_sv_from_cstr(hq_file_type_mime(HQ_FILE_ODT)))) {
        *out = HQ_FILE_ODT;
        return HQ_DONE;
    }
    return hq_files__refuse(why, "Không nhận tệp nén; hãy gửi từng tệp riêng",
                            "Archives are not taken; send the files one by one");
}

hq_status hq_files__office(hq_file_type *out, hq_sv bytes, hq_why *why)
{
    size_t end;
    if (!find_end(&end, bytes)) {
        return broken(why);
    }
    hq_cursor tail = { .in = bytes, .at = end + 10 };
    uint16_t count = hq_cursor_le16(&tail);
    uint32_t size = hq_cursor_le32(&tail);
    uint32_t offset = hq_cursor_le32(&tail);
    if (count == 0 || count > ENTRIES_MAX || offset > end || size > end - offset) {
        return broken(why);
    }
    found f = { 0 };
    hq_cursor cur = { .in = hq_sv_sub(bytes, offset, size) };
    for (size_t i = 0; i < count; i++) {
        entry e;
        if (!read_entry(&e, &cur)) {
            return broken(why);
        }
        HQ_TRY(check_entry(&e, why));
        note_entry(&f, &e, i);
    }
    if (f.unpacked > UNPACKED_MAX) {
        HQ_IGNORE(
            hq_files__refuse(why, "Tệp giải nén ra quá 256 MiB",
                             "The file unpacks to more than 256 MiB")); /* for its text only */
        return HQ_FAIL(LIMIT);
    }
    return decide(out, &f, bytes, why);
}
