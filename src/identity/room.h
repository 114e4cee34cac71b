/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside identity/: what is held in memory of people, keys, sessions and delegations, and what the
 * files of the room owe each other. */

#include <pthread.h>
#include <stdatomic.h>

#include "identity/identity.h"

#define HQ_IDENTITY__SESSION_LIFE_US (12 * 3600 * HQ_US_PER_SECOND)
#define HQ_IDENTITY__COOKIE          "__Host-haiquan"

/* ------------------------------------------------------------------ directory */

/* A user or a key as held in memory: one block with its texts behind it, replaced as a whole. */
typedef struct hq_identity__who hq_identity__who;
struct hq_identity__who {
    hq_sv id, login, name, office, tax_code, bank, person;
    hq_hash32 hash; /* of a key */
    hq_role role;
    bool is_key, on_roster, out; /* out: disabled or revoked */
    bool totp_on;
    size_t delegated; /* how many delegations he holds, also past ones */
    hq_identity__who *next;
};

typedef struct hq_identity__session hq_identity__session;
struct hq_identity__session {
    hq_sv id, user_id;
    hq_hash32 hash;
    hq_time_us created_at, expires_at;
    bool ended;
    _Atomic int64_t seen_at;
    _Atomic int64_t seen_stored; /* what the table has */
    hq_identity__session *next;
};

typedef struct hq_identity__given hq_identity__given;
struct hq_identity__given {
    hq_sv id, to_id;
    hq_delegated what;
    bool ended;
    hq_identity__given *next;
};

/* What changed since a version, newest state of each; blocks on the heap. */
typedef struct {
    int64_t since, version;
    hq_time_us now;
    hq_identity__who *who;
    hq_identity__session *sessions;
    hq_identity__given *given;
} hq_identity__changes;
void hq_identity__changes_free(hq_identity__changes *changes);

/* Everything in memory, behind one reader-writer lock. Loaded from the tables, by version. */
typedef struct {
    pthread_rwlock_t lock;
    hq_map *by_id;                   /* hq_identity__who */
    hq_map *by_login;                /* username -> who */
    hq_map *by_hash;                 /* hash of a key -> who */
    hq_map *sessions;                /* hash of a token -> session */
    hq_map *delegations;             /* id -> given */
    const hq_identity__who **roster; /* by office, then id */
    size_t roster_count;
    pthread_mutex_t loading; /* one refresh at a time; readers never take it */
    int64_t version;         /* loaded; under `loading` */
} hq_identity__directory;

hq_status hq_identity__directory_open(hq_identity__directory *directory);
void hq_identity__directory_close(hq_identity__directory *directory);
/* Who a token or key stands for; false when unknown. The copy is in the arena. Under no lock. */
typedef enum {
    HQ_IDENTITY__KNOWN,
    HQ_IDENTITY__UNKNOWN, /* not in memory */
    HQ_IDENTITY__OUT,     /* revoked, disabled, ended, past its absolute limit */
    HQ_IDENTITY__IDLE,    /* past its idle limit as far as this process saw */
    HQ_IDENTITY__NOMEM
} hq_identity__found;
hq_identity__found hq_identity__find_key(hq_caller **out, hq_identity *identity,
                                         const hq_hash32 *hash, hq_arena *arena);
/* Marks the session as seen now when it is known. */
hq_identity__found hq_identity__find_session(hq_caller **out, hq_identity *identity,
                                             const hq_hash32 *hash, hq_arena *arena);
/* What another process wrote about when the session was last used. */
void hq_identity__session_seen(hq_identity *identity, const hq_hash32 *hash, hq_time_us seen_at);
int64_t hq_identity__idle_limit_us(hq_role role);

/* ------------------------------------------------------------------ throttle */

#define HQ_IDENTITY__THROTTLE_SLOTS 4096 /* a power of two, sets of four */
typedef struct {
    uint64_t key; /* 0: empty */
    hq_time_us next, last;
    uint32_t count;
} hq_identity__bucket;
typedef struct {
    pthread_mutex_t lock;
    hq_identity__bucket slots[HQ_IDENTITY__THROTTLE_SLOTS];
} hq_identity__throttle;

/* Before a password is looked at: 0 and the attempt is counted as failed for now, or how long this
 * sender has to wait (nothing is counted). `known`: this user signed in from this peer before; then
 * only what failed from there counts. */
int64_t hq_identity__throttle_enter(hq_identity__throttle *throttle, hq_sv username, hq_sv peer,
                                    bool known, hq_time_us now);
/* The attempt was good: forgets what was counted against user and peer together, and takes this one
 * back from the other counts. */
void hq_identity__throttle_passed(hq_identity__throttle *throttle, hq_sv username, hq_sv peer,
                                  bool known, hq_time_us now);

/* ------------------------------------------------------------------ keeper */

/* A thread that writes what may wait a moment: readings of personal data, refused sign-ins, when
 * sessions were last used, approvals that expired. */
typedef struct hq_identity__note hq_identity__note;
typedef struct {
    hq_thread thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    hq_identity__note *first, **last;
    size_t waiting;
    bool open, stop, watching;
    hq_identity__note *held; /* being written; the thread's own */
    pthread_mutex_t sweeping;
    hq_time_us forgot_at; /* when sessions long gone were last deleted */
} hq_identity__keeper;

