/* SPDX-License-Identifier: Apache-2.0 */
/*
 * String views: comparing, searching, numbers, and the edit distance behind "did you mean".
 */
#include "hb/str.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct str str_z(const char *z)
{
    return z ? (struct str){ z, strlen(z) } : (struct str){ "", 0 };
}

bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Most comparisons end at the first byte: z is not measured for them. */
bool str_eqz(struct str a, const char *z)
{
    for (size_t i = 0; i < a.n; i++)
        if (z[i] == 0 || z[i] != a.p[i])
            return false;
    return z[a.n] == 0;
}

bool str_eq_nocase(struct str a, struct str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (char_lower(a.p[i]) != char_lower(b.p[i]))
            return false;
    return true;
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    if (c)
        return c < 0 ? -1 : 1;
    return a.n < b.n ? -1 : a.n > b.n;
}

bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && str_eq((struct str){ s.p, prefix.n }, prefix);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.n >= suffix.n && str_eq((struct str){ s.p + (s.n - suffix.n), suffix.n }, suffix);
}

struct str str_sub(struct str s, size_t from, size_t to)
{
    if (to > s.n)
        to = s.n;
    if (from > to)
        from = to;
    return (struct str){ s.p ? s.p + from : "", to - from };
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
    while (s.n && is_space(s.p[0]))
        s.p++, s.n--;
    while (s.n && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

size_t str_chr(struct str s, char c, size_t from)
{
    if (from >= s.n)
        return s.n;
    const char *hit = memchr(s.p + from, c, s.n - from);
    return hit ? (size_t)(hit - s.p) : s.n;
}

size_t str_find(struct str s, struct str needle, size_t from)
{
    if (from > s.n)
        return SIZE_MAX;
    if (needle.n == 0)
        return from;
    if (needle.n > s.n - from)
        return SIZE_MAX;
    const char *hit = memmem(s.p + from, s.n - from, needle.p, needle.n);
    return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

bool str_to_u64(struct str s, uint64_t *out)
{
    uint64_t v = 0;
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        unsigned d = (unsigned)(s.p[i] - '0');
        if (v > (UINT64_MAX - d) / 10)
            return false;
        v = v * 10 + d;
    }
    *out = v;
    return true;
}

bool str_to_i64(struct str s, int64_t *out)
{
    bool negative = s.n && s.p[0] == '-';
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        s.p++, s.n--;
    uint64_t v;
    if (!str_to_u64(s, &v) || v > (uint64_t)INT64_MAX + negative)
        return false;
    *out = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

/* A small grammar check first: strtod also takes hex, "inf" and "nan", and reads past what we mean. */
bool str_is_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!char_is_word(s.p[i]))
            return false;
    return s.n > 0 && !char_is_digit(s.p[0]);
}

bool str_is_decimal(struct str s)
{
    size_t i = 0, digits = 0;
    if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
        i++;
    for (; i < s.n && char_is_digit(s.p[i]); i++)
        digits++;
    if (i < s.n && s.p[i] == '.')
        for (i++; i < s.n && char_is_digit(s.p[i]); i++)
            digits++;
    if (digits == 0)
        return false;
    if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
        i++;
        if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
            i++;
        size_t exponent = i;
        while (i < s.n && char_is_digit(s.p[i]))
            i++;
        if (i == exponent)
            return false;
    }
    return i == s.n;
}

bool str_to_f64(struct str s, double *out)
{
    char small[64], *z = small;
    if (!str_is_decimal(s))
        return false;
    if (s.n >= sizeof small) {
        z = malloc(s.n + 1);
        if (!z)
            return false;
    }
    memcpy(z, s.p, s.n);
    z[s.n] = '\0';
    /* The program never calls setlocale, so the C locale's point is the decimal point. */
    *out = strtod(z, NULL);
    if (z != small)
        free(z);
    return true;
}

/* FNV-1a with a final mix: keys are identifiers and process names, a few thousand at most. */
uint64_t str_hash(struct str s)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * UINT64_C(1099511628211);
    h ^= h >> 32;
    h *= UINT64_C(0xd6e8feb86659fd93);
    return h ^ (h >> 32);
}

enum { DISTANCE_MAX = 64 };

/* Optimal string alignment: insert, delete, replace and swap of neighbours cost one each. */
size_t str_distance(struct str a, struct str b, size_t limit)
{
    size_t row[3][DISTANCE_MAX + 1];
    if (a.n > DISTANCE_MAX || b.n > DISTANCE_MAX)
        return str_eq_nocase(a, b) ? 0 : limit + 1;
    size_t *before = row[0], *last = row[1], *now = row[2];
    for (size_t j = 0; j <= b.n; j++)
        last[j] = j;
    memset(before, 0, sizeof row[0]);
    for (size_t i = 1; i <= a.n; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t same = char_lower(a.p[i - 1]) == char_lower(b.p[j - 1]) ? 0 : 1;
            size_t best = last[j - 1] + same;
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && char_lower(a.p[i - 1]) == char_lower(b.p[j - 2]) &&
                char_lower(a.p[i - 2]) == char_lower(b.p[j - 1]) && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        size_t *free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[b.n] > limit ? limit + 1 : last[b.n];
}

struct str str_nearest(struct str word, const struct str *candidates, size_t n)
{
    struct str best = { "", 0 };
    size_t limit = word.n <= 3 ? 1 : word.n <= 8 ? 2 : 3, least = limit + 1;
    for (size_t i = 0; i < n; i++) {
        size_t d = str_distance(word, candidates[i], limit);
        if (d < least && d < word.n) { /* a word that shares nothing is no slip */
            least = d;
            best = candidates[i];
        }
    }
    return best;
}
