/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many digits decimals have, by their texts.
 *
 * Invariant: an extent only grows, and never beyond what one column of the engine can hold.
 */
#include "hb/table.h"

enum { EXPONENT_MAX = 999 };

/* The powers of ten of the first and the last digit that is no zero. */
struct powers {
    int64_t first, last;
    bool digits, zero;
};

/* digits [ . digits ], with at least one digit */
static size_t read_digits(struct str s, size_t at, struct powers *p)
{
    size_t point = at;
    while (point < s.n && s.p[point] >= '0' && s.p[point] <= '9')
        point++;
    int64_t power = (int64_t)(point - at) - 1;
    *p = (struct powers){ .zero = true };
    for (; at < s.n; at++) {
        if (at == point && s.p[at] == '.')
            continue;
        if (s.p[at] < '0' || s.p[at] > '9')
            break;
        p->digits = true;
        if (s.p[at] != '0') {
            p->first = p->zero ? power : p->first;
            p->last = power;
            p->zero = false;
        }
        power--;
    }
    return at;
}

bool decimal_extend(struct decimal_extent *e, struct str text)
{
    struct powers p;
    int64_t exponent = 0;
    size_t at = read_digits(text, text.n && (text.p[0] == '-' || text.p[0] == '+'), &p);
    if (!p.digits)
        return false;
    if (at < text.n) {
        bool plus = at + 2 < text.n && text.p[at + 1] == '+' && text.p[at + 2] != '-';
        if ((text.p[at] | 32) != 'e' || !str_to_i64(str_sub(text, at + (plus ? 2 : 1), text.n), &exponent) ||
            exponent < -EXPONENT_MAX || exponent > EXPONENT_MAX)
            return false;
    }
    if (p.zero)
        return true;
    int64_t whole = p.first + exponent + 1, places = -(p.last + exponent);
    whole = whole > e->whole ? whole : e->whole;
    places = places > e->places ? places : e->places;
    if (whole + places > DECIMAL_DIGITS)
        return false;
    e->whole = (uint8_t)whole;
    e->places = (uint8_t)places;
    return true;
}

unsigned decimal_places(struct decimal_extent e)
{
    unsigned room = DECIMAL_DIGITS - e.whole, usual = room < DECIMAL_PLACES ? room : DECIMAL_PLACES;
    return e.places > usual ? e.places : usual;
}
