/* SPDX-License-Identifier: Apache-2.0 */
#include "balance/room.h"

/* A list or contract as its holder writes it: read, registered, put into the place of what was
 * there. */

#define TITLE_MAX 300
#define UNIT_MAX  4

typedef struct {
    hq_bal__draft *draft;
    hq_bal__found *found;
    const hq_ref *ref;
    hq_day day;
    hq_arena *arena;
} reading;

static bool is_contract(hq_account_kind kind)
{
    return kind == HQ_ACCOUNT_PROCESSING || kind == HQ_ACCOUNT_EXPORT_PRODUCTION;
}

/* ------------------------------------------------------------------ norms */

static void read_norm(reading *r, hq_bal__line *product, const hq_json *object, hq_sv path)
{
    static const hq_sv names[] = { { "line", 4 }, { "quantity", 8 } };
    hq_bal__at at = { r->found, object, path };
    if (object->type != HQ_JSON_OBJECT) {
        hq_bal__find(r->found, "H8002", path, object,
                     HQ_SV("Định mức là đối tượng {\"line\": dòng vật tư, \"quantity\": lượng}"),
                     HQ_SV("A norm is an object {\"line\": material, \"quantity\": amount}"));
        return;
    }
    hq_bal__only(r->found, object, path, names, 2);
    int64_t line = hq_bal__whole(&at, "line", 9999, true);
    int64_t quantity = hq_bal__quantity(&at, "quantity", HQ_BAL__SCALE, true);
    for (size_t i = 0; i < product->norm_count; i++) {
        if (line > 0 && product->norms[i].material == (uint32_t)line) {
            hq_bal__find(r->found, "H8012", hq_bal__below(r->found, path, "line"),
                         hq_json_get(object, "line"),
                         HQ_SV("Vật tư này có hai định mức cho cùng sản phẩm"),
                         HQ_SV("This material has two norms for the same product"));
        }
    }
    product->norms[product->norm_count++] =
        (hq_bal__norm){ (uint32_t)line, quantity < 0 ? 0 : quantity };
}

static void read_norms(reading *r, hq_bal__line *line, const hq_json *object, hq_sv path)
{
    const hq_json *norms = hq_json_get(object, "norms");
    hq_sv below = hq_bal__below(r->found, path, "norms");
    size_t count = 0;
    if (norms == NULL || norms->type == HQ_JSON_NULL) {
        return;
    }
    if (norms->type != HQ_JSON_ARRAY || norms->count > HQ_BAL__NORMS_MAX ||
        line->role != HQ_BAL__PRODUCT) {
        hq_bal__find(r->found, "H8013", below, norms,
                     HQ_SV("Định mức là danh sách tối đa 200 phần tử của dòng sản phẩm (PRODUCT)"),
                     HQ_SV("Norms are a list of at most 200 elements of a PRODUCT line"));
        return;
    }
    line->norms = HQ_NEW_ARRAY(r->arena, hq_bal__norm, norms->count + 1);
    for (const hq_json *n = hq_json_first(norms); n != NULL && line->norms != NULL;
         n = hq_json_next(norms, n)) {
        read_norm(r, line, n, hq_arena_printf(r->arena, "%.*s/%zu", HQ_SV_FMT(below), count++));
    }
}

/* Norms name materials of the same contract. */
static void check_norms(reading *r, const hq_bal__line *product, size_t index)
{
    const hq_bal__draft *d = r->draft;
    for (size_t i = 0; i < product->norm_count; i++) {
        bool found = product->norms[i].material == 0; /* found before as no number */
        for (size_t k = 0; k < d->line_count && !found; k++) {
            found = d->lines[k].line == (int64_t)product->norms[i].material &&
                    d->lines[k].role == HQ_BAL__MATERIAL;
        }
        if (!found) {
            hq_bal__find(r->found, "H8013",
                         hq_arena_printf(r->arena, "/lines/%zu/norms/%zu/line", index, i), NULL,
                         HQ_SV("Định mức phải chỉ đến một dòng vật tư (MATERIAL) của hợp đồng"),
                         HQ_SV("A norm must name a MATERIAL line of the contract"));
        }
    }
}

