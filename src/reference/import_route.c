/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/holder.h"

/* POST of a CSV file, by those who answer for the whole country. */

static hq_status write_report(hq_request *request, const hq_import_report *report)
{
    request->answer.body = HQ_BUF_ARENA(request->arena, (size_t)4 << 20);
    hq_json_w json = hq_json_writer(&request->answer.body);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "version");
    hq_json_i64(&json, report->version);
    HQ_JSON_KEY(&json, "added");
    hq_json_i64(&json, report->added);
    HQ_JSON_KEY(&json, "changed");
    hq_json_i64(&json, report->changed);
    HQ_JSON_KEY(&json, "closed");
    hq_json_i64(&json, report->closed);
    HQ_JSON_KEY(&json, "unchanged");
    hq_json_i64(&json, report->unchanged);
    HQ_JSON_KEY(&json, "report");
    hq_json_text(&json, report->report);
    hq_json_close(&json, '}');
    return hq_buf_status(&request->answer.body);
}

static hq_status check_reach(hq_request *request, hq_reference *reference)
{
    if (reference->office == NULL || request->caller == NULL) {
        return HQ_DONE;
    }
    hq_sv office = reference->office(request->caller);
    const hq_ref *ref = hq_reference_acquire(reference);
    const hq_office_row *row = hq_ref_office(ref, office, hq_day_of(request->received_at));
    bool whole = office.len == 0 || (row != NULL && row->parent.len == 0);
    hq_reference_release(reference, ref);
    if (whole) {
        return HQ_DONE;
    }
    request->answer.why = (hq_why){
        .vi = HQ_SV("Bảng tham chiếu dùng chung cho cả nước; đề nghị đơn vị cao nhất nhập"),
        .en = HQ_SV("Reference tables are those of the whole country; ask the highest office to "
                    "import them"),
    };
    return HQ_FAIL(FORBIDDEN);
}

hq_status hq_ref__post_table(hq_request *request, void *room)
{
    hq_reference *reference = room;
    hq_import_report report;
    hq_import_options options = {
        .actor = reference->actor == NULL || request->caller == NULL
                     ? HQ_SV("system")
                     : reference->actor(request->caller),
        .dry_run = hq_sv_eq(hq_request_query(request, "mode"), HQ_SV("dry_run")),
    };
    HQ_TRY(check_reach(request, reference));
    HQ_TRY(hq_ref__day_parameter(&options.close_missing, request, "close_missing", 0));
    HQ_TRY(hq_reference_import(&report, reference, request->params[0], request->body, &options,
                               request->arena, &request->answer.findings,
                               &request->answer.finding_count, &request->answer.why));
    return write_report(request, &report);
}
