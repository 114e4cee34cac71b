/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Face of identity/: who is calling, in which role, for which office, and the one function that
 * says whether he may. People sign in with argon2id passwords and TOTP and get a session; machines
 * hold API keys. Every scope check of the program is hq_may. Secrets are stored as hashes only. */

#include "base/base.h"
#include "codec/codec.h"
#include "os/os.h"
#include "reference/reference.h"
#include "store/store.h"

#define HQ_ROLES(X)                                                                                \
    X(DECLARANT, "declarant")                                                                      \
    X(OFFICER, "officer")                                                                          \
    X(TEAM_LEADER, "team_leader")                                                                  \
    X(BRANCH_HEAD, "branch_head")                                                                  \
    X(DEPARTMENT_HEAD, "department_head")                                                          \
    X(HEADQUARTERS, "headquarters")                                                                \
    X(SUPERVISOR, "supervisor")                                                                    \
    X(RISK_ANALYST, "risk_analyst")                                                                \
    X(LABORATORY, "laboratory")                                                                    \
    X(INSPECTORATE, "inspectorate")                                                                \
    X(BANK, "bank")                                                                                \
    X(TREASURY, "treasury")                                                                        \
    X(OPERATOR, "operator")                                                                        \
    X(CARRIER, "carrier")                                                                          \
    X(ADMINISTRATOR, "administrator")                                                              \
    X(AUDITOR, "auditor")

typedef enum {
#define HQ_ROLE_ENUM(name, text) HQ_ROLE_##name,
    HQ_ROLES(HQ_ROLE_ENUM)
#undef HQ_ROLE_ENUM
} hq_role;
#define HQ_ROLE_COUNT     16
#define HQ_ROLE_BIT(role) (UINT32_C(1) << (role))
/* Customs people of any rank who may look at declarations of their scope. */
#define HQ_ROLES_CUSTOMS                                                                           \
    (HQ_ROLE_BIT(HQ_ROLE_OFFICER) | HQ_ROLE_BIT(HQ_ROLE_TEAM_LEADER) |                             \
     HQ_ROLE_BIT(HQ_ROLE_BRANCH_HEAD) | HQ_ROLE_BIT(HQ_ROLE_DEPARTMENT_HEAD) |                     \
     HQ_ROLE_BIT(HQ_ROLE_HEADQUARTERS) | HQ_ROLE_BIT(HQ_ROLE_SUPERVISOR) |                         \
     HQ_ROLE_BIT(HQ_ROLE_RISK_ANALYST) | HQ_ROLE_BIT(HQ_ROLE_INSPECTORATE) |                       \
     HQ_ROLE_BIT(HQ_ROLE_AUDITOR))
#define HQ_ROLES_ALL ((UINT32_C(1) << HQ_ROLE_COUNT) - 1)
const char *hq_role_name(hq_role role);
bool hq_role_parse(hq_role *out, hq_sv name);

/* Roles that, without an office, reach over the whole country. The others need an office, a tax
 * code or a bank, or reach nothing. */
#define HQ_ROLES_NATIONAL                                                                          \
    (HQ_ROLE_BIT(HQ_ROLE_HEADQUARTERS) | HQ_ROLE_BIT(HQ_ROLE_SUPERVISOR) |                         \
     HQ_ROLE_BIT(HQ_ROLE_RISK_ANALYST) | HQ_ROLE_BIT(HQ_ROLE_LABORATORY) |                         \
     HQ_ROLE_BIT(HQ_ROLE_INSPECTORATE) | HQ_ROLE_BIT(HQ_ROLE_TREASURY) |                           \
     HQ_ROLE_BIT(HQ_ROLE_ADMINISTRATOR) | HQ_ROLE_BIT(HQ_ROLE_AUDITOR))
