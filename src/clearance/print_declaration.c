/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/list.h"
#include "clearance/print.h"

/* The printed declaration and the tax notice: what was declared, line by line, and what follows
 * from it. */

#define SAY(vi, en)  hq_clr__say(p, vi, en)
#define LINE_COLUMNS 7

/* ------------------------------------------------------------------ general */

static hq_sv joined(const hq_clr__print *p, const hq_sv *texts, size_t count)
{
    hq_buf out = HQ_BUF_ARENA(p->arena, 64 << 10);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            hq_buf_lit(&out, ", ");
        }
        hq_buf_sv(&out, texts[i]);
    }
    return hq_buf_view(&out);
}

static hq_sv permits_of(const hq_clr__print *p)
{
    hq_sv texts[HQ_PERMITS_MAX];
    const hq_declaration *d = p->declaration;
    for (size_t i = 0; i < d->permit_count; i++) {
        texts[i] = hq_arena_printf(p->arena, "%.*s %.*s", HQ_SV_FMT(d->permits[i].kind),
                                   HQ_SV_FMT(d->permits[i].number));
    }
    return joined(p, texts, d->permit_count);
}

static hq_sv kind_of(const hq_clr__print *p)
{
    const hq_kind_row *kind = hq_ref_kind(p->ref, p->row.kind, p->day);
    if (kind == NULL) {
        return p->row.kind;
    }
    return hq_clr__say_both(p, p->row.kind,
                            p->vi || kind->name_en.len == 0 ? kind->name_vi : kind->name_en);
}

static hq_sv channel_of(const hq_clr__print *p)
{
    static const char *const names[][2] = { { "1 - Xanh", "1 - Green" },
                                            { "2 - Vàng", "2 - Yellow" },
                                            { "3 - Đỏ", "3 - Red" } };
    return p->row.channel == HQ_CLR__NO_CHANNEL
               ? HQ_SV("")
               : SAY(names[p->row.channel][0], names[p->row.channel][1]);
}

static hq_sv status_of(const hq_clr__print *p)
{
    hq_sv vi;
    hq_sv en;
    hq_clr__status_name_of(&vi, &en, p->row.status);
    return p->vi ? vi : en;
}

static void put_general(hq_paper *paper, const hq_clr__print *p)
{
    const hq_declaration *d = p->declaration;
    hq_sv mode = hq_sv_make(&d->transport_mode, d->transport_mode != 0);
    const hq_paper_pair pairs[] = {
        { SAY("Loại hình", "Kind"), kind_of(p) },
        { SAY("Cơ quan hải quan", "Customs office"), hq_clr__say_office(p, p->row.office) },
        { SAY("Ngày đăng ký", "Registered"), hq_clr__say_time(p, p->row.registered_at) },
        { SAY("Phân luồng", "Channel"), channel_of(p) },
        { SAY("Trạng thái", "Status"), status_of(p) },
        { SAY("Số tham chiếu", "Trader's reference"), d->reference },
        { SAY("Phương thức vận chuyển", "Transport mode"), mode },
        { SAY("Đại lý hải quan", "Agent"), d->agent_tax_code },
        { SAY("Tờ khai đối ứng", "Linked declaration"), d->linked_declaration },
    };
    hq_paper_heading(paper, SAY("1. Thông tin chung", "1. General"));
    hq_paper_pairs(paper, pairs, sizeof pairs / sizeof pairs[0], 3);
}

static hq_sv party_of(const hq_clr__print *p, const hq_party *party)
{
    hq_sv id = party->tax_code.len > 0 ? party->tax_code : party->code;
    hq_sv place = hq_clr__say_both(p, party->address, hq_clr__say_code(p, party->country));
    return hq_clr__say_both(p, hq_clr__say_both(p, id, party->name), place);
}

static void put_parties(hq_paper *paper, const hq_clr__print *p)
{
    const hq_declaration *d = p->declaration;
    const hq_paper_pair pairs[] = {
        { SAY("Người nhập khẩu", "Importer"), party_of(p, &d->importer) },
        { SAY("Người xuất khẩu", "Exporter"), party_of(p, &d->exporter) },
        { SAY("Người ủy thác", "Principal"), party_of(p, &d->principal) },
    };
    hq_paper_heading(paper, SAY("2. Các bên", "2. Parties"));
    hq_paper_pairs(paper, pairs, d->principal.tax_code.len > 0 ? 3 : 2, 1);
}

