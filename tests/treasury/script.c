/* SPDX-License-Identifier: Apache-2.0 */
#include "script.h"

/* ------------------------------------------------------------------ words */

void script_split(sentence *z, hq_sv line)
{
    assert_true(line.len < sizeof z->text);
    memcpy(z->text, line.ptr, line.len);
    z->text[line.len] = '\0';
    z->count = 0;
    z->at = 0;
    char *p = z->text;
    while (*p != '\0' && z->count < 64) {
        while (*p == ' ') {
            *p++ = '\0';
        }
        if (*p == '\0') {
            break;
        }
        z->words[z->count++] = p;
        while (*p != '\0' && *p != ' ') {
            p++;
        }
    }
}

const char *script_next(sentence *z)
{
    if (z->at == z->count) {
        FAIL(z->s, "the sentence ends too early");
    }
    return z->words[z->at++];
}

bool script_more(const sentence *z)
{
    return z->at < z->count;
}

bool script_take(sentence *z, const char *word)
{
    if (script_more(z) && strcmp(z->words[z->at], word) == 0) {
        z->at++;
        return true;
    }
    return false;
}

void script_expect_word(sentence *z, const char *word)
{
    if (!script_take(z, word)) {
        FAIL(z->s, "expected the word %s before %s", word,
             script_more(z) ? z->words[z->at] : "the end");
    }
}

int64_t script_number(sentence *z)
{
    char plain[32];
    size_t len = 0;
    for (const char *p = script_next(z); *p != '\0' && len < sizeof plain - 1; p++) {
        if (*p != '.') {
            plain[len++] = *p;
        }
    }
    plain[len] = '\0';
    int64_t out;
    if (!hq_sv_i64(&out, hq_sv_from_cstr(plain))) {
        FAIL(z->s, "%s is no number", plain);
    }
    return out;
}

/* 12 digits; the last is the amendment. */
int64_t script_declaration(sentence *z)
{
    const char *word = script_next(z);
    int64_t out;
    if (!hq_tre__declaration_parse(&out, hq_sv_from_cstr(word))) {
        FAIL(z->s, "%s is no declaration number", word);
    }
    return out;
}

hq_tax script_tax(sentence *z)
{
    hq_tax out;
    const char *word = script_next(z);
    if (!hq_tax_parse(&out, hq_sv_from_cstr(word))) {
        FAIL(z->s, "%s is no tax", word);
    }
    return out;
}
