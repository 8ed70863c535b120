/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Codes: base64, gzip and zlib inside base64, punycode. What cannot be decoded is '' (or NULL where the result is no text).
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "hb/utf8.h"
#include "udf.h"

/* ---- base64 ---- */

static int base64_digit(char ch)
{
    if (ch >= 'A' && ch <= 'Z')
        return ch - 'A';
    if (ch >= 'a' && ch <= 'z')
        return ch - 'a' + 26;
    if (ch >= '0' && ch <= '9')
        return ch - '0' + 52;
    return ch == '+' ? 62 : ch == '/' ? 63 : -1;
}

/* Standard alphabet, padding required; false when it is not base64. */
static bool base64_decode(struct buf *out, struct str s)
{
    uint32_t acc = 0;
    int bits = 0;
    if (s.n % 4)
        return false;
    size_t pad = s.n && s.p[s.n - 1] == '=' ? (s.p[s.n - 2] == '=' ? 2 : 1) : 0;
    for (size_t i = 0; i < s.n - pad; i++) {
        int d = base64_digit(s.p[i]);
        if (d < 0)
            return false;
        acc = acc << 6 | (uint32_t)d;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            buf_putc(out, (char)(acc >> bits & 0xff));
        }
    }
    return true;
}

static bool b64_text(struct udf_call *c)
{
    if (c->arg[0].null || !base64_decode(&c->out, c->arg[0].s) || !utf8_valid(buf_view(&c->out)))
        return false;
    return true;
}

static bool b64_array(struct udf_call *c)
{
    if (!base64_decode(&c->tmp[0], c->arg[0].s))
        return false;
    buf_putc(&c->out, '[');
    for (size_t i = 0; i < c->tmp[0].n; i++)
        buf_printf(&c->out, "%s%u", i ? "," : "", (unsigned)(unsigned char)c->tmp[0].p[i]);
    buf_putc(&c->out, ']');
    return true;
}

static bool b64_from_array(struct udf_call *c)
{
    if (c->arg[0].null)
        return false;
    struct str a = c->arg[0].s;
    for (size_t i = 0; i < a.n; i++) {
        unsigned v = 0;
        if (a.p[i] < '0' || a.p[i] > '9')
            continue;
        for (; i < a.n && a.p[i] >= '0' && a.p[i] <= '9'; i++)
            v = (v * 10 + (unsigned)(a.p[i] - '0')) % 1000;
        if (v > 255)
            return false;
        buf_putc(&c->tmp[0], (char)v);
    }
    buf_base64(&c->out, c->tmp[0].p, c->tmp[0].n);
    return true;
}

/* ---- guids: .NET writes the first three groups with their low byte first ---- */

static const unsigned char guid_order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

static bool b64_from_guid(struct udf_call *c)
{
    char bytes[16];
    if (c->arg[0].null)
        return false;
    unsigned __int128 v = (unsigned __int128)c->arg[0].d ^ (unsigned __int128)1 << 127;
    for (size_t i = 0; i < 16; i++)
        bytes[i] = (char)(v >> (120 - 8 * guid_order[i]) & 0xff);
    buf_base64(&c->out, bytes, sizeof bytes);
    return true;
}

static bool b64_to_guid(struct udf_call *c)
{
    unsigned __int128 v = 0;
    if (!base64_decode(&c->tmp[0], c->arg[0].s) || c->tmp[0].n != 16)
        return false;
    for (size_t i = 0; i < 16; i++)
        v |= (unsigned __int128)(unsigned char)c->tmp[0].p[i] << (120 - 8 * guid_order[i]);
    c->d = (__int128)(v ^ (unsigned __int128)1 << 127);
    return true;
}

/* ---- gzip and zlib ---- */

/* A text may not grow beyond this when it is unpacked. */
enum { UNPACKED_MAX = 64 << 20 };

static void put_le32(struct buf *b, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        buf_putc(b, (char)(v >> (8 * i) & 0xff));
}

static void put_be32(struct buf *b, uint32_t v)
{
    for (int i = 24; i >= 0; i -= 8)
        buf_putc(b, (char)(v >> i & 0xff));
}

/* As blocks that are not compressed. */
static void put_stored(struct buf *b, struct str s)
{
    size_t i = 0;
    do {
        size_t n = s.n - i < 65535 ? s.n - i : 65535;
        buf_putc(b, i + n == s.n);
        buf_putc(b, (char)(n & 0xff));
        buf_putc(b, (char)(n >> 8));
        buf_putc(b, (char)(~n & 0xff));
        buf_putc(b, (char)(~n >> 8 & 0xff));
        buf_str(b, str_sub(s, i, i + n));
        i += n;
    } while (i < s.n);
}

/* Raw deflate; what would not get shorter is stored, as the engine does. */
static bool put_deflated(struct buf *b, struct str s)
{
    z_stream z;
    memset(&z, 0, sizeof z);
    if (s.n > UNPACKED_MAX || deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    uLong room = deflateBound(&z, (uLong)s.n);
    char *out = malloc(room);
    if (!out)
        abort();
    z.next_in = (Bytef *)(uintptr_t)s.p;
    z.avail_in = (uInt)s.n;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)room;
    bool ok = deflate(&z, Z_FINISH) == Z_STREAM_END;
    if (ok && z.total_out < s.n)
        buf_put(b, out, z.total_out);
    else if (ok)
        put_stored(b, s);
    deflateEnd(&z);
    free(out);
    return ok;
}

