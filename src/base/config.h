/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Settings from flag, then environment HAIQUAN_*, then file, driven by one table that also feeds
 * --help, the man page and `haiquan config`. Unknown keys are errors that name the nearest known. */

#include "base/arena.h"

typedef enum { HQ_SETTING_TEXT, HQ_SETTING_INT, HQ_SETTING_BOOL } hq_setting_type;

typedef struct {
    const char *name; /* "listen": flag --listen, environment HAIQUAN_LISTEN, file key listen */
    hq_setting_type type;
    const char *fallback; /* default as text, NULL: none */
    int64_t min, max;     /* for INT */
    const char *help;
} hq_setting;

typedef struct {
    hq_sv value;        /* text form */
    int64_t number;     /* INT and BOOL */
    const char *origin; /* "flag", "environment", "file", "default", NULL when unset */
} hq_setting_value;

/* Reads argv[0..argc) flags (--name value, --name=value; BOOL may stand alone), the environment and,
 * when not empty, the text of a file (lines "key = value", '#' comments) into values[count], in table
 * order. What is not a flag goes to rest[]. USAGE with *why (arena) naming the key and the nearest. */
hq_status hq_config_read(hq_setting_value *values, const hq_setting *table, size_t count, int argc,
                         char **argv, char **rest, int *rest_count, hq_sv file, hq_sv *why,
                         hq_arena *arena);
