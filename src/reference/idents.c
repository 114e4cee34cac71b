/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/reference.h"

/* Check digits of identifiers that customs meets everywhere. */

bool hq_tax_code_valid(hq_sv tax_code)
{
    static const int weights[9] = { 31, 29, 23, 19, 17, 13, 7, 5, 3 };
    hq_sv head = hq_sv_sub(tax_code, 0, 10);
    if (head.len != 10 || !hq_sv_digits(head)) {
        return false;
    }
    if (tax_code.len != 10 && (tax_code.len != 14 || tax_code.ptr[10] != '-' ||
                               !hq_sv_digits(hq_sv_sub(tax_code, 11, 3)))) {
        return false;
    }
    int sum = 0;
    for (int i = 0; i < 9; i++) {
        sum += weights[i] * (head.ptr[i] - '0');
    }
    return 10 - sum % 11 == head.ptr[9] - '0';
}

/* ISO 6346: letters count 10 to 38 without the multiples of 11. */
static int container_value(char c)
{
    static const int letters[26] = { 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24,
                                     25, 26, 27, 28, 29, 30, 31, 32, 34, 35, 36, 37, 38 };
    return c >= 'A' ? letters[c - 'A'] : c - '0';
}

bool hq_container_valid(hq_sv number)
{
    if (number.len != 11 || !hq_sv_digits(hq_sv_sub(number, 4, 7))) {
        return false;
    }
    for (int i = 0; i < 4; i++) {
        if (number.ptr[i] < 'A' || number.ptr[i] > 'Z') {
            return false;
        }
    }
    int sum = 0;
    for (int i = 0; i < 10; i++) {
        sum += container_value(number.ptr[i]) << i;
    }
    return sum % 11 % 10 == number.ptr[10] - '0';
}
