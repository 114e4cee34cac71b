/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/base.h"

/* Does Accept-Language put Vietnamese before English? Nothing said: yes. */
bool hq_prefers_vietnamese(hq_sv accept_language);