static bool gzip(struct udf_call *c)
{
    struct str s = c->arg[0].s;
    if (c->arg[0].null)
        return false;
    buf_put(&c->tmp[0], "\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    if (!put_deflated(&c->tmp[0], s))
        return false;
    put_le32(&c->tmp[0], (uint32_t)crc32(0, (const Bytef *)s.p, (uInt)s.n));
    put_le32(&c->tmp[0], (uint32_t)s.n);
    buf_base64(&c->out, c->tmp[0].p, c->tmp[0].n);
    return true;
}

static bool zlib(struct udf_call *c)
{
    struct str s = c->arg[0].s;
    if (c->arg[0].null)
        return false;
    buf_put(&c->tmp[0], "\x78\x01", 2);
    if (!put_deflated(&c->tmp[0], s))
        return false;
    put_be32(&c->tmp[0], (uint32_t)adler32(1, (const Bytef *)s.p, (uInt)s.n));
    buf_base64(&c->out, c->tmp[0].p, c->tmp[0].n);
    return true;
}

/* window: 15 zlib, 31 gzip */
static bool unpack(struct udf_call *c, int window)
{
    z_stream z;
    char part[4096];
    int rc = Z_OK;
    memset(&z, 0, sizeof z);
    if (c->arg[0].null || !base64_decode(&c->tmp[0], c->arg[0].s) || c->tmp[0].n > UNPACKED_MAX ||
        inflateInit2(&z, window) != Z_OK)
        return false;
    z.next_in = (Bytef *)c->tmp[0].p;
    z.avail_in = (uInt)c->tmp[0].n;
    while (rc == Z_OK && c->out.n < UNPACKED_MAX) {
        z.next_out = (Bytef *)part;
        z.avail_out = sizeof part;
        rc = inflate(&z, Z_NO_FLUSH);
        buf_put(&c->out, part, sizeof part - z.avail_out);
    }
    inflateEnd(&z);
    return rc == Z_STREAM_END && utf8_valid(buf_view(&c->out));
}

static bool gunzip(struct udf_call *c)
{
    return unpack(c, 31);
}

static bool unzlib(struct udf_call *c)
{
    return unpack(c, 15);
}

/* ---- punycode: RFC 3492 ---- */

enum { BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700, FIRST_BIAS = 72, FIRST_N = 128 };

static uint32_t adapt(uint32_t delta, uint32_t points, bool first)
{
    uint32_t k = 0;
    delta = first ? delta / DAMP : delta / 2;
    for (delta += delta / points; delta > ((BASE - T_MIN) * T_MAX) / 2; k += BASE)
        delta /= BASE - T_MIN;
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static uint32_t threshold(uint32_t k, uint32_t bias)
{
    return k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
}

/* Labels of a domain have at most 63 bytes; longer texts are no names, and the algorithm is quadratic. */
enum { PUNY_MAX = 1024 };

static size_t code_points(struct str s, uint32_t *cp)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n && n < PUNY_MAX;)
        cp[n++] = utf8_next(s, &i);
    return n;
}

static void put_delta(struct buf *b, uint32_t q, uint32_t bias)
{
    for (uint32_t k = BASE;; k += BASE) {
        uint32_t t = threshold(k, bias), d = q < t ? q : t + (q - t) % (BASE - t);
        buf_putc(b, (char)(d < 26 ? 'a' + d : '0' + d - 26));
        if (q < t)
            return;
        q = (q - t) / (BASE - t);
    }
}

static bool puny_encode(struct buf *b, struct str s)
{
    uint32_t cp[PUNY_MAX], n = FIRST_N, delta = 0, bias = FIRST_BIAS;
    if (s.n > PUNY_MAX)
        return false;
    size_t len = code_points(s, cp), basic = 0;
    for (size_t i = 0; i < len; i++)
        if (cp[i] < FIRST_N) {
            buf_putc(b, (char)cp[i]);
            basic++;
        }
    if (basic)
        buf_putc(b, '-');
    for (size_t done = basic; done < len; delta++, n++) {
        uint32_t next = UINT32_MAX;
        for (size_t i = 0; i < len; i++)
            if (cp[i] >= n && cp[i] < next)
                next = cp[i];
        delta += (next - n) * (uint32_t)(done + 1); /* below 2^21 * 2^10 */
        n = next;
        for (size_t i = 0; i < len; i++) {
            delta += cp[i] < n;
            if (cp[i] != n)
                continue;
            put_delta(b, delta, bias);
            bias = adapt(delta, (uint32_t)done + 1, done == basic);
            delta = 0;
            done++;
        }
    }
    return true;
}

static int puny_digit(char ch)
{
    char l = (char)(ch | 0x20);
    return l >= 'a' && l <= 'z' ? l - 'a' : ch >= '0' && ch <= '9' ? ch - '0' + 26 : -1;
}