hq_status hq_identity__keeper_open(hq_identity *identity);
/* Writes what waits. */
void hq_identity__keeper_close(hq_identity *identity);
/* An event to be written soon; all texts are copied. BUSY when too many wait. */
hq_status hq_identity__note_later(hq_identity *identity, const hq_event *event);
/* What is due by the clock: expired approvals, times of sessions, sessions long gone. */
hq_status hq_identity__sweep(hq_identity *identity, bool last);
/* Runs `fn` in the lowest class of writes and waits. */
hq_status hq_identity__write_low(hq_identity *identity, hq_tx_fn fn, void *user);

struct hq_identity {
    hq_store *store;
    hq_reference *reference;
    const hq_clock *clock;
    hq_identity__directory directory;
    hq_identity__throttle throttle;
    hq_identity__keeper keeper;
};

/* ------------------------------------------------------------------ passwords */

#define HQ_IDENTITY__SEAL_BYTES 72 /* nonce 24, tag 16, up to 32 of secret */
typedef struct {
    int64_t ops, mem;
    uint8_t salt[16];
    hq_hash32 hash;
} hq_identity__password;

/* Rules of a new password. INVALID with *why. */
hq_status hq_identity__password_check(hq_sv password, hq_sv username, hq_arena *arena, hq_why *why);
/* Hashes with a new salt and the present cost; seal[32] is the key that seals the TOTP secret. */
hq_status hq_identity__password_make(hq_identity__password *out, uint8_t seal[32], hq_sv password);
/* Constant time but for the hash itself. A stored password of nobody (NULL) costs the same and
 * never matches. */
hq_status hq_identity__password_match(bool *out, uint8_t seal[32],
                                      const hq_identity__password *stored, hq_sv password);
/* A password to be shown once: 20 characters of base32 in groups. */
void hq_identity__password_invent(char out[25]);

/* ------------------------------------------------------------------ TOTP, RFC 6238 */

#define HQ_IDENTITY__TOTP_BYTES 20
#define HQ_IDENTITY__RECOVERY   10
#define HQ_IDENTITY__STEP_S     30
void hq_identity__hmac_sha1(uint8_t out[20], hq_sv key, hq_sv message);
/* The code of a time step, as a number of so many digits. */
uint32_t hq_identity__totp_code(hq_sv secret, int64_t step, int digits);
/* The step whose code this is, of the present one and its neighbours, newer than `used`; 0: none.
 */
int64_t hq_identity__totp_match(hq_sv secret, hq_sv code, int64_t used, hq_time_us now);
void hq_identity__base32(hq_buf *out, const uint8_t *bytes, size_t len);
hq_sv hq_identity__totp_uri(hq_sv username, const uint8_t secret[HQ_IDENTITY__TOTP_BYTES],
                            hq_arena *arena);
/* Nonce, then the sealed secret; and back: false when the key is not the one it was sealed with. */
void hq_identity__totp_seal(uint8_t out[HQ_IDENTITY__SEAL_BYTES], size_t *len,
                            const uint8_t secret[HQ_IDENTITY__TOTP_BYTES], const uint8_t key[32]);
bool hq_identity__totp_open(uint8_t secret[HQ_IDENTITY__TOTP_BYTES], hq_sv sealed,
                            const uint8_t key[32]);
/* Recovery codes: 16 characters of base32 in groups; the hash ignores case, spaces and dashes. */
void hq_identity__recovery_make(char out[20], hq_hash32 *hash);
bool hq_identity__recovery_hash(hq_hash32 *out, hq_sv code);

/* ------------------------------------------------------------------ roles and scope */

typedef enum {
    HQ_IDENTITY__REACH_OFFICE,  /* needs an office */
    HQ_IDENTITY__REACH_COUNTRY, /* an office, or none for the whole country */
    HQ_IDENTITY__REACH_TRADER,  /* needs a tax code */
    HQ_IDENTITY__REACH_BANK,    /* needs a bank */
    HQ_IDENTITY__REACH_NONE
} hq_identity__reach;
hq_identity__reach hq_identity__reach_of(hq_role role);
/* May a role do a deed within its scope? */
bool hq_identity__deed_allowed(hq_deed deed, hq_role role);
const char *hq_identity__deed_name(hq_deed deed);
typedef struct {
    const char *vi, *en;
} hq_identity__role_text;
const hq_identity__role_text *hq_identity__role_text_of(hq_role role);
/* Office, tax code, bank and role of a new user or key. INVALID with *why. */
hq_status hq_identity__scope_check(hq_role *out, hq_sv role, hq_sv office, hq_sv tax_code,
                                   hq_sv bank, hq_arena *arena, hq_why *why);

/* ------------------------------------------------------------------ tokens */

/* "hq_" and 43 characters of base62: 256 bits. */
#define HQ_IDENTITY__SECRET_LEN 46
void hq_identity__secret_make(char out[HQ_IDENTITY__SECRET_LEN + 1], hq_hash32 *hash);
/* The CSRF token of a session, from the hash of its token, in hexadecimal. */
void hq_identity__csrf(char out[65], const hq_hash32 *session);
hq_sv hq_identity__id_text(const char *prefix, const hq_id *id, hq_arena *arena);