/* ------------------------------------------------------------------ lines */

static void read_role(reading *r, hq_bal__line *line, const hq_bal__at *at)
{
    bool contract = is_contract(r->draft->kind);
    hq_sv role = hq_bal__text(at, "role", 16, contract);
    line->role = contract ? HQ_BAL__MATERIAL : HQ_BAL__GOODS;
    if (role.len == 0) {
        return;
    }
    if (contract && hq_sv_eq(role, HQ_SV("PRODUCT"))) {
        line->role = HQ_BAL__PRODUCT;
    } else if (!hq_sv_eq(role, hq_sv_from_cstr(hq_bal__role_name(line->role)))) {
        hq_bal__find(r->found, "H8002", hq_bal__below(r->found, at->path, "role"),
                     hq_json_get(at->object, "role"),
                     contract ? HQ_SV("role là MATERIAL (nguyên liệu, vật tư) hoặc PRODUCT (sản "
                                      "phẩm)")
                              : HQ_SV("Dòng của danh mục có role là GOODS, hoặc bỏ trống"),
                     contract ? HQ_SV("role is MATERIAL or PRODUCT")
                              : HQ_SV("Lines of a list have role GOODS, or none"));
    }
}

static void read_hs(reading *r, hq_bal__line *line, const hq_bal__at *at)
{
    line->hs = hq_bal__text(at, "hs", 8, false);
    bool shaped =
        line->hs.len == 0 || (hq_sv_digits(line->hs) && line->hs.len >= 4 && line->hs.len % 2 == 0);
    if (!shaped) {
        hq_bal__find(r->found, "H8009", hq_bal__below(r->found, at->path, "hs"),
                     hq_json_get(at->object, "hs"),
                     HQ_SV("Mã HS gồm 4, 6 hoặc 8 chữ số; hàng có mã bắt đầu bằng các số này mới "
                           "được trừ lùi"),
                     HQ_SV("The HS code has 4, 6 or 8 digits; goods whose code begins with them "
                           "may draw"));
    }
}

static void read_quantity(reading *r, hq_bal__line *line, const hq_bal__at *at)
{
    static const hq_sv names[] = { { "amount", 6 }, { "unit", 4 } };
    const hq_json *object = hq_json_get(at->object, "quantity");
    hq_bal__at in = { r->found, object, hq_bal__below(r->found, at->path, "quantity") };
    bool list = r->draft->kind == HQ_ACCOUNT_EXEMPTION_LIST;
    line->planned = -1;
    line->unit = HQ_SV("");
    if (object == NULL || object->type != HQ_JSON_OBJECT) {
        hq_bal__find(r->found, "H8001", in.path, object,
                     HQ_SV("Cần lượng và đơn vị tính {\"amount\", \"unit\"}; hợp đồng có thể bỏ "
                           "trống amount"),
                     HQ_SV("Needs quantity and unit {\"amount\", \"unit\"}; contracts may leave "
                           "amount out"));
        return;
    }
    hq_bal__only(r->found, object, in.path, names, 2);
    line->planned = hq_bal__quantity(&in, "amount", 2, list);
    line->unit = hq_bal__text(&in, "unit", UNIT_MAX, true);
}

static void read_number(reading *r, hq_bal__line *line, const hq_bal__at *at, size_t index)
{
    int64_t given = hq_bal__whole(at, "line", 9999, false);
    line->line = given > 0 ? given : (int64_t)index + 1;
    for (size_t i = 0; i < index; i++) {
        if (r->draft->lines[i].line == line->line) {
            hq_bal__find(r->found, "H8012", hq_bal__below(r->found, at->path, "line"),
                         hq_json_get(at->object, "line"), HQ_SV("Hai dòng có cùng số thứ tự"),
                         HQ_SV("Two lines have the same number"));
            return;
        }
    }
}

