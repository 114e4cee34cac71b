/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/amend.h"
#include "clearance/batch.h"
#include "clearance/declare.h"
#include "clearance/dialogue.h"
#include "clearance/items.h"
#include "clearance/list.h"
#include "clearance/matters.h"
#include "clearance/outages.h"
#include "clearance/pauses.h"
#include "clearance/print.h"
#include "clearance/proposals.h"
#include "clearance/step.h"
#include "clearance/upload.h"
#include "clearance/verbs.h"

#define ITEMS_MAX        ((size_t)4 << 20)
#define BODY_MAX         ((size_t)8 << 20) /* 4,950 lines of 1.6 kB */
#define SEES             (HQ_ROLES_CUSTOMS | HQ_CLR__DECLARANT)
#define DECLARES_OUTAGES (HQ_ROLE_BIT(HQ_ROLE_ADMINISTRATOR) | HQ_ROLE_BIT(HQ_ROLE_HEADQUARTERS))
#define READS            (HQ_ROUTE_SLOW | HQ_ROUTE_PERSONAL)

/* Roles of a verb are those of the transition table: held against it by a test. MAKES: something
 * new comes of it each time, so it needs its Idempotency-Key. */
#define MAKES(path, handler, roles)                                                                \
    {                                                                                              \
        HQ_POST, "/api/v1/declarations/{number}/" path, handler, roles, HQ_ROUTE_KEY,              \
            HQ_POOL_FORMAL, 0                                                                      \
    }
#define VERB(path, handler, roles)                                                                 \
    {                                                                                              \
        HQ_POST, "/api/v1/declarations/{number}/" path, handler, roles, 0, HQ_POOL_FORMAL, 0       \
    }

#define ASK_AND_DECIDE (HQ_CLR__DECLARANT | HQ_CLR__CHECKERS | HQ_CLR__HEADS)
#define OVERSEE        (HQ_CLR__CHECKERS | HQ_CLR__HEADS | HQ_CLR__SUPERVISOR)
/* Decisions on what was asked for: they read the journal, so they may block. */
#define DECIDE(path, handler, roles)                                                               \
    {                                                                                              \
        HQ_POST, "/api/v1/declarations/{number}/" path, handler, roles, HQ_ROUTE_SLOW,             \
            HQ_POOL_FORMAL, 0                                                                      \
    }

