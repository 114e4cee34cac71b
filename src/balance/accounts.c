/* SPDX-License-Identifier: Apache-2.0 */
#include "balance/room.h"

/* A change of an account: movements one after the other into its chain, then one new version of its
 * row with one event that carries the row's hash. */

static const char *const states[HQ_BAL__STATES] = { "DECLARED", "REGISTERED", "REFUSED",
                                                    "SUSPENDED", "CANCELLED" };
static const char *const causes[HQ_BAL__CAUSES] = { "OPENED", "EXPECTED", "ADDED", "DRAWN",
                                                    "RESTORED" };

const char *hq_bal__state_name(hq_bal__state state)
{
    return states[state];
}

const char *hq_bal__cause_name(hq_bal__cause cause)
{
    return causes[cause];
}

const char *hq_bal__role_name(hq_bal__role role)
{
    static const char *const roles[] = { "GOODS", "MATERIAL", "PRODUCT" };
    return roles[role];
}

/* ------------------------------------------------------------------ days */

hq_day hq_bal__watch_of(const hq_bal__account *a)
{
    bool watched = a->state == HQ_BAL__REGISTERED && a->open_lines > 0 && !a->overdue;
    return watched ? a->valid_to : HQ_DAY_OPEN;
}

bool hq_bal__is_overdue(const hq_bal__account *a, hq_day today)
{
    return a->state == HQ_BAL__REGISTERED && a->open_lines > 0 && a->valid_to < today;
}

/* ------------------------------------------------------------------ movements */

static void put_movement(hq_buf *buf, const hq_bal__movement *m)
{
    hq_buf_le64(buf, (uint64_t)m->number);
    hq_buf_le64(buf, (uint64_t)m->at);
    hq_buf_le32(buf, m->cause);
    hq_buf_le64(buf, (uint64_t)m->line);
    hq_buf_le64(buf, (uint64_t)m->quantity);
    hq_buf_le64(buf, (uint64_t)m->declaration);
    hq_buf_le64(buf, (uint64_t)m->declaration_line);
    hq_buf_le64(buf, (uint64_t)m->product);
    hq_buf_bytes32(buf, m->actor);
}

static hq_status chain_on(hq_hash32 *chain, const hq_bal__movement *m)
{
    char bytes[256];
    hq_buf buf = { .ptr = bytes, .cap = sizeof bytes, .ceiling = sizeof bytes };
    hq_buf_append(&buf, chain->bytes, sizeof chain->bytes);
    put_movement(&buf, m);
    HQ_TRY(hq_buf_status(&buf));
    hq_blake2b(chain, hq_buf_view(&buf));
    return HQ_DONE;
}

static bool is_open(const hq_bal__line *line)
{
    return line->role != HQ_BAL__PRODUCT && hq_bal__left(line) > 0;
}

static bool figures(hq_bal__line *line, hq_bal__cause cause, int64_t quantity)
{
    switch (cause) {
    case HQ_BAL__OPENED:
    case HQ_BAL__ADDED:
        return !hq_add_overflows(&line->opened, line->opened, quantity);
    case HQ_BAL__EXPECTED:
        return !hq_add_overflows(&line->expected, line->expected, quantity);
    case HQ_BAL__DRAWN:
        return !hq_add_overflows(&line->drawn, line->drawn, quantity);
    case HQ_BAL__RESTORED:
        line->drawn -= quantity;
        return !hq_add_overflows(&line->restored, line->restored, quantity);
    }
    return false;
}

hq_status hq_bal__move(hq_tx *tx, hq_bal__account *account, hq_bal__line *line,
                       const hq_bal__movement *movement)
{
    hq_bal__movement m = *movement;
    bool was_open = is_open(line);
    m.number = ++account->movements;
    m.line = line->line;
    m.at = hq_tx_now(tx);
    if (!figures(line, m.cause, m.quantity)) {
        return HQ_FAIL(RANGE);
    }
    account->open_lines += (int)is_open(line) - (int)was_open;
    account->touched = true;
    HQ_TRY(chain_on(&account->chain, &m));
    return hq_bal__movement_insert(tx, account->id, &m);
}

