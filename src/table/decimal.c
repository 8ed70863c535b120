/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decimals (hb/decimal.h).
 *
 * Invariant: a number that is not 0 has a coefficient of exactly 34 digits, so each has one form and the exponent decides about
 * size before the digits do. A key is sign * (exponent + BIAS, 14 bits; coefficient, 113 bits).
 *
 * Results are handed to pack() as a coefficient with 34 digits more behind it and a mark that something follows; it alone
 * normalises and rounds. To add an operation: bring its result to that form.
 */
#include "hb/decimal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hb/buf.h"

typedef unsigned __int128 u128;

enum {
    COEFFICIENT_BITS = 113,
    BIAS = 8192,
    /* of the last digit of a coefficient of 34 digits */
    EXPONENT_MIN = -6143 - (DECIMAL_DIGITS - 1),
    EXPONENT_MAX = 6144 - (DECIMAL_DIGITS - 1),
    PLAIN_DIGITS = 38,
    EXPONENT_READ_MAX = 100000,
};

/* value = sign * coefficient * 10^exponent; coefficient 0: zero */
struct parts {
    bool negative;
    u128 coefficient;
    int exponent;
};

/* (hi + lo / 10^34 + less, if sticky) * 10^exponent, with hi < 10^36 and lo < 10^34 */
struct wide {
    u128 hi, lo;
    bool sticky;
    int exponent;
};

static u128 power(int n)
{
    u128 p = 1;
    while (n-- > 0)
        p *= 10;
    return p;
}

static struct parts unpack(hb_decimal d)
{
    if (d == 0)
        return (struct parts){ 0 };
    u128 u = d < 0 ? -(u128)d : (u128)d;
    return (struct parts){ d < 0, u & (((u128)1 << COEFFICIENT_BITS) - 1),
                           (int)(u >> COEFFICIENT_BITS) - BIAS };
}

static bool pack(bool negative, struct wide w, hb_decimal *out, bool *exact)
{
    const u128 full = power(DECIMAL_DIGITS), least = full / 10;
    *out = 0;
    if (exact)
        *exact = true;
    if (!w.hi && !w.lo)
        return true;
    for (; w.hi < least; w.exponent--) {
        w.hi = w.hi * 10 + w.lo / least;
        w.lo = w.lo % least * 10;
    }
    for (; w.hi >= full; w.exponent++) {
        w.sticky |= w.lo % 10 != 0;
        w.lo = w.lo / 10 + w.hi % 10 * least;
        w.hi /= 10;
    }
    if (exact)
        *exact = !w.lo && !w.sticky && w.exponent >= EXPONENT_MIN;
    u128 half = full / 2;
    w.hi += w.lo > half || (w.lo == half && (w.sticky || (w.hi & 1)));
    if (w.hi == full) {
        w.hi = least;
        w.exponent++;
    }
    if (w.exponent > EXPONENT_MAX)
        return false;
    if (w.exponent < EXPONENT_MIN)
        return true; /* too small: 0 */
    u128 key = (u128)(unsigned)(w.exponent + BIAS) << COEFFICIENT_BITS | w.hi;
    *out = negative ? -(hb_decimal)key : (hb_decimal)key;
    return true;
}

/* ---- texts ---- */

/* digits [. digits]: the first 34 that count go to hi, the next 34 to lo. Returns where they end; SIZE_MAX: there are none. */
static size_t read_digits(struct str s, size_t at, struct wide *w)
{
    const u128 full = power(DECIMAL_DIGITS);
    bool point = false, any = false;
    int used = 0;
    u128 weight = full;
    for (; at < s.n; at++) {
        unsigned digit = (unsigned)(unsigned char)s.p[at] - '0';
        if (s.p[at] == '.' && !point) {
            point = true;
            continue;
        }
        if (digit > 9)
            break;
        any = true;
        if (used < DECIMAL_DIGITS) {
            w->hi = w->hi * 10 + digit;
            used += w->hi != 0;
            w->exponent -= point;
            continue;
        }
        weight /= 10;
        w->lo += digit * weight;
        w->sticky |= !weight && digit;
        w->exponent += !point;
    }
    return any ? at : SIZE_MAX;
}

static bool read_exponent(struct str s, int64_t *out)
{
    bool plus = s.n && s.p[0] == '+';
    s = str_sub(s, plus, s.n);
    if (!s.n || s.p[0] == '+' || (plus && s.p[0] == '-') || !str_to_i64(s, out))
        return false;
    *out = *out > EXPONENT_READ_MAX    ? EXPONENT_READ_MAX
           : *out < -EXPONENT_READ_MAX ? -EXPONENT_READ_MAX
                                       : *out;
    return true;
}

bool decimal_parse(struct str text, hb_decimal *out, bool *exact)
{
    struct wide w = { 0 };
    int64_t exponent = 0;
    if (text.n > INT32_MAX / 2)
        return false;
    bool negative = text.n && text.p[0] == '-';
    size_t at = read_digits(text, text.n && (negative || text.p[0] == '+'), &w);
    if (at == SIZE_MAX)
        return false;
    if (at < text.n && ((text.p[at] | 32) != 'e' || !read_exponent(str_sub(text, at + 1, text.n), &exponent)))
        return false;
    w.exponent += (int)exponent;
    return pack(negative, w, out, exact);
}