static void put_transport(hq_paper *paper, const hq_clr__print *p)
{
    const hq_declaration *d = p->declaration;
    bool import = p->row.flow == HQ_FLOW_IMPORT;
    hq_sv packages =
        d->packages_given
            ? hq_arena_printf(p->arena, "%.*s %.*s", HQ_SV_FMT(hq_clr__say_vnd(p, d->packages)),
                              HQ_SV_FMT(hq_clr__say_code(p, d->package_unit)))
            : HQ_SV("");
    const hq_paper_pair pairs[] = {
        { SAY("Vận đơn", "Bills"), joined(p, d->bills, d->bill_count) },
        { SAY("Số kiện", "Packages"), packages },
        { SAY("Tổng trọng lượng", "Gross weight"), hq_clr__say_amount(p, &d->gross_weight) },
        { SAY("Phương tiện", "Conveyance"), d->conveyance },
        { import ? SAY("Ngày hàng đến", "Arrival") : SAY("Ngày hàng đi", "Departure"),
          hq_clr__say_day(p, d->transport_date) },
        { SAY("Địa điểm lưu kho", "Place of storage"), d->storage_place },
        { SAY("Địa điểm xếp hàng", "Loading place"), d->loading_place },
        { SAY("Địa điểm dỡ hàng", "Unloading place"), d->unloading_place },
        { SAY("Giấy phép", "Permits"), permits_of(p) },
    };
    hq_paper_heading(paper, SAY("3. Vận chuyển", "3. Transport"));
    hq_paper_pairs(paper, pairs, sizeof pairs / sizeof pairs[0], 3);
    if (d->container_count > 0) {
        const hq_paper_pair containers = { SAY("Container", "Containers"),
                                           joined(p, d->containers, d->container_count) };
        hq_paper_pairs(paper, &containers, 1, 1);
    }
}

static hq_sv charge_of(const hq_clr__print *p, const hq_charge *charge)
{
    if (!charge->given) {
        return HQ_SV("");
    }
    return hq_arena_printf(p->arena, "%c - %.*s %.*s", charge->kind,
                           HQ_SV_FMT(hq_clr__say_decimal(p, charge->amount)),
                           HQ_SV_FMT(hq_clr__say_code(p, charge->currency)));
}

static hq_sv rates_of(const hq_clr__print *p)
{
    hq_sv texts[HQ_RATES_MAX];
    const hq_assessment *a = p->assessment;
    for (size_t i = 0; i < a->rate_count; i++) {
        hq_sv rate =
            a->rates[i].row == NULL ? HQ_SV("-") : hq_clr__say_decimal(p, a->rates[i].row->rate);
        texts[i] =
            hq_arena_printf(p->arena, "%.*s %.*s",
                            HQ_SV_FMT(hq_clr__say_code(p, a->rates[i].currency)), HQ_SV_FMT(rate));
    }
    return joined(p, texts, a->rate_count);
}

static void put_invoice(hq_paper *paper, const hq_clr__print *p)
{
    const hq_declaration *d = p->declaration;
    hq_amount total = { .given = d->invoice_total_given,
                        .amount = d->invoice_total,
                        .unit_or_currency = d->currency };
    hq_sv method = hq_sv_make(&d->method, d->method != 0);
    hq_sv term = hq_sv_make(&d->payment_term, d->payment_term != 0);
    const hq_paper_pair pairs[] = {
        { SAY("Số hóa đơn", "Invoice"), d->invoice_number },
        { SAY("Ngày hóa đơn", "Invoice date"), hq_clr__say_day(p, d->invoice_date) },
        { SAY("Điều kiện giao hàng", "Delivery term"), d->incoterm },
        { SAY("Tổng trị giá hóa đơn", "Invoice total"), hq_clr__say_amount(p, &total) },
        { SAY("Phương thức thanh toán", "Payment method"), d->payment_method },
        { SAY("Phương pháp trị giá", "Valuation method"), method },
        { SAY("Phí vận chuyển", "Freight"), charge_of(p, &d->freight) },
        { SAY("Phí bảo hiểm", "Insurance"), charge_of(p, &d->insurance) },
        { SAY("Tỷ giá", "Exchange rates"), rates_of(p) },
        { SAY("Hình thức nộp thuế", "Payment term"), term },
        { SAY("Bảo lãnh", "Guarantee"), d->guarantee },
        { SAY("Trị giá tính thuế (VND)", "Customs value (VND)"),
          hq_clr__say_vnd(p, p->assessment->customs_value_vnd) },
    };
    hq_paper_heading(paper, SAY("4. Hóa đơn và trị giá", "4. Invoice and value"));
    hq_paper_pairs(paper, pairs, sizeof pairs / sizeof pairs[0], 3);
}

