/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to server/: the frame of the pages that are rendered here: no script, one style sheet
 * that follows the reader's light or dark and the width of his screen. Everything given is escaped.
 */

#include "base/base.h"

/* Path of the style sheet that the pages name. */
#define HQ_HTML_STYLE_PATH "/trang.css"
hq_sv hq_html_style(void);

void hq_html_open(hq_buf *to, hq_sv title_vi, hq_sv title_en, bool vietnamese);
void hq_html_close(hq_buf *to);
/* The chosen language first, the other beneath it in small. */
void hq_html_heading(hq_buf *to, hq_sv vi, hq_sv en, bool vietnamese);
void hq_html_line(hq_buf *to, hq_sv vi, hq_sv en, bool vietnamese);
void hq_html_text(hq_buf *to, hq_sv text);
