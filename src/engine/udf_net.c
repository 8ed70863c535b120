/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IPv4 and IPv6 addresses and networks as texts. A network is an address with /n; comparisons are made under the
 * smallest prefix that is given. For IPv6, an IPv4 address is the mapped one (::ffff:a.b.c.d).
 */
#include <arpa/inet.h>
#include <string.h>

#include "hb/json.h"
#include "jscan.h"
#include "udf.h"

struct net4 {
    uint32_t ip;
    int bits;
};

static uint32_t mask4(int bits)
{
    return bits <= 0 ? 0 : bits >= 32 ? UINT32_MAX : ~(UINT32_MAX >> bits);
}

/* Copies into a C string; false when it does not fit or holds a NUL. */
static bool as_z(struct str s, char *z, size_t cap)
{
    if (s.n >= cap || str_chr(s, '\0', 0) < s.n)
        return false;
    memcpy(z, s.p, s.n);
    z[s.n] = 0;
    return true;
}

/* Splits a/n; bits is -1 without n. */
static bool split_prefix(struct str s, struct str *ip, int *bits, int max)
{
    size_t at = str_chr(s, '/', 0);
    int64_t n;
    *ip = str_trim(str_sub(s, 0, at));
    *bits = -1;
    if (at == s.n)
        return true;
    if (!str_to_i64(str_trim(str_sub(s, at + 1, s.n)), &n) || n < 0 || n > max)
        return false;
    *bits = (int)n;
    return true;
}

static bool read4(struct str s, struct net4 *out)
{
    char z[INET_ADDRSTRLEN];
    struct in_addr a;
    struct str ip;
    int bits;
    if (!split_prefix(str_trim(s), &ip, &bits, 32) || !as_z(ip, z, sizeof z) ||
        inet_pton(AF_INET, z, &a) != 1)
        return false;
    out->ip = ntohl(a.s_addr);
    out->bits = bits < 0 ? 32 : bits;
    return true;
}

static bool ipv4(struct udf_call *c)
{
    struct net4 n;
    if (!read4(c->arg[0].s, &n))
        return false;
    c->i = n.ip & mask4(n.bits);
    return true;
}

static bool ipv4_mask(struct udf_call *c)
{
    struct net4 n;
    int64_t bits = c->arg[1].i;
    if (!read4(c->arg[0].s, &n) || bits < 0 || bits > 32)
        return false;
    c->i = n.ip & mask4(bits < n.bits ? (int)bits : n.bits);
    return true;
}

static bool in_range4(uint32_t ip, uint32_t net, int bits)
{
    return (ip & mask4(bits)) == (net & mask4(bits));
}

static bool ipv4_private(struct udf_call *c)
{
    struct net4 n;
    if (!read4(c->arg[0].s, &n))
        return false;
    c->b = (in_range4(n.ip, 0x0a000000, 8) && n.bits >= 8) ||
           (in_range4(n.ip, 0xac100000, 12) && n.bits >= 12) ||
           (in_range4(n.ip, 0xc0a80000, 16) && n.bits >= 16);
    return true;
}

static bool match4(const struct net4 *x, const struct net4 *y)
{
    return in_range4(x->ip, y->ip, x->bits < y->bits ? x->bits : y->bits);
}

static bool ipv4_in_range(struct udf_call *c)
{
    struct net4 x, y;
    if (!read4(c->arg[0].s, &x) || !read4(c->arg[1].s, &y))
        return false;
    c->b = match4(&x, &y);
    return true;
}

struct nets4 {
    struct net4 *v;
    size_t n;
};

static void *prepare_nets4(struct arena *a, struct str raw)
{
    struct nets4 *s = ARENA_NEW(a, struct nets4);
    struct jtexts it = jtexts_begin(raw);
    struct str v;
    struct buf t = BUF_INIT;
    s->v = ARENA_ARRAY(a, json_count(raw) + 1, struct net4);
    for (size_t room = json_count(raw) + 1; room && jtexts_next(&it, &v); room--) {
        t.n = 0;
        json_put_plain(&t, v);
        if (read4(buf_view(&t), &s->v[s->n]))
            s->n++;
    }
    buf_free(&t);
    return s;
}

static bool ipv4_in_any(struct udf_call *c)
{
    const struct nets4 *s = c->prep;
    struct net4 x;
    if (!read4(c->arg[0].s, &x))
        return false;
    c->b = false;
    for (size_t i = 0; i < s->n && !c->b; i++)
        c->b = match4(&x, &s->v[i]);
    return true;
}