static void read_line(reading *r, const hq_json *object, size_t index)
{
    static const hq_sv names[] = { { "line", 4 }, { "role", 4 },         { "code", 4 },
                                   { "hs", 2 },   { "description", 11 }, { "quantity", 8 },
                                   { "norms", 5 } };
    hq_bal__line *line = &r->draft->lines[index];
    hq_bal__at at = { r->found, object, hq_arena_printf(r->arena, "/lines/%zu", index) };
    line->fresh = true;
    if (object->type != HQ_JSON_OBJECT) {
        hq_bal__find(r->found, "H8002", at.path, object, HQ_SV("Mỗi dòng là một đối tượng JSON"),
                     HQ_SV("Each line is a JSON object"));
        return;
    }
    hq_bal__only(r->found, object, at.path, names, sizeof names / sizeof names[0]);
    read_number(r, line, &at, index);
    read_role(r, line, &at);
    read_hs(r, line, &at);
    line->code = hq_bal__text(&at, "code", 30, is_contract(r->draft->kind));
    line->description = hq_bal__text(&at, "description", 200, true);
    read_quantity(r, line, &at);
    read_norms(r, line, object, at.path);
}

static void read_lines(reading *r, const hq_json *body)
{
    hq_bal__draft *d = r->draft;
    const hq_json *lines = hq_json_get(body, "lines");
    size_t most = d->kind == HQ_ACCOUNT_EXEMPTION_LIST ? HQ_BAL__LIST_MAX : HQ_BAL__LINES_MAX;
    if (lines == NULL || lines->type != HQ_JSON_ARRAY || lines->count == 0 || lines->count > most) {
        hq_bal__find(r->found, "H8011", HQ_SV("/lines"), lines,
                     hq_arena_printf(r->arena, "Cần danh sách từ 1 đến %zu dòng", most),
                     hq_arena_printf(r->arena, "Needs a list of 1 to %zu lines", most));
        return;
    }
    d->lines = HQ_NEW_ARRAY(r->arena, hq_bal__line, lines->count);
    for (const hq_json *l = hq_json_first(lines); l != NULL && d->lines != NULL;
         l = hq_json_next(lines, l)) {
        read_line(r, l, d->line_count++);
    }
    for (size_t i = 0; i < d->line_count; i++) {
        check_norms(r, &d->lines[i], i);
    }
}

/* ------------------------------------------------------------------ header */

static void read_kind(reading *r, const hq_bal__at *at)
{
    hq_sv kind = hq_bal__text(at, "kind", 32, true);
    bool known = hq_account_kind_parse(&r->draft->kind, kind);
    bool registered = r->draft->kind == HQ_ACCOUNT_EXEMPTION_LIST || is_contract(r->draft->kind);
    if (kind.len > 0 && (!known || !registered)) {
        r->draft->kind = HQ_ACCOUNT_EXEMPTION_LIST;
        hq_bal__find(r->found, "H8007", HQ_SV("/kind"), hq_json_get(at->object, "kind"),
                     HQ_SV("kind là EXEMPTION_LIST, PROCESSING hoặc EXPORT_PRODUCTION; hàng tạm, "
                           "kho ngoại quan và xuất nhập khẩu tại chỗ được mở bằng tờ khai"),
                     HQ_SV("kind is EXEMPTION_LIST, PROCESSING or EXPORT_PRODUCTION; temporary, "
                           "bonded and on-the-spot goods are opened by declarations"));
    }
}

