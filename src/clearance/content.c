/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/content.h"

#include <pthread.h>

/* A packed document: its format (1), the length of the document (le32), what it is found by
 * (bytes32), then the document packed with the words of that format. */

enum { FORMAT = 1 };

/* Words of format 1. They are part of every row that was written with them: never a byte of this
 * may change; other words are a new format beside this one. All fields of a declaration, in the
 * order of the contract, rare ones first. */
static const char words_1[] =
    "\"principal\":{\"tax_code\":\"0\",\"name\":\"CÔNG TY CỔ PHẦN \",\"address\":\"Số \","
    "\"cargo_class\":\"A\",\"permits\":[{\"kind\":\"\",\"number\":\"\"}],\"adjustments\":[{"
    "\"code\":"
    "\"A\",\"sign\":\"AD\",\"currency\":\"VND\",\"amount\":\"\",\"lines\":[1,2],\"base\":\"\","
    "\"prior\":\"\"}],\"invoice_total_all\":\"\",\"invoice_prior\":\"\",\"guarantee\":\"\","
    "\"departure_date\":\"2026-\",\"notes\":\"\",\"customs_value\":1000000,\"exemption\":{\"code\":"
    "\"XN\",\"reduction\":0},\"condition\":\"\",\"origin_proof\":{\"form\":\"E\",\"number\":\"\","
    "\"date\":\"2026-\"},\"permit_lines\":[1],\"producer\":\"\",\"quantity2\":{\"amount\":\"\","
    "\"unit\":\"KGM\"},\"unit\":\"MTR\"},\"unit\":\"SET\"},\"unit\":\"LTR\"},\"unit\":\"MTK\"},"
    "\"origin\":\"JP\",\"scheme\":\"B04\",\"origin\":\"KR\",\"scheme\":\"B10\",\"origin\":\"TH\","
    "\"scheme\":\"B05\",{\"tax\":\"IMPORT\"},{\"tax\":\"EXPORT\"},{\"tax\":\"EPT\"},{\"tax\":"
    "\"AD\"},"
    "{\"tax\":\"SCT\"},{\"tax\":\"VAT\"}]},{\"flow\":\"export\",\"kind\":\"B11\",{\"flow\":"
    "\"import\","
    "\"kind\":\"A11\",\"office\":\"0\",\"transport_mode\":\"2\",\"parties\":\"4\",\"importer\":{"
    "\"tax_code\":\"0\",\"name\":\"CÔNG TY TNHH \",\"address\":\"\",\"phone\":\"+84\"},"
    "\"exporter\":{\"code\":\"\",\"name\":\" CO LTD\",\"address\":\"\",\"country\":\"CN\"},"
    "\"agent\":{\"tax_code\":\"0\"},\"bills\":[\"\"],\"packages\":{\"count\":1,\"unit\":\"CT\"},"
    "\"gross_weight\":{\"amount\":\"1\",\"unit\":\"KGM\"},\"storage_place\":\"0\",\"conveyance\":"
    "\"\","
    "\"arrival_date\":\"2026-\",\"loading_place\":\"CN\",\"unloading_place\":\"VN\","
    "\"containers\":[\"\",\"\"],\"invoice\":{\"number\":\"INV\",\"date\":\"2026-\","
    "\"payment_method\":\"TTR\",\"price_kind\":\"A\",\"incoterm\":\"CIF\",\"currency\":\"USD\","
    "\"total\":\"\"},\"valuation\":{\"method\":\"1\",\"freight\":{\"kind\":\"A\",\"currency\":"
    "\"USD\","
    "\"amount\":\"\"},\"insurance\":{\"kind\":\"A\",\"currency\":\"USD\",\"amount\":\"\"}},"
    "\"payment\":{\"term\":\"D\"},\"reference\":\"\",\"lines\":[{\"hs\":\"8\",\"description\":\""
    " Hàng mới 100%\",\"origin\":\"CN\",\"scheme\":\"B01\",\"quantity\":{\"amount\":\"1\",\"unit\":"
    "\"PCE\"},\"unit_price\":\"\",\"invoice_value\":\"\",\"taxes\":[{\"tax\":\"VAT\"}]},{\"hs\":\"";

/* Lives as long as the process. */
static hq_dictionary *dictionary_1;

static void make_dictionary(void)
{
    dictionary_1 = hq_dictionary_new(hq_sv_make(words_1, sizeof words_1 - 1));
}

static hq_status dictionary(const hq_dictionary **out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_dictionary);
    *out = dictionary_1;
    return dictionary_1 == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

hq_status hq_clr__content_pack(hq_clr__row *row, hq_arena *arena)
{
    const hq_dictionary *words;
    hq_buf packed = HQ_BUF_ARENA(arena, 2 * HQ_CLR__RECORD_MAX);
    HQ_TRY(dictionary(&words));
    /* At once what packing asks for at worst: a growing buffer would leave its first place. */
    hq_buf_reserve(&packed, 64 + row->words.len + row->body.len + row->body.len / 255);
    hq_buf_char(&packed, FORMAT);
    hq_buf_le32(&packed, (uint32_t)row->body.len);
    hq_buf_bytes32(&packed, row->words);
    HQ_TRY(hq_buf_status(&packed));
    HQ_TRY(hq_pack(&packed, row->body, words));
    row->packed = hq_buf_view(&packed);
    row->packed_of = row->body.ptr;
    return HQ_DONE;
}

/* ------------------------------------------------------------------ back */

typedef struct {
    uint32_t len; /* of the document */
    hq_sv words, packed;
} stored;

static hq_status split(stored *out, hq_sv packed)
{
    hq_cursor cur = { .in = packed };
    uint8_t format = hq_cursor_u8(&cur);
    out->len = hq_cursor_le32(&cur);
    out->words = hq_cursor_bytes32(&cur);
    out->packed = hq_cursor_take(&cur, packed.len - cur.at);
    bool sound = format == FORMAT && !cur.failed && out->len <= HQ_CLR__RECORD_MAX;
    return sound ? HQ_DONE : HQ_FAIL(CORRUPT);
}

static hq_status unpack(hq_buf *body, const stored *from)
{
    const hq_dictionary *words;
    HQ_TRY(dictionary(&words));
    return hq_unpack(body, from->len, from->packed, words);
}

hq_status hq_clr__content_unpack(hq_clr__row *row, hq_sv packed, hq_arena *arena)
{
    stored from;
    hq_buf body = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX + 1);
    if (packed.len == 0) {
        return HQ_DONE;
    }
    /* A row has one or the other. */
    if (row->body.len > 0 || row->words.len > 0) {
        return HQ_FAIL(CORRUPT);
    }
    HQ_TRY(split(&from, packed));
    HQ_TRY(unpack(&body, &from));
    row->body = hq_buf_view(&body);
    row->words = hq_arena_dup(arena, from.words);
    return row->words.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

hq_status hq_clr__words_read(hq_sv *out, hq_sv words, hq_sv packed, hq_clr__words_room *room)
{
    stored from = { .words = words };
    room->body.len = room->text.len = 0;
    if (packed.len > 0) {
        HQ_TRY(split(&from, packed));
    }
    if (packed.len > 0 && hq_clr__words_need_body(from.words)) {
        HQ_TRY(unpack(&room->body, &from));
    }
    HQ_TRY(hq_clr__words_fold(&room->text, from.words, hq_buf_view(&room->body), room->arena));
    *out = room->text.len == 0 ? HQ_SV("") : hq_buf_view(&room->text);
    return HQ_DONE;
}
