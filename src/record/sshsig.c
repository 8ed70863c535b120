/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SSHSIG: what is signed, the blob around it, its armour.
 *
 * Invariant: for a text that sshsig_parse takes, there is no other text of the same blob with lines as long.
 */
#include <string.h>

#include "ssh_int.h"

enum { SIG_VERSION = 1, LINE = 70, LINE_MAX_READ = 76, TEXT_MAX = 64 << 10 };

static const char magic[] = "SSHSIG", begin_line[] = "-----BEGIN SSH SIGNATURE-----\n",
                  end_line[] = "-----END SSH SIGNATURE-----\n";

/* ---- what is signed ---- */

static bool put_hash(struct buf *out, struct str algorithm, struct str message)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    size_t n = 0;
    const char *name = str_eqz(algorithm, "sha512")   ? "SHA512"
                       : str_eqz(algorithm, "sha256") ? "SHA256"
                                                      : NULL;
    if (!name || EVP_Q_digest(NULL, name, NULL, message.p, message.n, hash, &n) != 1)
        return false;
    wire_put_str(out, (struct str){ (const char *)hash, n });
    return true;
}

static bool put_signed(struct buf *out, struct str algorithm, struct str message)
{
    buf_puts(out, magic);
    wire_put_str(out, STR(SIGN_NAMESPACE));
    wire_put_str(out, STR("")); /* reserved */
    wire_put_str(out, algorithm);
    return put_hash(out, algorithm, message);
}

/* ---- out ---- */

static void put_armour(struct buf *out, struct str blob, size_t width)
{
    struct buf text = BUF_INIT;
    buf_base64(&text, blob.p, blob.n);
    buf_puts(out, begin_line);
    for (size_t at = 0; at < text.n; at += width) {
        buf_str(out, str_sub(buf_view(&text), at, at + width));
        buf_putc(out, '\n');
    }
    buf_puts(out, end_line);
    buf_free(&text);
}

static void put_blob(struct buf *out, const struct sshsig *s)
{
    buf_puts(out, magic);
    wire_put_u32(out, SIG_VERSION);
    wire_put_str(out, s->key.blob);
    wire_put_str(out, s->namespace);
    wire_put_str(out, STR("")); /* reserved */
    wire_put_str(out, s->hash);
    wire_put_str(out, s->signature);
}

bool sshsig_make(struct arena *a, const struct ssh_signer *signer, struct str message, struct buf *out,
                 struct err *err)
{
    struct sshsig s = { .key = signer->key, .namespace = STR(SIGN_NAMESPACE), .hash = STR("sha512") };
    struct buf data = BUF_INIT, blob = BUF_INIT;
    bool ok = put_signed(&data, s.hash, message) &&
              ssh_signer_sign(a, signer, buf_view(&data), &s.signature, err) &&
              sshsig_check(&s, message, err);
    if (ok) {
        put_blob(&blob, &s);
        put_armour(out, buf_view(&blob), LINE);
    }
    buf_free(&data);
    buf_free(&blob);
    return ok || err_wrap(err, "signing");
}

/* ---- in ---- */

static bool bad(struct err *err, const char *why)
{
    return err_set(err, ERR_VERIFY, "%s", why);
}

/* The base64 between the armour, and how long its lines are. */
static bool read_armour(struct arena *a, struct str text, struct str *blob, size_t *width)
{
    struct str begin = str_z(begin_line), end = str_z(end_line);
    struct buf joined = BUF_INIT;
    if (text.n > TEXT_MAX || !str_starts(text, begin) || !str_ends(text, end) || text.n < begin.n + end.n)
        return false;
    struct str body = str_sub(text, begin.n, text.n - end.n);
    *width = str_chr(body, '\n', 0);
    for (size_t i = 0; i < body.n; i++)
        if (body.p[i] != '\n')
            buf_putc(&joined, body.p[i]);
    bool ok = *width > 0 && *width <= LINE_MAX_READ && base64_read(a, buf_view(&joined), blob);
    buf_free(&joined);
    return ok;
}

static bool read_blob(struct arena *a, struct str blob, struct sshsig *out, struct err *err)
{
    struct wire w = { .s = blob };
    struct str head = wire_bytes(&w, sizeof magic - 1);
    uint32_t version = wire_u32(&w);
    struct str key = wire_str(&w);
    out->namespace = wire_str(&w);
    struct str reserved = wire_str(&w);
    out->hash = wire_str(&w);
    out->signature = wire_str(&w);
    if (!wire_done(&w) || !str_eqz(head, magic) || reserved.n)
        return bad(err, "it is no SSH signature, or damaged");
    if (version != SIG_VERSION)
        return err_set(err, ERR_VERIFY, "it is of version %u, which is not supported", (unsigned)version);
    if (!ssh_key_parse(a, key, &out->key, err)) {
        err->kind = ERR_VERIFY;
        return false;
    }
    return true;
}

bool sshsig_parse(struct arena *a, struct str text, struct sshsig *out, struct err *err)
{
    struct str blob;
    size_t width;
    struct buf again = BUF_INIT;
    *out = (struct sshsig){ 0 };
    if (!read_armour(a, text, &blob, &width))
        return bad(err, "it is no SSH signature, or damaged");
    put_armour(&again, blob, width);
    bool same = str_eq(buf_view(&again), text);
    buf_free(&again);
    return same ? read_blob(a, blob, out, err) : bad(err, "its lines are not as they were written");
}

bool sshsig_check(const struct sshsig *s, struct str message, struct err *err)
{
    struct buf data = BUF_INIT;
    bool ok = false;
    if (!str_eqz(s->namespace, SIGN_NAMESPACE))
        err_set(err, ERR_VERIFY, "it signs for '%.*s', not for '%s'", STR_ARG(s->namespace), SIGN_NAMESPACE);
    else if (!put_signed(&data, s->hash, message))
        err_set(err, ERR_VERIFY, "its hash is '%.*s'; sha256 and sha512 are supported", STR_ARG(s->hash));
    else
        ok = ssh_key_check(&s->key, s->signature, buf_view(&data), err);
    buf_free(&data);
    return ok;
}
