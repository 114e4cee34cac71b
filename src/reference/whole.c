/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/snapshot.h"

/* Whole tables, for lists to choose from. */

const hq_kind_row *hq_ref_kinds(size_t *count, const hq_ref *ref)
{
    *count = ref->kinds.count;
    return ref->kinds.rows;
}

const hq_office_row *hq_ref_offices(size_t *count, const hq_ref *ref)
{
    *count = ref->offices.count;
    return ref->offices.rows;
}

const hq_scheme_row *hq_ref_schemes(size_t *count, const hq_ref *ref)
{
    *count = ref->schemes.count;
    return ref->schemes.rows;
}