/* ------------------------------------------------------------------ taxes */

static void put_taxes(hq_paper *paper, const hq_clr__print *p)
{
    const hq_paper_column columns[] = {
        { SAY("Sắc thuế", "Tax"), 3, HQ_PDF_LEFT },
        { SAY("Số tiền phải nộp (VND)", "Payable (VND)"), 2, HQ_PDF_RIGHT },
    };
    hq_paper_table(paper, columns, 2);
    for (int tax = 0; tax < HQ_TAX_COUNT; tax++) {
        if ((p->assessment->taxes_present & (1U << tax)) != 0) {
            const hq_sv cells[] = { hq_clr__say_tax(p, (hq_tax)tax),
                                    hq_clr__say_vnd(p, p->assessment->tax_vnd[tax]) };
            hq_paper_row(paper, cells);
        }
    }
    const hq_sv sum[] = { SAY("Tổng cộng", "Total"),
                          hq_clr__say_vnd(p, p->assessment->total_payable_vnd) };
    hq_paper_sum_row(paper, sum);
    hq_paper_table_end(paper);
}

/* "47 %", "500 VND/LTR", "10 % + 5.000 VND/KGM", with the name of an exemption. */
static hq_sv rate_of(const hq_clr__print *p, const hq_tax_item *item)
{
    hq_buf out = HQ_BUF_ARENA(p->arena, 512);
    const hq_tariff_row *row = item->row;
    if (row != NULL && row->has_rate) {
        hq_buf_sv(&out, hq_clr__say_decimal(p, row->rate_percent));
        hq_buf_lit(&out, " %");
    }
    if (row != NULL && row->has_amount) {
        hq_sv currency =
            row->amount_currency == 0 ? HQ_SV("VND") : hq_clr__say_code(p, row->amount_currency);
        hq_buf_printf(&out, "%s%.*s %.*s/%.*s", row->has_rate ? " + " : "",
                      HQ_SV_FMT(hq_clr__say_decimal(p, row->amount)), HQ_SV_FMT(currency),
                      HQ_SV_FMT(hq_clr__say_code(p, row->amount_unit)));
    }
    if (item->exemption != NULL) {
        hq_buf_printf(&out, " (%.*s)", HQ_SV_FMT(item->exemption->code));
    }
    return hq_buf_view(&out);
}

static hq_sv tax_cell(const hq_clr__print *p, const hq_line_assessment *line, bool amounts)
{
    hq_buf out = HQ_BUF_ARENA(p->arena, 4096);
    for (size_t i = 0; i < line->tax_count; i++) {
        const hq_tax_item *item = &line->taxes[i];
        if (i > 0) {
            hq_buf_char(&out, '\n');
        }
        if (amounts) {
            hq_buf_sv(&out, hq_clr__say_vnd(p, item->amount_vnd));
        } else {
            hq_buf_printf(&out, "%s %.*s", hq_tax_name(item->tax), HQ_SV_FMT(rate_of(p, item)));
        }
    }
    return hq_buf_view(&out);
}

/* ------------------------------------------------------------------ lines */

static hq_sv goods_of(const hq_clr__print *p, const hq_line *line, const hq_line_assessment *a)
{
    hq_sv scheme = a->scheme.len > 0 ? a->scheme : line->scheme;
    return hq_arena_printf(p->arena, "%.*s\n%.*s  %.*s  %.*s", HQ_SV_FMT(line->description),
                           HQ_SV_FMT(line->hs_text), HQ_SV_FMT(hq_clr__say_code(p, line->origin)),
                           HQ_SV_FMT(scheme));
}

