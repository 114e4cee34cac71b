/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The published nomenclatures, when somebody put them beside the project: six-digit HS codes
 * (columns section, hscode, description, parent, level) and Vietnamese eight-digit names (hs8,
 * name_vi, cs_flag), as one file of the nomenclature table. */

#include "base/base.h"

typedef struct {
    hq_sv csv;         /* ptr NULL: the files are not there */
    size_t six, eight; /* rows of each kind */
} official_names;
/* `folder` holds hs_wco_2022_6digit.csv and nolicence/vn_hs8_names_2026.csv. */
official_names official_read(const char *folder, hq_arena *arena);
