/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/journal.h"

hq_status hq_cli_open_reader(hq_store **out, const hq_cli *cli, hq_why *why)
{
    hq_store_options options = {
        .url = hq_cli_text(cli, HQ_S_DB),
        .clock = hq_os_clock(),
        .read_only = true,
    };
    HQ_TRY(hq_cli_need_database(cli, why));
    options.rooms = hq_house_rooms(&options.room_count);
    return hq_store_open(out, &options, cli->arena, why);
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

hq_status hq_cli_read_key(uint8_t out[32], const hq_cli *cli, hq_sv path, hq_why *why)
{
    hq_sv text;
    size_t digits = 0;
    HQ_TRY(hq_cli_file(&text, cli, path, why));
    for (size_t i = 0; i < text.len; i++) {
        int n = nibble(text.ptr[i]);
        if (n < 0) {
            digits = 0;
            continue;
        }
        out[digits / 2] = (uint8_t)(digits % 2 == 0 ? n << 4 : out[digits / 2] | n);
        if (++digits == 64) {
            return HQ_DONE;
        }
    }
    *why = (hq_why){ .vi = HQ_SV("tệp khóa công khai không có 64 chữ số hệ 16"),
                     .en = HQ_SV("the file of the public key has no 64 hexadecimal digits") };
    return HQ_FAIL(USAGE);
}
