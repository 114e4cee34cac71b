/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/demo.h"

/* Invented accounts of goods of the first trader: an exemption list, a contract for processing and
 * temporary goods, each with something drawn from it. They stand there once, in a new demo. */

#define TRADER "anbinh"
#define CHIEF  "lanhdao"

typedef struct {
    hq_demo *demo;
    hq_arena *arena;
    hq_sv day, year_on; /* today, and the same day next year */
} stage;

static hq_sv day_text(hq_arena *arena, hq_day day)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 16);
    hq_day_write(&buf, day);
    return hq_buf_view(&buf);
}

/* Registers what `lines` describes and has the office approve it: its number, ptr NULL refused. */
static hq_sv declare(stage *s, const char *kind, const char *number, const char *title,
                     const char *lines)
{
    const hq_json *answer;
    hq_sv body = hq_arena_printf(
        s->arena,
        "{\"kind\":\"%s\",%s\"office\":\"15BB\",\"title\":\"%s\",\"valid_from\":\"%.*s\","
        "\"valid_to\":\"%.*s\",\"lines\":[%s]}",
        kind, number, title, HQ_SV_FMT(s->day), HQ_SV_FMT(s->year_on), lines);
    if (!hq_demo_act(&answer, s->demo, TRADER, HQ_POST, HQ_SV("/api/v1/balances"), body,
                     s->arena)) {
        return HQ_SV_NULL;
    }
    hq_sv id = hq_json_get_text(answer, "id");
    hq_sv given = hq_json_get_text(answer, "number");
    hq_sv target = hq_arena_printf(s->arena, "/api/v1/balances/%.*s/approval", HQ_SV_FMT(id));
    return hq_demo_act(&answer, s->demo, CHIEF, HQ_POST, target, HQ_SV("{}"), s->arena)
               ? given
               : HQ_SV_NULL;
}

/* Files and registers a declaration of one line; its number. */
static hq_sv file(stage *s, bool import, const char *kind, const char *more, const char *line,
                  const char *value)
{
    const hq_json *answer;
    static const char *const home =
        "{\"tax_code\":\"9900000016\",\"name\":\"Công ty TNHH Ví dụ An Bình\",\"address\":\"Số 1, "
        "đường Ví dụ, tỉnh Lạng Sơn (địa chỉ bịa)\"}";
    static const char *const abroad =
        "{\"name\":\"Example Trading Co., Ltd (invented)\",\"address\":\"1 Sample Road, Pingxiang "
        "(invented)\",\"country\":\"CN\"}";
    hq_sv body = hq_arena_printf(
        s->arena,
        "{\"flow\":\"%s\",\"kind\":\"%s\",\"office\":\"15BB\",\"transport_mode\":\"4\","
        "\"parties\":\"4\",\"importer\":%s,\"exporter\":%s,\"bills\":[\"VDB-%s\"],"
        "\"packages\":{\"count\":40,\"unit\":\"CT\"},\"gross_weight\":{\"amount\":\"1240.500\","
        "\"unit\":\"KGM\"},\"storage_place\":\"15BBC01\",\"conveyance\":\"12C-34567\","
        "\"%s\":\"%.*s\",\"loading_place\":\"%s\",\"unloading_place\":\"%s\",\"invoice\":{"
        "\"number\":\"VDB-%s\",\"date\":\"%.*s\",\"payment_method\":\"TTR\",\"price_kind\":\"A\","
        "\"incoterm\":\"%s\",\"currency\":\"USD\",\"total\":\"%s\"},\"valuation\":{\"method\":"
        "\"6\"},\"payment\":{\"term\":\"D\"},\"reference\":\"DEMO-%s\",%s\"lines\":[{%s,"
        "\"invoice_value\":\"%s\"}]}",
        import ? "import" : "export", kind, import ? home : abroad, import ? abroad : home, kind,
        import ? "arrival_date" : "departure_date", HQ_SV_FMT(s->day), import ? "CNPIN" : "VNHNG",
        import ? "VNHNG" : "CNPIN", kind, HQ_SV_FMT(s->day), import ? "CIF" : "FOB", value, kind,
        more, line, value);
    return hq_demo_act(&answer, s->demo, TRADER, HQ_POST,
                       HQ_SV("/api/v1/declarations?mode=register"), body, s->arena)
               ? hq_json_get_text(answer, "number")
               : HQ_SV_NULL;
}

static const char *cstr(stage *s, hq_sv text)
{
    const char *copy = hq_arena_cstr(s->arena, text);
    return copy == NULL ? "" : copy;
}

