/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/decode.h"

/* Walks the JSON against the tables. Each member is looked for from where the last one was found,
 * so a declaration written in the order of the contract is read without a search. */

/* ------------------------------------------------------------------ findings */

static hq_sv type_name(const hq_json *value)
{
    static const hq_sv names[] = {
        [HQ_JSON_NULL] = { "null", 4 },     [HQ_JSON_FALSE] = { "boolean", 7 },
        [HQ_JSON_TRUE] = { "boolean", 7 },  [HQ_JSON_NUMBER] = { "number", 6 },
        [HQ_JSON_STRING] = { "string", 6 }, [HQ_JSON_ARRAY] = { "array", 5 },
        [HQ_JSON_OBJECT] = { "object", 6 },
    };
    return names[value->type];
}

static void write_pointer(hq_buf *out, const hq_decode__run *run)
{
    for (size_t i = 0; i < run->depth; i++) {
        hq_buf_char(out, '/');
        hq_buf_append(out, run->steps[i].field->name, run->steps[i].field->name_len);
        if (run->steps[i].index != SIZE_MAX) {
            hq_buf_char(out, '/');
            hq_buf_u64(out, run->steps[i].index);
        }
    }
}

static hq_sv pointer_to(const hq_decode__run *run, const hq_decode__field *field)
{
    hq_buf out = HQ_BUF_ARENA(run->arena, 1024);
    write_pointer(&out, run);
    hq_buf_char(&out, '/');
    hq_buf_append(&out, field->name, field->name_len);
    if (run->element != SIZE_MAX) {
        hq_buf_char(&out, '/');
        hq_buf_u64(&out, run->element);
    }
    return hq_buf_view(&out);
}

void hq_decode__find(hq_decode__run *run, const char *rule, const hq_decode__field *field,
                     const hq_json *value, const hq_sv *args, size_t arg_count)
{
    if (run->plain) {
        run->odd = true;
        return;
    }
    hq_sv all[4] = { hq_sv_make(field->name, field->name_len) };
    for (size_t i = 0; i < arg_count && i < 3; i++) {
        all[i + 1] = args[i];
    }
    hq_sv seen = value == NULL ? HQ_SV_NULL : hq_findings__json_of(run->arena, value);
    hq_findings_add(run->findings, rule, pointer_to(run, field), seen, all, arg_count + 1);
}

bool hq_decode__wrong_type(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                           const char *expected)
{
    hq_decode__find(run, "HQ004", field, value,
                    HQ_ARGS(hq_sv_from_cstr(expected), type_name(value)));
    return false;
}

/* Pointer of a member that has no field: its name is the sender's, so it is escaped and cut. */
static void find_unknown(hq_decode__run *run, const hq_decode__object *object, const hq_json *value)
{
    hq_sv names[HQ_DECODE__FIELDS];
    hq_buf path = HQ_BUF_ARENA(run->arena, 2048);
    write_pointer(&path, run);
    hq_buf_char(&path, '/');
    hq_sv key = hq_sv_sub(value->key, 0, 200);
    while (key.len < value->key.len && ((unsigned char)value->key.ptr[key.len] & 0xc0) == 0x80) {
        key.len++;
    }
    for (size_t i = 0; i < key.len; i++) {
        char c = key.ptr[i];
        if (c == '~' || c == '/') {
            hq_buf_char(&path, '~');
            c = c == '~' ? '0' : '1';
        }
        hq_buf_char(&path, c);
    }
    for (size_t i = 0; i < object->count; i++) {
        names[i] = hq_sv_make(object->fields[i].name, object->fields[i].name_len);
    }
    hq_sv near = hq_sv_nearest(key, names, object->count);
    hq_sv args[2] = { hq_findings__json_text(run->arena, key), near };
    hq_findings_add(run->findings, near.ptr == NULL ? "HQ002" : "HQ001", hq_buf_view(&path),
                    hq_findings__json_of(run->arena, value), args, 2);
}

/* ------------------------------------------------------------------ objects */

bool hq_decode__wrong_flow(hq_decode__run *run, const hq_decode__field *field, const hq_json *value)
{
    if ((field->flags & run->not_here) == 0) {
        return false;
    }
    hq_decode__find(run, run->flow == HQ_FLOW_IMPORT ? "HQ017" : "HQ023", field, value,
                    HQ_ARGS(hq_sv_from_cstr(field->other_flow)));
    return true;
}

