/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What uploads.c (what comes in) and upload_routes.c (what is read again) share. */

#include "clearance/upload.h"

#define HQ_UPL__XLSX_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

/* Is the upload being worked on now, and how many of its declarations are done? */
bool hq_upl__is_running(size_t *done, hq_upl__engine *engine, const hq_id *id);
