/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Face of codec/: bytes to values and back; knows no customs word. */

#include "codec/csv.h"
#include "codec/json.h"
#include "codec/pack.h"
#include "codec/pdf.h"
#include "codec/qr.h"
#include "codec/xlsx.h"
