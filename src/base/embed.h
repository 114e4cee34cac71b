/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* HQ_EMBED(name, "room/schema/001_first.sql") puts a file, its path from src/, into the binary:
 * name is the first byte, name_end the one after the last; a NUL follows. HQ_EMBEDDED(name) is it
 * as a view. Once per name in the program. The file that uses it includes "embedded_stamp.h", so
 * that it is compiled again when what it embeds has changed. */
#define HQ_EMBED(name, path)                                                                       \
    extern const char name[], name##_end[];                                                        \
    __asm__(".pushsection .rodata\n.balign 16\n.global " #name "\n" #name ":\n.incbin \"" path     \
            "\"\n.global " #name "_end\n" #name "_end:\n.byte 0\n.popsection\n")

#define HQ_EMBEDDED(name) ((hq_sv){ (name), (size_t)((name##_end) - (name)) })
