/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/assess_run.h"

/* requirements.def at work: facts are bits of one word, a row is two comparisons. */

enum {
#define HQ_FACT(name, condition)      BIT_##name,
#define HQ_LINE_FACT(name, condition) BIT_##name,
#include "clearance/requirements.def"
#undef HQ_FACT
#undef HQ_LINE_FACT
    BITS
};
_Static_assert(BITS <= 64, "facts are bits of one word");

static const uint64_t NOTHING = 0;
#define HQ_FACT(name, condition)      static const uint64_t name = UINT64_C(1) << BIT_##name;
#define HQ_LINE_FACT(name, condition) HQ_FACT(name, condition)
#include "clearance/requirements.def"
#undef HQ_FACT
#undef HQ_LINE_FACT

static uint64_t groups_of(hq_sv kind)
{
    hq_code4 code = hq_code4_of(kind);
#define HQ_KIND(kind_, groups)                                                                     \
    if (code == ((hq_code4)(kind_)[0] << 16 | (hq_code4)(kind_)[1] << 8 | (hq_code4)(kind_)[2])) { \
        return groups;                                                                             \
    }
#include "clearance/requirements.def"
#undef HQ_KIND
    return NOTHING;
}

static uint64_t facts_of(const hq_declaration *d)
{
    uint64_t facts = groups_of(d->kind);
#define HQ_FACT(name, condition) facts |= (condition) ? name : NOTHING;
#include "clearance/requirements.def"
#undef HQ_FACT
    return facts;
}

static uint64_t facts_of_line(const hq_line *line)
{
    uint64_t facts = NOTHING;
#define HQ_LINE_FACT(name, condition) facts |= (condition) ? name : NOTHING;
#include "clearance/requirements.def"
#undef HQ_LINE_FACT
    return facts;
}

static inline bool holds(uint64_t facts, uint64_t all, uint64_t none)
{
    return (facts & all) == all && (facts & none) == 0;
}

/* What could not be read, or what lies in something that could not, has its finding already. */
static bool is_found(const hq_assess__run *run, hq_sv path)
{
    for (size_t i = 0; i < run->read_findings; i++) {
        hq_sv at = run->findings->items[i].path;
        if (hq_sv_starts(at, path) || hq_sv_starts(path, at)) {
            return true;
        }
    }
    return false;
}

static void find(hq_assess__run *run, const char *rule, hq_sv path)
{
    if (!is_found(run, path)) {
        hq_findings_add(run->findings, rule, path, HQ_SV_NULL, &run->declaration->kind, 1);
    }
}

static void check_line(hq_assess__run *run, uint64_t facts, size_t i)
{
#define HQ_LINE_WHEN(rule, path, all, none)                                                        \
    if (holds(facts, all, none)) {                                                                 \
        find(run, rule, hq_findings__line_path(run->arena, i, path));                              \
    }
#include "clearance/requirements.def"
#undef HQ_LINE_WHEN
}

void hq_check__needs(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    uint64_t facts = facts_of(d);
#define HQ_WHEN(rule, path, all, none)                                                             \
    if (holds(facts, all, none)) {                                                                 \
        find(run, rule, HQ_SV(path));                                                              \
    }
#include "clearance/requirements.def"
#undef HQ_WHEN
    for (size_t i = 0; i < d->line_count; i++) {
        check_line(run, facts | facts_of_line(&d->lines[i]), i);
    }
}
