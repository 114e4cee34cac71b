/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/list.h"

/* What happened to a declaration, read from the journal: each step with who, when, how long since
 * the step before (by the calendar and in the office's working time), and the legal clock that
 * runs. */

static const hq_clr__event_name names[] = {
    { "declaration.preregistered", "Khai trước", "Pre-registered", true },
    { "declaration.replaced", "Sửa bản khai trước", "Pre-registration replaced", true },
    { "declaration.registered", "Đăng ký", "Registered", true },
    { "parcels.registered", "Đăng ký theo lô trị giá thấp", "Registered in the low-value flow",
      true },
    { "declaration.amendment_requested", "Đề nghị khai bổ sung", "Amendment requested", true },
    { "declaration.amended", "Khai bổ sung", "Amended", true },
    { "declaration.amendment_refused", "Không chấp nhận khai bổ sung", "Amendment refused", true },
    { "declaration.amendment_withdrawn", "Rút đề nghị khai bổ sung", "Amendment withdrawn", true },
    { "declaration.assigned", "Phân công công chức kiểm tra", "Officer assigned", true },
    { "declaration.documents_presented", "Nộp đủ hồ sơ", "Documents presented", true },
    { "declaration.goods_presented", "Xuất trình hàng hóa", "Goods presented", true },
    { "declaration.documents_checked", "Kiểm tra hồ sơ", "Documents checked", true },
    { "declaration.goods_checked", "Kiểm tra thực tế hàng hóa", "Goods checked", true },
    { "declaration.attached", "Đính kèm chứng từ", "Document attached", false },
    { "declaration.instructed", "Chỉ thị của hải quan", "Instruction of customs", false },
    { "declaration.answered", "Trả lời chỉ thị", "Instruction answered", false },
    { "declaration.instruction_closed", "Đóng chỉ thị", "Instruction closed", false },
    { "declaration.deadline_passed", "Quá thời hạn", "Deadline passed", false },
    { "declaration.channel_changed", "Chuyển luồng", "Channel changed", true },
    { "declaration.cancelled", "Hủy tờ khai", "Cancelled", true },
    { "declaration.released", "Giải phóng hàng", "Released", true },
    { "declaration.stored", "Đưa hàng về bảo quản", "Taken into storage", true },
    { "declaration.result_entered", "Ghi kết quả", "Result entered", true },
    { "declaration.moved_to_paper", "Chuyển sang khai giấy", "Moved to paper", true },
    { "declaration.held", "Tạm dừng", "Held", false },
    { "declaration.hold_lifted", "Dỡ bỏ tạm dừng", "Hold lifted", false },
    { "declaration.goods_inspected", "Kiểm tra hàng theo lệnh", "Goods inspected on order", false },
    { "declaration.passed", "Qua khu vực giám sát", "Passed", true },
    { "declaration.proposal_made", "Đề nghị lãnh đạo quyết định", "A decision was asked for",
      false },
    { "declaration.proposal_refused", "Đề nghị bị từ chối", "What was asked was refused", false },
    { "declaration.proposal_withdrawn", "Rút đề nghị", "What was asked was withdrawn", false },
    { "declaration.proposal_expired", "Đề nghị hết hiệu lực", "What was asked lapsed", false },
    { "declaration.customs_proposal_made", "Công chức đề xuất", "An officer proposed", false },
    { "declaration.customs_proposal_refused", "Đề xuất bị từ chối", "A proposal was refused",
      false },
    { "declaration.customs_proposal_withdrawn", "Rút đề xuất", "A proposal was withdrawn", false },
    { "declaration.customs_proposal_expired", "Đề xuất hết hiệu lực", "A proposal lapsed", false },
    { "declaration.paired", "Tờ khai nhập khẩu tại chỗ đã dùng", "Taken by an import on the spot",
      false },
    { "declaration.unpaired", "Tờ khai nhập khẩu tại chỗ đã trả lại",
      "Given back by the import on the spot", false },
    { "declaration.matter_opened", "Xử lý sai lệch", "Discrepancy taken up", false },
    { "declaration.violation_recorded", "Lập biên bản vi phạm", "Violation recorded", false },
    { "declaration.samples_taken", "Lấy mẫu", "Samples taken", false },
    { "declaration.samples_received", "Phòng kiểm định nhận mẫu", "Samples received", false },
    { "declaration.samples_analysed", "Có kết quả phân tích", "Samples analysed", false },
    { "declaration.value_consulted", "Tham vấn trị giá", "Value consulted", false },
    { "declaration.refused", "Từ chối thông quan", "Clearance refused", true },
    { "declaration.matter_closed", "Kết thúc xử lý sai lệch", "Discrepancy settled", false },
    { "declaration.passed_to_audit", "Chuyển kiểm tra sau thông quan",
      "Passed to the audit after clearance", false },
    { "declaration.matters_resolved", "Đã xử lý xong sai lệch", "All discrepancies settled",
      false },
    { "declaration.tax_settled", "Hoàn thành nghĩa vụ thuế", "Tax settled", true },
    { "declaration.cleared", "Thông quan", "Cleared", true },
    { "declaration.expired", "Hết hạn bản khai trước", "Pre-registration expired", true },
    { "declaration.clock_stopped", "Tạm dừng thời hạn kiểm tra", "Clock of the check stopped",
      true },
    { "declaration.clock_resumed", "Tiếp tục thời hạn kiểm tra", "Clock of the check goes on",
      true },
    { "declaration.check_extended", "Gia hạn kiểm tra hàng hóa", "Goods check extended", true },
    { "declaration.clocks_moved", "Lùi thời hạn do hệ thống ngừng", "Clocks moved by an outage",
      true },
    { "", "Sự kiện khác", "Another event", false },
};