const hq_route hq_clearance_routes[] = {
    { HQ_POST, "/api/v1/declarations", hq_clr__post_declaration, HQ_CLR__DECLARANT,
      HQ_ROUTE_KEY | HQ_ROUTE_DRY_RUN, HQ_POOL_FORMAL, BODY_MAX },
    { HQ_GET, "/api/v1/declarations", hq_clr__get_list, 0, READS, HQ_POOL_FORMAL, 0 },
    { HQ_POST, "/api/v1/declarations:batch", hq_clr__post_batch, HQ_CLR__DECLARANT,
      HQ_ROUTE_NDJSON | HQ_ROUTE_STREAM, HQ_POOL_LOW_VALUE, 0 },
    { HQ_POST, "/api/v1/uploads", hq_clr__post_upload, HQ_CLR__DECLARANT,
      HQ_ROUTE_KEY | HQ_ROUTE_DRY_RUN | HQ_ROUTE_ANY_TYPE | HQ_ROUTE_STREAM, HQ_POOL_LOW_VALUE, 0 },
    { HQ_GET, "/api/v1/uploads", hq_clr__get_uploads, HQ_CLR__DECLARANT, HQ_ROUTE_SLOW,
      HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/uploads/template.xlsx", hq_clr__get_upload_template, HQ_CLR__DECLARANT,
      HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/uploads/{id}", hq_clr__get_upload, HQ_CLR__DECLARANT, READS, HQ_POOL_FORMAL,
      0 },
    { HQ_GET, "/api/v1/uploads/{id}/result.xlsx", hq_clr__get_upload_book, HQ_CLR__DECLARANT, READS,
      HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/declarations/{number}", hq_clr__get_record, SEES, HQ_ROUTE_PERSONAL,
      HQ_POOL_FORMAL, 0 },
    { HQ_PUT, "/api/v1/declarations/{number}", hq_clr__put_declaration, HQ_CLR__DECLARANT, 0,
      HQ_POOL_FORMAL, BODY_MAX },
    { HQ_GET, "/api/v1/declarations/{number}/timeline", hq_clr__get_timeline, SEES, HQ_ROUTE_SLOW,
      HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/declarations/{number}/receipt", hq_clr__get_receipt, SEES, READS,
      HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/declarations/{number}/decision", hq_clr__get_decision, HQ_ROLES_CUSTOMS,
      READS, HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/declarations/{number}/advice", hq_clr__get_advice, SEES, HQ_ROUTE_PERSONAL,
      HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/declarations/{number}/papers/{paper}", hq_clr__get_paper, SEES, READS,
      HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/outages", hq_clr__get_outages, 0, HQ_ROUTE_PUBLIC | HQ_ROUTE_SLOW,
      HQ_POOL_PUBLIC, 0 },
    { HQ_POST, "/api/v1/outages", hq_clr__post_outage, DECLARES_OUTAGES, HQ_ROUTE_KEY,
      HQ_POOL_FORMAL, 0 },
    { HQ_POST, "/api/v1/outages/{id}/end", hq_clr__post_outage_end, DECLARES_OUTAGES, 0,
      HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/items", hq_clr__get_items, HQ_CLR__DECLARANT, HQ_ROUTE_SLOW, HQ_POOL_FORMAL,
      0 },
    { HQ_PUT, "/api/v1/items", hq_clr__put_items, HQ_CLR__DECLARANT,
      HQ_ROUTE_CSV | HQ_ROUTE_NDJSON | HQ_ROUTE_SLOW, HQ_POOL_FORMAL, ITEMS_MAX },
    { HQ_GET, "/api/v1/items/{code}", hq_clr__get_item, HQ_CLR__DECLARANT, 0, HQ_POOL_FORMAL, 0 },
    { HQ_PUT, "/api/v1/items/{code}", hq_clr__put_item, HQ_CLR__DECLARANT, 0, HQ_POOL_FORMAL, 0 },
    { HQ_DELETE, "/api/v1/items/{code}", hq_clr__delete_item, HQ_CLR__DECLARANT, 0, HQ_POOL_FORMAL,
      0 },
    VERB("registration", hq_clr__post_registration, HQ_CLR__DECLARANT),
    VERB("documents-complete", hq_clr__post_documents_complete,
         HQ_CLR__DECLARANT | HQ_CLR__CHECKERS),
    VERB("goods-presented", hq_clr__post_goods_presented, HQ_CLR__DECLARANT | HQ_CLR__CHECKERS),
    VERB("assignment", hq_clr__post_assignment, HQ_CLR__LEADERS),
    VERB("document-check", hq_clr__post_document_check, HQ_CLR__CHECKERS),
    VERB("goods-check", hq_clr__post_goods_check, HQ_CLR__CHECKERS),
    MAKES("attachments", hq_clr__post_attachment, HQ_CLR__DECLARANT | HQ_CLR__CHECKERS),
    { HQ_GET, "/api/v1/declarations/{number}/attachments/{id}", hq_clr__get_attachment, SEES, READS,
      HQ_POOL_FORMAL, 0 },
    MAKES("instructions", hq_clr__post_instruction, HQ_CLR__CHECKERS),
    MAKES("answers", hq_clr__post_answer, HQ_CLR__DECLARANT),
    VERB("instructions/{id}/closure", hq_clr__post_instruction_closure, HQ_CLR__CHECKERS),
    { HQ_POST, "/api/v1/declarations/{number}/pauses", hq_clr__post_pause, HQ_CLR__CHECKERS,
      HQ_ROUTE_KEY, HQ_POOL_FORMAL, 0 },
    VERB("pauses/{id}/end", hq_clr__post_pause_end, HQ_CLR__CHECKERS),
    VERB("extension", hq_clr__post_extension, HQ_CLR__CHECKERS | HQ_CLR__HEADS),
    VERB("channel", hq_clr__post_channel, HQ_CLR__CHECKERS | HQ_CLR__HEADS),
    { HQ_POST, "/api/v1/declarations/{number}/amendments", hq_clr__post_amendments,
      HQ_CLR__DECLARANT | HQ_CLR__CHECKERS | HQ_CLR__HEADS, HQ_ROUTE_KEY | HQ_ROUTE_SLOW,
      HQ_POOL_FORMAL, BODY_MAX },
    DECIDE("amendments/{id}/acceptance", hq_clr__post_amendment_acceptance,
           HQ_CLR__CHECKERS | HQ_CLR__HEADS),
    DECIDE("amendments/{id}/refusal", hq_clr__post_amendment_refusal,
           HQ_CLR__CHECKERS | HQ_CLR__HEADS),
    DECIDE("amendments/{id}/withdrawal", hq_clr__post_amendment_withdrawal, HQ_CLR__DECLARANT),
    { HQ_GET, "/api/v1/declarations/{number}/versions", hq_clr__get_versions, SEES, HQ_ROUTE_SLOW,
      HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/declarations/{number}/versions/{version}", hq_clr__get_version, SEES, READS,
      HQ_POOL_FORMAL, 0 },
    { HQ_POST, "/api/v1/declarations/{number}/matters", hq_clr__post_matter,
      HQ_CLR__CHECKERS | HQ_CLR__HEADS, HQ_ROUTE_KEY | HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    VERB("matters/{id}/samples", hq_clr__post_samples, HQ_CLR__CHECKERS),
    VERB("matters/{id}/receive", hq_clr__post_receive, HQ_CLR__LABORATORY),
    VERB("matters/{id}/result", hq_clr__post_result, HQ_CLR__LABORATORY),
    VERB("matters/{id}/minutes", hq_clr__post_minutes, HQ_CLR__CHECKERS),
    VERB("matters/{id}/disposal", hq_clr__post_disposal, HQ_CLR__CHECKERS),
    VERB("matters/{id}/closure", hq_clr__post_matter_closure, HQ_CLR__CHECKERS | HQ_CLR__HEADS),
    { HQ_GET, "/api/v1/declarations/{number}/earlier-analyses", hq_clr__get_earlier_analyses,
      HQ_ROLES_CUSTOMS, HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/matters", hq_clr__get_matters, HQ_ROLES_CUSTOMS, HQ_ROUTE_SLOW,
      HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/laboratory/samples", hq_clr__get_samples, HQ_CLR__LABORATORY, HQ_ROUTE_SLOW,
      HQ_POOL_FORMAL, 0 },
    VERB("cancellation", hq_clr__post_cancellation, ASK_AND_DECIDE),
    VERB("release", hq_clr__post_release, ASK_AND_DECIDE),
    VERB("storage", hq_clr__post_storage, ASK_AND_DECIDE),
    VERB("result", hq_clr__post_exit_result, HQ_CLR__CHECKERS),
    VERB("manual", hq_clr__post_manual, HQ_CLR__CHECKERS | HQ_CLR__HEADS),
    MAKES("holds", hq_clr__post_hold, OVERSEE),
    VERB("holds/{id}/lift", hq_clr__post_lift, OVERSEE),
    MAKES("passage", hq_clr__post_passage, HQ_CLR__CHECKERS | HQ_CLR__OPERATOR),
    { HQ_GET, "/api/v1/declarations/{number}/passage", hq_clr__get_passage, SEES | HQ_CLR__OPERATOR,
      0, HQ_POOL_FORMAL, 0 },
    VERB("proposals/{id}/refusal", hq_clr__post_refusal, OVERSEE),
    VERB("proposals/{id}/withdrawal", hq_clr__post_withdrawal, ASK_AND_DECIDE),
    { HQ_GET, "/api/v1/proposals", hq_clr__get_proposals, HQ_ROLES_CUSTOMS, READS, HQ_POOL_FORMAL,
      0 },
};
const size_t hq_clearance_route_count = sizeof hq_clearance_routes / sizeof hq_clearance_routes[0];
