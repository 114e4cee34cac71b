/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/demo.h"

/* Invented shipments over the goods of the demo tables. */

const hq_demo_trader hq_demo_traders[] = {
    { "9900000016", "Công ty TNHH Ví dụ An Bình",
      "Số 1, đường Ví dụ, tỉnh Lạng Sơn (địa chỉ bịa)" },
    { "9900000023", "Công ty TNHH Ví dụ Bình Minh",
      "Số 2, đường Ví dụ, tỉnh Quảng Ninh (địa chỉ bịa)" },
    { "9900000030", "Công ty CP Ví dụ Cao Lộc", "Số 3, đường Ví dụ, tỉnh Lạng Sơn (địa chỉ bịa)" },
};
const size_t hq_demo_trader_count = sizeof hq_demo_traders / sizeof hq_demo_traders[0];

typedef struct {
    const char *hs, *description, *unit;
    int cents;       /* price of one unit in US cents */
    int least, most; /* units */
} goods;

static const goods imported[] = {
    { "84818099", "Van và vòi bằng thép không gỉ DN50, mới 100%", "PCE", 6150, 100, 1000 },
    { "08083000", "Quả lê tươi, đóng thùng 10 kg", "KGM", 95, 4000, 20000 },
    { "39269099", "Phụ kiện nhựa cho dây chuyền đóng gói, mới 100%", "KGM", 410, 200, 3000 },
    { "85423900", "Mạch tích hợp dùng cho bảng điều khiển, mới 100%", "PCE", 185, 1000, 20000 },
    { "60063290", "Vải dệt kim từ xơ polyeste, đã nhuộm, khổ 160 cm", "KGM", 720, 500, 9000 },
    { "66019900", "Ô gấp cầm tay, cán kim loại, mới 100%", "PCE", 260, 500, 6000 },
    { "73239390", "Nồi và chảo bằng thép không gỉ, mới 100%", "KGM", 540, 300, 4000 },
    { "84717020", "Ổ đĩa cứng 1 TB, mới 100%", "PCE", 4200, 50, 800 },
    { "85076031", "Ắc quy lithi-ion cho máy tính xách tay, mới 100%", "PCE", 1850, 100, 900 },
    { "94049000", "Gối và chăn bông, vỏ vải, mới 100%", "PCE", 890, 100, 2500 },
    { "63023100", "Khăn trải giường từ bông, 180 x 200 cm, mới 100%", "PCE", 640, 100, 2500 },
    { "33049930", "Kem dưỡng da mặt, tuýp 50 ml", "KGM", 2100, 50, 700 },
    { "22030091", "Bia lon 330 ml, 4,6 % cồn", "LTR", 108, 1000, 9000 },
    { "85171300", "Điện thoại thông minh 128 GB, mới 100%", "PCE", 16000, 20, 300 },
};
static const goods exported[] = {
    { "08106000", "Quả sầu riêng tươi, loại 1", "KGM", 390, 3000, 18000 },
    { "08109092", "Quả thanh long tươi ruột đỏ", "KGM", 80, 5000, 19000 },
    { "09041120", "Hạt tiêu đen chưa xay", "KGM", 510, 1000, 9000 },
};

typedef struct {
    hq_json_w json;
    hq_demo *demo;
    const hq_demo_trader *trader;
    hq_day today;
    bool import;
    int64_t total_cents;
} writing;

static void put(writing *w, const char *name, const char *value)
{
    hq_json_key_sv(&w->json, hq_sv_from_cstr(name));
    hq_json_text(&w->json, hq_sv_from_cstr(value));
}

static void put_cents(writing *w, const char *name, int64_t cents)
{
    hq_json_key_sv(&w->json, hq_sv_from_cstr(name));
    hq_json_decimal(&w->json, (hq_decimal){ cents, 2 });
}

static void put_number(writing *w, const char *name, const char *prefix, int number)
{
    char text[40];
    hq_buf to = { .ptr = text, .cap = sizeof text, .ceiling = sizeof text };
    hq_buf_printf(&to, "%s%05d", prefix, number);
    hq_json_key_sv(&w->json, hq_sv_from_cstr(name));
    hq_json_text(&w->json, hq_buf_view(&to));
}

static void put_day(writing *w, const char *name, hq_day day)
{
    hq_json_key_sv(&w->json, hq_sv_from_cstr(name));
    hq_json_day(&w->json, day);
}

static void put_amount(writing *w, const char *name, const char *amount, const char *unit)
{
    hq_json_key_sv(&w->json, hq_sv_from_cstr(name));
    hq_json_open(&w->json, '{');
    put(w, "amount", amount);
    put(w, "unit", unit);
    hq_json_close(&w->json, '}');
}