const hq_clr__event_name *hq_clr__event_name_of(hq_sv kind)
{
    size_t i = 0;
    while (names[i].kind[0] != '\0' && !hq_sv_eq(kind, hq_sv_from_cstr(names[i].kind))) {
        i++;
    }
    return &names[i];
}

bool hq_clr__event_within_customs(hq_sv kind)
{
    return hq_sv_starts(kind, HQ_SV("declaration.customs_"));
}

void hq_clr__status_name_of(hq_sv *vi, hq_sv *en, hq_declaration_status status)
{
    static const char *const texts[HQ_DECLARATION_STATUS_COUNT][2] = {
        { "Đã khai trước, chờ đăng ký", "Pre-registered, to be registered" },
        { "Bản khai trước đã hết hạn", "Pre-registration expired" },
        { "Đã đăng ký", "Registered" },
        { "Đang kiểm tra hồ sơ", "Documents are being checked" },
        { "Đang kiểm tra thực tế hàng hóa", "Goods are being checked" },
        { "Chờ nộp thuế", "Waiting for the tax" },
        { "Giải phóng hàng", "Released" },
        { "Đưa hàng về bảo quản", "In the trader's storage" },
        { "Đã thông quan", "Cleared" },
        { "Đã qua khu vực giám sát", "Passed the supervision area" },
        { "Đã hủy", "Cancelled" },
        { "Chuyển sang khai giấy", "Moved to paper" },
    };
    *vi = hq_sv_from_cstr(texts[status][0]);
    *en = hq_sv_from_cstr(texts[status][1]);
}

hq_status hq_clr__events_of(hq_event_view **out, size_t *count, hq_clearance *clearance,
                            const hq_clr__row *row, hq_arena *arena)
{
    hq_cursor cur = { .in = row->positions };
    *count = 0;
    *out = HQ_NEW_ARRAY(arena, hq_event_view, row->positions.len / 8 + 1);
    if (*out == NULL) {
        return HQ_FAIL(NOMEM);
    }
    while (cur.at < row->positions.len && !cur.failed) {
        hq_event_view *view;
        size_t found;
        int64_t position = (int64_t)hq_cursor_le64(&cur);
        HQ_TRY(hq_journal_read(&view, &found, clearance->store, position - 1, 1, arena));
        if (found != 1 || view[0].position != position) {
            return HQ_FAIL(CORRUPT);
        }
        (*out)[(*count)++] = view[0];
    }
    return cur.failed ? HQ_FAIL(CORRUPT) : HQ_DONE;
}

/* ------------------------------------------------------------------ JSON */

typedef struct {
    hq_json_w *w;
    hq_clearance *clearance;
    const hq_ref *ref;
    const hq_clr__row *row;
    hq_arena *arena;
    bool customs; /* who reads */
} telling;

static void put_names(hq_json_w *w, const char *vi, const char *en)
{
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "vi");
    hq_json_text(w, hq_sv_from_cstr(vi));
    HQ_JSON_KEY(w, "en");
    hq_json_text(w, hq_sv_from_cstr(en));
    hq_json_close(w, '}');
}

