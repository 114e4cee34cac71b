/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to balance/: accounts, lines and movements as rows, the plan of what a declaration asks,
 * and what the files of the room share. Files of rows know no rule; plan and settle decide. */

#include "balance/balance.h"

#define HQ_BAL__SCALE     6 /* decimals of quantities and norms as stored */
#define HQ_BAL__LINES_MAX 1000
#define HQ_BAL__LIST_MAX  100 /* lines of an exemption list: VNACCS TEA */
#define HQ_BAL__NORMS_MAX 200

struct hq_balance {
    hq_store *store;
    hq_reference *reference;
    const hq_clock *clock;
    hq_loop *loop;
    hq_timer timer;
};

/* ------------------------------------------------------------------ rows */

/* The numbers of all enums here are stored: add at the end only. */
typedef enum {
    HQ_BAL__DECLARED, /* waits for the officer, or for its declaration to be cleared */
    HQ_BAL__REGISTERED,
    HQ_BAL__REFUSED,
    HQ_BAL__SUSPENDED,
    HQ_BAL__CANCELLED
} hq_bal__state;
#define HQ_BAL__STATES 5
const char *hq_bal__state_name(hq_bal__state state);

typedef enum { HQ_BAL__GOODS, HQ_BAL__MATERIAL, HQ_BAL__PRODUCT } hq_bal__role;
const char *hq_bal__role_name(hq_bal__role role);

typedef enum {
    HQ_BAL__OPENED,   /* opened += q, q may be negative when a list is amended */
    HQ_BAL__EXPECTED, /* expected += q: declared, not cleared yet; negative when it was taken back
                       */
    HQ_BAL__ADDED,    /* opened += q */
    HQ_BAL__DRAWN,    /* drawn += q */
    HQ_BAL__RESTORED  /* drawn -= q, restored += q */
} hq_bal__cause;
#define HQ_BAL__CAUSES 5
const char *hq_bal__cause_name(hq_bal__cause cause);

typedef struct {
    hq_sv id;
    hq_account_kind kind;
    hq_sv number, holder, agent, office;
    hq_bal__state state;
    int64_t declaration; /* that opened it, 0 none */
    hq_sv opened_by;     /* its kind */
    hq_sv warehouse, partner, title, legal_ground;
    hq_day valid_from, valid_to, first_valid_to;
    hq_sv term; /* how long goods may stay, counted from clearing; empty: as declared */
    int64_t stay;
    hq_term_unit stay_unit; /* HQ_TERM_DAYS or HQ_TERM_MONTHS */
    int64_t extensions;     /* how often the officer gave more time */
    bool overdue;           /* the event was written */
    int64_t line_count, open_lines, movements;
    hq_hash32 chain;
    hq_sv amendment; /* what the holder asks to change, as sent; empty none */
    hq_sv reason, decided_by;
    hq_time_us decided_at;
    hq_sv words;
    int64_t version;
    hq_time_us created_at, changed_at;
    hq_sv created_by;
    bool fresh, touched; /* not stored yet; to be written by the change that runs */
} hq_bal__account;

typedef struct {
    uint32_t material;
    int64_t quantity; /* for one unit of the product, scale HQ_BAL__SCALE */
} hq_bal__norm;

typedef struct {
    int64_t line;
    hq_bal__role role;
    hq_sv code, hs, description, unit;
    int64_t planned; /* -1 none */
    int64_t opened, expected, drawn, restored;
    hq_bal__norm *norms;
    size_t norm_count;
    bool fresh;
} hq_bal__line;

/* A product that the contract does not limit: what went out is counted and nothing is left of it.
 */
static inline bool hq_bal__unlimited(const hq_bal__line *line)
{
    return line->role == HQ_BAL__PRODUCT && line->planned < 0;
}
static inline int64_t hq_bal__left(const hq_bal__line *line)
{
    return hq_bal__unlimited(line) ? 0 : line->opened - line->drawn;
}

typedef struct {
    int64_t number;
    hq_time_us at;
    hq_bal__cause cause;
    int64_t line, quantity, declaration, declaration_line, product;
    hq_sv actor;
} hq_bal__movement;

/* NOT_FOUND. Texts live in `arena`. */
hq_status hq_bal__account_get(hq_bal__account *out, hq_tx *tx, hq_sv id, hq_arena *arena);
/* By its number: the holder's own, or else of somebody else (the caller compares). */
hq_status hq_bal__account_find(hq_bal__account *out, hq_tx *tx, hq_account_kind kind, hq_sv number,
                               hq_sv holder, hq_arena *arena);