void hq_decode__find_missing(hq_decode__run *run, const hq_decode__object *object, uint64_t seen)
{
    uint64_t asked = object->needed == 64 ? UINT64_MAX : (UINT64_C(1) << object->needed) - 1;
    uint64_t missing = ~seen & asked;
    for (; missing != 0; missing &= missing - 1) {
        const hq_decode__field *field = &object->fields[__builtin_ctzll(missing)];
        if ((field->flags & run->required) != 0) {
            hq_decode__find(run, "HQ003", field, NULL, HQ_NO_ARGS);
        } else if ((field->flags & HQ_FIELD_REQUIRED_IF_PAID) != 0 && run->missing_count < 4) {
            run->missing_if_paid[run->missing_count].in = run->steps[0];
            run->missing_if_paid[run->missing_count++].field = field;
        }
    }
}

/* What the value of goods that are paid for is computed from. */
static void find_missing_if_paid(hq_decode__run *run)
{
    const hq_declaration *d = run->declaration;
    bool paid = false;
    for (size_t i = 0; i < d->line_count; i++) {
        paid |= d->lines[i].invoice_value.units > 0;
    }
    for (size_t i = 0; paid && i < run->missing_count; i++) {
        run->steps[0] = run->missing_if_paid[i].in;
        run->depth = 1;
        hq_decode__find(run, "HQ003", run->missing_if_paid[i].field, NULL, HQ_NO_ARGS);
        run->depth = 0;
    }
}

/* Reads one member and says whether its field needs no complaint about being missing. */
static bool read_member(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                        char *to)
{
    if (value->type == HQ_JSON_NULL) {
        return false;
    }
    if (hq_decode__wrong_flow(run, field, value)) {
        return true;
    }
    size_t errors = run->findings->errors;
    if (!hq_decode__readers[field->kind](run, field, value, to + field->at)) {
        return run->findings->errors > errors;
    }
    if (field->given > 0) {
        to[field->given - 1] = 1;
    }
    return true;
}

bool hq_decode__object_into(hq_decode__run *run, const hq_decode__object *object,
                            const hq_json *value, char *to)
{
    uint64_t seen = 0;
    size_t next = 0;
    for (const hq_json *c = hq_json_first(value); c != NULL; c = hq_json_next(value, c)) {
        size_t at = hq_decode__field_of(object, c->key, next);
        if (at == object->count) {
            find_unknown(run, object, c);
            continue;
        }
        seen |= (uint64_t)read_member(run, &object->fields[at], c, to) << at;
        next = at + 1;
    }
    hq_decode__find_missing(run, object, seen);
    return true;
}

/* Where elements or an object go: in the model itself, or into memory of their own. */
static char *place_of(hq_decode__run *run, const hq_decode__field *field, size_t count, char *to)
{
    if ((field->flags & HQ_FIELD_ALLOCATED) == 0) {
        return to;
    }
    char *items = hq_arena_alloc(run->arena, count * field->size);
    run->failed |= items == NULL;
    memcpy(to, &items, sizeof items);
    return items;
}

bool hq_decode__object_field(hq_decode__run *run, const hq_decode__field *field,
                             const hq_json *value, char *to)
{
    if (value->type != HQ_JSON_OBJECT) {
        return hq_decode__wrong_type(run, field, value, "object");
    }
    const hq_decode__object *object =
        run->flow == HQ_FLOW_EXPORT && field->on_export != NULL ? field->on_export : field->object;
    if ((field->flags & HQ_FIELD_ALLOCATED) != 0) {
        to = place_of(run, field, 1, to);
        if (to == NULL) {
            return false;
        }
        memset(to, 0, field->size);
    }
    run->steps[run->depth++] = (hq_decode__step){ field, SIZE_MAX };
    bool read = hq_decode__object_into(run, object, value, to);
    run->depth--;
    return read;
}

/* ------------------------------------------------------------------ lists */

static bool fits(hq_decode__run *run, const hq_decode__field *field, const hq_json *value)
{
    if (value->type != HQ_JSON_ARRAY) {
        return hq_decode__wrong_type(run, field, value, "array");
    }
    if ((int64_t)value->count <= field->max) {
        return true;
    }
    hq_sv count = hq_findings__i64(run->arena, value->count);
    run->odd = true;
    if (run->plain) {
        return false;
    }
    if (field->object != NULL && field->max == HQ_LINES_MAX) {
        hq_sv path = pointer_to(run, field);
        hq_findings_add(run->findings, "HQ019", path, HQ_SV_NULL,
                        HQ_ARGS(count, hq_findings__i64(run->arena, HQ_LINES_MAX)));
    } else {
        hq_decode__find(run, "HQ015", field, value,
                        HQ_ARGS(count, hq_findings__i64(run->arena, field->max)));
    }
    return false;
}

