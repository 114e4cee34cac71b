/* SPDX-License-Identifier: Apache-2.0 */
#include <netinet/in.h>
#include <sys/socket.h>

#include "os/client.h"

typedef struct {
    uint8_t bytes[16];
    unsigned bits;
} prefix;

/* IANA special-purpose registries (RFC 6890 and later): what is not globally reachable. */
static const prefix closed4[] = {
    { { 0 }, 8 },
    { { 10 }, 8 },
    { { 100, 64 }, 10 },
    { { 127 }, 8 },
    { { 169, 254 }, 16 },
    { { 172, 16 }, 12 },
    { { 192, 0, 0 }, 24 },
    { { 192, 0, 2 }, 24 },
    { { 192, 88, 99 }, 24 },
    { { 192, 168 }, 16 },
    { { 198, 18 }, 15 },
    { { 198, 51, 100 }, 24 },
    { { 203, 0, 113 }, 24 },
    { { 224 }, 3 },
};

static const prefix closed6[] = {
    { { 0x00, 0x64, 0xff, 0x9b, 0, 1 }, 48 }, /* local-use translation */
    { { 0x01, 0x00 }, 64 },
    { { 0x20, 0x01, 0x0d, 0xb8 }, 32 },
    { { 0x20, 0x01, 0x00 }, 23 }, /* Teredo and other protocol assignments */
    { { 0x3f, 0xff }, 20 },
    { { 0xfc }, 7 },
    { { 0xfe, 0x80 }, 9 }, /* link-local and the old site-local */
    { { 0xff }, 8 },
};

/* IPv6 forms that carry an IPv4 address, which then decides, and the byte where it starts. */
static const struct {
    prefix form;
    size_t at;
} carriers[] = {
    { { { 0 }, 96 }, 12 },
    { { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96 }, 12 },
    { { { 0x00, 0x64, 0xff, 0x9b }, 96 }, 12 },
    { { { 0x20, 0x02 }, 16 }, 2 },
};

static bool within(const uint8_t *address, const prefix *p)
{
    size_t whole = p->bits / 8;
    unsigned rest = p->bits % 8;
    if (memcmp(address, p->bytes, whole) != 0) {
        return false;
    }
    return rest == 0 || ((unsigned)(address[whole] ^ p->bytes[whole]) >> (8 - rest)) == 0;
}

static bool public4(const uint8_t *address)
{
    for (size_t i = 0; i < sizeof closed4 / sizeof closed4[0]; i++) {
        if (within(address, &closed4[i])) {
            return false;
        }
    }
    return true;
}

static bool public6(const uint8_t *address)
{
    for (size_t i = 0; i < sizeof carriers / sizeof carriers[0]; i++) {
        if (within(address, &carriers[i].form)) {
            return public4(address + carriers[i].at);
        }
    }
    for (size_t i = 0; i < sizeof closed6 / sizeof closed6[0]; i++) {
        if (within(address, &closed6[i])) {
            return false;
        }
    }
    return true;
}

bool hq_address_is_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return public4((const uint8_t *)&in.sin_addr);
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, address, sizeof in6);
        return public6(in6.sin6_addr.s6_addr);
    }
    return false;
}
