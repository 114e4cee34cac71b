/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/print.h"

#include "clearance/findings.h"

/* GET .../papers/{paper}: which papers there are, when they may be printed, what stands around
 * them. */

typedef enum { ALWAYS, REGISTERED, CHECKED, INSTRUCTED, MAY_PASS } condition;

static const struct {
    const char *name, *title_vi, *title_en;
    condition when;
    hq_paper_fn parts;
} papers[] = {
    { "declaration", NULL, NULL, ALWAYS, hq_clr__print_declaration },
    { "receipt", "THÔNG BÁO THUẾ VÀ CÁCH TÍNH", "TAX NOTICE AND HOW IT COMES ABOUT", REGISTERED,
      hq_clr__print_tax },
    { "inspection", "PHIẾU GHI KẾT QUẢ KIỂM TRA", "INSPECTION RECORD", CHECKED,
      hq_clr__print_inspection },
    { "instructions", "CHỈ DẪN CỦA CƠ QUAN HẢI QUAN", "INSTRUCTIONS OF CUSTOMS", INSTRUCTED,
      hq_clr__print_instructions },
    { "pass-list", "DANH SÁCH HÀNG HÓA ĐỦ ĐIỀU KIỆN QUA KHU VỰC GIÁM SÁT",
      "LIST OF GOODS THAT MAY PASS THE SUPERVISION AREA", MAY_PASS, hq_clr__print_pass },
};
#define PAPERS (sizeof papers / sizeof papers[0])

static hq_status refuse_not_yet(hq_request *request, condition when)
{
    static const char *const texts[][2] = {
        [ALWAYS] = { "", "" },
        [REGISTERED] = { "Tờ khai chưa đăng ký nên chưa có thông báo thuế",
                         "Not registered yet: there is no tax notice" },
        [CHECKED] = { "Chưa có kết quả kiểm tra nào", "There is no result of a check yet" },
        [INSTRUCTED] = { "Tờ khai không có chỉ dẫn nào của hải quan",
                         "There are no instructions of customs" },
        [MAY_PASS] = { "Chỉ in được danh sách qua khu vực giám sát khi tờ khai đã thông quan, giải "
                       "phóng hàng hoặc được đưa hàng về bảo quản, và không bị tạm dừng",
                       "The pass list is printed once the declaration is cleared, released or "
                       "stored, and not on hold" },
    };
    return hq_clr__refuse(request, HQ_FAIL(CONFLICT), HQ_SV(""), texts[when][0], texts[when][1]);
}

static bool may_pass(const hq_clr__print *p)
{
    hq_declaration_status s = p->row.status;
    return s == HQ_DECLARATION_CLEARED || s == HQ_DECLARATION_RELEASED ||
           s == HQ_DECLARATION_STORED || s == HQ_DECLARATION_PASSED;
}

static bool is_there(const hq_clr__print *p, condition when)
{
    switch (when) {
    case REGISTERED:
        return p->row.registered_at != 0;
    case CHECKED:
        return p->life.sections[HQ_CLR__CHECKS].len > 2;
    case INSTRUCTED:
        return p->life.sections[HQ_CLR__INSTRUCTIONS].len > 2;
    case MAY_PASS:
        return may_pass(p);
    case ALWAYS:
        break;
    }
    return true;
}

/* ------------------------------------------------------------------ what is printed */

static hq_status read_left(hq_tx *tx, void *user)
{
    hq_clr__print *p = user;
    return hq_debts_left(&p->left_vnd, tx, p->row.id);
}

/* Decoded again from what was stored: it passed once, so findings are of no interest. */
static hq_status open_print(hq_clr__print *p)
{
    hq_findings findings = { .arena = p->arena };
    char *body = hq_arena_zalloc(p->arena, p->row.body.len + 64);
    if (body == NULL) {
        return HQ_FAIL(NOMEM);
    }
    memcpy(body, p->row.body.ptr, p->row.body.len);
    HQ_TRY(hq_clr__life_unpack(&p->life, p->row.life));
    HQ_TRY(hq_declaration_decode(&p->declaration, &findings, hq_sv_make(body, p->row.body.len),
                                 p->arena, NULL));
    HQ_TRY(hq_store_read(p->clearance->store, read_left, p));
    p->ref = hq_reference_acquire(p->clearance->reference);
    return hq_assessment_unpack(&p->assessment, p->row.assessment, p->ref, p->arena);
}

static hq_sv office_name(const hq_clr__print *p, const hq_office_row *row)
{
    if (row == NULL) {
        return HQ_SV("");
    }
    return p->vi || row->name_en.len == 0 ? row->name_vi : row->name_en;
}