/* ------------------------------------------------------------------ hash */

static hq_status hash_row(hq_hash32 *out, const hq_bal__account *a, hq_arena *arena)
{
    hq_buf buf = HQ_BUF_ARENA(arena, (size_t)1 << 20);
    const hq_sv texts[] = { a->id,      a->number,       a->holder,     a->agent,
                            a->office,  a->title,        a->opened_by,  a->warehouse,
                            a->partner, a->legal_ground, a->words,      a->amendment,
                            a->reason,  a->decided_by,   a->created_by, a->term };
    const int64_t numbers[] = { a->kind,       a->state,      a->declaration,    a->valid_from,
                                a->valid_to,   a->overdue,    a->stay,           a->stay_unit,
                                a->extensions, a->line_count, a->first_valid_to, a->movements,
                                a->open_lines, a->decided_at, a->version,        a->changed_at,
                                a->created_at };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        hq_buf_bytes32(&buf, texts[i]);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        hq_buf_le64(&buf, (uint64_t)numbers[i]);
    }
    hq_buf_append(&buf, a->chain.bytes, sizeof a->chain.bytes);
    HQ_TRY(hq_buf_status(&buf));
    hq_blake2b(out, hq_buf_view(&buf));
    return HQ_DONE;
}

/* ------------------------------------------------------------------ soundness */

typedef struct {
    int64_t line, sum[HQ_BAL__CAUSES];
} line_sums;

static hq_sql movement_rows = HQ_SQL_OF(
    "SELECT number, at, cause, line, quantity, declaration, declaration_line, product, actor "
    "FROM balance_movements WHERE account = ?1 ORDER BY number");

static line_sums *sums_of(line_sums *sums, size_t count, int64_t line)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (sums[middle].line < line) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && sums[low].line == line ? &sums[low] : NULL;
}

/* Walks all movements: the chain they come to, and their sums by line. */
static hq_status walk(hq_hash32 *chain, int64_t *count, line_sums *sums, size_t line_count,
                      hq_tx *tx, hq_sv id)
{
    hq_rows rows;
    hq_status s = HQ_DONE;
    *chain = (hq_hash32){ { 0 } };
    *count = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &movement_rows, HQ_B_TEXT(id)));
    while (hq_ok(s) && hq_rows_next(&rows)) {
        hq_bal__movement m = { .number = hq_rows_i64(&rows, 0),
                               .at = hq_rows_i64(&rows, 1),
                               .cause = (hq_bal__cause)hq_rows_i64(&rows, 2),
                               .line = hq_rows_i64(&rows, 3),
                               .quantity = hq_rows_i64(&rows, 4),
                               .declaration = hq_rows_i64(&rows, 5),
                               .declaration_line = hq_rows_i64(&rows, 6),
                               .product = hq_rows_i64(&rows, 7),
                               .actor = hq_rows_text(&rows, 8) };
        line_sums *line = sums_of(sums, line_count, m.line);
        if (m.cause >= HQ_BAL__CAUSES) {
            s = HQ_FAIL(CORRUPT);
            break;
        }
        if (line != NULL) {
            line->sum[m.cause] += m.quantity;
        }
        s = chain_on(chain, &m);
        (*count)++;
    }
    HQ_TRY(hq_rows_end(&rows));
    return s;
}

static bool line_sound(const hq_bal__line *line, const line_sums *sums)
{
    int64_t drawn = sums->sum[HQ_BAL__DRAWN] - sums->sum[HQ_BAL__RESTORED];
    bool within = line->drawn >= 0 && line->expected >= 0 && line->opened >= 0 &&
                  (hq_bal__unlimited(line) || line->drawn <= line->opened);
    return within && line->drawn == drawn && line->restored == sums->sum[HQ_BAL__RESTORED] &&
           line->expected == sums->sum[HQ_BAL__EXPECTED] &&
           line->opened == sums->sum[HQ_BAL__OPENED] + sums->sum[HQ_BAL__ADDED];
}