static void put_span(const telling *t, hq_time_us from, hq_time_us to)
{
    HQ_JSON_KEY(t->w, "seconds");
    hq_json_i64(t->w, (to - from) / HQ_US_PER_SECOND);
    HQ_JSON_KEY(t->w, "working_seconds");
    hq_json_i64(t->w,
                hq_ref_working_time_between(t->ref, t->row->office, from, to) / HQ_US_PER_SECOND);
}

static void put_text_of(hq_json_w *w, const char *name, const hq_json *payload)
{
    hq_sv text = hq_json_get_text(payload, name);
    if (text.ptr != NULL) {
        hq_json_key_sv(w, hq_sv_from_cstr(name));
        hq_json_text(w, text);
    }
}

static void put_number_of(hq_json_w *w, const char *name, const hq_json *payload)
{
    int64_t number;
    if (hq_json_get_i64(&number, payload, name)) {
        hq_json_key_sv(w, hq_sv_from_cstr(name));
        hq_json_i64(w, number);
    }
}

/* What the payload says of the step itself. */
static void put_detail(const telling *t, const hq_event *event)
{
    const hq_json *payload;
    if (hq_failed(hq_json_parse_copy(&payload, event->payload, t->arena, NULL))) {
        return;
    }
    put_text_of(t->w, "status", payload);
    put_text_of(t->w, "channel", payload);
    put_text_of(t->w, "officer", payload);
    hq_sv officer = hq_clr__name_of(t->clearance, hq_json_get_text(payload, "officer"), t->arena);
    if (officer.len > 0) {
        HQ_JSON_KEY(t->w, "officer_name");
        hq_json_text(t->w, officer);
    }
    put_text_of(t->w, "result", payload);
    put_text_of(t->w, "due", payload);
    put_number_of(t->w, "instruction", payload);
    put_text_of(t->w, "instruction_kind", payload);
    put_text_of(t->w, "proposal", payload);
    put_text_of(t->w, "verb", payload);
    put_text_of(t->w, "for", payload);
    put_number_of(t->w, "matter", payload);
    put_text_of(t->w, "matter_kind", payload);
    put_text_of(t->w, "outcome", payload);
    put_text_of(t->w, "ground", payload);
    put_text_of(t->w, "hold", payload);
    put_text_of(t->w, "order", payload);
    put_text_of(t->w, "deadline", payload);
    put_number_of(t->w, "packages", payload);
    put_text_of(t->w, "attachment", payload);
    put_text_of(t->w, "attachment_kind", payload);
    put_text_of(t->w, "amendment", payload);
    put_text_of(t->w, "reason_code", payload);
    const hq_json *confirmed = hq_json_get(payload, "confirmed");
    if (confirmed != NULL) {
        HQ_JSON_KEY(t->w, "confirmed");
        hq_json_bool(t->w, confirmed->type == HQ_JSON_TRUE);
    }
}

static void put_step(const telling *t, const hq_event_view *view, hq_time_us before)
{
    const hq_event *event = &view->event;
    const hq_clr__event_name *name = hq_clr__event_name_of(event->kind);
    hq_json_open(t->w, '{');
    HQ_JSON_KEY(t->w, "event");
    hq_json_text(t->w, event->kind);
    HQ_JSON_KEY(t->w, "name");
    put_names(t->w, name->vi, name->en);
    HQ_JSON_KEY(t->w, "at");
    hq_json_time(t->w, event->at);
    HQ_JSON_KEY(t->w, "by");
    hq_json_text(t->w, event->actor);
    hq_sv actor = hq_clr__name_of(t->clearance, event->actor, t->arena);
    HQ_JSON_KEY(t->w, "by_name");
    hq_json_text_or_null(t->w, actor.len == 0 ? HQ_SV_NULL : actor);
    HQ_JSON_KEY(t->w, "office");
    hq_json_text(t->w, event->office);
    HQ_JSON_KEY(t->w, "version");
    hq_json_i64(t->w, event->version);
    HQ_JSON_KEY(t->w, "position");
    hq_json_i64(t->w, view->position);
    put_detail(t, event);
    HQ_JSON_KEY(t->w, "after");
    hq_json_open(t->w, '{');
    put_span(t, before, event->at);
    hq_json_close(t->w, '}');
    hq_json_close(t->w, '}');
}

static bool finished(hq_declaration_status status)
{
    return status == HQ_DECLARATION_EXPIRED || status == HQ_DECLARATION_CLEARED ||
           status == HQ_DECLARATION_PASSED || status == HQ_DECLARATION_CANCELLED ||
           status == HQ_DECLARATION_MANUAL;
}

