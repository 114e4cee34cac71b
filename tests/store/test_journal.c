/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rfc6962.h"

#define SECONDS INT64_C(1000000)

static void put_many(fixture *f, int from, int to)
{
    for (int i = from; i < to; i++) {
        char word[24];
        snprintf(word, sizeof word, "word %d", i);
        put_ok(f, i, word);
    }
}

static void put_sealed(fixture *f, int from, int to)
{
    put_many(f, from, to);
    MUST(hq_journal_wait_sealed(f->store, hq_journal_head(f->store), 300 * SECONDS));
}

typedef struct {
    int from, to;
} batch;

static hq_status put_them(hq_tx *tx, void *user)
{
    const batch *b = user;
    for (int i = b->from; i < b->to; i++) {
        char word[24];
        snprintf(word, sizeof word, "word %d", i);
        HQ_TRY(put_one(tx, &(put){ .id = i, .word = word }));
    }
    return HQ_DONE;
}

/* In one commit, so that one checkpoint covers them. */
static void put_batch(fixture *f, int from, int to)
{
    batch b = { from, to };
    MUST(hq_store_write(f->store, put_them, &b));
    MUST(hq_journal_wait_sealed(f->store, hq_journal_head(f->store), 300 * SECONDS));
}

typedef struct {
    int count;
} many;

