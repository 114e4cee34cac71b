/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/room.h"

/* The table of roles and the table of deed x role; everything else in the room reads them. */

#define B(role) HQ_ROLE_BIT(HQ_ROLE_##role)
#define HEADS   (B(BRANCH_HEAD) | B(DEPARTMENT_HEAD) | B(HEADQUARTERS))

/* Within scope. Declarant, bank and operator are in scope of what is theirs only. */
static const uint32_t deeds[HQ_DEED_COUNT] = {
    [HQ_MAY_SEE] = HQ_ROLES_CUSTOMS | B(DECLARANT) | B(BANK) | B(OPERATOR),
    [HQ_MAY_ACT] = B(OFFICER) | B(TEAM_LEADER) | HEADS | B(SUPERVISOR),
    [HQ_MAY_FILE] = B(DECLARANT),
    [HQ_MAY_DECIDE] = HEADS,
    [HQ_MAY_PASS] = B(OFFICER) | B(TEAM_LEADER) | HEADS | B(OPERATOR),
    [HQ_MAY_ADMINISTER] = B(ADMINISTRATOR),
    [HQ_MAY_ANALYSE] = B(LABORATORY),
};

static const char *const deed_names[HQ_DEED_COUNT] = {
    [HQ_MAY_SEE] = "see",         [HQ_MAY_ACT] = "act",   [HQ_MAY_FILE] = "file",
    [HQ_MAY_DECIDE] = "decide",   [HQ_MAY_PASS] = "pass", [HQ_MAY_ADMINISTER] = "administer",
    [HQ_MAY_ANALYSE] = "analyse",
};

#define HQ_ROLE_NAME(name, text) [HQ_ROLE_##name] = (text),
static const char *const names[HQ_ROLE_COUNT] = { HQ_ROLES(HQ_ROLE_NAME) };
#undef HQ_ROLE_NAME

static const hq_identity__role_text texts[HQ_ROLE_COUNT] = {
    [HQ_ROLE_DECLARANT] = { "Người khai hải quan", "Declarant" },
    [HQ_ROLE_OFFICER] = { "Công chức hải quan", "Customs officer" },
    [HQ_ROLE_TEAM_LEADER] = { "Đội trưởng", "Team leader" },
    [HQ_ROLE_BRANCH_HEAD] = { "Trưởng hải quan cửa khẩu", "Head of branch" },
    [HQ_ROLE_DEPARTMENT_HEAD] = { "Chi cục trưởng hải quan khu vực", "Head of department" },
    [HQ_ROLE_HEADQUARTERS] = { "Cục Hải quan", "Headquarters" },
    [HQ_ROLE_SUPERVISOR] = { "Giám sát trực tuyến", "Online supervisor" },
    [HQ_ROLE_RISK_ANALYST] = { "Phân tích rủi ro", "Risk analyst" },
    [HQ_ROLE_LABORATORY] = { "Kiểm định hải quan", "Customs laboratory" },
    [HQ_ROLE_INSPECTORATE] = { "Thanh tra, kiểm tra", "Inspectorate" },
    [HQ_ROLE_BANK] = { "Ngân hàng", "Bank" },
    [HQ_ROLE_TREASURY] = { "Kho bạc Nhà nước", "State Treasury" },
    [HQ_ROLE_OPERATOR] = { "Doanh nghiệp kinh doanh kho, bãi, cảng", "Terminal operator" },
    [HQ_ROLE_CARRIER] = { "Người vận chuyển", "Carrier" },
    [HQ_ROLE_ADMINISTRATOR] = { "Quản trị hệ thống", "Administrator" },
    [HQ_ROLE_AUDITOR] = { "Kiểm toán", "Auditor" },
};

const char *hq_role_name(hq_role role)
{
    return names[role];
}

bool hq_role_parse(hq_role *out, hq_sv name)
{
    for (int i = 0; i < HQ_ROLE_COUNT; i++) {
        if (hq_sv_eq(name, hq_sv_from_cstr(names[i]))) {
            *out = (hq_role)i;
            return true;
        }
    }
    return false;
}

const hq_identity__role_text *hq_identity__role_text_of(hq_role role)
{
    return &texts[role];
}

bool hq_identity__deed_allowed(hq_deed deed, hq_role role)
{
    return (deeds[deed] & HQ_ROLE_BIT(role)) != 0;
}

const char *hq_identity__deed_name(hq_deed deed)
{
    return deed_names[deed];
}

hq_identity__reach hq_identity__reach_of(hq_role role)
{
    if ((HQ_ROLES_NATIONAL & HQ_ROLE_BIT(role)) != 0) {
        return HQ_IDENTITY__REACH_COUNTRY;
    }
    if (role == HQ_ROLE_DECLARANT) {
        return HQ_IDENTITY__REACH_TRADER;
    }
    if (role == HQ_ROLE_BANK) {
        return HQ_IDENTITY__REACH_BANK;
    }
    return role == HQ_ROLE_CARRIER ? HQ_IDENTITY__REACH_NONE : HQ_IDENTITY__REACH_OFFICE;
}