__int128 decimal_split(hb_decimal d, int *places)
{
    struct parts p = unpack(d);
    *places = 0;
    if (!p.coefficient)
        return 0;
    for (; p.coefficient % 10 == 0; p.exponent++)
        p.coefficient /= 10;
    *places = -p.exponent;
    return p.negative ? -(__int128)p.coefficient : (__int128)p.coefficient;
}

bool decimal_scaled(hb_decimal d, int places, __int128 *out)
{
    int of_its_own;
    *out = decimal_split(d, &of_its_own);
    bool fits = of_its_own <= places || *out == 0;
    for (int i = of_its_own; fits && *out && i < places; i++)
        fits = !__builtin_mul_overflow(*out, 10, out);
    return fits;
}

bool decimal_parts(hb_decimal d, __int128 *whole, __int128 *part)
{
    const __int128 limit = (__int128)power(DECIMAL_PART_DIGITS);
    int places;
    __int128 v = decimal_split(d, &places);
    if (places > DECIMAL_PART_DIGITS || (places <= 0 && !decimal_scaled(d, 0, &v)))
        return false;
    places = places < 0 ? 0 : places;
    const __int128 one = (__int128)power(places);
    *whole = v / one;
    *part = v % one * (__int128)power(DECIMAL_PART_DIGITS - places);
    return (*whole < 0 ? -*whole : *whole) < limit;
}

bool decimal_of_parts(__int128 whole, __int128 part, hb_decimal *out)
{
    const __int128 limit = (__int128)power(DECIMAL_PART_DIGITS);
    if (__builtin_add_overflow(whole, part / limit, &whole))
        return false;
    part %= limit;
    if (part && whole && (part < 0) != (whole < 0)) { /* of one sign */
        whole += whole < 0 ? 1 : -1;
        part += part < 0 ? limit : -limit;
    }
    bool negative = whole < 0 || part < 0;
    struct wide w = { negative ? -(u128)whole : (u128)whole,
                      (u128)(negative ? -part : part) * power(DECIMAL_DIGITS - DECIMAL_PART_DIGITS), false,
                      0 };
    return pack(negative, w, out, NULL);
}

static size_t put(char *out, size_t n, const char *from, size_t count)
{
    memcpy(out + n, from, count);
    return n + count;
}

static size_t put_zeroes(char *out, size_t n, int count)
{
    for (; count > 0; count--)
        out[n++] = '0';
    return n;
}

size_t decimal_text(hb_decimal d, char out[DECIMAL_TEXT_MAX])
{
    char digits[DECIMAL_DIGITS + 1];
    int places, len = 0;
    __int128 v = decimal_split(d, &places);
    size_t n = 0;
    if (v < 0)
        out[n++] = '-';
    for (u128 u = v < 0 ? -(u128)v : (u128)v; u || !len; u /= 10)
        digits[DECIMAL_DIGITS - len++] = (char)('0' + (int)(u % 10));
    const char *first = digits + DECIMAL_DIGITS + 1 - len;
    int whole = len - places; /* digits before the point */
    if (whole > PLAIN_DIGITS || places > PLAIN_DIGITS) {
        out[n++] = *first;
        if (len > 1) {
            out[n++] = '.';
            n = put(out, n, first + 1, (size_t)len - 1);
        }
        return n + (size_t)snprintf(out + n, DECIMAL_TEXT_MAX - n, "E%+d", whole - 1);
    }
    if (whole <= 0) {
        n = put(out, n, "0.", 2);
        n = put_zeroes(out, n, -whole);
        return put(out, n, first, (size_t)len);
    }
    n = put(out, n, first, (size_t)(whole < len ? whole : len));
    n = put_zeroes(out, n, whole - len);
    if (whole >= len)
        return n;
    out[n++] = '.';
    return put(out, n, first + whole, (size_t)(len - whole));
}

/* ---- other types ---- */

hb_decimal decimal_of_long(int64_t v)
{
    hb_decimal d;
    u128 u = v < 0 ? -(u128)v : (u128)v;
    pack(v < 0, (struct wide){ .hi = u }, &d, NULL);
    return d;
}

bool decimal_of_real(double v, hb_decimal *out)
{
    struct buf b = BUF_INIT;
    buf_f64(&b, v);
    bool ok = decimal_parse(buf_view(&b), out, NULL);
    buf_free(&b);
    return ok;
}

bool decimal_to_long(hb_decimal d, int64_t *out)
{
    struct parts p = unpack(d);
    *out = 0;
    if (p.exponent <= -DECIMAL_DIGITS || !p.coefficient)
        return true;
    if (p.exponent > 18 - DECIMAL_DIGITS + 1)
        return false;
    u128 v = p.coefficient / power(-p.exponent), most = (u128)INT64_MAX + p.negative;
    if (v > most)
        return false;
    *out = (int64_t)(p.negative ? -(uint64_t)v : (uint64_t)v);
    return true;
}

