/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/print.h"

/* What officers recorded: results of checks, instructions with their answers, and the list with
 * which goods pass the supervision area. */

#define SAY(vi, en) hq_clr__say(p, vi, en)

static hq_status section_of(const hq_json **out, const hq_clr__print *p, hq_clr__section section)
{
    return hq_json_parse(out, p->life.sections[section], p->arena, NULL);
}

static hq_sv numbers_in(const hq_clr__print *p, const hq_json *array)
{
    hq_buf out = HQ_BUF_ARENA(p->arena, 32 << 10);
    if (array == NULL || array->type != HQ_JSON_ARRAY) {
        return HQ_SV("");
    }
    for (const hq_json *c = hq_json_first(array); c != NULL; c = hq_json_next(array, c)) {
        if (c->type == HQ_JSON_NUMBER || c->type == HQ_JSON_STRING) {
            hq_buf_sv(&out, out.len == 0 ? HQ_SV("") : HQ_SV(", "));
            hq_buf_sv(&out, c->text);
        }
    }
    return hq_buf_view(&out);
}

/* ------------------------------------------------------------------ checks */

static void put_check(hq_paper *paper, const hq_clr__print *p, const hq_json *check)
{
    bool goods = hq_sv_eq(hq_json_get_text(check, "check"), HQ_SV("goods"));
    bool good = hq_sv_eq(hq_json_get_text(check, "result"), HQ_SV("satisfactory"));
    int64_t minutes = 0;
    bool timed = hq_json_get_i64(&minutes, check, "minutes");
    const hq_paper_pair pairs[] = {
        { SAY("Thời điểm", "Time"), hq_clr__say_time_text(p, hq_json_get_text(check, "at")) },
        { SAY("Công chức", "Officer"), hq_clr__say_name(p, hq_json_get_text(check, "by")) },
        { SAY("Kết quả", "Result"),
          good ? SAY("Đạt", "Satisfactory") : SAY("Có sai lệch", "Discrepancy") },
        { SAY("Số phút kiểm tra", "Minutes"),
          timed ? hq_arena_printf(p->arena, "%lld", (long long)minutes) : HQ_SV("") },
        { SAY("Dòng hàng liên quan", "Lines"), numbers_in(p, hq_json_get(check, "lines")) },
    };
    hq_paper_heading(paper, goods ? SAY("Kiểm tra thực tế hàng hóa", "Check of the goods")
                                  : SAY("Kiểm tra hồ sơ", "Check of the documents"));
    hq_paper_pairs(paper, pairs, sizeof pairs / sizeof pairs[0], 3);
    hq_sv note = hq_json_get_text(check, "note");
    if (note.len > 0) {
        hq_paper_paragraph(paper, note);
    }
}

hq_status hq_clr__print_inspection(hq_paper *paper, void *print)
{
    const hq_clr__print *p = print;
    const hq_json *checks;
    HQ_TRY(section_of(&checks, p, HQ_CLR__CHECKS));
    const hq_paper_pair pairs[] = {
        { SAY("Tờ khai đăng ký", "Declaration registered"),
          hq_clr__say_time(p, p->row.registered_at) },
        { SAY("Nơi để hàng", "Where the goods lie"),
          p->row.goods_office.len > 0 ? hq_clr__say_office(p, p->row.goods_office)
                                      : hq_clr__say_office(p, p->row.office) },
        { SAY("Nộp đủ hồ sơ", "Documents presented"), hq_clr__say_time(p, p->life.documents.at) },
        { SAY("Xuất trình hàng", "Goods presented"), hq_clr__say_time(p, p->life.goods.at) },
    };
    hq_paper_pairs(paper, pairs, sizeof pairs / sizeof pairs[0], 2);
    for (const hq_json *c = hq_json_first(checks); c != NULL; c = hq_json_next(checks, c)) {
        put_check(paper, p, c);
    }
    const hq_paper_signature signatures[] = {
        { SAY("ĐẠI DIỆN NGƯỜI KHAI HẢI QUAN", "FOR THE DECLARANT"),
          SAY("(Ký, ghi rõ họ tên)", "(Signature, name)"), HQ_SV("") },
        { SAY("CÔNG CHỨC KIỂM TRA", "INSPECTING OFFICER"),
          SAY("(Ký, đóng dấu công chức)", "(Signature, stamp)"),
          hq_clr__say_name(p, p->row.officer) },
    };
    hq_paper_signatures(paper, signatures, 2);
    return HQ_DONE;
}

/* ------------------------------------------------------------------ instructions */