hq_status hq_bal__account_sound(hq_sv *difference, hq_tx *tx, const hq_bal__account *a,
                                hq_arena *arena)
{
    hq_bal__line *lines;
    size_t count;
    hq_hash32 chain;
    int64_t movements;
    int64_t open = 0;
    HQ_TRY(hq_bal__lines_of(&lines, &count, tx, a->id, arena));
    line_sums *sums = HQ_NEW_ARRAY(arena, line_sums, count + 1);
    if (sums == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < count; i++) {
        sums[i].line = lines[i].line;
        open += is_open(&lines[i]);
    }
    HQ_TRY(walk(&chain, &movements, sums, count, tx, a->id));
    *difference = HQ_SV("");
    for (size_t i = 0; i < count && difference->len == 0; i++) {
        if (!line_sound(&lines[i], &sums[i])) {
            *difference = hq_arena_printf(arena, "balance %.*s line %lld is not its movements",
                                          HQ_SV_FMT(a->id), (long long)lines[i].line);
        }
    }
    if (difference->len == 0 && (movements != a->movements || !hq_hash_eq(&chain, &a->chain))) {
        *difference =
            hq_arena_printf(arena, "balance %.*s: movements were altered", HQ_SV_FMT(a->id));
    } else if (difference->len == 0 && (open != a->open_lines || (int64_t)count != a->line_count)) {
        *difference = hq_arena_printf(arena, "balance %.*s: counts of lines", HQ_SV_FMT(a->id));
    }
    return difference->ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

/* Asked by the verification of the journal only: lines and movements count as part of the row. */
hq_status hq_bal__account_hash(hq_hash32 *out, hq_tx *tx, hq_sv id)
{
    hq_bal__account a;
    hq_sv difference;
    hq_arena *arena = hq_tx_arena(tx);
    HQ_TRY(hq_bal__account_get(&a, tx, id, arena));
    HQ_TRY(hq_bal__account_sound(&difference, tx, &a, arena));
    HQ_TRY(hash_row(out, &a, arena));
    if (difference.len > 0) {
        out->bytes[0] ^= 0xFF; /* what the event says does not hold any more */
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ writing */

static hq_status write_event(hq_tx *tx, const hq_bal__account *a, const hq_bal__event *event)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_buf text = HQ_BUF_ARENA(arena, 16384);
    hq_json_w w = hq_json_writer(&text);
    hq_hash32 hash;
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "kind");
    hq_json_text(&w, hq_sv_from_cstr(hq_account_kind_name(a->kind)));
    HQ_JSON_KEY(&w, "number");
    hq_json_text(&w, a->number);
    HQ_JSON_KEY(&w, "holder");
    hq_json_text(&w, a->holder);
    HQ_JSON_KEY(&w, "state");
    hq_json_text(&w, hq_sv_from_cstr(hq_bal__state_name(a->state)));
    HQ_JSON_KEY(&w, "open_lines");
    hq_json_i64(&w, a->open_lines);
    if (event->more.len > 0) {
        hq_buf_char(&text, ',');
        hq_buf_sv(&text, event->more);
    }
    hq_buf_char(&text, '}');
    HQ_TRY(hq_buf_status(&text));
    HQ_TRY(hash_row(&hash, a, arena));
    hq_event e = {
        .office = a->office,
        .room = HQ_SV("balance"),
        .kind = hq_sv_from_cstr(event->kind),
        .subject = hq_arena_printf(arena, "balance/%.*s", HQ_SV_FMT(a->id)),
        .version = a->version,
        .actor = event->actor,
        .payload = hq_buf_view(&text),
        .row_hash = &hash,
    };
    return hq_tx_event(tx, &e, NULL);
}

hq_status hq_bal__account_write(hq_tx *tx, hq_bal__account *account, const hq_bal__event *event)
{
    account->version++;
    account->changed_at = hq_tx_now(tx);
    account->touched = false;
    if (account->fresh) {
        account->fresh = false;
        account->created_at = account->changed_at;
        HQ_TRY(hq_bal__account_insert(tx, account));
    } else {
        HQ_TRY(hq_bal__account_update(tx, account));
    }
    return write_event(tx, account, event);
}