/* What it waits for now, since when, until when by which law. */
static void put_waiting(const telling *t, hq_time_us since, hq_time_us now)
{
    static const char *const grounds[HQ_DECLARATION_STATUS_COUNT][2] = {
        [HQ_DECLARATION_PREREGISTERED] = { "Khoản 6 Điều 18 Thông tư 38/2015/TT-BTC: 7 ngày",
                                           "Circular 38/2015/TT-BTC Art 18(6): 7 days" },
        [HQ_DECLARATION_DOCUMENT_CHECK] = { "Điểm a khoản 2 Điều 23 Luật Hải quan 54/2014/QH13: 2 "
                                            "giờ làm việc",
                                            "Customs Law 54/2014/QH13 Art 23(2)a: 2 working "
                                            "hours" },
        [HQ_DECLARATION_GOODS_CHECK] = { "Điểm b khoản 2 Điều 23 Luật Hải quan 54/2014/QH13: 8 giờ "
                                         "làm việc",
                                         "Customs Law 54/2014/QH13 Art 23(2)b: 8 working hours" },
    };
    const char *const *ground = grounds[t->row->status];
    hq_sv vi;
    hq_sv en;
    HQ_JSON_KEY(t->w, "waiting");
    if (finished(t->row->status)) {
        hq_json_null(t->w);
        return;
    }
    hq_clr__status_name_of(&vi, &en, t->row->status);
    hq_json_open(t->w, '{');
    HQ_JSON_KEY(t->w, "name");
    hq_json_open(t->w, '{');
    HQ_JSON_KEY(t->w, "vi");
    hq_json_text(t->w, vi);
    HQ_JSON_KEY(t->w, "en");
    hq_json_text(t->w, en);
    hq_json_close(t->w, '}');
    HQ_JSON_KEY(t->w, "since");
    hq_json_time(t->w, since);
    put_span(t, since, now);
    HQ_JSON_KEY(t->w, "due");
    if (t->row->due_at == 0) {
        hq_json_null(t->w);
    } else {
        hq_json_time(t->w, t->row->due_at);
    }
    HQ_JSON_KEY(t->w, "late");
    hq_json_bool(t->w, t->row->due_at != 0 && now > t->row->due_at);
    HQ_JSON_KEY(t->w, "ground");
    if (ground[0] == NULL) {
        hq_json_null(t->w);
    } else {
        put_names(t->w, ground[0], ground[1]);
    }
    hq_json_close(t->w, '}');
}

static void put_timeline(const telling *t, const hq_event_view *events, size_t count,
                         hq_time_us now)
{
    char number[12];
    hq_time_us before = count == 0 ? t->row->created_at : events[0].event.at;
    hq_json_open(t->w, '{');
    HQ_JSON_KEY(t->w, "number");
    hq_json_text(t->w, hq_declaration_number_write(number, t->row->id, 0));
    HQ_JSON_KEY(t->w, "status");
    hq_json_text(t->w, hq_sv_from_cstr(hq_declaration_status_name(t->row->status)));
    HQ_JSON_KEY(t->w, "items");
    hq_json_open(t->w, '[');
    for (size_t i = 0; i < count; i++) {
        if (t->customs || !hq_clr__event_within_customs(events[i].event.kind)) {
            put_step(t, &events[i], before);
            before = events[i].event.at;
        }
    }
    hq_json_close(t->w, ']');
    HQ_JSON_KEY(t->w, "next");
    hq_json_null(t->w);
    put_waiting(t, before, now);
    hq_json_close(t->w, '}');
}

hq_status hq_clr__get_timeline(hq_request *request, void *room)
{
    hq_clearance *clearance = room;
    hq_clr__row row;
    hq_event_view *events;
    size_t count;
    HQ_TRY(hq_clr__find(&row, request, clearance, false, HQ_MAY_SEE));
    HQ_TRY(hq_clr__events_of(&events, &count, clearance, &row, request->arena));
    request->answer.body = HQ_BUF_ARENA(request->arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&request->answer.body);
    telling t = { .w = &w, .clearance = clearance, .row = &row, .arena = request->arena };
    t.customs = hq_clr__is_customs(request->caller);
    t.ref = hq_reference_acquire(clearance->reference);
    put_timeline(&t, events, count, hq_now(clearance->clock));
    hq_reference_release(clearance->reference, t.ref);
    return hq_buf_status(&request->answer.body);
}
