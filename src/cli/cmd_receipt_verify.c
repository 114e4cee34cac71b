/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/wire.h"

/* What the route answers has the receipt in it, beside its event and proof; either may be given. */
static hq_sv receipt_in(const hq_cli *cli, hq_sv text)
{
    const hq_json *root;
    if (hq_failed(hq_json_parse_copy(&root, text, cli->arena, NULL))) {
        return text; /* the verifier says what is wrong with it */
    }
    const hq_json *inner = hq_json_get(root, "receipt");
    return inner != NULL && inner->type == HQ_JSON_OBJECT ? inner->text : text;
}

/* In which file, and where in it. */
static void name_place(const hq_cli *cli, hq_status s, hq_why *why)
{
    if (s.code != HQ_E_USAGE && why->en.len > 0) {
        const char *gap = why->path.len > 0 ? " " : "";
        why->vi = hq_arena_printf(cli->arena, "%s: %.*s%s%.*s", cli->rest[0], HQ_SV_FMT(why->path),
                                  gap, HQ_SV_FMT(why->vi));
        why->en = hq_arena_printf(cli->arena, "%s: %.*s%s%.*s", cli->rest[0], HQ_SV_FMT(why->path),
                                  gap, HQ_SV_FMT(why->en));
    }
}

static int run(hq_cli *cli)
{
    hq_sv text;
    hq_why why = { 0 };
    hq_status s = hq_cli_file(&text, cli, hq_sv_from_cstr(cli->rest[0]), &why);
    if (hq_ok(s)) {
        s = hq_receipt_verify(receipt_in(cli, text), cli->arena, &why);
    }
    if (hq_failed(s)) {
        name_place(cli, s, &why);
        return hq_cli_fail(cli, s, &why);
    }
    printf("%s\n", hq_cli_say(cli, "đúng: mọi số tiền đều suy ra được từ các phần của nó",
                              "right: every amount follows from its parts"));
    return HQ_EXIT_DONE;
}

const hq_command hq_command_receipt_verify = {
    .name = "receipt verify",
    .arguments = "FILE",
    .en = "computes a receipt again from its own text alone",
    .vi = "tính lại một biên nhận chỉ từ nội dung của nó",
    .run = run,
    .rest_min = 1,
    .rest_max = 1,
    .settings = { HQ_S_COUNT },
};