static void set_count(const hq_decode__field *field, char *to, size_t count)
{
    memcpy(to - field->at + field->count, &count, sizeof count);
}

bool hq_decode__objects(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                        char *to)
{
    if (!fits(run, field, value)) {
        return false;
    }
    if (value->count == 0) {
        if ((field->flags & HQ_FIELD_REQUIRED) != 0) {
            hq_decode__find(run, "HQ020", field, value, HQ_NO_ARGS);
        }
        return false;
    }
    char *item = place_of(run, field, value->count, to);
    size_t index = 0;
    for (const hq_json *c = hq_json_first(value); c != NULL && item != NULL;
         c = hq_json_next(value, c), item += field->size) {
        memset(item, 0, field->zeroed);
        if (c->type == HQ_JSON_OBJECT) {
            run->steps[run->depth++] = (hq_decode__step){ field, index };
            size_t errors = run->findings->errors;
            hq_decode__object_into(run, field->object, c, item);
            run->depth--;
            if (field->size == sizeof(hq_line)) {
                ((hq_line *)(void *)item)->broken = run->findings->errors > errors;
            }
        } else {
            run->element = index;
            hq_decode__wrong_type(run, field, c, "object");
            run->element = SIZE_MAX;
        }
        index++;
    }
    set_count(field, to, index);
    return true;
}

bool hq_decode__texts(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                      char *to)
{
    if (!fits(run, field, value) || value->count == 0) {
        return false;
    }
    char *item = place_of(run, field, value->count, to);
    size_t index = 0;
    for (const hq_json *c = hq_json_first(value); c != NULL && item != NULL;
         c = hq_json_next(value, c), item += field->size) {
        run->element = index++;
        memset(item, 0, field->zeroed);
        hq_decode__text(run, field, c, item);
    }
    run->element = SIZE_MAX;
    set_count(field, to, index);
    return true;
}

static bool read_line_number(hq_decode__run *run, const hq_decode__field *field,
                             const hq_json *value, int64_t *line)
{
    if (value->type == HQ_JSON_NUMBER && hq_sv_i64(line, value->text) && *line >= 1 &&
        *line <= HQ_LINES_MAX) {
        return true;
    }
    hq_decode__find(run, "HQ016", field, value,
                    HQ_ARGS(HQ_SV("1"), hq_findings__i64(run->arena, HQ_LINES_MAX)));
    return false;
}

/* [1, 3]: lines counted from 1; none named: all. Whether there are that many is known when all is
 * read. */
bool hq_decode__lines(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                      char *to)
{
    hq_line_set set = { NULL, 0 };
    int64_t line;
    if (value->type != HQ_JSON_ARRAY) {
        return hq_decode__wrong_type(run, field, value, "array");
    }
    for (const hq_json *c = hq_json_first(value); c != NULL; c = hq_json_next(value, c)) {
        if (!read_line_number(run, field, c, &line)) {
            return false;
        }
        size_t words = ((size_t)line - 1) / 64 + 1;
        set.count = words > set.count ? words : set.count;
    }
    if (set.count > 0) {
        set.words = HQ_NEW_ARRAY(run->arena, uint64_t, set.count);
        run->failed |= set.words == NULL;
    }
    for (const hq_json *c = hq_json_first(value); c != NULL && set.words != NULL;
         c = hq_json_next(value, c)) {
        if (hq_sv_i64(&line, c->text)) { /* always, it was read before */
            set.words[(line - 1) / 64] |= UINT64_C(1) << ((line - 1) % 64);
        }
    }
    memcpy(to, &set, sizeof set);
    return true;
}

bool hq_decode__any(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                    char *to)
{
    (void)to;
    return fits(run, field, value);
}

/* ------------------------------------------------------------------ whole */

void hq_decode__set_flow(hq_decode__run *run, hq_sv flow)
{
    run->flow_known = hq_sv_eq(flow, HQ_SV("import")) || hq_sv_eq(flow, HQ_SV("export"));
    run->flow = hq_sv_eq(flow, HQ_SV("export")) ? HQ_FLOW_EXPORT : HQ_FLOW_IMPORT;
    run->declaration->flow = run->flow;
    run->required = HQ_FIELD_REQUIRED;
    if (run->flow_known) {
        bool import = run->flow == HQ_FLOW_IMPORT;
        run->required |= import ? HQ_FIELD_REQUIRED_ON_IMPORT : HQ_FIELD_REQUIRED_ON_EXPORT;
        run->not_here = import ? HQ_FIELD_EXPORT_ONLY : HQ_FIELD_IMPORT_ONLY;
    }
}