static void read_identity(reading *r, const hq_bal__at *at)
{
    hq_bal__draft *d = r->draft;
    read_kind(r, at);
    d->number = hq_bal__text(at, "number", 35, is_contract(d->kind));
    d->holder = hq_bal__text(at, "holder", 14, false);
    d->office = hq_bal__text(at, "office", 8, true);
    if (d->number.len > 0 && d->kind == HQ_ACCOUNT_EXEMPTION_LIST) {
        hq_bal__find(r->found, "H8003", HQ_SV("/number"), hq_json_get(at->object, "number"),
                     HQ_SV("Số danh mục do hệ thống cấp; hãy bỏ trường này"),
                     HQ_SV("The number of a list is given by the system; leave it out"));
    }
    bool person = d->holder.len == 12 && hq_sv_digits(d->holder);
    if (d->holder.len > 0 && !person && !hq_tax_code_valid(d->holder)) {
        hq_bal__find(r->found, "H8006", HQ_SV("/holder"), hq_json_get(at->object, "holder"),
                     HQ_SV("Mã số thuế không hợp lệ"), HQ_SV("Not a valid tax code"));
    }
    if (d->office.len > 0 && hq_ref_office(r->ref, d->office, r->day) == NULL) {
        hq_bal__find(r->found, "H8008", HQ_SV("/office"), hq_json_get(at->object, "office"),
                     HQ_SV("Không có đơn vị hải quan này"), HQ_SV("There is no such office"));
    }
}

/* An amendment leaves what names the account alone; naming the same again is no change. */
static void keep_identity(reading *r, const hq_bal__at *at, const hq_bal__account *amends)
{
    hq_bal__draft *d = r->draft;
    static const char *const names[] = { "kind", "number", "holder", "office" };
    d->kind = amends->kind;
    d->number = amends->number;
    d->holder = amends->holder;
    d->office = amends->office;
    const hq_sv kept[] = { hq_sv_from_cstr(hq_account_kind_name(d->kind)), d->number, d->holder,
                           d->office };
    for (size_t i = 0; i < 4; i++) {
        hq_sv given = hq_bal__text(at, names[i], 35, false);
        if (given.len > 0 && !hq_sv_eq(given, kept[i])) {
            hq_bal__find(
                r->found, "H8014", hq_bal__below(r->found, HQ_SV(""), names[i]),
                hq_json_get(at->object, names[i]),
                hq_arena_printf(r->arena, "Không sửa được %s; hãy đăng ký mới", names[i]),
                hq_arena_printf(r->arena, "%s cannot be amended; register anew", names[i]));
        }
    }
}

hq_status hq_bal__draft_read(hq_bal__draft *out, hq_bal__found *found, const hq_json *body,
                             const hq_bal__account *amends, const hq_ref *ref, hq_day day)
{
    static const hq_sv names[] = { { "kind", 4 },        { "number", 6 },   { "holder", 6 },
                                   { "office", 6 },      { "title", 5 },    { "legal_ground", 12 },
                                   { "valid_from", 10 }, { "valid_to", 8 }, { "lines", 5 } };
    hq_bal__at at = { found, body, HQ_SV("") };
    *out = (hq_bal__draft){ .kind = HQ_ACCOUNT_EXEMPTION_LIST };
    reading r = { out, found, ref, day, found->arena };
    hq_bal__only(found, body, HQ_SV(""), names, sizeof names / sizeof names[0]);
    if (amends == NULL) {
        read_identity(&r, &at);
    } else {
        keep_identity(&r, &at, amends);
    }
    out->title = hq_bal__text(&at, "title", TITLE_MAX, true);
    out->legal_ground = hq_bal__text(&at, "legal_ground", TITLE_MAX, false);
    out->valid_from = hq_bal__day(&at, "valid_from", true);
    out->valid_to = hq_bal__day(&at, "valid_to", true);
    if (out->valid_from != 0 && out->valid_to != 0 && out->valid_to < out->valid_from) {
        hq_bal__find(found, "H8005", HQ_SV("/valid_to"), hq_json_get(body, "valid_to"),
                     HQ_SV("Ngày hết hạn trước ngày hiệu lực"),
                     HQ_SV("The end lies before the beginning"));
    }
    read_lines(&r, body);
    return out->lines == NULL && found->count == 0 ? HQ_FAIL(NOMEM) : HQ_DONE;
}