/* Accounts that a declaration opened. */
hq_status hq_bal__accounts_of(hq_bal__account **out, size_t *count, hq_tx *tx, int64_t declaration,
                              hq_arena *arena);
/* EXISTS when the holder has one of this number. */
hq_status hq_bal__account_insert(hq_tx *tx, const hq_bal__account *account);
/* Writes account->version over account->version - 1; RERUN when another was quicker. */
hq_status hq_bal__account_update(hq_tx *tx, const hq_bal__account *account);
/* Ids of accounts whose day to watch has passed, at most `max`. */
hq_status hq_bal__accounts_due(hq_sv *out, size_t *count, size_t max, hq_tx *tx, hq_day today);
hq_status hq_bal__next_watch(hq_day *out, hq_tx *tx); /* HQ_DAY_OPEN: none */
/* A number of 12 digits never given before. */
hq_status hq_bal__number_take(hq_sv *out, hq_tx *tx, int year, hq_arena *arena);

typedef struct {
    int kind, state; /* -1 any */
    hq_sv holder;
    hq_sv either; /* holder or agent; empty any */
    hq_sv words;  /* folded; empty any */
    hq_sv before; /* id of the last of the page before; empty from the newest */
    bool overdue;
    hq_day today;
    size_t max;
} hq_bal__page;
hq_status hq_bal__account_page(hq_bal__account **out, size_t *count, hq_tx *tx,
                               const hq_bal__page *page, hq_arena *arena);

/* NOT_FOUND. */
hq_status hq_bal__line_get(hq_bal__line *out, hq_tx *tx, hq_sv account, int64_t line,
                           hq_arena *arena);
hq_status hq_bal__lines_of(hq_bal__line **out, size_t *count, hq_tx *tx, hq_sv account,
                           hq_arena *arena);
/* Inserts a fresh line, writes over a stored one. */
hq_status hq_bal__line_put(hq_tx *tx, hq_sv account, const hq_bal__line *line);
hq_status hq_bal__line_delete(hq_tx *tx, hq_sv account, int64_t line);

/* What a declaration has moved so far, summed; quantities by cause, DRAWN less RESTORED. */
typedef struct {
    hq_sv account;
    int64_t line, declaration_line, product;
    int64_t sum[HQ_BAL__CAUSES];
} hq_bal__moved;
hq_status hq_bal__moved_by(hq_bal__moved **out, size_t *count, hq_tx *tx, int64_t declaration,
                           hq_arena *arena);
/* What went out of each line, by product (0: directly). */
typedef struct {
    int64_t line, product, drawn;
} hq_bal__use;
hq_status hq_bal__uses_of(hq_bal__use **out, size_t *count, hq_tx *tx, hq_sv account,
                          hq_arena *arena);
hq_status hq_bal__movement_insert(hq_tx *tx, hq_sv account, const hq_bal__movement *movement);
/* Newest first, below number `before` (0: from the newest), at most `max`. */
hq_status hq_bal__movements(hq_bal__movement **out, size_t *count, hq_tx *tx, hq_sv account,
                            int64_t before, size_t max, hq_arena *arena);

/* ------------------------------------------------------------------ a change of accounts */

/* Moves line figures in memory, adds the movement to the chain and stores it. Lines and account are
 * written by hq_bal__account_write. */
hq_status hq_bal__move(hq_tx *tx, hq_bal__account *account, hq_bal__line *line,
                       const hq_bal__movement *movement);
/* Stores the account as a new version with its event. `more`: further members of the payload. */
typedef struct {
    const char *kind;
    hq_sv more, actor;
} hq_bal__event;
hq_status hq_bal__account_write(hq_tx *tx, hq_bal__account *account, const hq_bal__event *event);
hq_status hq_bal__account_hash(hq_hash32 *out, hq_tx *tx, hq_sv id);
/* The chain over movements and the figures of all lines agree with the account's row. */
hq_status hq_bal__account_sound(hq_sv *difference, hq_tx *tx, const hq_bal__account *account,
                                hq_arena *arena);
/* The day to be watched, and from the state. */
hq_day hq_bal__watch_of(const hq_bal__account *account);
bool hq_bal__is_overdue(const hq_bal__account *account, hq_day today);

/* ------------------------------------------------------------------ a declaration's plan */

/* One thing that a declaration wants of one line of an account, and what it has of it by now. */
typedef struct {
    hq_bal__account *account;
    hq_bal__line *line;
    int64_t claim_line, product;
    int64_t want[HQ_BAL__CAUSES], have[HQ_BAL__CAUSES]; /* RESTORED is not used */
} hq_bal__step;