/* The highest line of a set, 0 when it is all or none. The last word is never empty. */
static int64_t last_of(const hq_line_set *set)
{
    return set->words == NULL
               ? 0
               : (int64_t)set->count * 64 - __builtin_clzll(set->words[set->count - 1]);
}

static void find_wrong_lines(hq_decode__run *run)
{
    const hq_declaration *d = run->declaration;
    for (size_t i = 0; i < d->adjustment_count && d->line_count > 0; i++) {
        int64_t last = last_of(&d->adjustments[i].lines);
        if (last > (int64_t)d->line_count) {
            hq_findings_add(
                run->findings, "HQ021",
                hq_findings__item_path(run->arena, "/valuation/adjustments", i, "/lines"),
                HQ_SV_NULL,
                HQ_ARGS(hq_findings__i64(run->arena, last),
                        hq_findings__i64(run->arena, (int64_t)d->line_count)));
        }
    }
}

static void set_defaults(hq_declaration *d)
{
    d->price_kind = d->price_kind == '\0' ? 'A' : d->price_kind;
    d->payment_term = d->payment_term == '\0' ? 'D' : d->payment_term;
    if (d->method == '\0' && (d->flow == HQ_FLOW_EXPORT || d->low_value)) {
        d->method = '6'; /* an export and a parcel have no such item */
    }
    for (size_t i = 0; i < d->line_count; i++) {
        hq_line *line = &d->lines[i];
        line->invoice_value.scale = HQ_SCALE_VALUE;
        line->duty.tax = d->flow == HQ_FLOW_EXPORT ? HQ_TAX_EXPORT : HQ_TAX_IMPORT;
        for (size_t k = 0; k < line->tax_count; k++) {
            line->taxes[k].json_index = (uint32_t)k;
        }
    }
}

static void find_wrong_root(hq_decode__run *run, const hq_json *root)
{
    hq_findings_add(run->findings, "HQ004", HQ_SV(""), hq_findings__json_of(run->arena, root),
                    HQ_ARGS(HQ_SV("declaration"), HQ_SV("object"), type_name(root)));
}

static hq_declaration *declaration_new(const hq_decode__object *object, hq_sv text, hq_arena *arena)
{
    hq_declaration *declaration = HQ_NEW(arena, hq_declaration);
    if (declaration != NULL) {
        declaration->json = text;
        declaration->low_value = object == &hq_decode__parcel;
    }
    return declaration;
}

/* With nodes: says all that is wrong. */
static hq_status read_nodes(hq_decode__run *run, const hq_decode__object *object, hq_sv text,
                            hq_why *why)
{
    const hq_json *root;
    HQ_TRY(hq_json_parse(&root, text, run->arena, why));
    run->declaration = declaration_new(object, text, run->arena);
    if (run->declaration == NULL) {
        return HQ_FAIL(NOMEM);
    }
    if (root->type == HQ_JSON_OBJECT) {
        hq_decode__set_flow(run, hq_json_get_text(root, "flow"));
        hq_decode__object_into(run, object, root, (char *)run->declaration);
    } else {
        find_wrong_root(run, root);
    }
    return HQ_DONE;
}

static hq_status decode_as(const hq_decode__object *object, hq_declaration **out,
                           hq_findings *findings, hq_sv body, hq_arena *arena, hq_why *why)
{
    hq_sv text = hq_sv_trim(body);
    const hq_decode__run fresh = { .arena = arena, .findings = findings, .element = SIZE_MAX };
    hq_decode__run run = fresh;
    run.plain = true;
    run.declaration = declaration_new(object, text, arena);
    if (run.declaration == NULL) {
        return HQ_FAIL(NOMEM);
    }
    if (hq_decode__plain(&run, object, text)) {
        run.plain = false;
    } else {
        run = fresh;
        HQ_TRY(read_nodes(&run, object, text, why));
    }
    set_defaults(run.declaration);
    find_wrong_lines(&run);
    find_missing_if_paid(&run);
    *out = run.declaration;
    return run.failed || findings->failed ? HQ_FAIL(NOMEM) : HQ_DONE;
}

hq_status hq_declaration_decode(hq_declaration **out, hq_findings *findings, hq_sv body,
                                hq_arena *arena, hq_why *why)
{
    return decode_as(&hq_decode__root, out, findings, body, arena, why);
}

hq_status hq_parcel_decode(hq_declaration **out, hq_findings *findings, hq_sv body, hq_arena *arena,
                           hq_why *why)
{
    return decode_as(&hq_decode__parcel, out, findings, body, arena, why);
}