static void exemption_list(stage *s)
{
    hq_sv list = declare(s, "EXEMPTION_LIST", "", "Máy móc tạo tài sản cố định, dự án bịa",
                         "{\"hs\":\"8481\",\"description\":\"Van công nghiệp\",\"quantity\":{"
                         "\"amount\":\"500\",\"unit\":\"PCE\"}},{\"hs\":\"8471\",\"description\":"
                         "\"Thiết bị lưu trữ\",\"quantity\":{\"amount\":\"40\",\"unit\":\"PCE\"}}");
    hq_sv line = hq_arena_printf(
        s->arena,
        "\"hs\":\"84818099\",\"description\":\"Van thép không gỉ DN50, mới 100%%\",\"origin\":"
        "\"CN\",\"scheme\":\"B01\",\"quantity\":{\"amount\":\"120\",\"unit\":\"PCE\"},"
        "\"unit_price\":\"61.5\",\"list\":{\"number\":\"%.*s\",\"line\":1}",
        HQ_SV_FMT(list));
    if (list.ptr != NULL) {
        file(s, true, "A12", "", cstr(s, line), "7380");
    }
}

static void processing(stage *s)
{
    hq_sv contract =
        declare(s, "PROCESSING", "\"number\":\"HD-GC-01\",", "Gia công ô gấp cho đối tác bịa",
                "{\"role\":\"MATERIAL\",\"code\":\"VAI01\",\"hs\":\"6006\",\"description\":\"Vải "
                "dệt kim\",\"quantity\":{\"unit\":\"KGM\"}},{\"role\":\"PRODUCT\",\"code\":"
                "\"O01\",\"hs\":\"66019900\",\"description\":\"Ô gấp cầm tay\",\"quantity\":{"
                "\"amount\":\"5000\",\"unit\":\"PCE\"},\"norms\":[{\"line\":1,\"quantity\":"
                "\"0.28\"}]}");
    if (contract.ptr == NULL) {
        return;
    }
    hq_sv in = file(s, true, "E21", "",
                    "\"hs\":\"60063290\",\"description\":\"Vải dệt kim đã nhuộm\",\"origin\":"
                    "\"CN\",\"scheme\":\"B01\",\"management_code\":\"VAI01\",\"quantity\":{"
                    "\"amount\":\"900\",\"unit\":\"KGM\"},\"unit_price\":\"7.2\",\"contract\":{"
                    "\"number\":\"HD-GC-01\",\"line\":1}",
                    "6480");
    if (in.ptr == NULL) {
        return;
    }
    hq_demo_pay(s->demo, in, s->arena);
    file(s, false, "E52", "",
         "\"hs\":\"66019900\",\"description\":\"Ô gấp cầm tay\",\"origin\":\"VN\","
         "\"management_code\":\"O01\",\"quantity\":{\"amount\":\"1500\",\"unit\":\"PCE\"},"
         "\"unit_price\":\"2.6\",\"contract\":{\"number\":\"HD-GC-01\",\"line\":2}",
         "3900");
}

static void temporary(stage *s)
{
    hq_day today = hq_day_of(hq_now(s->demo->house->clock));
    hq_sv limit = day_text(s->arena, today + 30);
    hq_sv more = hq_arena_printf(s->arena, "\"reexport_limit\":\"%.*s\",", HQ_SV_FMT(limit));
    hq_sv in = file(s, true, "G12", cstr(s, more),
                    "\"hs\":\"84717020\",\"description\":\"Ổ đĩa cứng 1 TB mượn để thử "
                    "nghiệm\",\"origin\":\"CN\",\"scheme\":\"B01\",\"quantity\":{\"amount\":"
                    "\"60\",\"unit\":\"PCE\"},\"unit_price\":\"42\"",
                    "2520");
    if (in.ptr == NULL) {
        return;
    }
    hq_demo_pay(s->demo, in, s->arena);
    hq_sv line = hq_arena_printf(
        s->arena,
        "\"hs\":\"84717020\",\"description\":\"Ổ đĩa cứng 1 TB trả lại\",\"origin\":\"CN\","
        "\"quantity\":{\"amount\":\"25\",\"unit\":\"PCE\"},\"unit_price\":\"42\",\"temporary\":{"
        "\"declaration\":\"%.*s\",\"line\":1}",
        HQ_SV_FMT(in));
    file(s, false, "G22", "", cstr(s, line), "1050");
}

void hq_demo_balances(hq_demo *demo, hq_arena *arena)
{
    hq_day today = hq_day_of(hq_now(demo->house->clock));
    stage s = { .demo = demo, .arena = arena };
    s.day = day_text(arena, today);
    s.year_on = day_text(arena, today + 365);
    exemption_list(&s);
    processing(&s);
    temporary(&s);
}
