/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "files/files.h"

#define HQ_SV_LIT(text)                                                                            \
    {                                                                                              \
        "" text, sizeof text - 1                                                                   \
    }

/* Papers: the same bytes twice, also beside each other; pages that end where they must. */

static const hq_paper_head head = {
    .language = HQ_SV_LIT("vi"),
    .above = HQ_SV_LIT("CHI CỤC HẢI QUAN KHU VỰC VI"),
    .office = HQ_SV_LIT("HẢI QUAN CỬA KHẨU HỮU NGHỊ"),
    .title = HQ_SV_LIT("TỜ KHAI HÀNG HÓA NHẬP KHẨU"),
    .number = HQ_SV_LIT("Số 100000000010"),
    .qr = HQ_SV_LIT("HQ:100000000010:ABCD-EFGH"),
    .foot = HQ_SV_LIT("Phiên bản 1 của tờ khai"),
    .created = 1795000000000000,
};

static hq_status parts(hq_paper *paper, void *user)
{
    static const hq_paper_pair pairs[] = {
        { HQ_SV_LIT("Người nhập khẩu"), HQ_SV_LIT("Công ty TNHH Thương mại Đường Bộ (hư cấu)") },
        { HQ_SV_LIT("Mã số thuế"), HQ_SV_LIT("9900000018") },
        { HQ_SV_LIT("Phương tiện"), HQ_SV_LIT("") },
    };
    static const hq_paper_column columns[] = {
        { HQ_SV_LIT("STT"), 1, HQ_PDF_RIGHT },
        { HQ_SV_LIT("Mô tả hàng hóa"), 6, HQ_PDF_LEFT },
        { HQ_SV_LIT("Tiền thuế (VND)"), 2, HQ_PDF_RIGHT },
    };
    static const hq_paper_signature signatures[] = {
        { HQ_SV_LIT("NGƯỜI KHAI HẢI QUAN"), HQ_SV_LIT("(Ký, ghi rõ họ tên)"), HQ_SV_LIT("") },
        { HQ_SV_LIT("CÔNG CHỨC HẢI QUAN"), HQ_SV_LIT("(Ký, đóng dấu công chức)"), HQ_SV_LIT("") },
    };
    const int *rows = user;
    hq_paper_heading(paper, HQ_SV("1. Thông tin chung"));
    hq_paper_pairs(paper, pairs, 3, 2);
    hq_paper_table(paper, columns, 3);
    for (int i = 0; i < *rows; i++) {
        char number[16];
        snprintf(number, sizeof number, "%d", i + 1);
        hq_sv cells[] = { hq_sv_from_cstr(number),
                          HQ_SV("Van bi bằng thép không gỉ, ế ộ ữ Ậ ặ Ỹ đ Đ, dùng cho đường ống"),
                          HQ_SV("742.083.987") };
        hq_paper_row(paper, cells);
    }
    hq_paper_table_end(paper);
    hq_paper_signatures(paper, signatures, 2);
    return hq_paper_code(paper, HQ_SV("HQ:100000000010:ABCD-EFGH"), HQ_SV("ABCD-EFGH"));
}

static hq_buf made(int rows)
{
    hq_buf out = HQ_BUF_HEAP((size_t)64 << 20);
    assert_true(hq_ok(hq_paper_make(&out, &head, parts, &rows)));
    return out;
}

static int pages_of(hq_sv pdf)
{
    int pages = 0;
    for (size_t at = hq_sv_find(pdf, 'T', 0); at < pdf.len; at = hq_sv_find(pdf, 'T', at + 1)) {
        pages += hq_sv_starts(hq_sv_sub(pdf, at, pdf.len), HQ_SV("Type /Page %"));
    }
    return pages;
}

static void test_the_same_bytes_twice(void **state)
{
    (void)state;
    hq_buf a = made(20);
    hq_buf b = made(20);
    assert_true(hq_sv_starts(hq_buf_view(&a), HQ_SV("%PDF-1.")));
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.ptr, b.ptr, a.len);
    const char *keep = getenv("HQ_KEEP_PAPER");
    if (keep != NULL) {
        FILE *f = fopen(keep, "wb");
        assert_non_null(f);
        fwrite(a.ptr, 1, a.len, f);
        fclose(f);
    }
    hq_buf_free(&a);
    hq_buf_free(&b);
}

static void test_tables_go_over_pages(void **state)
{
    (void)state;
    hq_buf one = made(3);
    hq_buf many = made(200);
    assert_int_equal(pages_of(hq_buf_view(&one)), 1);
    assert_in_range(pages_of(hq_buf_view(&many)), 5, 12);
    hq_buf_free(&one);
    hq_buf_free(&many);
}

static void *make_some(void *user)
{
    hq_buf *out = user;
    *out = made(40);
    return NULL;
}

static void test_threads_make_the_same(void **state)
{
    (void)state;
    pthread_t threads[4];
    hq_buf outs[4];
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, make_some, &outs[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(outs[i].len, outs[0].len);
        assert_memory_equal(outs[i].ptr, outs[0].ptr, outs[0].len);
    }
    for (int i = 0; i < 4; i++) {
        hq_buf_free(&outs[i]);
    }
}

static hq_status too_long(hq_paper *paper, void *user)
{
    return hq_paper_code(paper, *(hq_sv *)user, HQ_SV("x"));
}

static void test_a_failure_comes_back(void **state)
{
    (void)state;
    char *text = calloc(1, 9000);
    memset(text, 'A', 9000);
    hq_sv sv = hq_sv_make(text, 9000);
    hq_buf out = HQ_BUF_HEAP((size_t)1 << 20);
    assert_int_equal(hq_paper_make(&out, &head, too_long, &sv).code, HQ_E_LIMIT);
    hq_buf small = HQ_BUF_HEAP(1000);
    int rows = 10;
    assert_int_equal(hq_paper_make(&small, &head, parts, &rows).code, HQ_E_LIMIT);
    hq_buf_free(&out);
    hq_buf_free(&small);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_bytes_twice),
        cmocka_unit_test(test_tables_go_over_pages),
        cmocka_unit_test(test_threads_make_the_same),
        cmocka_unit_test(test_a_failure_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