static hq_sv title_of(const hq_clr__print *p, size_t which)
{
    if (papers[which].title_vi != NULL) {
        return hq_clr__say(p, papers[which].title_vi, papers[which].title_en);
    }
    return p->row.flow == HQ_FLOW_IMPORT
               ? hq_clr__say(p, "TỜ KHAI HÀNG HÓA NHẬP KHẨU", "IMPORT DECLARATION")
               : hq_clr__say(p, "TỜ KHAI HÀNG HÓA XUẤT KHẨU", "EXPORT DECLARATION");
}

static hq_paper_head head_of(const hq_clr__print *p, size_t which)
{
    char number[12];
    char code[10];
    const hq_office_row *office = hq_ref_office(p->ref, p->row.office, p->day);
    hq_sv digits = hq_arena_dup(p->arena, hq_declaration_number_write(number, p->row.id, 0));
    hq_sv tracking = hq_clr__tracking_code(code, p->clearance, p->row.id);
    return (hq_paper_head){
        .language = hq_clr__say(p, "vi", "en"),
        .above = office == NULL ? HQ_SV("")
                                : office_name(p, hq_ref_office(p->ref, office->parent, p->day)),
        .office = office == NULL ? p->row.office : office_name(p, office),
        .title = title_of(p, which),
        .number = hq_arena_printf(p->arena, p->vi ? "Số %.*s" : "No. %.*s", HQ_SV_FMT(digits)),
        .qr = hq_arena_printf(p->arena, "HQ:%.*s:%.*s", HQ_SV_FMT(digits), HQ_SV_FMT(tracking)),
        .foot = hq_arena_printf(p->arena,
                                p->vi ? "Phiên bản %lld của tờ khai %.*s - mã tra cứu %.*s"
                                      : "Version %lld of declaration %.*s - tracking code %.*s",
                                (long long)p->row.version, HQ_SV_FMT(digits), HQ_SV_FMT(tracking)),
        .created = p->row.changed_at,
    };
}

/* ------------------------------------------------------------------ answer */

static hq_status answer_pdf(hq_clr__print *p, size_t which)
{
    hq_answer *answer = &p->request->answer;
    char number[12];
    hq_paper_head head = head_of(p, which);
    answer->body = HQ_BUF_ARENA(p->arena, (size_t)64 << 20);
    HQ_TRY(hq_paper_make(&answer->body, &head, papers[which].parts, p));
    answer->content_type = HQ_SV("application/pdf");
    answer->disposition = hq_arena_printf(
        p->arena, "inline; filename=\"%.*s-%s.pdf\"",
        HQ_SV_FMT(hq_declaration_number_write(number, p->row.id, 0)), papers[which].name);
    /* What is still owed may change while the record does not. */
    answer->etag = hq_arena_printf(p->arena, "%lld-%lld-%s", (long long)p->row.version,
                                   (long long)p->left_vnd, p->vi ? "vi" : "en");
    answer->no_store = true;
    return hq_buf_status(&answer->body);
}

static hq_status read_language(hq_clr__print *p)
{
    hq_sv lang = hq_request_query(p->request, "lang");
    p->vi = lang.len == 0 ? p->request->vietnamese : hq_sv_eq(lang, HQ_SV("vi"));
    if (lang.len > 0 && !p->vi && !hq_sv_eq(lang, HQ_SV("en"))) {
        return HQ_CLR__REFUSE(p->request, INVALID, "/query/lang", "lang phải là vi hoặc en",
                              "lang must be vi or en");
    }
    return HQ_DONE;
}

static hq_status find_paper(size_t *out, hq_request *request)
{
    for (size_t i = 0; i < PAPERS; i++) {
        if (hq_sv_eq(request->params[1], hq_sv_from_cstr(papers[i].name))) {
            *out = i;
            return HQ_DONE;
        }
    }
    return HQ_CLR__REFUSE(request, NOT_FOUND, "",
                          "Không có mẫu in này; các mẫu: declaration, receipt, inspection, "
                          "instructions, pass-list",
                          "There is no such paper; there are declaration, receipt, inspection, "
                          "instructions, pass-list");
}

hq_status hq_clr__get_paper(hq_request *request, void *room)
{
    size_t which = 0;
    hq_clr__print *p = HQ_NEW(request->arena, hq_clr__print);
    if (p == NULL) {
        return HQ_FAIL(NOMEM);
    }
    p->clearance = room;
    p->request = request;
    p->arena = request->arena;
    HQ_TRY(hq_clr__find(&p->row, request, room, true, HQ_MAY_SEE));
    HQ_TRY(find_paper(&which, request));
    HQ_TRY(read_language(p));
    p->day = hq_day_of(p->row.registered_at != 0 ? p->row.registered_at : p->row.changed_at);
    hq_status s = open_print(p);
    if (hq_ok(s)) {
        s = is_there(p, papers[which].when) ? answer_pdf(p, which)
                                            : refuse_not_yet(request, papers[which].when);
    }
    hq_reference_release(p->clearance->reference, p->ref);
    return s;
}