int64_t hq_identity__idle_limit_us(hq_role role)
{
    static const uint32_t outside = B(DECLARANT) | B(BANK) | B(OPERATOR) | B(CARRIER);
    int64_t minutes = (outside & HQ_ROLE_BIT(role)) != 0 ? 30 : 15;
    return minutes * 60 * HQ_US_PER_SECOND;
}

/* ------------------------------------------------------------------ scope of somebody new */

static hq_status refuse(hq_why *why, const char *path, const char *vi, const char *en)
{
    if (why != NULL) {
        *why = (hq_why){ hq_sv_from_cstr(path), hq_sv_from_cstr(vi), hq_sv_from_cstr(en) };
    }
    return HQ_FAIL(INVALID);
}

static bool is_code(hq_sv v, size_t max)
{
    for (size_t i = 0; i < v.len; i++) {
        char c = v.ptr[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c == '-' && i > 0))) {
            return false;
        }
    }
    return v.len <= max;
}

static hq_status unknown_role(hq_sv role, hq_arena *arena, hq_why *why)
{
    hq_sv known[HQ_ROLE_COUNT];
    for (int i = 0; i < HQ_ROLE_COUNT; i++) {
        known[i] = hq_sv_from_cstr(names[i]);
    }
    hq_sv nearest = hq_sv_nearest(role, known, HQ_ROLE_COUNT);
    if (why != NULL) {
        const char *ask_vi = nearest.len > 0 ? "; có phải là " : "";
        const char *ask_en = nearest.len > 0 ? "; did you mean " : "";
        hq_sv shown = hq_sv_sub(role, 0, 40);
        *why = (hq_why){
            .path = HQ_SV("/role"),
            .vi = hq_arena_printf(arena, "Không có vai trò \"%.*s\"%s%.*s", HQ_SV_FMT(shown),
                                  ask_vi, HQ_SV_FMT(nearest)),
            .en = hq_arena_printf(arena, "There is no role \"%.*s\"%s%.*s", HQ_SV_FMT(shown),
                                  ask_en, HQ_SV_FMT(nearest)),
        };
    }
    return HQ_FAIL(INVALID);
}

static hq_status check_formats(hq_sv office, hq_sv tax_code, hq_sv bank, hq_why *why)
{
    if (!is_code(office, 12)) {
        return refuse(why, "/office", "Mã đơn vị gồm chữ in hoa và chữ số, nhiều nhất 12 ký tự",
                      "An office code has capitals and digits, 12 characters at most");
    }
    if (!is_code(tax_code, 14)) {
        return refuse(why, "/tax_code", "Mã số thuế gồm chữ số và dấu gạch, nhiều nhất 14 ký tự",
                      "A tax code has digits and a dash, 14 characters at most");
    }
    if (!is_code(bank, 12)) {
        return refuse(why, "/bank", "Mã ngân hàng gồm chữ in hoa và chữ số, nhiều nhất 12 ký tự",
                      "A bank code has capitals and digits, 12 characters at most");
    }
    return HQ_DONE;
}

static hq_status check_needs(hq_role role, hq_sv office, hq_sv tax_code, hq_sv bank, hq_why *why)
{
    hq_identity__reach reach = hq_identity__reach_of(role);
    if (reach == HQ_IDENTITY__REACH_OFFICE && office.len == 0) {
        return refuse(why, "/office", "Vai trò này cần mã đơn vị hải quan",
                      "This role needs the code of an office");
    }
    if (reach != HQ_IDENTITY__REACH_OFFICE && reach != HQ_IDENTITY__REACH_COUNTRY &&
        office.len > 0) {
        return refuse(why, "/office", "Vai trò này không thuộc đơn vị hải quan nào",
                      "This role belongs to no customs office");
    }
    if ((reach == HQ_IDENTITY__REACH_TRADER) != (tax_code.len > 0) &&
        reach != HQ_IDENTITY__REACH_NONE) {
        return refuse(why, "/tax_code", "Mã số thuế cần cho người khai và chỉ dùng cho người khai",
                      "A tax code is needed for a declarant, and for nobody else");
    }
    if ((reach == HQ_IDENTITY__REACH_BANK) != (bank.len > 0)) {
        return refuse(why, "/bank", "Mã ngân hàng cần cho vai trò ngân hàng và chỉ cho vai trò này",
                      "A bank code is needed for the role bank, and for no other");
    }
    return HQ_DONE;
}

hq_status hq_identity__scope_check(hq_role *out, hq_sv role, hq_sv office, hq_sv tax_code,
                                   hq_sv bank, hq_arena *arena, hq_why *why)
{
    if (!hq_role_parse(out, role)) {
        return unknown_role(role, arena, why);
    }
    HQ_TRY(check_formats(office, tax_code, bank, why));
    return check_needs(*out, office, tax_code, bank, why);
}
