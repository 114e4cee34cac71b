/* SPDX-License-Identifier: Apache-2.0 */
#include "server/router.h"

#include <pthread.h>

#define SEGMENTS_MAX 16
#define METHODS      4

struct hq_route_node {
    hq_sv literal;
    hq_route_node *next;  /* sibling */
    hq_route_node *child; /* literals */
    hq_route_node *param; /* {..} */
    const hq_compiled *routes[METHODS];
};

struct hq_router {
    hq_route_node root;
};

static const char *const method_names[METHODS] = { "GET", "POST", "PUT", "DELETE" };

const char *hq_method_name(hq_method method)
{
    return method_names[method];
}

bool hq_method_parse(hq_method *out, bool *head, hq_sv name)
{
    *head = hq_sv_eq(name, HQ_SV("HEAD"));
    if (*head) {
        *out = HQ_GET;
        return true;
    }
    for (int i = 0; i < METHODS; i++) {
        if (hq_sv_eq(name, hq_sv_from_cstr(method_names[i]))) {
            *out = (hq_method)i;
            return true;
        }
    }
    return false;
}

const char *hq_methods_text(uint32_t allowed, hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, 128);
    for (int i = 0; i < METHODS; i++) {
        if ((allowed & (1u << i)) != 0) {
            hq_buf_printf(&text, "%s, ", method_names[i]);
        }
    }
    if ((allowed & (1u << HQ_GET)) != 0) {
        hq_buf_lit(&text, "HEAD, ");
    }
    hq_buf_append(&text, "OPTIONS", sizeof "OPTIONS");
    return hq_ok(hq_buf_status(&text)) ? text.ptr : "OPTIONS";
}

/* ------------------------------------------------------------------ building */

static bool is_param(hq_sv segment)
{
    return segment.len > 2 && segment.ptr[0] == '{' && segment.ptr[segment.len - 1] == '}';
}

static hq_route_node *step_into(hq_route_node *node, hq_sv segment, hq_arena *arena)
{
    if (is_param(segment)) {
        if (node->param == NULL) {
            node->param = HQ_NEW(arena, hq_route_node);
        }
        return node->param;
    }
    for (hq_route_node *c = node->child; c != NULL; c = c->next) {
        if (hq_sv_eq(c->literal, segment)) {
            return c;
        }
    }
    hq_route_node *made = HQ_NEW(arena, hq_route_node);
    if (made != NULL) {
        made->literal = segment;
        made->next = node->child;
        node->child = made;
    }
    return made;
}

/* Labels of metrics live as long as the process, whatever server they were made for. */
static hq_arena *labels;

static void make_labels(void)
{
    labels = hq_arena_new((size_t)1 << 20);
}

static hq_metric *metric_of(const hq_route *route)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_once(&once, make_labels);
    pthread_mutex_lock(&lock);
    hq_sv text = labels == NULL ? HQ_SV_NULL
                                : hq_arena_printf(labels, "method=\"%s\",route=\"%s\"",
                                                  method_names[route->method], route->pattern);
    pthread_mutex_unlock(&lock);
    return text.ptr == NULL ? NULL
                            : hq_metric_register(HQ_METRIC_HISTOGRAM, "haiquan_http_seconds",
                                                 text.ptr, "Time from head to answer, by route");
}

static hq_status add_route(hq_router *router, const hq_route_table *table, const hq_route *route,
                           hq_arena *arena, hq_why *why)
{
    hq_route_node *node = &router->root;
    hq_sv rest = hq_sv_from_cstr(route->pattern + 1);
    size_t params = 0;
    while (rest.ptr != NULL && route->pattern[1] != '\0' && node != NULL) {
        hq_sv segment = hq_sv_cut(&rest, '/');
        params += is_param(segment);
        node = step_into(node, segment, arena);
    }
    hq_compiled *made = HQ_NEW(arena, hq_compiled);
    if (node == NULL || made == NULL) {
        return HQ_FAIL(NOMEM);
    }
    if (params > HQ_ROUTE_PARAMS || node->routes[route->method] != NULL) {
        why->en = hq_arena_printf(arena, "route %s %s of %s is there already",
                                  method_names[route->method], route->pattern, table->room);
        why->vi = hq_arena_printf(arena, "đường dẫn %s %s của %s đã có",
                                  method_names[route->method], route->pattern, table->room);
        return HQ_FAIL(EXISTS);
    }
    *made = (hq_compiled){ route, table->room, table->self, metric_of(route) };
    node->routes[route->method] = made;
    return HQ_DONE;
}

hq_status hq_router_new(hq_router **out, const hq_route_table *tables, size_t count, bool with_test,
                        hq_arena *arena, hq_why *why)
{
    hq_router *router = HQ_NEW(arena, hq_router);
    if (router == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t t = 0; t < count; t++) {
        for (size_t r = 0; r < tables[t].count; r++) {
            const hq_route *route = &tables[t].routes[r];
            if (with_test || (route->flags & HQ_ROUTE_TEST) == 0) {
                HQ_TRY(add_route(router, &tables[t], route, arena, why));
            }
        }
    }
    *out = router;
    return HQ_DONE;
}

/* ------------------------------------------------------------------ finding */

typedef struct {
    hq_sv segments[SEGMENTS_MAX];
    size_t count;
    hq_method method;
    hq_route_match *out;
} search;

static bool is_leaf(const hq_route_node *node)
{
    for (int i = 0; i < METHODS; i++) {
        if (node->routes[i] != NULL) {
            return true;
        }
    }
    return false;
}

/* Depth is that of the tree, at most SEGMENTS_MAX. */
static bool walk(search *s, const hq_route_node *node, size_t at, size_t params)
{
    if (at == s->count) {
        for (int i = 0; i < METHODS; i++) {
            s->out->allowed |= node->routes[i] != NULL ? 1u << i : 0;
        }
        s->out->found = node->routes[s->method];
        return is_leaf(node) && s->out->found != NULL;
    }
    hq_sv segment = s->segments[at];
    for (const hq_route_node *c = node->child; c != NULL; c = c->next) {
        if (hq_sv_eq(c->literal, segment)) {
            if (walk(s, c, at + 1, params)) {
                return true;
            }
            break;
        }
    }
    if (node->param == NULL || segment.len == 0) {
        return false;
    }
    s->out->params[params] = segment;
    return walk(s, node->param, at + 1, params + 1);
}

bool hq_router_find(hq_route_match *out, const hq_router *router, hq_method method, hq_sv path,
                    hq_arena *arena)
{
    search s = { .method = method, .out = out };
    *out = (hq_route_match){ 0 };
    if (path.len == 0 || path.ptr[0] != '/') {
        return true;
    }
    hq_sv rest = hq_sv_sub(path, 1, path.len);
    while (rest.ptr != NULL && path.len > 1) {
        if (s.count == SEGMENTS_MAX) {
            return true;
        }
        if (!hq_percent_decode(&s.segments[s.count++], arena, hq_sv_cut(&rest, '/'), false)) {
            return false;
        }
    }
    walk(&s, &router->root, 0, 0);
    return true;
}
