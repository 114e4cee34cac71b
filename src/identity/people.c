/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/acts.h"

/* Users and keys: who is added, who stands behind an id, who is on the roster. */

static hq_status refuse(hq_why *why, const char *path, const char *vi, const char *en)
{
    if (why != NULL) {
        *why = (hq_why){ hq_sv_from_cstr(path), hq_sv_from_cstr(vi), hq_sv_from_cstr(en) };
    }
    return HQ_FAIL(INVALID);
}

hq_status hq_identity__username(hq_sv *out, hq_sv username, hq_arena *arena, hq_why *why)
{
    hq_sv copy = hq_arena_dup(arena, username);
    char *text = hq_arena_cstr(arena, username);
    if (copy.ptr == NULL || text == NULL) {
        return HQ_FAIL(NOMEM);
    }
    bool good = username.len >= 2 && username.len <= 64;
    for (size_t i = 0; good && i < username.len; i++) {
        char c = text[i];
        c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        text[i] = c;
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        good = word || (i > 0 && (c == '.' || c == '_' || c == '-' || c == '@'));
    }
    if (!good) {
        return refuse(
            why, "/username",
            "Tên đăng nhập có 2 đến 64 ký tự: chữ không dấu, chữ số, . _ - @, bắt đầu "
            "bằng chữ hoặc số",
            "A username has 2 to 64 characters: plain letters, digits, . _ - @, and begins "
            "with a letter or digit");
    }
    *out = hq_sv_make(text, username.len);
    return HQ_DONE;
}

hq_status hq_identity__name_check(hq_sv *out, hq_sv name, hq_arena *arena, hq_why *why)
{
    name = hq_sv_trim(name);
    if (!hq_utf8_valid(name) || hq_utf8_has_control(name) || hq_utf8_has_unseen(name) ||
        hq_utf8_length(name) > 120) {
        return refuse(why, "/name", "Tên dài nhất 120 ký tự, không có ký tự điều khiển",
                      "A name has 120 characters at most and no control characters");
    }
    return hq_utf8_nfc(out, arena, name);
}

/* ------------------------------------------------------------------ users */

