/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside identity/: small JSON bodies by table, all faults at once as findings; answers. */

#include "identity/acts.h"

typedef struct {
    const char *name;
    hq_sv *text; /* one of the two; neither: only the name is known here */
    bool *flag;
    bool required;
    size_t max; /* bytes of a text */
} hq_identity__field;

/* Reads request->body into what the fields point to (absent and null: left as they are). SYNTAX;
 * INVALID with findings in the answer. */
hq_status hq_identity__body(hq_request *request, const hq_identity__field *fields, size_t count);

/* "users", "{id}": the parameter as a full id "user/<uuid>"; NOT_FOUND when it is no UUID. */
hq_status hq_identity__param_id(hq_sv *out, hq_request *request, const char *prefix);
/* limit and cursor of a list; the cursor is the last id without its prefix. */
hq_status hq_identity__page(size_t *limit, hq_sv *after, hq_request *request, const char *prefix);

hq_status hq_identity__explain(hq_request *request, hq_status status, const char *vi,
                               const char *en);
hq_json_w hq_identity__answer(hq_request *request, int http);
hq_status hq_identity__no_content(hq_request *request);
/* Member with a text; null when empty. */
void hq_identity__text_member(hq_json_w *json, hq_sv name, hq_sv text);
/* id, name, role, office, tax_code, bank, on_roster. */
typedef struct {
    hq_sv id, name, role, office, tax_code, bank;
    bool on_roster;
} hq_identity__shown;
void hq_identity__shown_members(hq_json_w *json, const hq_identity__shown *who);

#define HQ_IDENTITY__HANDLERS(X)                                                                   \
    X(post_session)                                                                                \
    X(get_session)                                                                                 \
    X(delete_session)                                                                              \
    X(get_sessions)                                                                                \
    X(delete_sessions)                                                                             \
    X(delete_one_session)                                                                          \
    X(post_password)                                                                               \
    X(post_totp)                                                                                   \
    X(post_totp_confirmation)                                                                      \
    X(post_totp_removal)                                                                           \
    X(get_users)                                                                                   \
    X(post_user)                                                                                   \
    X(post_user_password)                                                                          \
    X(post_user_disabling)                                                                         \
    X(post_user_enabling)                                                                          \
    X(put_user_roster)                                                                             \
    X(delete_user_sessions)                                                                        \
    X(get_keys)                                                                                    \
    X(post_key)                                                                                    \
    X(delete_key)                                                                                  \
    X(put_key_roster)                                                                              \
    X(get_roster)                                                                                  \
    X(get_approvals)                                                                               \
    X(get_delegations)                                                                             \
    X(post_delegation)                                                                             \
    X(post_delegation_revocation)                                                                  \
    X(get_roles)
#define HQ_IDENTITY__HANDLER(name) hq_status hq_identity__##name(hq_request *request, void *room);
HQ_IDENTITY__HANDLERS(HQ_IDENTITY__HANDLER)