/* ------------------------------------------------------------------ registering */

static hq_sv fold_words(hq_arena *arena, hq_sv number, hq_sv title)
{
    hq_sv folded;
    hq_sv text = hq_arena_printf(arena, "%.*s %.*s", HQ_SV_FMT(number), HQ_SV_FMT(title));
    return hq_ok(hq_fold(&folded, arena, text)) ? folded : HQ_SV("");
}

static hq_status new_account(hq_bal__account *out, hq_tx *tx, const hq_bal__draft *d,
                             const hq_caller *caller)
{
    hq_id id;
    hq_arena *arena = hq_tx_arena(tx);
    hq_buf text = HQ_BUF_ARENA(arena, 64);
    hq_id_make(&id, hq_tx_now(tx));
    hq_id_write(&text, &id);
    *out = (hq_bal__account){
        .id = hq_buf_view(&text),
        .kind = d->kind,
        .number = d->number,
        .holder = d->holder,
        .agent = hq_sv_eq(d->holder, caller->tax_code) ? HQ_SV("") : caller->tax_code,
        .office = d->office,
        .opened_by = HQ_SV(""),
        .warehouse = HQ_SV(""),
        .partner = HQ_SV(""),
        .title = d->title,
        .legal_ground = d->legal_ground,
        .valid_from = d->valid_from,
        .valid_to = d->valid_to,
        .first_valid_to = d->valid_to,
        .term = HQ_SV(""),
        .amendment = HQ_SV(""),
        .reason = HQ_SV(""),
        .decided_by = HQ_SV(""),
        .created_by = caller->id,
        .fresh = true,
    };
    return hq_buf_status(&text);
}

hq_status hq_bal__draft_register(hq_bal__account *out, hq_tx *tx, const hq_bal__draft *d,
                                 const hq_caller *caller, hq_why *why)
{
    int year;
    int month;
    int day;
    hq_bal__event event = { "balance.declared", HQ_SV(""), caller->id };
    HQ_TRY(new_account(out, tx, d, caller));
    if (d->kind == HQ_ACCOUNT_EXEMPTION_LIST) {
        hq_day_to_civil(hq_day_of(hq_tx_now(tx)), &year, &month, &day);
        HQ_TRY(hq_bal__number_take(&out->number, tx, year, hq_tx_arena(tx)));
    }
    out->words = fold_words(hq_tx_arena(tx), out->number, out->title);
    HQ_TRY(hq_bal__draft_apply(out, tx, d, caller->id, why));
    hq_status s = hq_bal__account_write(tx, out, &event);
    if (s.code == HQ_E_EXISTS) {
        hq_bal__why(why, HQ_SV("/number"),
                    HQ_SV("Đã có hợp đồng cùng số của doanh nghiệp này; hãy sửa hợp đồng đó"),
                    HQ_SV("This trader has a contract of the same number; amend that one"));
    }
    return s;
}

/* ------------------------------------------------------------------ putting in place */

typedef struct {
    hq_bal__account *account;
    hq_tx *tx;
    hq_sv actor;
    hq_why *why;
} placing;

static hq_status refuse_line(placing *p, const hq_bal__line *line, const char *vi, const char *en)
{
    hq_arena *arena = hq_tx_arena(p->tx);
    hq_bal__why(p->why, HQ_SV("/lines"),
                hq_arena_printf(arena, "Dòng %lld %s", (long long)line->line, vi),
                hq_arena_printf(arena, "Line %lld %s", (long long)line->line, en));
    return HQ_FAIL(CONFLICT);
}

/* Goods of a list and limited products hold what is written; materials hold what comes in. */
static int64_t opened_of(const hq_bal__line *line, int64_t before)
{
    if (line->role == HQ_BAL__MATERIAL) {
        return before;
    }
    return line->planned < 0 ? 0 : line->planned;
}

