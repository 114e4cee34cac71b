/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Calling other HTTP servers (webhooks, banks, sign-in providers) by libcurl. Blocks the calling
 * thread, so never in a request handler that is not SLOW. Certificates are always verified. */

#include "base/base.h"

struct sockaddr;

typedef struct {
    const char *method;   /* "POST" */
    hq_sv url;            /* http or https */
    const hq_sv *headers; /* "Name: value", no line breaks */
    size_t header_count;
    hq_sv body;              /* sent when not empty, and always with POST and PUT */
    int64_t connect_ms;      /* 0: 5 s */
    int64_t total_ms;        /* 0: 15 s, all redirects included */
    size_t answer_max;       /* bytes of body, 0: 1 MiB */
    unsigned redirects_max;  /* 0: none is followed; never to another scheme */
    bool public_only;        /* refuses private, local and reserved addresses, whatever names say */
    const char *authorities; /* file of accepted authorities (PEM), NULL: the system's */
} hq_http_call;

typedef struct {
    int http; /* status of the answer */
    hq_sv content_type;
    hq_sv body;
} hq_http_reply;

/* OK for every complete answer, whatever its HTTP status; texts are in the arena. SYNTAX: bad
 * address, header or redirect; TIMEOUT; LIMIT: answer too long; FORBIDDEN: address refused by
 * public_only; IO: no connection, failed handshake or transfer. `why` (may be NULL) says more. */
hq_status hq_http_fetch(hq_http_reply *out, hq_why *why, hq_arena *arena, const hq_http_call *call);

/* Is the address one of the open internet: neither private, local, multicast nor reserved? */
bool hq_address_is_public(const struct sockaddr *address);