/* Over HTTP a user or key of these roles is added by two administrators, not by one. */
#define HQ_ROLES_POWERFUL                                                                          \
    (HQ_ROLE_BIT(HQ_ROLE_BRANCH_HEAD) | HQ_ROLE_BIT(HQ_ROLE_DEPARTMENT_HEAD) |                     \
     HQ_ROLE_BIT(HQ_ROLE_HEADQUARTERS) | HQ_ROLE_BIT(HQ_ROLE_SUPERVISOR) |                         \
     HQ_ROLE_BIT(HQ_ROLE_INSPECTORATE) | HQ_ROLE_BIT(HQ_ROLE_BANK) |                               \
     HQ_ROLE_BIT(HQ_ROLE_TREASURY) | HQ_ROLE_BIT(HQ_ROLE_ADMINISTRATOR) |                          \
     HQ_ROLE_BIT(HQ_ROLE_AUDITOR))

typedef enum {
    HQ_MAY_SEE,  /* customs people of the office or above, or of where the goods lie; the declarant
                  * and his agent; the bank named */
    HQ_MAY_ACT,  /* customs people who act (not auditor, analyst, inspectorate) of `office` or above
                  */
    HQ_MAY_FILE, /* declarant for this tax code (as importer, exporter or agent with authority) */
    HQ_MAY_DECIDE, /* heads: branch, department, headquarters within scope; or who holds a
                      delegation */
    HQ_MAY_PASS, /* confirm passage: operator or officers where the goods lie (else of `office`) */
    HQ_MAY_ADMINISTER, /* administrators of the office or above */
    HQ_MAY_ANALYSE     /* the laboratory of the office or above: samples, not whose they are */
} hq_deed;
#define HQ_DEED_COUNT 7

/* A deed of a head that he gave to somebody for some days, as the caller holds it. */
typedef struct {
    hq_deed deed;   /* HQ_MAY_DECIDE */
    hq_sv act;      /* only these acts ("declaration.release declaration.storage"); empty: all */
    hq_sv office;   /* in this office and below */
    hq_sv id, head; /* "delegation/..."; whose decisions they are */
    hq_day from, to;
} hq_delegated;

/* Who is calling. Immutable while a request runs. */
typedef struct hq_caller {
    hq_sv id;   /* stable: "user/..." or "key/...", the actor of events, at most 64 bytes */
    hq_sv name; /* to show */
    hq_role role;
    hq_sv office;   /* scope: this office and all below it; empty: see HQ_ROLES_NATIONAL */
    hq_sv tax_code; /* of a declarant */
    hq_sv bank;     /* of a bank */
    hq_sv session;  /* id of the session, empty for API keys */
    bool by_cookie;
    hq_sv person; /* who answers for it before four eyes: of a key who had it made; empty: id */
    const hq_delegated *delegated;
    size_t delegated_count;
} hq_caller;

typedef struct hq_identity hq_identity;
extern const hq_store_room hq_identity_room;

hq_status hq_identity_open(hq_identity **out, hq_store *store, hq_reference *reference);
void hq_identity_close(hq_identity *identity);

/* From the headers of a request: "Bearer <key>" or the session cookie with its CSRF header (needed
 * for everything but GET). The copy lives in the arena. An API key costs one hash and one look into
 * memory; no table is read for one that is known. UNAUTHENTICATED with *why; idle and absolute
 * limits of sessions apply. FORBIDDEN: the CSRF header is missing or of another session. */
hq_status hq_authenticate(const hq_caller **out, hq_identity *identity, hq_sv authorization,
                          hq_sv cookie, hq_sv csrf, hq_method method, hq_arena *arena, hq_why *why);

/* ---- the one function of scope ---- */
typedef struct {
    hq_sv office, goods_office; /* where registered, where the goods lie (may be empty) */
    hq_sv trader_tax_code, agent_tax_code; /* whose it is */
    hq_sv bank;
    hq_sv act; /* of HQ_MAY_DECIDE: "declaration.release"; a delegation may be for one act only */
} hq_target;
/* HQ_OK, NOT_FOUND outside the caller's scope, FORBIDDEN inside it with the wrong role. An agent
 * whose authority for the trader does not hold on the day is FORBIDDEN to file. */
hq_status hq_may(const hq_caller *caller, hq_deed deed, const hq_target *target, const hq_ref *ref,
                 hq_day day);
/* The delegation by which the caller may decide target->act there on the day; NULL when there is
 * none. Who may by his own office too is no delegate: ask hq_may_himself first. */
const hq_delegated *hq_may_by_delegation(const hq_caller *caller, const hq_target *target,
                                         const hq_ref *ref, hq_day day);