static hq_sv quantity_of(const hq_clr__print *p, const hq_line *line)
{
    hq_sv first = hq_clr__say_amount(p, &line->quantity);
    return line->quantity2.given
               ? hq_arena_printf(p->arena, "%.*s\n%.*s", HQ_SV_FMT(first),
                                 HQ_SV_FMT(hq_clr__say_amount(p, &line->quantity2)))
               : first;
}

static void put_line(hq_paper *paper, const hq_clr__print *p, size_t i)
{
    const hq_line *line = &p->declaration->lines[i];
    const hq_line_assessment *a = &p->assessment->lines[i];
    hq_sv value = hq_clr__say_decimal(p, line->invoice_value);
    if (line->unit_price_given) {
        value = hq_arena_printf(p->arena, "%.*s\n(%.*s)", HQ_SV_FMT(value),
                                HQ_SV_FMT(hq_clr__say_decimal(p, line->unit_price)));
    }
    const hq_sv cells[LINE_COLUMNS] = {
        hq_arena_printf(p->arena, "%zu", i + 1),
        goods_of(p, line, a),
        quantity_of(p, line),
        value,
        hq_clr__say_vnd(p, a->customs_value_vnd),
        tax_cell(p, a, false),
        tax_cell(p, a, true),
    };
    hq_paper_row(paper, cells);
}

static void put_lines(hq_paper *paper, const hq_clr__print *p, size_t from, size_t to)
{
    const hq_paper_column columns[LINE_COLUMNS] = {
        { SAY("STT", "No."), 0.7, HQ_PDF_RIGHT },
        { SAY("Mô tả; mã HS, xuất xứ, biểu thuế", "Description; HS, origin, scheme"), 5,
          HQ_PDF_LEFT },
        { SAY("Lượng", "Quantity"), 1.8, HQ_PDF_RIGHT },
        { SAY("Trị giá HĐ (đơn giá)", "Invoice value (unit price)"), 2.1, HQ_PDF_RIGHT },
        { SAY("Trị giá tính thuế", "Customs value"), 2.1, HQ_PDF_RIGHT },
        { SAY("Thuế suất", "Rates"), 2, HQ_PDF_LEFT },
        { SAY("Tiền thuế (VND)", "Tax (VND)"), 2, HQ_PDF_RIGHT },
    };
    hq_paper_table(paper, columns, LINE_COLUMNS);
    for (size_t i = from; i < to; i++) {
        put_line(paper, p, i);
    }
    hq_paper_table_end(paper);
}

/* The legal form has 50 lines: each branch under its own number. */
static void put_branches(hq_paper *paper, const hq_clr__print *p, const hq_json *branches)
{
    size_t count = p->declaration->line_count;
    int64_t k = 0;
    for (const hq_json *b = hq_json_first(branches); b != NULL; b = hq_json_next(branches, b)) {
        int64_t first = 1;
        int64_t last = (int64_t)count;
        hq_sv number = hq_json_get_text(b, "number");
        hq_json_get_i64(&first, b, "first_line");
        hq_json_get_i64(&last, b, "last_line");
        if (first < 1 || last < first || (size_t)last > count) {
            continue;
        }
        hq_paper_heading(
            paper, hq_arena_printf(p->arena,
                                   p->vi ? "Nhánh %lld/%u: tờ khai số %.*s, dòng %lld đến %lld"
                                         : "Branch %lld/%u: declaration %.*s, lines %lld to "
                                           "%lld",
                                   (long long)++k, branches->count, HQ_SV_FMT(number),
                                   (long long)first, (long long)last));
        put_lines(paper, p, (size_t)first - 1, (size_t)last);
    }
}

static hq_status put_all_lines(hq_paper *paper, const hq_clr__print *p)
{
    const hq_json *branches = NULL;
    hq_sv text = p->life.sections[HQ_CLR__BRANCHES];
    hq_paper_heading(paper, SAY("5. Hàng hóa", "5. Goods"));
    if (text.len > 2) {
        HQ_TRY(hq_json_parse(&branches, text, p->arena, NULL));
        put_branches(paper, p, branches);
        return HQ_DONE;
    }
    put_lines(paper, p, 0, p->declaration->line_count);
    return HQ_DONE;
}