static bool ipv4_compare(struct udf_call *c)
{
    struct net4 x, y;
    int64_t bits = c->arg[2].i;
    if (!read4(c->arg[0].s, &x) || !read4(c->arg[1].s, &y) || bits < 0 || bits > 32)
        return false;
    int least = x.bits < y.bits ? x.bits : y.bits;
    uint32_t m = mask4(bits < least ? (int)bits : least);
    c->i = ((x.ip & m) > (y.ip & m)) - ((x.ip & m) < (y.ip & m));
    return true;
}

static bool ipv4_suffix(struct udf_call *c)
{
    struct net4 n;
    if (!read4(c->arg[0].s, &n))
        return false;
    c->i = n.bits;
    return true;
}

static void put4(struct buf *b, uint32_t ip)
{
    buf_printf(b, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
}

static bool format_ipv4(struct udf_call *c)
{
    if (c->arg[0].null || c->arg[1].null || c->arg[0].i < 0 || c->arg[0].i > UINT32_MAX || c->arg[1].i > 32)
        return false;
    put4(&c->out, (uint32_t)c->arg[0].i);
    if (c->arg[1].i >= 0)
        buf_printf(&c->out, "/%d", (int)c->arg[1].i);
    return true;
}

static bool ipv4_cidrs(struct udf_call *c)
{
    struct net4 x, y;
    if (!read4(c->arg[0].s, &x) || !read4(c->arg[1].s, &y) || x.ip > y.ip)
        return false;
    for (uint64_t at = x.ip; at <= y.ip;) {
        int bits = 32;
        while (bits > 0 && (at & ~(uint64_t)mask4(bits - 1) & UINT32_MAX) == 0 &&
               at + (UINT64_C(1) << (33 - bits)) - 1 <= y.ip)
            bits--;
        buf_puts(&c->out, c->out.n ? ",\"" : "[\"");
        put4(&c->out, (uint32_t)at);
        buf_printf(&c->out, "/%d\"", bits);
        at += UINT64_C(1) << (32 - bits);
    }
    buf_putc(&c->out, ']');
    return true;
}

/* ---- IPv6 ---- */

struct net6 {
    unsigned char ip[16];
    int bits;
    bool v4; /* written as IPv4 */
};

static bool read6(struct str s, struct net6 *out)
{
    char z[INET6_ADDRSTRLEN];
    struct net4 n4;
    struct str ip;
    int bits;
    memset(out, 0, sizeof *out);
    if (!split_prefix(str_trim(s), &ip, &bits, 128) || !as_z(ip, z, sizeof z))
        return false;
    bool dotted = str_chr(ip, '.', 0) < ip.n;
    if (dotted && str_starts(ip, STR("::")) && read4(str_sub(ip, 2, ip.n), &n4))
        ip = str_sub(ip, 2, ip.n); /* ::a.b.c.d counts as the IPv4 address */
    if (read4(ip, &n4)) {
        out->ip[10] = out->ip[11] = 0xff;
        for (int i = 0; i < 4; i++)
            out->ip[12 + i] = (unsigned char)(n4.ip >> (24 - 8 * i));
        out->v4 = true;
        out->bits = bits < 0 ? 128 : bits > 32 ? bits : 96 + bits;
        return true;
    }
    out->bits = bits < 0 ? 128 : bits;
    return inet_pton(AF_INET6, z, out->ip) == 1;
}

static void mask6(unsigned char ip[16], int bits)
{
    for (int i = 0; i < 16; i++) {
        int keep = bits - 8 * i;
        if (keep <= 0)
            ip[i] = 0;
        else if (keep < 8)
            ip[i] = (unsigned char)(ip[i] & (0xff << (8 - keep)));
    }
}

static int compare6(struct net6 x, struct net6 y, int bits)
{
    int least = x.bits < y.bits ? x.bits : y.bits;
    least = bits < least ? bits : least;
    mask6(x.ip, least);
    mask6(y.ip, least);
    int r = memcmp(x.ip, y.ip, 16);
    return (r > 0) - (r < 0);
}

static bool ipv6_text(struct udf_call *c)
{
    struct net6 n;
    if (c->arg[0].null || c->arg[1].null || !read6(c->arg[0].s, &n) || c->arg[1].i < 0 || c->arg[1].i > 128)
        return false;
    int bits = (int)c->arg[1].i;
    if (n.v4 && bits <= 32)
        bits += 96;
    mask6(n.ip, bits < n.bits ? bits : n.bits);
    for (int i = 0; i < 16; i += 2)
        buf_printf(&c->out, "%s%02x%02x", i ? ":" : "", n.ip[i], n.ip[i + 1]);
    return true;
}

static bool ipv6_compare(struct udf_call *c)
{
    struct net6 x, y;
    int64_t bits = c->arg[2].i;
    if (!read6(c->arg[0].s, &x) || !read6(c->arg[1].s, &y) || bits < 0 || bits > 128)
        return false;
    if (x.v4 && y.v4 && bits <= 32)
        bits += 96;
    c->i = compare6(x, y, (int)bits);
    return true;
}

static bool ipv6_in_range(struct udf_call *c)
{
    struct net6 x, y;
    if (!read6(c->arg[0].s, &x) || !read6(c->arg[1].s, &y))
        return false;
    c->b = compare6(x, y, 128) == 0;
    return true;
}

struct nets6 {
    struct net6 *v;
    size_t n;
};

static void *prepare_nets6(struct arena *a, struct str raw)
{
    struct nets6 *s = ARENA_NEW(a, struct nets6);
    struct jtexts it = jtexts_begin(raw);
    struct str v;
    struct buf t = BUF_INIT;
    s->v = ARENA_ARRAY(a, json_count(raw) + 1, struct net6);
    for (size_t room = json_count(raw) + 1; room && jtexts_next(&it, &v); room--) {
        t.n = 0;
        json_put_plain(&t, v);
        if (read6(buf_view(&t), &s->v[s->n]))
            s->n++;
    }
    buf_free(&t);
    return s;
}

static bool ipv6_in_any(struct udf_call *c)
{
    const struct nets6 *s = c->prep;
    struct net6 x;
    if (!read6(c->arg[0].s, &x))
        return false;
    c->b = false;
    for (size_t i = 0; i < s->n && !c->b; i++)
        c->b = compare6(x, s->v[i], 128) == 0;
    return true;
}

/* ---- addresses inside a text ---- */

static bool is_word(char ch)
{
    return char_is_alnum(ch) || ch == '.';
}

/* Length of the dotted quad that stands alone at i; 0: none. */
static size_t address_at(struct str s, size_t i)
{
    size_t n = 0;
    struct net4 net;
    if (i && is_word(s.p[i - 1]))
        return 0;
    while (i + n < s.n && ((s.p[i + n] >= '0' && s.p[i + n] <= '9') || s.p[i + n] == '.'))
        n++;
    if (i + n < s.n && is_word(s.p[i + n]))
        return 0;
    return n >= 7 && read4(str_sub(s, i, i + n), &net) ? n : 0;
}

static bool has_address(struct udf_call *c, bool prefix)
{
    struct str s = c->arg[0].s, v;
    struct net4 net;
    c->b = false;
    for (size_t i = 0; i < s.n && !c->b; i++) {
        size_t n = address_at(s, i);
        if (!n)
            continue;
        struct str ip = str_sub(s, i, i + n);
        struct jtexts it = jtexts_begin(c->arg[1].s);
        while (!c->b && jtexts_next(&it, &v)) {
            c->tmp[0].n = 0;
            json_put_plain(&c->tmp[0], v);
            struct str want = buf_view(&c->tmp[0]);
            if (prefix && want.n && want.p[want.n - 1] == '.')
                c->b = str_starts(ip, want);
            else
                c->b = str_eq(ip, want) && read4(want, &net);
        }
        i += n;
    }
    return true;
}

static bool has_ipv4(struct udf_call *c)
{
    return has_address(c, false);
}

static bool has_ipv4_prefix(struct udf_call *c)
{
    return has_address(c, true);
}

static const struct udf_fn functions[] = {
    { .name = "kql_ipv4", .body = ipv4 },
    { .name = "kql_ipv4_mask", .body = ipv4_mask },
    { .name = "kql_ipv4_private", .body = ipv4_private },
    { .name = "kql_ipv4_in_range", .body = ipv4_in_range },
    { .name = "kql_ipv4_in_any", .body = ipv4_in_any, .prepare = prepare_nets4, .prep_arg = 1 },
    { .name = "kql_ipv4_compare", .body = ipv4_compare },
    { .name = "kql_ipv4_suffix", .body = ipv4_suffix },
    { .name = "kql_ipv4_cidrs", .body = ipv4_cidrs },
    { .name = "kql_format_ipv4", .body = format_ipv4 },
    { .name = "kql_ipv6", .body = ipv6_text },
    { .name = "kql_ipv6_compare", .body = ipv6_compare },
    { .name = "kql_ipv6_in_range", .body = ipv6_in_range },
    { .name = "kql_ipv6_in_any", .body = ipv6_in_any, .prepare = prepare_nets6, .prep_arg = 1 },
    { .name = "kql_has_ipv4", .body = has_ipv4 },
    { .name = "kql_has_ipv4_prefix", .body = has_ipv4_prefix },
};

const struct udf_set udf_net_set = { functions, sizeof functions / sizeof *functions };