typedef struct {
    hq_tx *tx;
    const hq_ref *ref;
    const hq_balance_claim *claim;
    hq_balance_faults *faults;
    hq_arena *arena;
    hq_map *accounts, *lines, *steps;
    hq_bal__account **account_list;
    size_t account_count, account_cap;
    hq_bal__line **line_list;
    hq_bal__account **line_accounts; /* of line_list */
    size_t line_count, line_cap;
    hq_bal__step **step_list;
    size_t step_count, step_cap;
} hq_bal__plan;

hq_status hq_bal__plan_begin(hq_bal__plan *plan, hq_tx *tx, const hq_ref *ref,
                             const hq_balance_claim *claim, hq_balance_faults *faults,
                             hq_arena *arena);
/* Fills the steps with what the declaration wants; what cannot be is a fault. */
hq_status hq_bal__plan_claim(hq_bal__plan *plan);
/* Temporary and bonded goods that the declaration brings in, pairs. */
hq_status hq_bal__plan_opening(hq_bal__plan *plan, const hq_balance_kind_row *row);
hq_status hq_bal__make_opened(hq_bal__account *out, const hq_bal__plan *plan,
                              const hq_balance_claim *of, hq_account_kind kind);
/* The account of that kind that this declaration opened before; NOT_FOUND. */
hq_status hq_bal__opened_before(hq_bal__account *out, const hq_bal__plan *plan,
                                hq_account_kind kind);
hq_bal__line hq_bal__line_of(hq_arena *arena, const hq_balance_line *from, size_t index);
/* Every line of the declaration as a line of the account, wanted as opened. */
hq_status hq_bal__open_lines(hq_bal__plan *plan, hq_bal__account *account);
hq_status hq_bal__plan_pair(hq_bal__plan *plan, const hq_balance_kind_row *rows[], size_t count);
/* Adds what `declaration` has moved before. */
hq_status hq_bal__plan_have(hq_bal__plan *plan, int64_t declaration);
/* Held against what is left; faults. */
hq_status hq_bal__plan_weigh(hq_bal__plan *plan);
/* Movements, rows and events. CONFLICT with *why when others have used what would be taken back. */
hq_status hq_bal__plan_write(hq_bal__plan *plan, int64_t declaration, hq_sv actor, hq_why *why);
void hq_bal__plan_json(hq_json_w *w, const hq_bal__plan *plan);

/* Places in the plan; made on first sight. NULL: no memory. */
hq_bal__account *hq_bal__plan_account(hq_bal__plan *plan, const hq_bal__account *account);
hq_bal__line *hq_bal__plan_line(hq_bal__plan *plan, hq_bal__account *account,
                                const hq_bal__line *line);
hq_bal__step *hq_bal__plan_step(hq_bal__plan *plan, hq_bal__account *account, hq_bal__line *line,
                                int64_t claim_line, int64_t product);

typedef enum { /* what may be wrong, in the order of the codes of each kind of account */
               HQ_BAL__F_REQUIRED,
               HQ_BAL__F_DIRECTION,
               HQ_BAL__F_MISSING,
               HQ_BAL__F_STATE,
               HQ_BAL__F_TERM,
               HQ_BAL__F_HOLDER,
               HQ_BAL__F_LINE,
               HQ_BAL__F_UNIT,
               HQ_BAL__F_HS,
               HQ_BAL__F_LEFT,
               HQ_BAL__F_PLACE,
               HQ_BAL__F_LIMIT_LONG,
               HQ_BAL__F_NORMS,
               HQ_BAL__F_PLANNED,
               HQ_BAL__F_LINES,
               HQ_BAL__F_VALUE,
               HQ_BAL__F_TAKEN,
               HQ_BAL__F_DRAWN,
               HQ_BAL__F_LIMIT_NEEDED,
               HQ_BAL__F_PLACE_NEEDED,
               HQ_BAL__F_QUANTITY,
               HQ_BAL__F_OPENED_BY
} hq_bal__fault;
#define HQ_BAL__FAULTS 22
/* Texts are copied; value as JSON text. */
void hq_bal__fault_add(hq_balance_faults *faults, hq_account_kind kind, hq_bal__fault fault,
                       hq_sv path, hq_sv value, const hq_sv *args, size_t arg_count);
#define HQ_BAL__ARGS(...)                                                                          \
    (const hq_sv[]){ __VA_ARGS__ }, sizeof((hq_sv[]){ __VA_ARGS__ }) / sizeof(hq_sv)

