/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside codec/: the letters of papers. */

#include <pango/pangocairo.h>

/* Font map of the calling thread, kept for it; NULL when the letters cannot be loaded. */
PangoFontMap *hq_pdf__fonts(void);
#define HQ_PDF__FAMILY "Roboto"
