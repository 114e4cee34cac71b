/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdatomic.h>

#include "base/decimal.h"
#include "base/log.h"

enum { METRICS_MAX = 512, BUCKETS = 16 };

static const int64_t bounds_us[BUCKETS] = { 100,     200,     500,     1000,    2000,   5000,
                                            10000,   20000,   50000,   100000,  200000, 500000,
                                            1000000, 2000000, 5000000, 10000000 };

struct hq_metric {
    _Alignas(64) _Atomic int64_t value; /* of a histogram: the sum in microseconds */
    _Atomic int64_t buckets[BUCKETS + 1];
    hq_metric_kind kind;
    const char *name, *labels, *help;
};

static hq_metric table[METRICS_MAX];
static atomic_size_t table_len;
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;

static bool same_text(const char *a, const char *b)
{
    return hq_sv_eq(hq_sv_from_cstr(a), hq_sv_from_cstr(b));
}

hq_metric *hq_metric_register(hq_metric_kind kind, const char *name, const char *labels,
                              const char *help)
{
    hq_metric *found = NULL;
    pthread_mutex_lock(&table_lock);
    size_t len = atomic_load(&table_len);
    for (size_t i = 0; i < len && found == NULL; i++) {
        if (same_text(table[i].name, name) && same_text(table[i].labels, labels)) {
            found = &table[i];
        }
    }
    if (found == NULL && len < METRICS_MAX) {
        found = &table[len];
        found->kind = kind;
        found->name = name;
        found->labels = labels;
        found->help = help;
        atomic_store(&table_len, len + 1);
    }
    pthread_mutex_unlock(&table_lock);
    return found;
}

void hq_metric_add(hq_metric *metric, int64_t delta)
{
    if (metric != NULL) {
        atomic_fetch_add_explicit(&metric->value, delta, memory_order_relaxed);
    }
}

void hq_metric_set(hq_metric *metric, int64_t value)
{
    if (metric != NULL) {
        atomic_store_explicit(&metric->value, value, memory_order_relaxed);
    }
}

void hq_metric_observe_us(hq_metric *metric, int64_t us)
{
    if (metric == NULL) {
        return;
    }
    size_t at = 0;
    while (at < BUCKETS && us > bounds_us[at]) {
        at++;
    }
    atomic_fetch_add_explicit(&metric->buckets[at], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&metric->value, us, memory_order_relaxed);
}

int64_t hq_metric_value(const hq_metric *metric)
{
    if (metric == NULL) {
        return 0;
    }
    if (metric->kind != HQ_METRIC_HISTOGRAM) {
        return atomic_load_explicit(&metric->value, memory_order_relaxed);
    }
    int64_t count = 0;
    for (size_t i = 0; i <= BUCKETS; i++) {
        count += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
    }
    return count;
}

static const char *kind_name(hq_metric_kind kind)
{
    switch (kind) {
    case HQ_METRIC_COUNTER:
        return "counter";
    case HQ_METRIC_GAUGE:
        return "gauge";
    case HQ_METRIC_HISTOGRAM:
        break;
    }
    return "histogram";
}

static void write_seconds(hq_buf *buf, int64_t us)
{
    hq_decimal_write(buf, hq_decimal_trim((hq_decimal){ us, 6 }));
}

static void write_name(hq_buf *buf, const hq_metric *m, const char *suffix)
{
    hq_buf_sv(buf, hq_sv_from_cstr(m->name));
    hq_buf_sv(buf, hq_sv_from_cstr(suffix));
}

static void write_labels(hq_buf *buf, const hq_metric *m)
{
    if (m->labels != NULL) {
        hq_buf_char(buf, '{');
        hq_buf_sv(buf, hq_sv_from_cstr(m->labels));
        hq_buf_char(buf, '}');
    }
    hq_buf_char(buf, ' ');
}

static void write_histogram(hq_buf *buf, const hq_metric *m)
{
    int64_t count = 0;
    for (size_t i = 0; i <= BUCKETS; i++) {
        count += atomic_load_explicit(&m->buckets[i], memory_order_relaxed);
        write_name(buf, m, "_bucket{");
        if (m->labels != NULL) {
            hq_buf_sv(buf, hq_sv_from_cstr(m->labels));
            hq_buf_char(buf, ',');
        }
        hq_buf_lit(buf, "le=\"");
        if (i < BUCKETS) {
            write_seconds(buf, bounds_us[i]);
        } else {
            hq_buf_lit(buf, "+Inf");
        }
        hq_buf_lit(buf, "\"} ");
        hq_buf_i64(buf, count);
        hq_buf_char(buf, '\n');
    }
    write_name(buf, m, "_sum");
    write_labels(buf, m);
    write_seconds(buf, atomic_load_explicit(&m->value, memory_order_relaxed));
    hq_buf_char(buf, '\n');
    write_name(buf, m, "_count");
    write_labels(buf, m);
    hq_buf_i64(buf, count);
    hq_buf_char(buf, '\n');
}

static void write_one(hq_buf *buf, const hq_metric *m)
{
    if (m->kind == HQ_METRIC_HISTOGRAM) {
        write_histogram(buf, m);
        return;
    }
    write_name(buf, m, "");
    write_labels(buf, m);
    hq_buf_i64(buf, atomic_load_explicit(&m->value, memory_order_relaxed));
    hq_buf_char(buf, '\n');
}

/* All metrics of the name of table[first], under one heading as the format demands; nothing when an
 * earlier one of that name already wrote them. */
static void write_family(hq_buf *buf, size_t first, size_t len)
{
    const hq_metric *head = &table[first];
    for (size_t i = 0; i < first; i++) {
        if (same_text(table[i].name, head->name)) {
            return;
        }
    }
    hq_buf_lit(buf, "# HELP ");
    write_name(buf, head, " ");
    hq_buf_sv(buf, hq_sv_from_cstr(head->help));
    hq_buf_lit(buf, "\n# TYPE ");
    write_name(buf, head, " ");
    hq_buf_sv(buf, hq_sv_from_cstr(kind_name(head->kind)));
    hq_buf_char(buf, '\n');
    for (size_t i = first; i < len; i++) {
        if (same_text(table[i].name, head->name)) {
            write_one(buf, &table[i]);
        }
    }
}

void hq_metrics_write(hq_buf *buf)
{
    size_t len = atomic_load(&table_len);
    for (size_t i = 0; i < len; i++) {
        write_family(buf, i, len);
    }
}
