/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/body.h"

#define ADMINISTRATOR HQ_ROLE_BIT(HQ_ROLE_ADMINISTRATOR)
#define HEADS                                                                                      \
    (HQ_ROLE_BIT(HQ_ROLE_BRANCH_HEAD) | HQ_ROLE_BIT(HQ_ROLE_DEPARTMENT_HEAD) |                     \
     HQ_ROLE_BIT(HQ_ROLE_HEADQUARTERS))
#define H(name) hq_identity__##name

/* Everything that hashes a password or writes without an Idempotency-Key blocks, so it is SLOW. */
const hq_route hq_identity_routes[] = {
    { HQ_POST, "/api/v1/session", H(post_session), 0, HQ_ROUTE_PUBLIC | HQ_ROUTE_SLOW,
      HQ_POOL_PUBLIC, 4096 },
    { HQ_GET, "/api/v1/session", H(get_session), 0, 0, HQ_POOL_FORMAL, 0 },
    { HQ_DELETE, "/api/v1/session", H(delete_session), 0, HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_POST, "/api/v1/session/password", H(post_password), 0, HQ_ROUTE_SLOW, HQ_POOL_FORMAL,
      4096 },
    { HQ_POST, "/api/v1/session/totp", H(post_totp), 0, HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 4096 },
    { HQ_POST, "/api/v1/session/totp/confirmation", H(post_totp_confirmation), 0, HQ_ROUTE_SLOW,
      HQ_POOL_FORMAL, 4096 },
    { HQ_POST, "/api/v1/session/totp/removal", H(post_totp_removal), 0, HQ_ROUTE_SLOW,
      HQ_POOL_FORMAL, 4096 },
    { HQ_GET, "/api/v1/sessions", H(get_sessions), 0, HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_DELETE, "/api/v1/sessions", H(delete_sessions), 0, HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_DELETE, "/api/v1/sessions/{id}", H(delete_one_session), 0, HQ_ROUTE_SLOW, HQ_POOL_FORMAL,
      0 },
    { HQ_GET, "/api/v1/users", H(get_users), ADMINISTRATOR, HQ_ROUTE_SLOW | HQ_ROUTE_PERSONAL,
      HQ_POOL_FORMAL, 0 },
    { HQ_POST, "/api/v1/users", H(post_user), ADMINISTRATOR, HQ_ROUTE_SLOW | HQ_ROUTE_KEY,
      HQ_POOL_FORMAL, 4096 },
    { HQ_POST, "/api/v1/users/{id}/password", H(post_user_password), ADMINISTRATOR,
      HQ_ROUTE_SLOW | HQ_ROUTE_KEY, HQ_POOL_FORMAL, 4096 },
    { HQ_POST, "/api/v1/users/{id}/disabling", H(post_user_disabling), ADMINISTRATOR, HQ_ROUTE_SLOW,
      HQ_POOL_FORMAL, 4096 },
    { HQ_POST, "/api/v1/users/{id}/enabling", H(post_user_enabling), ADMINISTRATOR, HQ_ROUTE_SLOW,
      HQ_POOL_FORMAL, 4096 },
    { HQ_PUT, "/api/v1/users/{id}/roster", H(put_user_roster), ADMINISTRATOR, HQ_ROUTE_SLOW,
      HQ_POOL_FORMAL, 4096 },
    { HQ_DELETE, "/api/v1/users/{id}/sessions", H(delete_user_sessions), ADMINISTRATOR,
      HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/keys", H(get_keys), ADMINISTRATOR, HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_POST, "/api/v1/keys", H(post_key), ADMINISTRATOR, HQ_ROUTE_KEY, HQ_POOL_FORMAL, 4096 },
    { HQ_DELETE, "/api/v1/keys/{id}", H(delete_key), ADMINISTRATOR, HQ_ROUTE_SLOW, HQ_POOL_FORMAL,
      0 },
    { HQ_PUT, "/api/v1/keys/{id}/roster", H(put_key_roster), ADMINISTRATOR, HQ_ROUTE_SLOW,
      HQ_POOL_FORMAL, 4096 },
    { HQ_GET, "/api/v1/roster", H(get_roster), HQ_ROLES_CUSTOMS | ADMINISTRATOR, HQ_ROUTE_PERSONAL,
      HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/approvals", H(get_approvals), 0, HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/delegations", H(get_delegations), HQ_ROLES_CUSTOMS | ADMINISTRATOR,
      HQ_ROUTE_SLOW | HQ_ROUTE_PERSONAL, HQ_POOL_FORMAL, 0 },
    { HQ_POST, "/api/v1/delegations", H(post_delegation), HEADS, HQ_ROUTE_SLOW | HQ_ROUTE_KEY,
      HQ_POOL_FORMAL, 4096 },
    { HQ_POST, "/api/v1/delegations/{id}/revocation", H(post_delegation_revocation), HEADS,
      HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 4096 },
    { HQ_GET, "/api/v1/roles", H(get_roles), 0, 0, HQ_POOL_FORMAL, 0 },
};
const size_t hq_identity_route_count = sizeof hq_identity_routes / sizeof hq_identity_routes[0];