double decimal_to_real(hb_decimal d)
{
    char text[DECIMAL_TEXT_MAX + 1];
    text[decimal_text(d, text)] = '\0';
    return strtod(text, NULL); /* the program never calls setlocale */
}

/* ---- arithmetic ---- */

/* A coefficient moved down by so many places, as a wide number beside one that was not moved. */
static struct wide moved(u128 coefficient, int places, int exponent)
{
    struct wide w = { .exponent = exponent };
    if (places < DECIMAL_DIGITS) {
        w.hi = coefficient / power(places);
        w.lo = coefficient % power(places) * power(DECIMAL_DIGITS - places);
    } else if (places < 2 * DECIMAL_DIGITS) {
        w.lo = coefficient / power(places - DECIMAL_DIGITS);
        w.sticky = coefficient % power(places - DECIMAL_DIGITS) != 0;
    } else {
        w.sticky = true;
    }
    return w;
}

bool decimal_add(hb_decimal a, hb_decimal b, hb_decimal *out)
{
    const u128 full = power(DECIMAL_DIGITS);
    hb_decimal size_a = a < 0 ? -a : a, size_b = b < 0 ? -b : b;
    struct parts x = unpack(size_a >= size_b ? a : b), y = unpack(size_a >= size_b ? b : a);
    *out = size_a >= size_b ? a : b;
    if (!y.coefficient)
        return true;
    struct wide w = moved(y.coefficient, x.exponent - y.exponent, x.exponent);
    if (x.negative == y.negative) {
        w.hi += x.coefficient;
    } else {
        /* what is below lo counts as one more, given back by the mark */
        u128 less = w.lo + w.sticky;
        w.hi = x.coefficient - w.hi - (less > 0);
        w.lo = less ? full - less : 0;
    }
    return pack(x.negative, w, out, NULL);
}

bool decimal_mul(hb_decimal a, hb_decimal b, hb_decimal *out)
{
    struct parts x = unpack(a), y = unpack(b);
    const u128 half = power(DECIMAL_DIGITS / 2);
    u128 xh = x.coefficient / half, xl = x.coefficient % half;
    u128 yh = y.coefficient / half, yl = y.coefficient % half;
    u128 low = xl * yl, mid = xh * yl + xl * yh + low / half;
    u128 lo = mid % half * half + low % half;
    struct wide w = { xh * yh + mid / half, lo, false, x.exponent + y.exponent + DECIMAL_DIGITS };
    return pack(x.negative != y.negative, w, out, NULL);
}

bool decimal_div(hb_decimal a, hb_decimal b, hb_decimal *out)
{
    struct parts x = unpack(a), y = unpack(b);
    if (!y.coefficient)
        return false;
    u128 rest = x.coefficient % y.coefficient, quotient = x.coefficient / y.coefficient;
    for (int i = 0; i < DECIMAL_DIGITS; i++) {
        quotient = quotient * 10 + rest * 10 / y.coefficient;
        rest = rest * 10 % y.coefficient;
    }
    struct wide w = { .hi = quotient,
                      .lo = rest * 10 / y.coefficient * power(DECIMAL_DIGITS - 1),
                      .sticky = rest * 10 % y.coefficient != 0,
                      .exponent = x.exponent - y.exponent - DECIMAL_DIGITS };
    return pack(x.negative != y.negative, w, out, NULL);
}

/* The remainder of the sizes, with the sign of a. */
static hb_decimal remainder_of(hb_decimal a, hb_decimal b)
{
    struct parts x = unpack(a), y = unpack(b);
    if (x.exponent < y.exponent || !x.coefficient)
        return a;
    u128 rest = x.coefficient % y.coefficient;
    for (int i = x.exponent; i > y.exponent && rest; i--)
        rest = rest * 10 % y.coefficient;
    hb_decimal r;
    pack(x.negative, (struct wide){ .hi = rest, .exponent = y.exponent }, &r, NULL);
    return r;
}

bool decimal_mod(hb_decimal a, hb_decimal b, hb_decimal *out)
{
    if (b == 0)
        return false;
    *out = remainder_of(a, b);
    return *out >= 0 || decimal_add(*out, b < 0 ? -b : b, out);
}

bool decimal_bin(hb_decimal a, hb_decimal step, hb_decimal *out)
{
    hb_decimal over;
    return step > 0 && decimal_mod(a, step, &over) && decimal_add(a, -over, out);
}

bool decimal_round(hb_decimal a, int64_t places, hb_decimal *out)
{
    struct parts p = unpack(a);
    *out = a;
    if (!p.coefficient || -(int64_t)p.exponent <= places)
        return true;
    int64_t cut = places < -EXPONENT_READ_MAX ? EXPONENT_READ_MAX : -(int64_t)p.exponent - places;
    if (cut > DECIMAL_DIGITS) {
        *out = 0;
        return true;
    }
    u128 unit = power((int)cut), kept = p.coefficient / unit + (p.coefficient % unit >= unit - unit / 2);
    return pack(p.negative, (struct wide){ .hi = kept, .exponent = p.exponent + (int)cut }, out, NULL);
}
