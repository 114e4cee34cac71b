/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/room.h"

/* Delays that grow with failed sign-ins, never a lock. Three counts: of the username, of the peer,
 * and of the two together. What a stranger does against a username delays other strangers; whoever
 * signed in from his own address before is judged by what failed from there alone, so nobody can
 * keep him out for ever. An attempt that came too early is refused and counts for nothing, so the
 * wait ends.
 *
 * The counts live in this process only: each server has its own, and a restart forgets them. */

#define DELAY_MAX_US (60 * HQ_US_PER_SECOND)
#define FORGET_US    (INT64_C(1800) * HQ_US_PER_SECOND)
#define SET          4

/* Failures that cost nothing: people mistype, and an office has one address. */
enum { PAIR, USER, PEER, COUNTS };
static const uint32_t free_ones[COUNTS] = { 3, 10, 10 };

static uint64_t key_of(char kind, hq_sv a, hq_sv b)
{
    char text[512];
    size_t len = 0;
    a = hq_sv_sub(a, 0, 240);
    b = hq_sv_sub(b, 0, 240);
    text[len++] = kind;
    memcpy(text + len, a.ptr == NULL ? "" : a.ptr, a.len);
    len += a.len;
    text[len++] = '\0';
    memcpy(text + len, b.ptr == NULL ? "" : b.ptr, b.len);
    len += b.len;
    uint64_t key = hq_hash64(hq_sv_make(text, len));
    return key == 0 ? 1 : key;
}

/* The bucket of a key: in its set, or in the place of the one of its set that failed least lately.
 */
static hq_identity__bucket *bucket_of(hq_identity__throttle *throttle, uint64_t key, hq_time_us now)
{
    size_t set = (size_t)(key >> 32) % (HQ_IDENTITY__THROTTLE_SLOTS / SET) * SET;
    hq_identity__bucket *oldest = &throttle->slots[set];
    for (size_t i = set; i < set + SET; i++) {
        hq_identity__bucket *b = &throttle->slots[i];
        if (b->key == key) {
            oldest = b;
            break;
        }
        oldest = b->last < oldest->last ? b : oldest;
    }
    if (oldest->key != key || now - oldest->last > FORGET_US) {
        *oldest = (hq_identity__bucket){ .key = key, .last = now };
    }
    return oldest;
}

static void count(hq_identity__bucket *bucket, uint32_t free_of_delay, hq_time_us now)
{
    bucket->count += bucket->count < UINT32_MAX;
    bucket->last = now;
    if (bucket->count >= free_of_delay) {
        uint32_t over = bucket->count - free_of_delay;
        bucket->next = now + (over < 6 ? HQ_US_PER_SECOND << over : DELAY_MAX_US);
    }
}

/* An IPv6 peer counts by its network of 64 bits. */
static hq_sv network_of(char out[64], hq_sv peer)
{
    int colons = 0;
    size_t len = 0;
    for (size_t i = 0; i < peer.len && len < 64; i++) {
        colons += peer.ptr[i] == ':';
        if (colons == 4) {
            break;
        }
        out[len++] = peer.ptr[i];
    }
    return hq_sv_make(out, len);
}

static void keys_of(uint64_t keys[COUNTS], hq_sv username, hq_sv peer)
{
    char network[64];
    peer = network_of(network, peer);
    keys[PAIR] = key_of('b', username, peer);
    keys[USER] = key_of('u', username, HQ_SV(""));
    keys[PEER] = key_of('p', HQ_SV(""), peer);
}

int64_t hq_identity__throttle_enter(hq_identity__throttle *throttle, hq_sv username, hq_sv peer,
                                    bool known, hq_time_us now)
{
    uint64_t keys[COUNTS];
    hq_time_us until = now;
    int counted = known ? 1 : COUNTS;
    keys_of(keys, username, peer);
    pthread_mutex_lock(&throttle->lock);
    for (int i = 0; i < counted; i++) {
        hq_time_us next = bucket_of(throttle, keys[i], now)->next;
        until = next > until ? next : until;
    }
    for (int i = 0; i < counted && until == now; i++) {
        count(bucket_of(throttle, keys[i], now), free_ones[i], now);
    }
    pthread_mutex_unlock(&throttle->lock);
    return until - now;
}

void hq_identity__throttle_passed(hq_identity__throttle *throttle, hq_sv username, hq_sv peer,
                                  bool known, hq_time_us now)
{
    uint64_t keys[COUNTS];
    keys_of(keys, username, peer);
    pthread_mutex_lock(&throttle->lock);
    *bucket_of(throttle, keys[PAIR], now) = (hq_identity__bucket){ 0 };
    for (int i = USER; i < COUNTS && !known; i++) {
        /* Only this attempt is taken back: who has one good account may not guess at others. */
        hq_identity__bucket *b = bucket_of(throttle, keys[i], now);
        b->count -= b->count > 0;
        b->next = b->count < free_ones[i] ? 0 : b->next;
    }
    pthread_mutex_unlock(&throttle->lock);
}
