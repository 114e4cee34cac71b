/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Face of identity/: who is calling, in which role, for which office, and the one function that says
 * whether he may. People sign in with argon2id passwords and TOTP and get a session; machines hold API
 * keys. Every scope check of the program is hq_may. Secrets are stored as hashes only. */

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
#define HQ_ROLE_COUNT 16
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

/* Who is calling. Immutable while a request runs. */
typedef struct hq_caller {
    hq_sv id;   /* stable: "user/..." or "key/...", the actor of events, at most 64 bytes */
    hq_sv name; /* to show */
    hq_role role;
    hq_sv office;   /* scope: this office and all below it; empty: none */
    hq_sv tax_code; /* of a declarant */
    hq_sv bank;     /* of a bank */
    hq_sv session;  /* id of the session, empty for API keys */
    bool by_cookie;
} hq_caller;

typedef struct hq_identity hq_identity;
extern const hq_store_room hq_identity_room;

hq_status hq_identity_open(hq_identity **out, hq_store *store, hq_reference *reference);
void hq_identity_close(hq_identity *identity);

/* From the headers of a request: "Bearer <key>" or the session cookie with its CSRF header (needed for
 * everything but GET). The copy lives in the arena. An API key costs one hash and one look into
 * memory; no table is read. UNAUTHENTICATED with *why; idle and absolute limits of sessions apply. */
hq_status hq_authenticate(const hq_caller **out, hq_identity *identity, hq_sv authorization,
                          hq_sv cookie, hq_sv csrf, hq_method method, hq_arena *arena, hq_why *why);

/* ---- the one function of scope ---- */
typedef enum {
    HQ_MAY_SEE,    /* customs people of the office or above; the declarant and his agent */
    HQ_MAY_ACT,    /* customs people of the office itself or above it */
    HQ_MAY_FILE,   /* declarant for this tax code (as importer, exporter or agent) */
    HQ_MAY_DECIDE  /* heads: branch, department, headquarters within scope */
} hq_deed;
typedef struct {
    hq_sv office, goods_office;     /* where registered, where the goods lie (may be empty) */
    hq_sv trader_tax_code, agent_tax_code; /* whose it is */
    hq_sv bank;
} hq_target;
/* HQ_OK, NOT_FOUND outside the caller's scope, FORBIDDEN inside it with the wrong role. */
hq_status hq_may(const hq_caller *caller, hq_deed deed, const hq_target *target, const hq_ref *ref,
                 hq_day day);

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
/* Another process changed people or keys: reload when the stored version moved. Cheap. */
hq_status hq_identity_refresh(hq_identity *identity);

/* ---- roster: who may be drawn as officer of an office now ---- */
typedef struct {
    hq_sv id, name; /* caller id "user/..." */
} hq_rostered;
/* Officers on the roster of the office itself, ordered by id; from memory. */
hq_status hq_identity_roster(const hq_rostered **out, size_t *count, hq_identity *identity,
                             hq_sv office, hq_arena *arena);

/* ---- four eyes ---- */
typedef struct {
    hq_sv deed;    /* "identity.key_add", unique name of the kind of act */
    hq_sv subject; /* what it is about */
    hq_sv body;    /* the exact bytes that the second person confirms */
    uint32_t roles; /* who may confirm */
    int64_t valid_us; /* 0: 24 hours */
} hq_approval_ask;
/* Inside a write closure: the first call records the wish and answers APPROVAL with *id; the call of
 * another entitled person with the same deed, subject and body answers OK (approved, event written);
 * the same person again answers APPROVAL with the same id; expired ones start anew. */
hq_status hq_approve(hq_id *id, hq_tx *tx, const hq_caller *caller, const hq_approval_ask *ask);

/* Records that personal data were read, batched: one event per request. */
hq_status hq_identity_record_reading(hq_identity *identity, const hq_caller *caller, hq_sv what,
                                     hq_sv trace_id);

/* POST /api/v1/session (sign in), GET, DELETE; sessions, users, keys, approvals, roster. */
extern const hq_route hq_identity_routes[];
extern const size_t hq_identity_route_count;
