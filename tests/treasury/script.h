/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The words of a case: one sentence a line, read from left to right; what is not understood fails
 * the test with file and line. */

#include <stdio.h>

#include "ledger.h"

typedef struct {
    ledger *l;
    const char *file;
    size_t line;
    char outcome[512]; /* of the last act, held against "expect" */
} script;

#define FAIL(s, ...)                                                                               \
    do {                                                                                           \
        char fail_text[2048];                                                                      \
        snprintf(fail_text, sizeof fail_text, __VA_ARGS__);                                        \
        fail_msg("%s line %zu: %s", (s)->file, (s)->line, fail_text);                              \
    } while (0)

typedef struct {
    script *s;
    char text[1024];
    char *words[64];
    size_t count, at;
} sentence;

void script_split(sentence *z, hq_sv line);
const char *script_next(sentence *z);
bool script_more(const sentence *z);
bool script_take(sentence *z, const char *word);
void script_expect_word(sentence *z, const char *word);
int64_t script_number(sentence *z);
int64_t script_declaration(sentence *z);
hq_tax script_tax(sentence *z);