/* hq_may as if nothing were delegated to him. */
hq_status hq_may_himself(const hq_caller *caller, hq_deed deed, const hq_target *target,
                         const hq_ref *ref, hq_day day);

/* ---- people and keys ---- */
typedef struct {
    hq_sv username, name, role, office, tax_code, bank, password;
    bool on_roster; /* may be drawn as the officer of a declaration */
} hq_new_user;
hq_status hq_user_add(hq_identity *identity, const hq_new_user *user, hq_sv actor, hq_arena *arena,
                      hq_why *why);
typedef struct {
    hq_sv role, office, tax_code, bank, name;
} hq_new_key;
/* *secret is the key to be shown once ("hq_..."), in the arena. */
hq_status hq_key_add(hq_sv *secret, hq_identity *identity, const hq_new_key *key, hq_sv actor,
                     hq_arena *arena, hq_why *why);
/* Another process changed people, keys or sessions: loads what changed when the stored version
 * moved. Cheap. What this process changes itself, and a key it does not know, need no call. */
hq_status hq_identity_refresh(hq_identity *identity);

/* Who stands behind an id ("user/...", "key/..."), a username or the name of a key; not those who
 * were disabled or revoked. From memory; NOT_FOUND. */
typedef struct {
    hq_sv id, name, login; /* login: username of a user, empty for a key */
    hq_role role;
    hq_sv office;
    bool on_roster;
} hq_person;
hq_status hq_identity_find(hq_person *out, hq_identity *identity, hq_sv who, hq_arena *arena);

/* ---- roster: who may be drawn as officer of an office now ---- */
typedef struct {
    hq_sv id,
        name; /* caller id "user/..."; "key/..." for an officer who works by another program */
} hq_rostered;
/* Officers on the roster of the office itself, ordered by id; from memory. */
hq_status hq_identity_roster(const hq_rostered **out, size_t *count, hq_identity *identity,
                             hq_sv office, hq_arena *arena);

/* ---- four eyes ---- */
typedef struct {
    hq_sv deed;       /* "identity.key_add", unique name of the kind of act */
    hq_sv subject;    /* what it is about */
    hq_sv body;       /* the exact bytes that the second person confirms */
    uint32_t roles;   /* who may confirm */
    int64_t valid_us; /* 0: 24 hours */
} hq_approval_ask;
/* Inside a write closure: the first call records the wish and answers APPROVAL with *id; the call
 * of another entitled person with the same deed, subject and body answers OK (approved, event
 * written); the same person again answers APPROVAL with the same id; expired ones start anew. A
 * closure that gets APPROVAL notes it in its own memory and returns HQ_DONE, or the wish would be
 * rolled back; `then` answers with hq_approval_answer. */
hq_status hq_approve(hq_id *id, hq_tx *tx, const hq_caller *caller, const hq_approval_ask *ask);

/* 202 {"approval": id}. */
hq_status hq_approval_answer(hq_request *request, const hq_id *id);

/* ---- delegations ---- */
typedef struct {
    hq_sv to;           /* id or username of a user of an office within the head's scope */
    hq_sv act;          /* acts with spaces between, empty: every decision */
    hq_sv office;       /* empty: the head's own */
    hq_day from, until; /* both included */
} hq_delegation;
/* A head gives his decisions to a named user until a day; one event. Blocks until durable. */
hq_status hq_delegate(hq_id *id, hq_identity *identity, const hq_caller *head,
                      const hq_delegation *delegation, hq_arena *arena, hq_why *why);
hq_status hq_delegation_end(hq_identity *identity, const hq_caller *head, const hq_id *id,
                            hq_why *why);

/* Records that personal data were read, batched: one event per request, written within a moment by
 * a thread of this room and all of them before hq_identity_close returns. BUSY when too many wait:
 * then the reading must not be answered. `what`: the path, without a query. */
hq_status hq_identity_record_reading(hq_identity *identity, const hq_caller *caller, hq_sv what,
                                     hq_sv trace_id);

/* POST /api/v1/session (sign in), GET, DELETE; sessions, users, keys, approvals, roster. */
extern const hq_route hq_identity_routes[];
extern const size_t hq_identity_route_count;