hq_status hq_clr__print_declaration(hq_paper *paper, void *print)
{
    const hq_clr__print *p = print;
    put_general(paper, p);
    put_parties(paper, p);
    put_transport(paper, p);
    put_invoice(paper, p);
    HQ_TRY(put_all_lines(paper, p));
    hq_paper_heading(paper, SAY("6. Thuế", "6. Taxes"));
    put_taxes(paper, p);
    if (p->declaration->notes.len > 0) {
        hq_paper_paragraph(paper, p->declaration->notes);
    }
    const hq_paper_signature signatures[] = {
        { SAY("NGƯỜI KHAI HẢI QUAN", "DECLARANT"), SAY("(Ký, ghi rõ họ tên)", "(Signature, name)"),
          HQ_SV("") },
        { SAY("CÔNG CHỨC HẢI QUAN", "CUSTOMS OFFICER"),
          SAY("(Ký, đóng dấu công chức)", "(Signature, stamp)"),
          hq_clr__say_name(p, p->row.officer) },
    };
    hq_paper_signatures(paper, signatures, 2);
    return HQ_DONE;
}

/* ------------------------------------------------------------------ tax notice */

static void put_line_taxes(hq_paper *paper, const hq_clr__print *p)
{
    const hq_paper_column columns[] = {
        { SAY("Dòng", "Line"), 0.8, HQ_PDF_RIGHT },
        { SAY("Sắc thuế", "Tax"), 2, HQ_PDF_LEFT },
        { SAY("Cơ sở (VND)", "Base (VND)"), 2, HQ_PDF_RIGHT },
        { SAY("Thuế suất", "Rate"), 2, HQ_PDF_LEFT },
        { SAY("Giảm", "Reduction"), 1.5, HQ_PDF_RIGHT },
        { SAY("Phải nộp", "Payable"), 2, HQ_PDF_RIGHT },
        { SAY("Căn cứ", "Source"), 3, HQ_PDF_LEFT },
    };
    hq_paper_table(paper, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < p->assessment->line_count; i++) {
        const hq_line_assessment *line = &p->assessment->lines[i];
        for (size_t k = 0; k < line->tax_count; k++) {
            const hq_tax_item *item = &line->taxes[k];
            const hq_sv cells[] = {
                hq_arena_printf(p->arena, "%zu", i + 1),
                hq_clr__say_tax(p, item->tax),
                hq_clr__say_vnd(p, item->base_vnd),
                rate_of(p, item),
                hq_clr__say_vnd(p, item->reduction_vnd),
                hq_clr__say_vnd(p, item->amount_vnd),
                item->row == NULL ? HQ_SV("") : item->row->source,
            };
            hq_paper_row(paper, cells);
        }
    }
    hq_paper_table_end(paper);
}

hq_status hq_clr__print_tax(hq_paper *paper, void *print)
{
    const hq_clr__print *p = print;
    const hq_declaration *d = p->declaration;
    hq_sv term = hq_sv_make(&d->payment_term, d->payment_term != 0);
    const hq_party *party = hq_declaration_party(d);
    const hq_paper_pair pairs[] = {
        { SAY("Người nộp thuế", "Taxpayer"), hq_clr__say_both(p, party->tax_code, party->name) },
        { SAY("Cơ quan thu", "Collecting office"), hq_clr__say_office(p, p->row.office) },
        { SAY("Ngày đăng ký", "Registered"), hq_clr__say_time(p, p->row.registered_at) },
        { SAY("Hình thức nộp thuế", "Payment term"), term },
        { SAY("Trị giá tính thuế (VND)", "Customs value (VND)"),
          hq_clr__say_vnd(p, p->assessment->customs_value_vnd) },
        { SAY("Còn phải nộp (VND)", "Still owed (VND)"), hq_clr__say_vnd(p, p->left_vnd) },
    };
    hq_paper_pairs(paper, pairs, sizeof pairs / sizeof pairs[0], 2);
    hq_paper_heading(paper, SAY("Số thuế theo sắc thuế", "By tax"));
    put_taxes(paper, p);
    hq_paper_heading(paper,
                     SAY("Cách tính theo từng dòng hàng", "How it comes about, line by line"));
    put_line_taxes(paper, p);
    hq_paper_note(paper,
                  SAY("Mỗi sắc thuế của mỗi dòng được làm tròn một lần đến đồng. Có thể tính "
                      "lại toàn bộ bằng lệnh haiquan receipt verify.",
                      "Each tax of each line is rounded once, to whole dong. All of it can be "
                      "computed again with haiquan receipt verify."));
    return HQ_DONE;
}