/* ------------------------------------------------------------------ words */

/* Into the stored scale; false when it does not fit. */
bool hq_bal__scaled(int64_t *out, hq_decimal quantity);
hq_sv hq_bal__quantity_text(hq_arena *arena, int64_t quantity);
/* "12.5 KGM" */
hq_sv hq_bal__amount_text(hq_arena *arena, int64_t quantity, hq_sv unit);
void hq_bal__quantity_json(hq_json_w *w, int64_t quantity);
/* "10000000001" and one digit of amendment, as it is shown; null for 0. */
void hq_bal__declaration_json(hq_json_w *w, int64_t declaration);
hq_sv hq_bal__declaration_text(hq_arena *arena, int64_t declaration);
bool hq_bal__declaration_parse(int64_t *out, hq_sv text);
hq_sv hq_bal__json_text(hq_arena *arena, hq_sv text);
void hq_bal__why(hq_why *why, hq_sv path, hq_sv vi, hq_sv en);
hq_target hq_bal__target_of(const hq_bal__account *account);

/* ------------------------------------------------------------------ requests */

/* Findings of one body, at most 100. */
typedef struct {
    hq_finding items[100];
    size_t count;
    hq_arena *arena;
} hq_bal__found;
void hq_bal__find(hq_bal__found *found, const char *rule, hq_sv path, const hq_json *value,
                  hq_sv vi, hq_sv en);
void hq_bal__only(hq_bal__found *found, const hq_json *object, hq_sv path, const hq_sv *names,
                  size_t count);
/* Members; required ones when absent and wrong ones are findings and leave *out empty (0, -1). */
typedef struct {
    hq_bal__found *found;
    const hq_json *object;
    hq_sv path;
} hq_bal__at;
hq_sv hq_bal__text(const hq_bal__at *at, const char *name, size_t max, bool required);
hq_day hq_bal__day(const hq_bal__at *at, const char *name, bool required);
int64_t hq_bal__whole(const hq_bal__at *at, const char *name, int64_t most, bool required);
/* A decimal above 0 in the stored scale with at most `decimals`; -1. */
int64_t hq_bal__quantity(const hq_bal__at *at, const char *name, uint8_t decimals, bool required);
hq_sv hq_bal__below(hq_bal__found *found, hq_sv path, const char *name);
hq_status hq_bal__body(const hq_json **out, hq_request *request);
hq_status hq_bal__found_status(hq_request *request, const hq_bal__found *found);
hq_status hq_bal__limit(size_t *out, hq_request *request, size_t most);

/* A list or contract as its holder writes it. */
typedef struct {
    hq_account_kind kind;
    hq_sv number, holder, office, title, legal_ground;
    hq_day valid_from, valid_to;
    hq_bal__line *lines;
    size_t line_count;
} hq_bal__draft;
/* All that is wrong goes to `found`. `amends` NULL, or the account whose kind, number, holder and
 * office stay. */
hq_status hq_bal__draft_read(hq_bal__draft *out, hq_bal__found *found, const hq_json *body,
                             const hq_bal__account *amends, const hq_ref *ref, hq_day day);
/* A new account with its lines. */
hq_status hq_bal__draft_register(hq_bal__account *out, hq_tx *tx, const hq_bal__draft *draft,
                                 const hq_caller *caller, hq_why *why);
/* Puts the draft into the account's place; CONFLICT with *why when less would be left than was
 * drawn. Account not written. */
hq_status hq_bal__draft_apply(hq_bal__account *account, hq_tx *tx, const hq_bal__draft *draft,
                              hq_sv actor, hq_why *why);

void hq_bal__account_json(hq_json_w *w, const hq_bal__account *account, hq_day today, bool customs);
void hq_bal__lines_json(hq_json_w *w, const hq_bal__line *lines, size_t count);

hq_status hq_bal__post(hq_request *request, void *room);
hq_status hq_bal__put(hq_request *request, void *room);
hq_status hq_bal__list(hq_request *request, void *room);
hq_status hq_bal__get(hq_request *request, void *room);
hq_status hq_bal__report(hq_request *request, void *room);
hq_status hq_bal__approval(hq_request *request, void *room);
hq_status hq_bal__refusal(hq_request *request, void *room);
hq_status hq_bal__suspension(hq_request *request, void *room);
hq_status hq_bal__resumption(hq_request *request, void *room);
hq_status hq_bal__extension(hq_request *request, void *room);
hq_status hq_bal__cancellation(hq_request *request, void *room);
