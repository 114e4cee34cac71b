/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Face of base/: what every room may use and what knows no customs word. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/decimal.h"
#include "base/digits.h"
#include "base/embed.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/map.h"
#include "base/status.h"
#include "base/sv.h"
#include "base/unicode.h"

/* Why a call was refused, for the person who reads it: where, in which words. Optional beside a
 * status; texts live in the request's arena or are static. */
typedef struct {
    hq_sv path; /* JSON pointer, empty when the whole is meant */
    hq_sv vi, en;
} hq_why;
