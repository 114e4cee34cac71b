/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to cli/: what the commands on the journal share. */

#include "cli/wire.h"

/* The store alone, for reading. */
hq_status hq_cli_open_reader(hq_store **out, const hq_cli *cli, hq_why *why);
/* The first 64 hexadecimal digits in a row of a file. */
hq_status hq_cli_read_key(uint8_t out[32], const hq_cli *cli, hq_sv path, hq_why *why);
