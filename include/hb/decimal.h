/* layer: table */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KQL's decimal: a decimal floating-point number of 34 digits, as IEEE 754 decimal128 has them (IEEE 754-2008, 3.5), with
 * exponents from 1E-6143 to 9.99...E+6144. There are no infinities and no NaN: what is too large has no value.
 *
 * A number is kept as a key: an integer of 128 bits with the order of the numbers, and the same one for equal numbers. So
 * keys are compared, sorted, grouped and joined as integers, 0 is 0, and -key is the negated number. All values of a type are
 * of one form, whatever digits they have: nothing is ever brought to a common number of places.
 *
 * Every function is exact where 34 digits do, and rounds half to even where they do not. false: no number (too large, division
 * by zero, no numeral); *out is then not defined.
 */
#ifndef HB_DECIMAL_H
#define HB_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/str.h"

typedef __int128 hb_decimal;

enum {
    DECIMAL_DIGITS = 34,
    DECIMAL_PART_DIGITS = 28,
    DECIMAL_TEXT_MAX = 96, /* bytes of any text */
};

/* [-+] digits [. digits] [e [-+] digits]. *exact (may be NULL): whether all its digits were kept. */
bool decimal_parse(struct str text, hb_decimal *out, bool *exact);
/*
 * The shortest text that is read back as the same number, without zeroes at either end: 0.5, 1200, -3. Beyond 38 digits before
 * or behind the point with an exponent: 1.5E+40. Returns its length; no NUL behind it.
 */
size_t decimal_text(hb_decimal d, char out[DECIMAL_TEXT_MAX]);

hb_decimal decimal_of_long(int64_t v);
bool decimal_of_real(double v, hb_decimal *out);  /* by its shortest text: 0.1 is 0.1 */
bool decimal_to_long(hb_decimal d, int64_t *out); /* truncates; out of range: false */
double decimal_to_real(hb_decimal d);
/* The digits as an integer without needless zeroes, and how many are behind the point (negative: zeroes before it). */
__int128 decimal_split(hb_decimal d, int *places);
/* d times 10^places, places >= 0. false: that is no integer of 128 bits. */
bool decimal_scaled(hb_decimal d, int places, __int128 *out);
/*
 * d as an integer and 10^28ths of the same sign, so that either can be summed 10^10 times in 128 bits, and the number of two such sums,
 * rounded once. false: d is 10^28 or more, or has more than 28 places.
 */
bool decimal_parts(hb_decimal d, __int128 *whole, __int128 *part);
bool decimal_of_parts(__int128 whole, __int128 part, hb_decimal *out);

bool decimal_add(hb_decimal a, hb_decimal b, hb_decimal *out);
bool decimal_mul(hb_decimal a, hb_decimal b, hb_decimal *out);
bool decimal_div(hb_decimal a, hb_decimal b, hb_decimal *out);
/* Never negative; below the size of b, but for rounding: decimal_mod(-1E-30, 1E+30) is 1E+30. */
bool decimal_mod(hb_decimal a, hb_decimal b, hb_decimal *out);
bool decimal_bin(hb_decimal a, hb_decimal step,
                 hb_decimal *out); /* rounded down to a multiple; step <= 0: false */
bool decimal_round(hb_decimal a, int64_t places, hb_decimal *out); /* half away from zero */

#endif
