/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/snapshot.h"

/* Which row of `amendable` decides about a field of a declaration. A few dozen rows, looked at one
 * by one; amendments are rare. */

/* Pieces of the pattern when it covers the path, 0 when it does not. */
static size_t covers(hq_sv pattern, hq_sv path)
{
    hq_sv rest = path;
    size_t pieces = 0;
    hq_sv_cut(&pattern, '/');
    hq_sv_cut(&rest, '/');
    while (pattern.ptr != NULL) {
        if (rest.ptr == NULL) {
            return 0;
        }
        hq_sv want = hq_sv_cut(&pattern, '/');
        hq_sv is = hq_sv_cut(&rest, '/');
        if (!hq_sv_eq(want, HQ_SV("*")) && !hq_sv_eq(want, is)) {
            return 0;
        }
        pieces++;
    }
    return pieces;
}

const hq_amendable_row *hq_ref_amendable(const hq_ref *ref, hq_flow flow, hq_sv path, hq_day day)
{
    const hq_amendable_row *rows = ref->amendable.rows;
    const hq_amendable_row *best = NULL;
    hq_sv name = flow == HQ_FLOW_IMPORT ? HQ_SV("import") : HQ_SV("export");
    size_t longest = 0;
    for (uint32_t i = 0; i < ref->amendable.count; i++) {
        const hq_amendable_row *row = &rows[i];
        bool own = hq_sv_eq(row->flow, name);
        if ((!own && row->flow.len > 0) || row->from > day || day > row->to) {
            continue;
        }
        size_t pieces = covers(row->path, path);
        if (pieces > longest || (pieces > 0 && pieces == longest && own)) {
            longest = pieces;
            best = row;
        }
    }
    return best;
}
