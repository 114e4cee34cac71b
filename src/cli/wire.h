/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to cli/: the one place that wires the rooms together. A house is all rooms open on one
 * database, with the hooks between them set. */

#include "balance/balance.h"
#include "clearance/clearance.h"
#include "cli/cli.h"
#include "files/files.h"
#include "identity/identity.h"
#include "notice/notice.h"
#include "os/os.h"
#include "reference/reference.h"
#include "risk/risk.h"
#include "server/server.h"
#include "store/store.h"
#include "transit/transit.h"
#include "treasury/treasury.h"

#define HQ_HOUSE_TABLES 12

typedef struct {
    hq_store *store;
    hq_reference *reference;
    hq_identity *identity;
    hq_files *files;
    hq_notice *notice;
    hq_risk *risk;
    hq_treasury *treasury;
    hq_balance *balance;
    hq_transit *transit;
    hq_clearance *clearance;
    const hq_clock *clock;
    hq_test_clock *test_clock; /* NULL: the machine's clock */
    hq_loop *loop;             /* what falls due by itself */
    hq_thread loop_thread;
    hq_route_table tables[HQ_HOUSE_TABLES];
    size_t table_count;
} hq_house;

typedef struct {
    hq_sv url;
    bool test_clock; /* only on a database of `init --test` */
    bool no_sync, no_realtime;
    bool no_migrate;
    bool new_key;   /* begin a new key for the journal */
    bool no_clocks; /* nothing falls due by itself: for commands that come and go */
} hq_house_options;

/* Opens everything. On failure all is closed again. */
hq_status hq_house_open(hq_house *out, const hq_house_options *options, hq_arena *arena,
                        hq_why *why);
/* In the other order. A server must have been stopped. */
void hq_house_close(hq_house *house);
/* USAGE with *why when --db is missing or names a file that is not there: a slip of the pen must
 * not make an empty database beside the right one. */
hq_status hq_cli_need_database(const hq_cli *cli, hq_why *why);
/* The database named by --db, for a command that makes it when it is not there. */
hq_status hq_house_open_new(hq_house *out, const hq_cli *cli, hq_why *why);
/* The same, which must be there. */
hq_status hq_house_open_for(hq_house *out, const hq_cli *cli, hq_why *why);

/* The rooms that store something, in floor order. */
const hq_store_room *hq_house_rooms(size_t *count);
/* Route tables alone, without rooms, for `haiquan routes`. */
void hq_house_route_tables(hq_house *house);

/* The server on this house, its hooks set; limits and addresses from the settings. */
hq_status hq_house_serve(hq_server **out, hq_house *house, const hq_cli *cli,
                         const hq_route_table *further, hq_arena *arena, hq_why *why);