static void put_parties(writing *w, const char *agent)
{
    hq_json_key_sv(&w->json, w->import ? HQ_SV("importer") : HQ_SV("exporter"));
    hq_json_open(&w->json, '{');
    put(w, "tax_code", w->trader->tax_code);
    put(w, "name", w->trader->name);
    put(w, "address", w->trader->address);
    hq_json_close(&w->json, '}');
    hq_json_key_sv(&w->json, w->import ? HQ_SV("exporter") : HQ_SV("importer"));
    hq_json_open(&w->json, '{');
    put(w, "name", "Example Trading Co., Ltd (invented)");
    put(w, "address", "1 Sample Road, Pingxiang (invented)");
    put(w, "country", "CN");
    hq_json_close(&w->json, '}');
    if (agent != NULL) {
        HQ_JSON_KEY(&w->json, "agent");
        hq_json_open(&w->json, '{');
        put(w, "tax_code", agent);
        hq_json_close(&w->json, '}');
    }
}

static void put_transport(writing *w)
{
    put(w, "transport_mode", "4");
    HQ_JSON_KEY(&w->json, "packages");
    hq_json_open(&w->json, '{');
    HQ_JSON_KEY(&w->json, "count");
    hq_json_i64(&w->json, 40 + hq_demo_draw(w->demo, 900));
    put(w, "unit", "CT");
    hq_json_close(&w->json, '}');
    put_amount(w, "gross_weight", "12340.500", "KGM");
    put(w, "storage_place", "15BBC01");
    put_number(w, "conveyance", "12C-", 10000 + (int)hq_demo_draw(w->demo, 80000));
    put_day(w, w->import ? "arrival_date" : "departure_date", w->today);
    put(w, "loading_place", w->import ? "CNPIN" : "VNHNG");
    put(w, "unloading_place", w->import ? "VNHNG" : "CNPIN");
}

static void put_line(writing *w, const goods *g)
{
    int units = g->least + (int)hq_demo_draw(w->demo, (uint32_t)(g->most - g->least));
    int64_t cents = (int64_t)units * g->cents;
    w->total_cents += cents;
    hq_json_open(&w->json, '{');
    put(w, "hs", g->hs);
    put(w, "description", g->description);
    put(w, "origin", w->import ? "CN" : "VN");
    if (w->import) {
        put(w, "scheme", "B01");
    }
    HQ_JSON_KEY(&w->json, "quantity");
    hq_json_open(&w->json, '{');
    put_cents(w, "amount", (int64_t)units * 100);
    put(w, "unit", g->unit);
    hq_json_close(&w->json, '}');
    put_cents(w, "unit_price", g->cents);
    put_cents(w, "invoice_value", cents);
    hq_json_close(&w->json, '}');
}

static void put_lines(writing *w)
{
    const goods *all = w->import ? imported : exported;
    uint32_t kinds =
        w->import ? sizeof imported / sizeof imported[0] : sizeof exported / sizeof exported[0];
    uint32_t count = 1 + hq_demo_draw(w->demo, w->import ? 4 : 2);
    uint32_t first = hq_demo_draw(w->demo, kinds);
    HQ_JSON_KEY(&w->json, "lines");
    hq_json_open(&w->json, '[');
    for (uint32_t i = 0; i < count; i++) {
        put_line(w, &all[(first + i) % kinds]);
    }
    hq_json_close(&w->json, ']');
}

static void put_invoice(writing *w)
{
    HQ_JSON_KEY(&w->json, "invoice");
    hq_json_open(&w->json, '{');
    put_number(w, "number", "VD-", w->demo->filed);
    put_day(w, "date", w->today - 1 - (hq_day)hq_demo_draw(w->demo, 9));
    put(w, "payment_method", "TTR");
    put(w, "price_kind", "A");
    put(w, "incoterm", w->import ? "CIF" : "FOB");
    put(w, "currency", "USD");
    put_cents(w, "total", w->total_cents);
    hq_json_close(&w->json, '}');
}

void hq_demo_declaration(hq_buf *out, hq_demo *demo, const hq_demo_trader *trader,
                         const char *agent_tax_code, hq_day today)
{
    writing w = { .json = hq_json_writer(out), .demo = demo, .trader = trader, .today = today };
    w.import = hq_demo_draw(demo, 4) > 0;
    demo->filed++;
    hq_json_open(&w.json, '{');
    put(&w, "flow", w.import ? "import" : "export");
    put(&w, "kind", w.import ? "A11" : "B11");
    put(&w, "office", "15BB");
    put(&w, "parties", "4");
    put_parties(&w, agent_tax_code);
    HQ_JSON_KEY(&w.json, "bills");
    hq_json_open(&w.json, '[');
    hq_buf number = HQ_BUF_HEAP(64);
    hq_buf_printf(&number, "VD%07d", demo->filed);
    hq_json_text(&w.json, hq_buf_view(&number));
    hq_buf_free(&number);
    hq_json_close(&w.json, ']');
    put_transport(&w);
    put_lines(&w);
    put_invoice(&w);
    HQ_JSON_KEY(&w.json, "valuation");
    hq_json_open(&w.json, '{');
    put(&w, "method", "6");
    hq_json_close(&w.json, '}');
    HQ_JSON_KEY(&w.json, "payment");
    hq_json_open(&w.json, '{');
    put(&w, "term", "D");
    hq_json_close(&w.json, '}');
    put_number(&w, "reference", "DEMO", demo->filed);
    hq_json_close(&w.json, '}');
}
