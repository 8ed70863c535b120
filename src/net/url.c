/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses. Invariant: what url_check lets pass means the same host to us and to libcurl; whatever two
 * readers could take differently is refused.
 */
#include <string.h>

#include "hb/net.h"

static bool host_char(char c)
{
    return char_is_alnum(c) || c == '.' || c == '-' || c == '_';
}

static bool plain_host(struct str host)
{
    for (size_t i = 0; i < host.n; i++)
        if (!host_char(host.p[i]))
            return false;
    return host.n > 0;
}

static bool plain_path(struct str path)
{
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] <= ' ' || path.p[i] >= 0x7F || strchr("\\#\"<>^`{|}", path.p[i]))
            return false;
    return path.n == 0 || path.p[0] == '/';
}

static bool read_port(struct str text, struct url *out)
{
    uint64_t port;
    if (text.n == 0)
        return true;
    if (text.p[0] != ':' || !str_to_u64(str_sub(text, 1, text.n), &port) || port == 0 || port > 65535)
        return false;
    out->port = (uint16_t)port;
    return true;
}

bool url_parse(struct str text, struct url *out)
{
    static const struct str https = STR_INIT("https://"), http = STR_INIT("http://");
    *out = (struct url){ .https = str_starts(text, https) };
    if (!out->https && !str_starts(text, http))
        return false;
    struct str rest = str_sub(text, out->https ? https.n : http.n, text.n);
    size_t end = 0, close;
    while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?')
        end++;
    struct str authority = str_sub(rest, 0, end);
    out->path = str_sub(rest, end, rest.n);
    out->port = out->https ? 443 : 80;
    if (!plain_path(out->path))
        return false;
    if (authority.n && authority.p[0] == '[') {
        close = str_chr(authority, ']', 0);
        out->host = str_sub(authority, 1, close);
        return str_eqz(out->host, "::1") && close < authority.n &&
               read_port(str_sub(authority, close + 1, authority.n), out);
    }
    close = str_chr(authority, ':', 0);
    out->host = str_sub(authority, 0, close);
    return plain_host(out->host) && read_port(str_sub(authority, close, authority.n), out);
}

/* Four decimal numbers without leading zeroes, the first as given, the second too unless negative: other spellings mean
 * other things elsewhere. */
static bool is_block(struct str host, int first, int second)
{
    size_t from = 0;
    for (int part = 0; part < 4; part++) {
        size_t to = str_chr(host, '.', from);
        struct str word = str_sub(host, from, to);
        uint64_t v;
        if (!str_to_u64(word, &v) || v > 255 || word.n > 3 || (word.n > 1 && word.p[0] == '0') ||
            (part == 0 && v != (uint64_t)first) || (part == 1 && second >= 0 && v != (uint64_t)second) ||
            (part < 3) != (to < host.n))
            return false;
        from = to + 1;
    }
    return true;
}

bool url_is_loopback(const struct url *u)
{
    return str_eqz(u->host, "::1") || is_block(u->host, 127, -1);
}

bool url_is_link_local(const struct url *u)
{
    return is_block(u->host, 169, 254);
}

bool url_check(struct str text, bool allow_loopback, struct err *err)
{
    struct url u;
    if (!url_parse(text, &u)) /* not shown: it may be a secret in the wrong place */
        return err_set(err, ERR_USAGE, "this is no address like https://host/path");
    if (u.https || (allow_loopback && url_is_loopback(&u)))
        return true;
    return err_set(err, ERR_USAGE,
                   url_is_loopback(&u)
                       ? "http at '%.*s' is not encrypted; use https, or for a test on this machine say "
                         "allow_insecure_loopback: true in the profile"
                       : "http at '%.*s' is not encrypted; use https",
                   STR_ARG(u.host));
}

void url_put_escaped(struct buf *out, struct str text)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (host_char((char)c) || c == '~') {
            buf_putc(out, (char)c);
        } else {
            char code[3] = { '%', hex[c >> 4], hex[c & 15] };
            buf_put(out, code, 3);
        }
    }
}

struct str url_join(struct arena *a, struct str base, const char *path)
{
    while (base.n && base.p[base.n - 1] == '/')
        base.n--;
    while (*path == '/')
        path++;
    return arena_strf(a, "%.*s/%s", STR_ARG(base), path);
}
