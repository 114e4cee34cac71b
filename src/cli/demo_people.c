/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/demo.h"

#define PERSON(id, vi, en, role, office, tax, bank, roster)                                        \
    {                                                                                              \
        id, vi, en, HQ_ROLE_##role, office, tax, bank, roster                                      \
    }
const hq_persona hq_personas[] = {
    PERSON("anbinh", "Người khai, Công ty Ví dụ An Bình", "Declarant of An Binh (invented)",
           DECLARANT, NULL, "9900000016", NULL, false),
    PERSON("daily", "Đại lý hải quan Ví dụ", "Customs agent (invented)", DECLARANT, NULL,
           "9900000270", NULL, false),
    PERSON("canbo1", "Công chức Hữu Nghị 1", "Officer 1, Huu Nghi", OFFICER, "15BB", NULL, NULL,
           true),
    PERSON("canbo2", "Công chức Hữu Nghị 2", "Officer 2, Huu Nghi", OFFICER, "15BB", NULL, NULL,
           true),
    PERSON("canbo3", "Công chức Hữu Nghị 3", "Officer 3, Huu Nghi", OFFICER, "15BB", NULL, NULL,
           true),
    PERSON("doitruong", "Đội trưởng Hữu Nghị", "Team leader, Huu Nghi", TEAM_LEADER, "15BB", NULL,
           NULL, false),
    PERSON("lanhdao", "Lãnh đạo Hải quan cửa khẩu Hữu Nghị", "Branch head, Huu Nghi", BRANCH_HEAD,
           "15BB", NULL, NULL, false),
    PERSON("giamsat", "Giám sát trực tuyến khu vực VI", "Online supervisor, Region VI", SUPERVISOR,
           "15", NULL, NULL, false),
    PERSON("nganhang", "Ngân hàng Ví dụ", "Bank (invented)", BANK, NULL, NULL, "VDB", false),
    PERSON("quantri", "Quản trị hệ thống", "Administrator", ADMINISTRATOR, NULL, NULL, NULL, false),
};
const size_t hq_persona_count = sizeof hq_personas / sizeof hq_personas[0];

const hq_persona *hq_demo_persona(const char *id)
{
    for (size_t i = 0; i < hq_persona_count; i++) {
        if (hq_sv_eq(hq_sv_from_cstr(id), hq_sv_from_cstr(hq_personas[i].id))) {
            return &hq_personas[i];
        }
    }
    return NULL;
}

hq_status hq_demo_people(hq_house *house, hq_arena *arena, hq_why *why)
{
    for (size_t i = 0; i < hq_persona_count; i++) {
        const hq_persona *p = &hq_personas[i];
        hq_new_user user = {
            .username = hq_sv_from_cstr(p->id),
            .name = hq_sv_from_cstr(p->name_vi),
            .role = hq_sv_from_cstr(hq_role_name(p->role)),
            .office = hq_sv_from_cstr(p->office),
            .tax_code = hq_sv_from_cstr(p->tax_code),
            .bank = hq_sv_from_cstr(p->bank),
            .password = HQ_SV(HQ_DEMO_PASSWORD),
            .on_roster = p->on_roster,
        };
        hq_status s = hq_user_add(house->identity, &user, HQ_SV("system"), arena, why);
        if (hq_failed(s) && s.code != HQ_E_EXISTS) {
            return s;
        }
    }
    return HQ_DONE;
}

bool hq_demo_caller(hq_caller *out, const hq_house *house, const hq_persona *persona,
                    hq_arena *arena)
{
    hq_person found;
    if (hq_failed(hq_identity_find(&found, house->identity, hq_sv_from_cstr(persona->id), arena))) {
        return false;
    }
    *out = (hq_caller){
        .id = found.id,
        .name = found.name,
        .role = found.role,
        .office = found.office,
        .tax_code = hq_sv_from_cstr(persona->tax_code),
        .bank = hq_sv_from_cstr(persona->bank),
    };
    return true;
}

/* ------------------------------------------------------------------ routes */

static void write_optional(hq_json_w *json, const char *name, const char *value)
{
    hq_json_key_sv(json, hq_sv_from_cstr(name));
    hq_json_text_or_null(json, hq_sv_from_cstr(value));
}

static hq_status get_personas(hq_request *request, void *room)
{
    (void)room;
    request->answer.body = HQ_BUF_ARENA(request->arena, 65536);
    hq_json_w json = hq_json_writer(&request->answer.body);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "items");
    hq_json_open(&json, '[');
    for (size_t i = 0; i < hq_persona_count; i++) {
        const hq_persona *p = &hq_personas[i];
        hq_json_open(&json, '{');
        write_optional(&json, "id", p->id);
        write_optional(&json, "name", request->vietnamese ? p->name_vi : p->name_en);
        write_optional(&json, "role", hq_role_name(p->role));
        write_optional(&json, "office", p->office);
        write_optional(&json, "tax_code", p->tax_code);
        write_optional(&json, "bank", p->bank);
        write_optional(&json, "username", p->id);
        write_optional(&json, "password", HQ_DEMO_PASSWORD);
        hq_json_close(&json, '}');
    }
    hq_json_close(&json, ']');
    HQ_JSON_KEY(&json, "next");
    hq_json_null(&json);
    hq_json_close(&json, '}');
    return hq_buf_status(&request->answer.body);
}

static const hq_route *sign_in_route(void)
{
    for (size_t i = 0; i < hq_identity_route_count; i++) {
        const hq_route *r = &hq_identity_routes[i];
        if (r->method == HQ_POST &&
            hq_sv_eq(hq_sv_from_cstr(r->pattern), HQ_SV("/api/v1/session"))) {
            return r;
        }
    }
    return NULL;
}

/* The ordinary sign-in with the password that everybody knows here. */
static hq_status post_sign_in(hq_request *request, void *room)
{
    hq_house *house = room;
    const hq_json *body;
    const hq_route *route = sign_in_route();
    HQ_TRY(hq_json_parse(&body, request->body, request->arena, &request->answer.why));
    char *id = hq_arena_cstr(request->arena, hq_json_get_text(body, "persona"));
    const hq_persona *persona = id == NULL ? NULL : hq_demo_persona(id);
    if (persona == NULL || route == NULL) {
        request->answer.why = (hq_why){ .path = HQ_SV("/persona"),
                                        .vi = HQ_SV("Bản trình diễn không có người này"),
                                        .en = HQ_SV("The demo has no such person") };
        return HQ_FAIL(NOT_FOUND);
    }
    hq_buf text = HQ_BUF_ARENA(request->arena, 1024);
    hq_buf_printf(&text, "{\"username\":\"%s\",\"password\":\"%s\"}", persona->id,
                  HQ_DEMO_PASSWORD);
    size_t len = text.len;
    hq_buf_fill(&text, '\0', 64);
    HQ_TRY(hq_buf_status(&text));
    request->body = hq_sv_make(text.ptr, len);
    return route->handle(request, house->identity);
}

static const hq_route demo_routes[] = {
    { HQ_GET, "/api/v1/demo/personas", get_personas, 0, HQ_ROUTE_PUBLIC, HQ_POOL_PUBLIC, 0 },
    { HQ_POST, "/api/v1/demo/sign-in", post_sign_in, 0, HQ_ROUTE_PUBLIC | HQ_ROUTE_SLOW,
      HQ_POOL_PUBLIC, 1024 },
};

hq_route_table hq_demo_routes(hq_house *house)
{
    return (hq_route_table){ "demo", demo_routes, sizeof demo_routes / sizeof demo_routes[0],
                             house };
}
