/* SPDX-License-Identifier: Apache-2.0 */
#include "../check.h"

#include "files/files.h"
#include "zip.h"

#define PDF  "%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"
#define PNG  "\x89PNG\r\n\x1a\n....IEND\xae\x42\x60\x82"
#define JPEG "\xff\xd8\xff\xe0....\xff\xd9"

/* Returns the English reason, or the type when it is taken. */
static hq_sv say(hq_arena *arena, hq_sv bytes, const char *declared, const char *name,
                 hq_code expected)
{
    hq_file_type type;
    hq_why why = { 0 };
    hq_status s = hq_file_recognise(&type, bytes, hq_sv_from_cstr(declared), hq_sv_from_cstr(name),
                                    arena, &why);
    if (s.code != expected) {
        fail_msg("%s %s: %s %.*s", declared, name, hq_status_name(s), HQ_SV_FMT(why.en));
    }
    if (hq_ok(s)) {
        return hq_sv_from_cstr(hq_file_type_mime(type));
    }
    assert_true(why.vi.len > 0);
    return why.en;
}

static void test_types_by_content(void **state)
{
    (void)state;
    static const struct {
        hq_sv bytes;
        const char *declared, *name, *type;
    } cases[] = {
        { { PDF, sizeof PDF - 1 }, "application/pdf", "hóa đơn.PDF", "application/pdf" },
        { { PDF, sizeof PDF - 1 }, "", "", "application/pdf" },
        { { PDF, sizeof PDF - 1 }, "application/octet-stream", "x", "application/pdf" },
        { { PNG, sizeof PNG - 1 }, "image/png", "a.png", "image/png" },
        { { JPEG "trailer of a camera", sizeof JPEG + 18 }, "image/jpg", "a.jpeg", "image/jpeg" },
        { { "II*\0....", 8 }, "image/tiff", "a.tif", "image/tiff" },
        { { "<?xml version=\"1.0\"?><a/>", 25 },
          "text/xml; charset=utf-8",
          "a.xml",
          "application/xml" },
        { { "<a>1</a>\n", 9 }, "application/xml", "", "application/xml" },
        { { "{\"a\":[1,2]}", 11 }, "application/json", "a.json", "application/json" },
        { { "{\"a\":[1,2]", 10 }, "", "a.txt", "text/plain" },
        { { "hs,tên\n01,x\n", 13 }, "text/csv", "a.csv", "text/csv" },
        { { "hs,x\n01,x\n", 10 }, "text/csv", "", "text/plain" },
        { { "MZ123 là mã hàng", 19 }, "text/plain", "a.txt", "text/plain" },
        { { "Giấy phép số 1\n", 18 }, "text/plain", "giấy phép.txt", "text/plain" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hq_arena *arena = hq_arena_new(1 << 20);
        check_text(say(arena, cases[i].bytes, cases[i].declared, cases[i].name, HQ_E_OK),
                   cases[i].type);
        hq_arena_free(arena);
    }
}

static void test_what_is_refused_and_why(void **state)
{
    (void)state;
    static const char program[] =
        "The file is a program or a script; only documents and pictures are taken";
    static const char page[] = "Web pages, SVG and scripts are not taken";
    static const char cut[] = "The file is cut off; send the whole of it";
    static const char archive[] = "Archives are not taken; send the files one by one";
    static const struct {
        hq_sv bytes;
        const char *declared, *name, *why;
    } cases[] = {
        { { "MZ\x90\0\x03", 5 }, "", "a.pdf", program },
        { { "\x7f"
            "ELF\x02",
            5 },
          "application/pdf",
          "",
          program },
        { { "#!/bin/sh\nrm x\n", 15 }, "text/plain", "a.txt", program },
        { { "\xca\xfe\xba\xbe\0", 5 }, "", "", program },
        { { "<!DOCTYPE html><p>", 18 }, "", "", page },
        { { "<svg xmlns=\"x\"></svg>", 21 }, "image/svg+xml", "a.svg", page },
        { { "<?php echo 1;", 13 }, "", "", page },
        { { "<?xml version=\"1.0\"?><!DOCTYPE a><a/>", 37 },
          "",
          "a.xml",
          "XML must not declare a DOCTYPE or an ENTITY" },
        { { "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8 },
          "",
          "a.xls",
          "Old Office files can carry macros; save it as XLSX, DOCX or PDF" },
        { { "%PDF-1.7 and no end", 19 }, "", "", cut },
        { { "%PDF-1.7 /JavaScript %%EOF", 26 },
          "",
          "",
          "The PDF carries a script or starts a program" },
        { { "\x89PNG\r\n\x1a\n...", 11 }, "", "", cut },
        { { "\xff\xd8\xff\xe0...", 7 }, "", "", cut },
        { { "PK\x03\x04", 4 }, "", "", "The file is broken or cut off; send the whole of it" },
        { { "\x1f\x8b\x08", 3 }, "", "", archive },
        { { "Rar!\x1a\x07", 6 }, "", "", archive },
        { { "a\0b", 3 },
          "text/plain",
          "a.txt",
          "The type of the file is not known; taken are PDF, PNG, JPEG, TIFF, XLSX, DOCX, PPTX, "
          "ODS, ODT, XML, JSON, CSV and UTF-8 text" },
        { { PDF, sizeof PDF - 1 },
          "image/png",
          "",
          "The declared type is \"image/png\" but the content is application/pdf" },
        { { PNG, sizeof PNG - 1 },
          "image/png",
          "invoice.pdf",
          "The name is \"invoice.pdf\" but the content is image/png" },
        { { "just text", 9 },
          "text/plain",
          "run.bat",
          "The name is \"run.bat\" but the content is text/plain" },
        { { "{\"a\":1,\"a\":2}", 13 },
          "application/json",
          "a.json",
          "The declared type is \"application/json\" but the content is text/plain" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hq_arena *arena = hq_arena_new(1 << 20);
        check_text(say(arena, cases[i].bytes, cases[i].declared, cases[i].name, HQ_E_MEDIA),
                   cases[i].why);
        hq_arena_free(arena);
    }
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    check_text(say(arena, HQ_SV(""), "", "", HQ_E_RANGE), "The file is empty");
    char *wide = hq_arena_zalloc(arena, HQ_FILE_BYTES_MAX + 1);
    check_text(say(arena, hq_sv_make(wide, HQ_FILE_BYTES_MAX + 1), "", "", HQ_E_LIMIT),
               "The file is larger than 10 MiB");
    hq_arena_free(arena);
}

static hq_sv zipped(hq_arena *arena, const zip_entry *entries, size_t count)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 1 << 20);
    zip_write(&buf, entries, count);
    return hq_buf_view(&buf);
}

#define ENTRY(name_)                                                                               \
    {                                                                                              \
        .name = HQ_SV(name_), .bytes = HQ_SV("x")                                                  \
    }

static void test_office_documents(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new(1 << 22);
    zip_entry xlsx[] = { ENTRY("[Content_Types].xml"), ENTRY("xl/workbook.xml"),
                         ENTRY("xl/media/image1.png") };
    check_text(say(arena, zipped(arena, xlsx, 3), "", "bảng kê.xlsx", HQ_E_OK),
               "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    zip_entry docx[] = { ENTRY("[Content_Types].xml"), ENTRY("word/document.xml") };
    check_text(say(arena, zipped(arena, docx, 2), "", "a.docx", HQ_E_OK),
               "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
    zip_entry ods[] = { { .name = HQ_SV("mimetype"),
                          .bytes = HQ_SV("application/vnd.oasis.opendocument.spreadsheet") },
                        ENTRY("content.xml") };
    check_text(say(arena, zipped(arena, ods, 2), "", "a.ods", HQ_E_OK),
               "application/vnd.oasis.opendocument.spreadsheet");
    check_text(say(arena, zipped(arena, docx, 2), "", "a.xlsx", HQ_E_MEDIA),
               "The name is \"a.xlsx\" but the content is "
               "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
    hq_arena_free(arena);
}

static void check_office_refused(const zip_entry *more, const char *why, hq_code code)
{
    hq_arena *arena = hq_arena_new(1 << 22);
    zip_entry entries[] = { ENTRY("[Content_Types].xml"), ENTRY("xl/workbook.xml"), *more };
    check_text(say(arena, zipped(arena, entries, 3), "", "", code), why);
    hq_arena_free(arena);
}

static void test_office_documents_that_carry_something(void **state)
{
    (void)state;
    check_office_refused(&(zip_entry)ENTRY("xl/vbaProject.bin"),
                         "The document carries macros; save it without them", HQ_E_MEDIA);
    check_office_refused(&(zip_entry)ENTRY("xl/embeddings/setup.EXE"),
                         "The document carries a program or a script", HQ_E_MEDIA);
    check_office_refused(&(zip_entry)ENTRY("../../etc/passwd"),
                         "The file is broken or cut off; send the whole of it", HQ_E_MEDIA);
    check_office_refused(&(zip_entry){ .name = HQ_SV("xl/a.xml"), .flags = 1 },
                         "The file is locked by a password; unlock it and send it again",
                         HQ_E_MEDIA);
    check_office_refused(&(zip_entry){ .name = HQ_SV("xl/a.xml"), .unpacked = 1U << 30 },
                         "The file unpacks to more than 256 MiB", HQ_E_LIMIT);
    hq_arena *arena = hq_arena_new(1 << 22);
    zip_entry plain[] = { ENTRY("a.txt"), ENTRY("b.txt") };
    check_text(say(arena, zipped(arena, plain, 2), "", "a.zip", HQ_E_MEDIA),
               "Archives are not taken; send the files one by one");
    /* Cut anywhere, it is never taken. */
    zip_entry xlsx[] = { ENTRY("[Content_Types].xml"), ENTRY("xl/workbook.xml") };
    hq_sv whole = zipped(arena, xlsx, 2);
    for (size_t len = 4; len < whole.len; len++) {
        say(arena, hq_arena_dup(arena, hq_sv_sub(whole, 0, len)), "", "", HQ_E_MEDIA);
    }
    hq_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types_by_content),
        cmocka_unit_test(test_what_is_refused_and_why),
        cmocka_unit_test(test_office_documents),
        cmocka_unit_test(test_office_documents_that_carry_something),
    };
    return hq_ok(hq_base_init()) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
