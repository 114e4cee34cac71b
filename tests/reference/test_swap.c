/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include <pthread.h>
#include <stdlib.h>

/* Readers acquire, read and release while a writer swaps. Under TSan and ASan a snapshot that went
 * away too early, twice or never shows. */

#define READERS 4
#define SWAPS   300

static atomic_bool done;

static void *read_on(void *user)
{
    hq_reference *reference = user;
    int64_t last = 0;
    while (!atomic_load(&done)) {
        const hq_ref *outer = hq_reference_acquire(reference);
        const hq_ref *inner = hq_reference_acquire(reference);
        const hq_rate_row *rate = hq_ref_rate(outer, 0x555344, 20000);
        if (outer->version < last || inner->version < outer->version || rate == NULL ||
            rate->rate.units != 25400) {
            abort();
        }
        last = outer->version;
        hq_reference_release(reference, outer);
        hq_reference_release(reference, inner);
    }
    return NULL;
}

static hq_ref *version_of(int64_t version)
{
    hq_ref *ref = snapshot_of("exchange_rates",
                              "currency,valid_from,valid_to,rate,source\n"
                              "USD,2020-01-01,,25400,a\n",
                              NULL);
    ref->version = version;
    return ref;
}

static hq_reference *holder(void)
{
    hq_reference *reference = calloc(1, sizeof *reference);
    assert_non_null(reference);
    atomic_init(&reference->current, HQ_REF__NONE);
    pthread_mutex_init(&reference->loading, NULL);
    assert_true(hq_ok(hq_ref__swap(reference, version_of(1))));
    return reference;
}

static void test_readers_while_swapping(void **state)
{
    (void)state;
    pthread_t readers[READERS];
    hq_reference *reference = holder();
    for (int i = 0; i < READERS; i++) {
        assert_int_equal(pthread_create(&readers[i], NULL, read_on, reference), 0);
    }
    for (int64_t version = 2; version < SWAPS;) {
        hq_ref *ref = version_of(version);
        if (hq_ok(hq_ref__swap(reference, ref))) {
            version++;
        } else {
            hq_ref_free(ref); /* every slot is held by a reader that has not run for a while */
        }
    }
    atomic_store(&done, true);
    for (int i = 0; i < READERS; i++) {
        pthread_join(readers[i], NULL);
    }
    int held = 0;
    for (int i = 0; i < HQ_REF__SLOTS; i++) {
        held += atomic_load(&reference->slots[i].ref) != NULL;
    }
    assert_int_equal(held, 1); /* every other was freed by its last reader */
    hq_reference_close(reference);
}

static void test_a_held_snapshot_stays(void **state)
{
    (void)state;
    hq_reference *reference = holder();
    const hq_ref *old = hq_reference_acquire(reference);
    for (int64_t version = 2; version < 2 + HQ_REF__SLOTS * 2; version++) {
        assert_true(hq_ok(hq_ref__swap(reference, version_of(version))));
    }
    assert_int_equal(hq_ref_version(old), 1);
    hq_reference_release(reference, old);
    assert_null(atomic_load(&reference->slots[0].ref));
    hq_reference_close(reference);
}

static void test_too_many_held_is_busy(void **state)
{
    (void)state;
    const hq_ref *held[HQ_REF__SLOTS];
    hq_reference *reference = holder();
    for (int i = 0; i < HQ_REF__SLOTS; i++) {
        held[i] = hq_reference_acquire(reference);
        hq_ref *next = version_of(i + 2);
        hq_status s = hq_ref__swap(reference, next);
        assert_int_equal(s.code, i < HQ_REF__SLOTS - 1 ? HQ_E_OK : HQ_E_BUSY);
        if (hq_failed(s)) {
            hq_ref_free(next);
        }
    }
    for (int i = 0; i < HQ_REF__SLOTS; i++) {
        hq_reference_release(reference, held[i]);
    }
    assert_true(hq_ok(hq_ref__swap(reference, version_of(99))));
    hq_reference_close(reference);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readers_while_swapping),
        cmocka_unit_test(test_a_held_snapshot_stays),
        cmocka_unit_test(test_too_many_held_is_busy),
    };
    assert_true(hq_ok(hq_base_init()));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