static hq_status append_many(hq_tx *tx, void *user)
{
    const many *m = user;
    for (int i = 0; i < m->count; i++) {
        char subject[32];
        int len = snprintf(subject, sizeof subject, "thing/%d", i);
        hq_event e = { .room = HQ_SV("shelf"),
                       .kind = HQ_SV("thing.counted"),
                       .subject = hq_sv_make(subject, (size_t)len),
                       .actor = HQ_SV("system"),
                       .payload = HQ_SV("{\"n\":1}"),
                       .version = i };
        HQ_TRY(hq_tx_event(tx, &e, NULL));
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ reading */

static hq_status events_of(hq_tx *tx, void *user)
{
    fixture *f = user;
    hq_event_view *views;
    size_t count;
    HQ_TRY(hq_tx_events_of(&views, &count, tx, HQ_SV("shelf/3"), 0, 10, f->arena));
    assert_int_equal(count, 1);
    assert_int_equal(views[0].position, 4);
    return HQ_DONE;
}

static void check_views(fixture *f, bool from_memory)
{
    hq_event_view *views;
    size_t count;
    if (!from_memory) {
        fixture_close(f);
        fixture_open(f);
    }
    MUST(hq_journal_read(&views, &count, f->store, 2, 5, f->arena));
    assert_int_equal(count, 5);
    for (size_t i = 0; i < count; i++) {
        char subject[24], word[24];
        hq_hash32 hash;
        int id = (int)i + 2;
        int len = snprintf(subject, sizeof subject, "shelf/%d", id);
        const hq_event *e = &views[i].event;
        assert_int_equal(views[i].position, id + 1);
        assert_true(hq_sv_eq(e->subject, hq_sv_make(subject, (size_t)len)));
        assert_true(hq_sv_eq(e->office, HQ_SV("15BB")));
        assert_true(hq_sv_eq(e->room, HQ_SV("shelf")));
        assert_true(hq_sv_eq(e->kind, HQ_SV("shelf.put")));
        assert_true(hq_sv_eq(e->actor, HQ_SV("system")));
        assert_true(hq_sv_eq(e->payload, HQ_SV("{}")));
        assert_int_equal(e->at, START);
        assert_int_equal(e->version, 1);
        len = snprintf(word, sizeof word, "word %d", id);
        hq_blake2b(&hash, hq_sv_make(word, (size_t)len));
        assert_memory_equal(e->row_hash, &hash, 32);
    }
    MUST(hq_journal_read(&views, &count, f->store, 20, 5, f->arena));
    assert_int_equal(count, 0);
}

static void events_come_back_as_they_went(void **state)
{
    fixture *f = *state;
    put_many(f, 0, 20);
    check_views(f, true);
    check_views(f, false);
    MUST(hq_store_read(f->store, events_of, f));
}

/* ------------------------------------------------------------------ proofs */

static hq_sv member(hq_sv json, const char *name)
{
    char key[32];
    int len = snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = memmem(json.ptr, json.len, key, (size_t)len);
    assert_non_null(at);
    size_t from = (size_t)(at - json.ptr) + (size_t)len;
    return hq_sv_sub(json, from, json.len);
}

static void take_hex(rfc_hash *out, hq_sv text)
{
    assert_true(text.len >= 65 && text.ptr[0] == '"');
    for (size_t i = 0; i < 32; i++) {
        char two[3] = { text.ptr[1 + 2 * i], text.ptr[2 + 2 * i], '\0' };
        out->b[i] = (uint8_t)strtoul(two, NULL, 16);
    }
}

static void check_proof(fixture *f, int64_t position, const rfc_hash *leaves, size_t size)
{
    hq_buf json = HQ_BUF_HEAP(1 << 16);
    rfc_hash want[64], got;
    MUST(hq_journal_prove(&json, f->store, position));
    hq_sv all = hq_buf_view(&json);
    char start[96];
    int len = snprintf(start, sizeof start, "{\"position\":%lld,\"size\":%zu,", (long long)position,
                       size);
    assert_true(hq_sv_starts(all, hq_sv_make(start, (size_t)len)));
    take_hex(&got, member(all, "leaf"));
    assert_memory_equal(&got, &leaves[position - 1], 32);
    rfc_root(&want[0], leaves, size);
    take_hex(&got, member(all, "root"));
    assert_memory_equal(&got, &want[0], 32);
    size_t length = rfc_path(want, (size_t)position - 1, leaves, size);
    hq_sv path = member(all, "path");
    for (size_t i = 0; i < length; i++) {
        take_hex(&got, hq_sv_sub(path, 1 + 67 * i, 66));
        assert_memory_equal(&got, &want[i], 32);
    }
    assert_int_equal(path.ptr[length == 0 ? 1 : 67 * length], ']');
    hq_buf_free(&json);
}

static void check_all_proofs(fixture *f, int64_t stride)
{
    hq_checkpoint c;
    size_t count = 0;
    MUST(hq_journal_checkpoint(&c, f->store));
    rfc_hash *leaves = calloc((size_t)c.size, sizeof *leaves);
    assert_non_null(leaves);
    for (int64_t after = 0; after < c.size; after += (int64_t)count) {
        hq_event_view *views;
        MUST(hq_journal_read(&views, &count, f->store, after, 4096, f->arena));
        for (size_t i = 0; i < count; i++) {
            memcpy(&leaves[after + (int64_t)i], &views[i].leaf, 32);
        }
    }
    for (int64_t p = 1; p <= c.size; p += p == 1 ? 1 : stride) {
        check_proof(f, p, leaves, (size_t)c.size);
    }
    check_proof(f, c.size, leaves, (size_t)c.size);
    free(leaves);
}

static void proofs_hold_against_the_rfc(void **state)
{
    fixture *f = *state;
    hq_buf json = HQ_BUF_HEAP(1 << 16);
    hq_checkpoint c;
    MUST_BE(hq_journal_checkpoint(&c, f->store), NOT_FOUND);
    MUST_BE(hq_journal_prove(&json, f->store, 1), NOT_FOUND);
    put_sealed(f, 0, 1);
    check_all_proofs(f, 1);
    put_sealed(f, 1, 255);
    check_all_proofs(f, 1);
    put_sealed(f, 255, 256);
    check_all_proofs(f, 7);
    put_sealed(f, 256, 300);
    check_all_proofs(f, 3);
    fixture_close(f);
    fixture_open(f);
    put_sealed(f, 300, 515);
    check_all_proofs(f, 11);
    MUST_BE(hq_journal_prove(&json, f->store, 516), NOT_FOUND);
    MUST_BE(hq_journal_prove(&json, f->store, 0), NOT_FOUND);
    hq_buf_free(&json);
}

static void proofs_hold_over_three_levels(void **state)
{
    fixture *f = *state;
    many m = { 66000 };
    hq_journal_report report;
    MUST(hq_store_write(f->store, append_many, &m));
    put_sealed(f, 0, 3);
    check_all_proofs(f, 9973);
    MUST(hq_journal_verify(&report, f->store, NULL, NULL, f->arena));
    assert_true(report.intact);
    assert_int_equal(report.events, 66003);
    fixture_close(f);
    fixture_open(f);
    put_sealed(f, 3, 5);
    check_all_proofs(f, 9973);
}

/* ------------------------------------------------------------------ checkpoints */

static void a_checkpoint_is_a_few_lines_of_text(void **state)
{
    fixture *f = *state;
    hq_checkpoint c, back;
    hq_buf text = HQ_BUF_ARENA(f->arena, 4096);
    put_sealed(f, 0, 3);
    MUST(hq_journal_checkpoint(&c, f->store));
    assert_int_equal(c.size, 3);
    hq_checkpoint_write(&text, &c);
    assert_true(
        hq_sv_starts(hq_buf_view(&text), HQ_SV("haiquan journal checkpoint 1\nsize 3\nroot ")));
    MUST(hq_checkpoint_parse(&back, hq_buf_view(&text)));
    assert_memory_equal(&back.root, &c.root, 32);
    assert_memory_equal(&back.previous, &c.previous, 32);
    assert_memory_equal(back.signature, c.signature, 64);
    assert_int_equal(back.at, c.at);
    for (size_t cut = 0; cut + 1 < text.len; cut++) {
        MUST_BE(hq_checkpoint_parse(&back, hq_sv_sub(hq_buf_view(&text), 0, cut)), SYNTAX);
    }
}

static void sealing_goes_on_by_itself(void **state)
{
    fixture *f = *state;
    put_sealed(f, 0, 3);
    put_many(f, 3, 5);
    hq_checkpoint c = { 0 };
    for (int i = 0; i < 15000 && c.size < 5; i++) {
        usleep(20000); /* nobody waits for the seal here; it comes all the same */
        MUST(hq_journal_checkpoint(&c, f->store));
    }
    assert_int_equal(c.size, 5);
    put_many(f, 5, 6);
    MUST_BE(hq_journal_wait_sealed(f->store, 7, 1000), TIMEOUT);
    fixture_close(f);
    assert_int_equal(fixture_ask(f->path, "SELECT max(size) FROM journal_checkpoint"), 6);
}

/* ------------------------------------------------------------------ verify */

static hq_journal_report verify_file(fixture *f, const uint8_t *key, const hq_checkpoint *since)
{
    hq_journal_report report;
    hq_why why;
    hq_store *store;
    hq_store_options options = fixture_options(f);
    options.read_only = true;
    MUST(hq_store_open(&store, &options, f->arena, &why));
    MUST(hq_journal_verify(&report, store, key, since, f->arena));
    hq_store_close(store);
    return report;
}

static void expect_bad(fixture *f, const char *sql, const char *words, int64_t position)
{
    fixture_sql(f->path, sql);
    hq_journal_report report = verify_file(f, NULL, NULL);
    if (report.intact || !hq_sv_starts(report.first_bad, hq_sv_from_cstr(words)) ||
        report.bad_position != position) {
        print_error("after %s: %s, \"%.*s\", event %lld\n", sql,
                    report.intact ? "intact" : "not intact", HQ_SV_FMT(report.first_bad),
                    (long long)report.bad_position);
    }
    assert_false(report.intact);
    assert_true(hq_sv_starts(report.first_bad, hq_sv_from_cstr(words)));
    assert_int_equal(report.bad_position, position);
}

static void copy_file(const char *from, const char *to)
{
    static char bytes[1 << 22];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(in >= 0 && out >= 0);
    ssize_t len = read(in, bytes, sizeof bytes);
    assert_true(len > 0 && len < (ssize_t)sizeof bytes);
    assert_int_equal(write(out, bytes, (size_t)len), len);
    close(in);
    close(out);
}

static void whatever_is_altered_is_named(void **state)
{
    static const struct {
        const char *sql, *words;
        int64_t position;
    } cases[] = {
        { "UPDATE journal_event SET at = at + 1 WHERE position = 57",
          "event 57 was altered: column at", 57 },
        { "UPDATE journal_event SET at = at || 'x' WHERE position = 57",
          "event 57 was altered: column at", 57 },
        { "UPDATE journal_event SET version = 2 WHERE position = 1",
          "event 1 was altered: column version", 1 },
        { "UPDATE journal_event SET office = '15BC' WHERE position = 300",
          "event 300 was altered: column office", 300 },
        { "UPDATE journal_event SET room = 'shelg' WHERE position = 3",
          "event 3 was altered: column room", 3 },
        { "UPDATE journal_event SET kind = 'shelf.pus' WHERE position = 4",
          "event 4 was altered: column kind", 4 },
        { "UPDATE journal_event SET subject = 'shelf/9999' WHERE position = 5",
          "event 5 was altered: column subject", 5 },
        { "UPDATE journal_event SET actor = 'systen' WHERE position = 6",
          "event 6 was altered: column actor", 6 },
        { "UPDATE journal_event SET id = zeroblob(16) WHERE position = 7",
          "event 7 was altered: column id", 7 },
        /* A byte of the payload, of the row hash, of the magic, one more at the end. */
        { "UPDATE journal_event SET bytes = substr(bytes, 1, instr(bytes, x'7b7d')) || x'20' || "
          "substr(bytes, instr(bytes, x'7b7d') + 2) WHERE position = 8",
          "event 8 was altered", 8 },
        { "UPDATE journal_event SET bytes = substr(bytes, 1, length(bytes) - 1) || x'00' "
          "WHERE position = 9",
          "event 9 was altered", 9 },
        { "UPDATE journal_event SET bytes = x'00' || substr(bytes, 2) WHERE position = 299",
          "event 299 was altered", 299 },
        { "UPDATE journal_event SET bytes = bytes || x'00' WHERE position = 299",
          "event 299 was altered", 299 },
        { "DELETE FROM journal_event WHERE position = 100", "event 100 is missing", 100 },
        { "DELETE FROM journal_event WHERE position = 300", "event 300 is missing", 300 },
        { "UPDATE journal_event SET position = 1000 WHERE position = 100", "event 100 is missing",
          100 },
        { "INSERT INTO journal_event SELECT -1, id, at, office, room, kind, subject, version, "
          "actor, "
          "bytes FROM journal_event WHERE position = 1",
          "event -1 was added", -1 },
        /* Two events change places, columns and all. */
        { "UPDATE journal_event SET position = 9001 WHERE position = 20;"
          "UPDATE journal_event SET position = 20 WHERE position = 21;"
          "UPDATE journal_event SET position = 21 WHERE position = 9001",
          "event 20 was altered", 20 },
        { "UPDATE journal_tile SET hashes = x'00' || substr(hashes, 2) WHERE place = 0",
          "event 1 was altered", 1 },
        { "UPDATE journal_tile SET root = zeroblob(32) WHERE place = 0",
          "tile 0 of level 0 was altered", 0 },
        { "UPDATE journal_tile SET root = zeroblob(32) WHERE place = 1",
          "tile 1 of level 0 was altered", 0 },
        { "UPDATE journal_tile SET hashes = substr(hashes, 1, 64) WHERE place = 1",
          "tile 1 of level 0 was altered", 0 },
        { "DELETE FROM journal_tile WHERE place = 0", "tile 0 of level 0 is missing", 0 },
        { "DELETE FROM journal_tile WHERE place = 1", "tile 1 of level 0 is missing", 0 },
        { "INSERT INTO journal_tile SELECT 3, 7, root, hashes FROM journal_tile WHERE place = 0",
          "a tile was added", 0 },
        { "UPDATE journal_tile SET place = 5 WHERE place = 0", "tile 0 of level 0 is missing", 0 },
        { "UPDATE journal_tile SET level = 5 WHERE place = 0", "tile 0 of level 0 is missing", 0 },
        { "UPDATE journal_checkpoint SET size = size - 1 WHERE number = 2",
          "checkpoint 2 was altered", 0 },
        { "UPDATE journal_checkpoint SET root = zeroblob(32) WHERE number = 2",
          "checkpoint 2 was altered", 0 },
        { "UPDATE journal_checkpoint SET at = at + 1 WHERE number = 2", "checkpoint 2 was altered",
          0 },
        { "UPDATE journal_checkpoint SET previous = zeroblob(32) WHERE number = 2",
          "checkpoint 2 was altered", 0 },
        { "UPDATE journal_checkpoint SET signature = zeroblob(64) WHERE number = 2",
          "checkpoint 2 was altered", 0 },
        { "UPDATE journal_checkpoint SET number = 9 WHERE number = 2", "checkpoint 2 is missing",
          0 },
        { "DELETE FROM journal_checkpoint WHERE number = 1", "checkpoint 1 is missing", 0 },
        { "DELETE FROM journal_checkpoint WHERE number = 2;"
          "UPDATE journal_checkpoint SET number = 2 WHERE number = 3",
          "checkpoint 2 does not follow on checkpoint 1", 0 },
        { "DELETE FROM journal_checkpoint WHERE number = 3", "tile 1 of level 0 was altered", 0 },
        { "UPDATE journal_key SET public_key = zeroblob(32)", "checkpoint 1 was altered", 0 },
        { "UPDATE journal_key SET first = 2", "the key of the first checkpoint is missing", 0 },
        { "DELETE FROM journal_key", "the key that signs the checkpoints is missing", 0 },
        { "INSERT INTO journal_key VALUES (99, zeroblob(32))", "a key was added", 0 },
        { "UPDATE shelf SET word = 'other' WHERE id = 41", "the row of shelf/41 was altered", 42 },
        { "DELETE FROM shelf WHERE id = 41", "the row of shelf/41 was removed", 42 },
        /* A row whose last event was taken away differs too: the event is what is named. */
        { "UPDATE shelf SET word = 'other' WHERE id = 41;"
          "DELETE FROM journal_event WHERE position = 100",
          "event 100 is missing", 100 },
        /* A whole history of one's own: events and tile rewritten, the root is still not the signed
           one. */
        { "UPDATE journal_event SET bytes = (SELECT bytes FROM journal_event WHERE position = "
          "290), "
          "id = (SELECT id FROM journal_event WHERE position = 290), subject = 'shelf/289' WHERE "
          "position = 291; UPDATE journal_tile SET hashes = substr(hashes, 1, 34 * 32) || "
          "substr(hashes, 33 * 32 + 1, 32) || substr(hashes, 35 * 32 + 1) WHERE place = 1",
          "among the events 281 to 300 one was altered", 281 },
    };
    fixture *f = *state;
    hq_journal_report report;
    const char *kept = fixture_file(f, "kept.db");
    put_batch(f, 0, 260);
    put_batch(f, 260, 280);
    put_batch(f, 280, 300);
    fixture_close(f);
    copy_file(f->path, kept);
    report = verify_file(f, NULL, NULL);
    assert_true(report.intact);
    assert_int_equal(report.events, 300);
    assert_int_equal(report.sealed, 300);
    assert_int_equal(report.checkpoints, 3);
    assert_int_equal(report.rows, 300);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        MUST(hq_os_remove_file(fixture_file(f, "t.db-wal")));
        MUST(hq_os_remove_file(fixture_file(f, "t.db-shm")));
        copy_file(kept, f->path);
        expect_bad(f, cases[i].sql, cases[i].words, cases[i].position);
    }
}

/* Every byte of every stored event in turn, as a worn disk or a patient hand would change it. */
static void any_byte_of_an_event_is_named(void **state)
{
    fixture *f = *state;
    put_batch(f, 0, 2);
    fixture_close(f);
    int64_t length =
        fixture_ask(f->path, "SELECT length(bytes) FROM journal_event WHERE position = 2");
    for (int64_t at = 1; at <= length; at++) {
        char sql[256], back[256];
        int byte = (int)fixture_ask(
            f->path,
            hq_arena_printf(f->arena,
                            "SELECT instr('0123456789ABCDEF', substr(hex(substr(bytes, %lld, "
                            "1)), 1, 1)) * 16 - 16 + instr('0123456789ABCDEF', "
                            "substr(hex(substr(bytes, %lld, 1)), 2, 1)) - 1 FROM "
                            "journal_event WHERE position = 2%c",
                            (long long)at, (long long)at, 0)
                .ptr);
        snprintf(sql, sizeof sql,
                 "UPDATE journal_event SET bytes = CAST(substr(bytes, 1, %lld) || x'%02x' || "
                 "substr(bytes, %lld) AS BLOB) WHERE position = 2",
                 (long long)at - 1, (unsigned)byte ^ 1u, (long long)at + 1);
        snprintf(back, sizeof back,
                 "UPDATE journal_event SET bytes = CAST(substr(bytes, 1, %lld) || x'%02x' || "
                 "substr(bytes, %lld) AS BLOB) WHERE position = 2",
                 (long long)at - 1, (unsigned)byte, (long long)at + 1);
        expect_bad(f, sql, "event 2 was altered", 2);
        fixture_sql(f->path, back);
    }
    assert_true(verify_file(f, NULL, NULL).intact);
}

static void a_tail_that_is_not_sealed_is_intact(void **state)
{
    fixture *f = *state;
    hq_journal_report report;
    put_batch(f, 0, 3);
    put_many(f, 3, 10);
    MUST(hq_journal_verify(&report, f->store, NULL, NULL, f->arena));
    assert_true(report.intact);
    assert_int_equal(report.events, 10);
    fixture_close(f);
    /* As a crash leaves it: events without a checkpoint. */
    fixture_sql(f->path, "DELETE FROM journal_checkpoint; DELETE FROM journal_tile");
    report = verify_file(f, NULL, NULL);
    assert_true(report.intact);
    assert_int_equal(report.sealed, 0);
}

static void an_old_checkpoint_proves_that_history_was_kept(void **state)
{
    fixture *f = *state;
    hq_checkpoint old, forged;
    hq_journal_report report;
    put_batch(f, 0, 20);
    MUST(hq_journal_checkpoint(&old, f->store));
    put_batch(f, 20, 40);
    MUST(hq_journal_verify(&report, f->store, NULL, &old, f->arena));
    assert_true(report.intact);
    forged = old;
    forged.root.bytes[0] ^= 1;
    MUST(hq_journal_verify(&report, f->store, NULL, &forged, f->arena));
    assert_true(hq_sv_starts(report.first_bad, HQ_SV("the checkpoint given is not signed")));
    fixture_close(f);
    /* The holder of the key cuts history short and seals again. */
    fixture_sql(f->path, "DELETE FROM journal_event WHERE position > 10; DELETE FROM journal_tile;"
                         "DELETE FROM journal_checkpoint; DELETE FROM shelf WHERE id >= 10");
    fixture_open(f);
    put_batch(f, 10, 11);
    fixture_close(f);
    assert_true(verify_file(f, NULL, NULL).intact);
    report = verify_file(f, NULL, &old);
    assert_true(hq_sv_starts(report.first_bad, HQ_SV("event 12 is missing: the checkpoint given")));
    fixture_open(f);
    put_batch(f, 11, 30);
    fixture_close(f);
    assert_true(verify_file(f, NULL, NULL).intact);
    report = verify_file(f, NULL, &old);
    assert_true(hq_sv_starts(report.first_bad, HQ_SV("history up to event 20 is not the one")));
}

/* ------------------------------------------------------------------ keys */

static void the_secret_key_lies_beside_the_database(void **state)
{
    fixture *f = *state;
    struct stat st;
    uint8_t key[32], other[32] = { 1 };
    hq_why why;
    put_batch(f, 0, 5);
    hq_journal_public_key(key, f->store);
    fixture_close(f);
    const char *file = fixture_file(f, "t.db.key");
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(hq_os_exists(fixture_file(f, "t.db.pub")));
    assert_true(verify_file(f, key, NULL).intact);
    hq_journal_report report = verify_file(f, other, NULL);
    assert_true(hq_sv_starts(report.first_bad, HQ_SV("checkpoint 1 was altered or is signed by")));
    /* Without it nobody goes on, unless a new one is begun. */
    MUST(hq_os_remove_file(file));
    assert_true(verify_file(f, key, NULL).intact);
    hq_store_options options = fixture_options(f);
    MUST_BE(hq_store_open(&f->store, &options, f->arena, &why), NOT_FOUND);
    assert_true(why.en.len > 0 && why.vi.len > 0);
    options.new_key = true;
    MUST(hq_store_open(&f->store, &options, f->arena, &why));
    put_batch(f, 5, 10);
    hq_journal_public_key(other, f->store);
    assert_memory_not_equal(key, other, 32);
    fixture_close(f);
    report = verify_file(f, other, NULL);
    assert_true(report.intact);
    assert_int_equal(report.checkpoints, 2);
    fixture_open(f);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(events_come_back_as_they_went),
        TEST(proofs_hold_against_the_rfc),
        TEST(proofs_hold_over_three_levels),
        TEST(a_checkpoint_is_a_few_lines_of_text),
        TEST(sealing_goes_on_by_itself),
        TEST(whatever_is_altered_is_named),
        TEST(any_byte_of_an_event_is_named),
        TEST(a_tail_that_is_not_sealed_is_intact),
        TEST(an_old_checkpoint_proves_that_history_was_kept),
        TEST(the_secret_key_lies_beside_the_database),
    };
    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