static hq_status place_line(placing *p, const hq_bal__line *want, const hq_bal__line *have)
{
    hq_bal__line line = *want;
    bool used = have != NULL && (have->drawn > 0 || have->opened > 0 || have->expected > 0) &&
                (have->drawn > 0 || have->role == HQ_BAL__MATERIAL);
    if (have != NULL) {
        line.fresh = false;
        line.opened = have->opened;
        line.expected = have->expected;
        line.drawn = have->drawn;
        line.restored = have->restored;
    }
    if (used && (have->role != want->role || !hq_sv_eq(have->unit, want->unit))) {
        return refuse_line(p, want, "đã có hàng hóa ra vào: không đổi được đơn vị tính hay role",
                           "has moved goods: its unit and role cannot change");
    }
    int64_t opened = opened_of(want, line.opened);
    if (!hq_bal__unlimited(&line) && line.drawn > opened) {
        return refuse_line(p, want, "đã trừ lùi nhiều hơn lượng mới",
                           "has more drawn than the new quantity");
    }
    if (opened != line.opened) {
        hq_bal__movement m = { .cause = HQ_BAL__OPENED,
                               .quantity = opened - line.opened,
                               .actor = p->actor };
        HQ_TRY(hq_bal__move(p->tx, p->account, &line, &m));
    }
    return hq_bal__line_put(p->tx, p->account->id, &line);
}

/* A line left out is taken back whole; its row stays while it has movements. */
static hq_status drop_line(placing *p, const hq_bal__line *have)
{
    if (have->drawn > 0 || have->expected > 0 ||
        (have->role == HQ_BAL__MATERIAL && have->opened > 0)) {
        return refuse_line(p, have, "đã có hàng hóa ra vào: không bỏ được",
                           "has moved goods: it cannot be left out");
    }
    if (have->restored == 0 && have->opened == 0) {
        p->account->line_count--;
        return hq_bal__line_delete(p->tx, p->account->id, have->line);
    }
    hq_bal__line line = *have;
    hq_bal__movement m = { .cause = HQ_BAL__OPENED, .quantity = -line.opened, .actor = p->actor };
    line.planned = line.role == HQ_BAL__PRODUCT ? 0 : -1;
    if (m.quantity != 0) {
        HQ_TRY(hq_bal__move(p->tx, p->account, &line, &m));
    }
    return hq_bal__line_put(p->tx, p->account->id, &line);
}

static const hq_bal__line *line_among(const hq_bal__line *lines, size_t count, int64_t line)
{
    for (size_t i = 0; i < count; i++) {
        if (lines[i].line == line) {
            return &lines[i];
        }
    }
    return NULL;
}

hq_status hq_bal__draft_apply(hq_bal__account *account, hq_tx *tx, const hq_bal__draft *d,
                              hq_sv actor, hq_why *why)
{
    hq_bal__line *have = NULL;
    size_t have_count = 0;
    placing p = { account, tx, actor, why };
    if (!account->fresh) {
        HQ_TRY(hq_bal__lines_of(&have, &have_count, tx, account->id, hq_tx_arena(tx)));
    }
    for (size_t i = 0; i < have_count; i++) {
        if (line_among(d->lines, d->line_count, have[i].line) == NULL) {
            HQ_TRY(drop_line(&p, &have[i]));
        }
    }
    for (size_t i = 0; i < d->line_count; i++) {
        const hq_bal__line *before = line_among(have, have_count, d->lines[i].line);
        account->line_count += before == NULL;
        HQ_TRY(place_line(&p, &d->lines[i], before));
    }
    account->title = d->title;
    account->legal_ground = d->legal_ground;
    account->valid_from = d->valid_from;
    account->valid_to = d->valid_to;
    account->overdue = false;
    account->words = fold_words(hq_tx_arena(tx), account->number, d->title);
    return account->words.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}