/* One number at *i; false: it ends early or is too large. */
static bool read_delta(struct str s, size_t *i, uint32_t bias, uint64_t *value)
{
    uint64_t w = 1;
    for (uint32_t k = BASE; *i < s.n; k += BASE) {
        int d = puny_digit(s.p[(*i)++]);
        if (d < 0)
            return false;
        *value += (uint64_t)d * w;
        uint32_t t = threshold(k, bias);
        if ((uint32_t)d < t)
            return true;
        w *= BASE - t;
        if (w > UINT32_MAX || *value > UINT32_MAX)
            return false;
    }
    return false;
}

static bool puny_decode(struct buf *b, struct str s)
{
    uint32_t cp[PUNY_MAX], bias = FIRST_BIAS;
    uint64_t n = FIRST_N, at = 0;
    size_t len = 0, i = 0, dash = s.n;
    if (s.n > PUNY_MAX)
        return false;
    while (dash && s.p[dash - 1] != '-')
        dash--;
    for (; dash && i < dash - 1; i++) {
        if ((unsigned char)s.p[i] >= FIRST_N)
            return false;
        cp[len++] = (unsigned char)s.p[i];
    }
    for (i = dash; i < s.n; at++) {
        uint64_t old = at;
        if (!read_delta(s, &i, bias, &at))
            return false;
        bias = adapt((uint32_t)(at - old), (uint32_t)len + 1, old == 0);
        n += at / (len + 1);
        at %= len + 1;
        if (n > 0x10FFFF || (n >= 0xD800 && n <= 0xDFFF))
            return false;
        memmove(cp + at + 1, cp + at, (len - at) * sizeof *cp);
        cp[at] = (uint32_t)n;
        len++;
    }
    for (size_t k = 0; k < len; k++) {
        char utf8[4];
        buf_put(b, utf8, utf8_put(utf8, cp[k]));
    }
    return true;
}

static bool punycode(struct udf_call *c)
{
    return !c->arg[0].null && puny_encode(&c->out, c->arg[0].s);
}

static bool from_punycode(struct udf_call *c)
{
    return !c->arg[0].null && puny_decode(&c->out, c->arg[0].s);
}

/* Bytes of the dot at i of a domain: the ASCII one or one of the three ideographic ones of RFC 3490; 0: none. */
static size_t dot_at(struct str s, size_t i)
{
    static const char *const dots[] = { ".", "\xE3\x80\x82", "\xEF\xBC\x8E", "\xEF\xBD\xA1" };
    for (size_t k = 0; k < sizeof dots / sizeof *dots; k++)
        if (str_starts(str_sub(s, i, s.n), str_z(dots[k])))
            return strlen(dots[k]);
    return 0;
}

static bool is_ascii(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= FIRST_N)
            return false;
    return true;
}

static bool label_to_ascii(struct buf *b, struct str label)
{
    if (is_ascii(label)) {
        buf_str(b, label);
        return true;
    }
    buf_puts(b, "xn--");
    return puny_encode(b, label);
}

static bool label_to_unicode(struct buf *b, struct str label)
{
    if (label.n > 4 && str_eq_nocase(str_sub(label, 0, 4), STR("xn--")))
        return puny_decode(b, str_sub(label, 4, label.n));
    buf_str(b, label);
    return true;
}

static bool each_label(struct udf_call *c, bool (*f)(struct buf *b, struct str label))
{
    struct str s = c->arg[0].s;
    size_t from = 0, dot = 0;
    if (c->arg[0].null)
        return false;
    for (size_t i = 0; i < s.n; i += dot ? dot : 1)
        if ((dot = dot_at(s, i))) {
            if (!f(&c->out, str_sub(s, from, i)))
                return false;
            buf_putc(&c->out, '.');
            from = i + dot;
        }
    return f(&c->out, str_sub(s, from, s.n));
}

static bool domain_to_ascii(struct udf_call *c)
{
    return each_label(c, label_to_ascii);
}

static bool domain_to_unicode(struct udf_call *c)
{
    return each_label(c, label_to_unicode);
}

static const struct udf_fn functions[] = {
    { .name = "kql_b64_text", .body = b64_text },
    { .name = "kql_b64_array", .body = b64_array },
    { .name = "kql_b64_from_array", .body = b64_from_array },
    { .name = "kql_b64_from_guid", .body = b64_from_guid },
    { .name = "kql_b64_guid", .body = b64_to_guid },
    { .name = "kql_gzip", .body = gzip },
    { .name = "kql_gunzip", .body = gunzip },
    { .name = "kql_zlib", .body = zlib },
    { .name = "kql_unzlib", .body = unzlib },
    { .name = "kql_punycode", .body = punycode },
    { .name = "kql_from_punycode", .body = from_punycode },
    { .name = "kql_domain_ascii", .body = domain_to_ascii },
    { .name = "kql_domain_unicode", .body = domain_to_unicode },
};

const struct udf_set udf_codec_set = { functions, sizeof functions / sizeof *functions };
