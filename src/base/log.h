/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Log lines (JSON, one a line, to stderr) and metrics (Prometheus text). Only the edge (server/, cli/)
 * logs; rooms return statuses. No personal data, no keys, no bodies. */

#include "base/buf.h"
#include "base/clock.h"

typedef enum { HQ_LOG_DEBUG, HQ_LOG_NOTE, HQ_LOG_WARNING, HQ_LOG_ERROR } hq_log_level;

void hq_log_set_level(hq_log_level least);
/* Lines carry "at" from this clock, which must outlive the logging; without one they carry none. */
void hq_log_set_clock(const hq_clock *clock);
/* hq_log(HQ_LOG_NOTE, "listening", "address", "127.0.0.1:8443", NULL): event, then pairs of
 * NUL-terminated key and value, ended by NULL (a value that is NULL is written as null).
 * Thread-safe, one write per line; what is past 4 KiB is left out and "cut" says so. */
void hq_log(hq_log_level level, const char *event, ...) __attribute__((sentinel));

/* Metrics: counters, gauges and histograms registered once at start in a static table; updates are
 * relaxed atomics, safe from any thread. `labels` is Prometheus label text without braces or NULL. */
typedef struct hq_metric hq_metric;
typedef enum { HQ_METRIC_COUNTER, HQ_METRIC_GAUGE, HQ_METRIC_HISTOGRAM } hq_metric_kind;
/* The same name and labels give the same metric. NULL when the table is full (512); updating NULL does
 * nothing. Texts must live for the process. A histogram's name ends in _seconds. */
hq_metric *hq_metric_register(hq_metric_kind kind, const char *name, const char *labels,
                              const char *help);
void hq_metric_add(hq_metric *metric, int64_t delta);
void hq_metric_set(hq_metric *metric, int64_t value);
/* Histogram of microseconds, buckets 100 us to 10 s in a 1-2-5 series. */
void hq_metric_observe_us(hq_metric *metric, int64_t us);
/* Prometheus text exposition format 0.0.4. */
void hq_metrics_write(hq_buf *buf);
/* For tests and screens: a counter's or gauge's value, a histogram's count; 0 for NULL. */
int64_t hq_metric_value(const hq_metric *metric);