static void put_answers(hq_paper *paper, const hq_clr__print *p, const hq_json *answers)
{
    if (answers == NULL || answers->type != HQ_JSON_ARRAY) {
        return;
    }
    for (const hq_json *a = hq_json_first(answers); a != NULL; a = hq_json_next(answers, a)) {
        hq_paper_note(
            paper, hq_arena_printf(p->arena, p->vi ? "Trả lời ngày %.*s:" : "Answered %.*s:",
                                   HQ_SV_FMT(hq_clr__say_time_text(p, hq_json_get_text(a, "at")))));
        hq_paper_paragraph(paper, hq_json_get_text(a, "text"));
    }
}

static void put_instruction(hq_paper *paper, const hq_clr__print *p, const hq_json *instruction)
{
    int64_t number = 0;
    hq_json_get_i64(&number, instruction, "number");
    const hq_paper_pair pairs[] = {
        { SAY("Ngày", "Date"), hq_clr__say_time_text(p, hq_json_get_text(instruction, "at")) },
        { SAY("Công chức", "Officer"), hq_clr__say_name(p, hq_json_get_text(instruction, "by")) },
        { SAY("Hạn trả lời", "Answer by"),
          hq_clr__say_time_text(p, hq_json_get_text(instruction, "due")) },
        { SAY("Dòng hàng", "Lines"), numbers_in(p, hq_json_get(instruction, "lines")) },
    };
    hq_paper_heading(paper,
                     hq_arena_printf(p->arena, p->vi ? "Chỉ dẫn số %lld" : "Instruction %lld",
                                     (long long)number));
    hq_paper_pairs(paper, pairs, sizeof pairs / sizeof pairs[0], 4);
    hq_paper_paragraph(paper, hq_json_get_text(instruction, "text"));
    put_answers(paper, p, hq_json_get(instruction, "answers"));
}

hq_status hq_clr__print_instructions(hq_paper *paper, void *print)
{
    const hq_clr__print *p = print;
    const hq_json *all;
    HQ_TRY(section_of(&all, p, HQ_CLR__INSTRUCTIONS));
    for (const hq_json *i = hq_json_first(all); i != NULL; i = hq_json_next(all, i)) {
        put_instruction(paper, p, i);
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ pass list */

static void put_containers(hq_paper *paper, const hq_clr__print *p)
{
    const hq_declaration *d = p->declaration;
    const hq_paper_column columns[] = {
        { SAY("STT", "No."), 1, HQ_PDF_RIGHT },
        { SAY("Số container", "Container"), 4, HQ_PDF_LEFT },
        { SAY("Xác nhận của bộ phận giám sát", "Confirmed by supervision"), 6, HQ_PDF_LEFT },
    };
    if (d->container_count == 0) {
        return;
    }
    hq_paper_table(paper, columns, 3);
    for (size_t i = 0; i < d->container_count; i++) {
        const hq_sv cells[] = { hq_arena_printf(p->arena, "%zu", i + 1), d->containers[i],
                                HQ_SV("") };
        hq_paper_row(paper, cells);
    }
    hq_paper_table_end(paper);
}

hq_status hq_clr__print_pass(hq_paper *paper, void *print)
{
    const hq_clr__print *p = print;
    const hq_declaration *d = p->declaration;
    char number[12];
    char code[10];
    hq_sv digits = hq_declaration_number_write(number, p->row.id, 0);
    hq_sv pass = hq_clr__pass_code(code, p->clearance, p->row.id);
    const hq_paper_pair pairs[] = {
        { SAY("Doanh nghiệp", "Trader"), p->row.trader },
        { SAY("Nơi để hàng", "Where the goods lie"),
          p->row.goods_office.len > 0 ? hq_clr__say_office(p, p->row.goods_office)
                                      : hq_clr__say_office(p, p->row.office) },
        { SAY("Địa điểm lưu kho", "Place of storage"), d->storage_place },
        { SAY("Số kiện", "Packages"),
          d->packages_given ? hq_clr__say_vnd(p, d->packages) : HQ_SV("") },
        { SAY("Tổng trọng lượng", "Gross weight"), hq_clr__say_amount(p, &d->gross_weight) },
        { SAY("Phương tiện", "Conveyance"), d->conveyance },
    };
    HQ_TRY(hq_paper_code(
        paper, hq_arena_printf(p->arena, "HQP:%.*s:%.*s", HQ_SV_FMT(digits), HQ_SV_FMT(pass)),
        pass));
    hq_paper_pairs(paper, pairs, sizeof pairs / sizeof pairs[0], 3);
    put_containers(paper, p);
    hq_paper_note(
        paper, SAY("Mã ở trên do hệ thống hải quan tạo cho tờ khai này; người giám sát quét hoặc "
                   "nhập mã khi xác nhận hàng qua khu vực giám sát. Một lệnh tạm dừng có hiệu lực "
                   "ngay cả khi danh sách này đã in.",
                   "The code above was made by customs for this declaration; whoever watches the "
                   "gate scans or types it when the goods pass. A hold counts even after this "
                   "list was printed."));
    return HQ_DONE;
}