hq_status hq_identity__user_prepare(hq_identity__user_row *out, const hq_new_user *user,
                                    hq_time_us now, hq_sv actor, hq_arena *arena, hq_why *why)
{
    uint8_t seal[32];
    hq_role role;
    hq_id id;
    *out = (hq_identity__user_row){
        .role = user->role,
        .office = user->office,
        .tax_code = user->tax_code,
        .bank = user->bank,
        .on_roster = user->on_roster,
        .totp_sealed = HQ_SV(""),
        .created_at = now,
        .created_by = actor,
        .version = 1,
    };
    HQ_TRY(hq_identity__username(&out->username, user->username, arena, why));
    HQ_TRY(hq_identity__name_check(&out->name, user->name, arena, why));
    HQ_TRY(hq_identity__scope_check(&role, user->role, user->office, user->tax_code, user->bank,
                                    arena, why));
    if (user->on_roster && role != HQ_ROLE_OFFICER) {
        return refuse(why, "/on_roster", "Chỉ công chức (officer) có trong danh sách phân công",
                      "Only officers are on the roster");
    }
    HQ_TRY(hq_identity__password_check(user->password, out->username, arena, why));
    hq_id_make(&id, now);
    out->id = hq_identity__id_text("user/", &id, arena);
    if (out->id.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    return hq_identity__password_make(&out->password, seal, user->password);
}

hq_status hq_identity__user_put(hq_tx *tx, const hq_identity__user_row *row, hq_why *why)
{
    int64_t changed;
    HQ_TRY(hq_identity__change_next(&changed, tx));
    hq_status s = hq_identity__user_insert(tx, row, changed);
    if (s.code == HQ_E_EXISTS) {
        HQ_IGNORE(refuse(why, "/username", "Tên đăng nhập này đã có người dùng",
                         "This username is taken"));
    }
    HQ_TRY(s);
    return hq_identity__event(
        tx, &(hq_identity__act){
                .kind = "user.added",
                .subject = row->id,
                .version = row->version,
                .office = row->office,
                .actor = row->created_by,
                .payload = hq_identity__scope_payload(row->role, row->office, row->tax_code,
                                                      row->bank, hq_tx_arena(tx)),
                .hashed = true,
            });
}

hq_status hq_identity__user_change(hq_tx *tx, hq_identity__user_row *row, const char *kind,
                                   hq_sv actor)
{
    int64_t changed;
    HQ_TRY(hq_identity__change_next(&changed, tx));
    HQ_TRY(hq_identity__user_update(tx, row, changed));
    return hq_identity__event(tx, &(hq_identity__act){
                                      .kind = kind,
                                      .subject = row->id,
                                      .version = row->version,
                                      .office = row->office,
                                      .actor = actor,
                                      .hashed = true,
                                  });
}

typedef struct {
    const hq_identity__user_row *row;
    hq_why *why;
} user_adding;

static hq_status put_user(hq_tx *tx, void *user)
{
    user_adding *a = user;
    return hq_identity__user_put(tx, a->row, a->why);
}

hq_status hq_user_add(hq_identity *identity, const hq_new_user *user, hq_sv actor, hq_arena *arena,
                      hq_why *why)
{
    hq_identity__user_row row;
    HQ_TRY(hq_identity__user_prepare(&row, user, hq_now(identity->clock), actor, arena, why));
    user_adding a = { &row, why };
    HQ_TRY(hq_store_write(identity->store, put_user, &a));
    return hq_identity_refresh(identity);
}

/* ------------------------------------------------------------------ keys */

hq_status hq_identity__key_prepare(hq_identity__key_row *out, char secret[], const hq_new_key *key,
                                   hq_time_us now, hq_sv actor, hq_sv person, hq_arena *arena,
                                   hq_why *why)
{
    hq_role role;
    hq_id id;
    *out = (hq_identity__key_row){
        .role = key->role,
        .office = key->office,
        .tax_code = key->tax_code,
        .bank = key->bank,
        .created_at = now,
        .created_by = actor,
        .version = 1,
    };
    HQ_TRY(hq_identity__name_check(&out->name, key->name, arena, why));
    HQ_TRY(hq_identity__scope_check(&role, key->role, key->office, key->tax_code, key->bank, arena,
                                    why));
    out->on_roster = role == HQ_ROLE_OFFICER;
    hq_id_make(&id, now);
    out->id = hq_identity__id_text("key/", &id, arena);
    out->person = person.len == 0 ? out->id : person;
    hq_identity__secret_make(secret, &out->hash);
    return out->id.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

hq_status hq_identity__key_put(hq_tx *tx, const hq_identity__key_row *row)
{
    int64_t changed;
    HQ_TRY(hq_identity__change_next(&changed, tx));
    HQ_TRY(hq_identity__key_insert(tx, row, changed));
    return hq_identity__event(
        tx, &(hq_identity__act){
                .kind = "key.added",
                .subject = row->id,
                .version = row->version,
                .office = row->office,
                .actor = row->created_by,
                .payload = hq_identity__scope_payload(row->role, row->office, row->tax_code,
                                                      row->bank, hq_tx_arena(tx)),
                .hashed = true,
            });
}

static hq_status put_key(hq_tx *tx, void *user)
{
    return hq_identity__key_put(tx, user);
}

hq_status hq_key_add(hq_sv *secret, hq_identity *identity, const hq_new_key *key, hq_sv actor,
                     hq_arena *arena, hq_why *why)
{
    hq_identity__key_row row;
    char text[HQ_IDENTITY__SECRET_LEN + 1];
    HQ_TRY(hq_identity__key_prepare(&row, text, key, hq_now(identity->clock), actor, HQ_SV_NULL,
                                    arena, why));
    *secret = hq_arena_dup(arena, hq_sv_from_cstr(text));
    if (secret->ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_store_write(identity->store, put_key, &row));
    return hq_identity_refresh(identity);
}

/* ------------------------------------------------------------------ who is who */

static const hq_identity__who *find_who(const hq_identity__directory *d, hq_sv who)
{
    const hq_identity__who *found = hq_map_get(d->by_id, who);
    if (found == NULL) {
        found = hq_map_get(d->by_login, who);
    }
    size_t at = 0;
    hq_sv key;
    void *value;
    while (found == NULL && hq_map_next(d->by_id, &at, &key, &value)) {
        const hq_identity__who *one = value;
        if (one->is_key && one->name.len > 0 && hq_sv_eq(one->name, who)) {
            found = one;
        }
    }
    return found;
}

hq_status hq_identity_find(hq_person *out, hq_identity *identity, hq_sv who, hq_arena *arena)
{
    hq_identity__directory *d = &identity->directory;
    hq_status s = HQ_FAIL(NOT_FOUND);
    pthread_rwlock_rdlock(&d->lock);
    const hq_identity__who *found = find_who(d, who);
    if (found != NULL) {
        *out = (hq_person){
            .id = hq_arena_dup(arena, found->id),
            .name = hq_arena_dup(arena, found->name),
            .login = hq_arena_dup(arena, found->login),
            .role = found->role,
            .office = hq_arena_dup(arena, found->office),
            .on_roster = found->on_roster,
        };
        s = out->id.ptr == NULL || out->office.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
    }
    pthread_rwlock_unlock(&d->lock);
    return s;
}

static size_t first_of_office(const hq_identity__directory *d, hq_sv office)
{
    size_t low = 0;
    size_t high = d->roster_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (hq_sv_cmp(d->roster[middle]->office, office) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static hq_status copy_roster(const hq_rostered **out, size_t *count,
                             const hq_identity__directory *d, hq_sv office, hq_arena *arena)
{
    size_t first = first_of_office(d, office);
    size_t n = 0;
    while (first + n < d->roster_count && hq_sv_eq(d->roster[first + n]->office, office)) {
        n++;
    }
    hq_rostered *list = HQ_NEW_ARRAY(arena, hq_rostered, n + 1);
    if (list == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < n; i++) {
        list[i].id = hq_arena_dup(arena, d->roster[first + i]->id);
        list[i].name = hq_arena_dup(arena, d->roster[first + i]->name);
        if (list[i].id.ptr == NULL || list[i].name.ptr == NULL) {
            return HQ_FAIL(NOMEM);
        }
    }
    *out = list;
    *count = n;
    return HQ_DONE;
}

hq_status hq_identity_roster(const hq_rostered **out, size_t *count, hq_identity *identity,
                             hq_sv office, hq_arena *arena)
{
    hq_identity__directory *d = &identity->directory;
    pthread_rwlock_rdlock(&d->lock);
    hq_status s = copy_roster(out, count, d, office, arena);
    pthread_rwlock_unlock(&d->lock);
    return s;
}
