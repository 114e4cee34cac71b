/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_index.h"

#include <memory>
#include <simdjson.h>

using simdjson::internal::dom_parser_implementation;

namespace
{

/* A parser of this capacity stays with its thread (a quarter megabyte of positions, of which only
 * the pages in use are resident); what a larger text needed is given back with the next small one.
 */
constexpr size_t KEPT = 64 * 1024;

thread_local std::unique_ptr<dom_parser_implementation> parser;

bool make_room(size_t len)
{
    if (parser && parser->capacity() > len && (parser->capacity() <= KEPT || len >= KEPT)) {
        return true;
    }
    parser.reset();
    const size_t capacity = len < KEPT ? KEPT : len + 1;
    /* Only stage 1 runs, which has no depth. */
    return simdjson::get_active_implementation()->create_dom_parser_implementation(
               capacity, 1, parser) == simdjson::SUCCESS;
}

} // namespace

int hq_json__index(const uint32_t **positions, size_t *count, const char *text, size_t len)
{
    if (!make_room(len)) {
        return HQ_JSON__INDEX_NO_MEMORY;
    }
    const auto *bytes = reinterpret_cast<const uint8_t *>(text);
    if (parser->stage1(bytes, len, simdjson::stage1_mode::regular) != simdjson::SUCCESS) {
        return HQ_JSON__INDEX_BROKEN;
    }
    *count = parser->n_structural_indexes;
    parser->structural_indexes[*count] = static_cast<uint32_t>(len);
    *positions = parser->structural_indexes.get();
    return HQ_JSON__INDEXED;
}
