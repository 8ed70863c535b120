/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public keys of SSH and the signatures they check; SSH's binary form.
 *
 * Invariant: whatever the bytes, a read is bounded by its view, and a value has one form only: what is longer, shorter or
 * padded otherwise is refused. To add a kind of key: a row in `types`, and its parts in ssh_public_read.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <string.h>

#include "hb/sha256.h"
#include "ssh_int.h"

enum { RSA_BYTES_MIN = 2048 / 8, RSA_BYTES_MAX = 16384 / 8 };

/* ---- binary form ---- */

struct str wire_bytes(struct wire *w, size_t n)
{
    if (w->bad || n > w->s.n - w->at) {
        w->bad = true;
        return STR("");
    }
    struct str s = { w->s.p + w->at, n };
    w->at += n;
    return s;
}

uint8_t wire_u8(struct wire *w)
{
    struct str s = wire_bytes(w, 1);
    return s.n ? (uint8_t)s.p[0] : 0;
}

uint32_t wire_u32(struct wire *w)
{
    uint32_t v = 0;
    struct str s = wire_bytes(w, 4);
    for (size_t i = 0; i < s.n; i++)
        v = v << 8 | (uint8_t)s.p[i];
    return v;
}

struct str wire_str(struct wire *w)
{
    uint32_t n = wire_u32(w);
    return wire_bytes(w, n);
}

struct str wire_mpint(struct wire *w)
{
    struct str s = wire_str(w);
    if (s.n && (uint8_t)s.p[0] >= 0x80) /* negative */
        w->bad = true;
    if (s.n && s.p[0] == 0) {
        s = str_sub(s, 1, s.n);
        w->bad |= s.n == 0 || (uint8_t)s.p[0] < 0x80;
    }
    return w->bad ? STR("") : s;
}

bool wire_done(const struct wire *w)
{
    return !w->bad && w->at == w->s.n;
}

void wire_put_u32(struct buf *b, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_putc(b, (char)(v >> shift & 0xFF));
}

void wire_put_str(struct buf *b, struct str s)
{
    wire_put_u32(b, (uint32_t)s.n);
    buf_str(b, s);
}

void wire_put_mpint(struct buf *b, struct str v)
{
    while (v.n && v.p[0] == 0)
        v = str_sub(v, 1, v.n);
    bool pad = v.n && (uint8_t)v.p[0] >= 0x80;
    wire_put_u32(b, (uint32_t)(v.n + pad));
    if (pad)
        buf_putc(b, 0);
    buf_str(b, v);
}

bool base64_read(struct arena *a, struct str text, struct str *out)
{
    struct buf again = BUF_INIT;
    if (text.n == 0 || text.n % 4 || text.n > 1 << 24)
        return false;
    unsigned char *raw = arena_alloc(a, text.n / 4 * 3 + 1);
    int n = EVP_DecodeBlock(raw, (const unsigned char *)text.p, (int)text.n);
    if (n < 0)
        return false;
    size_t pad = (size_t)(text.p[text.n - 1] == '=') + (size_t)(text.p[text.n - 2] == '=');
    *out = (struct str){ (const char *)raw, (size_t)n - pad };
    buf_base64(&again, out->p, out->n); /* libcrypto takes blanks, and bits that no byte needs */
    bool same = str_eq(buf_view(&again), text);
    buf_free(&again);
    return same;
}

/* ---- keys ---- */

static const struct ssh_type types[] = {
    { "ssh-ed25519", SSH_ED25519, false, NULL, NULL, NULL, 0 },
    { "ssh-rsa", SSH_RSA, false, NULL, NULL, NULL, 0 },
    { "ecdsa-sha2-nistp256", SSH_ECDSA, false, "nistp256", "prime256v1", "SHA256", 32 },
    { "ecdsa-sha2-nistp384", SSH_ECDSA, false, "nistp384", "secp384r1", "SHA384", 48 },
    { "ecdsa-sha2-nistp521", SSH_ECDSA, false, "nistp521", "secp521r1", "SHA512", 66 },
    { "sk-ssh-ed25519@openssh.com", SSH_ED25519, true, NULL, NULL, NULL, 0 },
    { "sk-ecdsa-sha2-nistp256@openssh.com", SSH_ECDSA, true, "nistp256", "prime256v1", "SHA256", 32 },
};

const struct ssh_type *ssh_type_find(struct str name)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_eqz(name, types[i].name))
            return &types[i];
    return NULL;
}

bool ssh_public_read(struct wire *w, const struct ssh_type *type, struct ssh_public *out)
{
    *out = (struct ssh_public){ .type = type };
    if (type->kind == SSH_RSA) {
        out->e = wire_mpint(w);
        out->n = wire_mpint(w);
        w->bad |= out->e.n == 0 || out->e.n > 8 || out->n.n < RSA_BYTES_MIN || out->n.n > RSA_BYTES_MAX;
    } else if (type->kind == SSH_ED25519) {
        out->point = wire_str(w);
        w->bad |= out->point.n != 32;
    } else {
        w->bad |= !str_eqz(wire_str(w), type->curve);
        out->point = wire_str(w);
        w->bad |= out->point.n != 1 + 2 * type->bytes || out->point.p[0] != 4;
    }
    if (type->hardware)
        out->application = wire_str(w);
    return !w->bad;
}

static bool read_public(struct str blob, struct ssh_public *out, struct err *err)
{
    struct wire w = { .s = blob };
    struct str name = wire_str(&w);
    const struct ssh_type *type = ssh_type_find(name);
    if (!w.bad && !type)
        return err_set(err, ERR_USAGE, "keys of type '%.*s' are not supported", STR_ARG(name));
    if (w.bad || !ssh_public_read(&w, type, out) || !wire_done(&w))
        return err_set(err, ERR_USAGE, "%s",
                       type && type->kind == SSH_RSA ? "the RSA key is damaged, or shorter than 2048 bits"
                                                     : "the key is damaged");
    return true;
}

bool ssh_key_parse(struct arena *a, struct str blob, struct ssh_key *out, struct err *err)
{
    struct ssh_public p;
    if (!read_public(blob, &p, err))
        return false;
    *out = (struct ssh_key){ arena_str(a, blob), str_z(p.type->name) };
    return true;
}

bool ssh_key_parse_line(struct arena *a, struct str line, struct ssh_key *out, struct err *err)
{
    struct str blob;
    size_t space = str_chr(line, ' ', 0), end = str_chr(line, ' ', space + 1);
    if (space == line.n || !base64_read(a, str_trim(str_sub(line, space + 1, end)), &blob))
        return err_set(err, ERR_USAGE, "no public key like 'ssh-ed25519 AAAA...'");
    if (!ssh_key_parse(a, blob, out, err))
        return false;
    return str_eq(out->type, str_sub(line, 0, space)) ||
           err_set(err, ERR_USAGE, "the public key is of another type than its line says");
}

struct str ssh_key_fingerprint(struct arena *a, const struct ssh_key *k)
{
    unsigned char hash[32];
    struct buf b = BUF_INIT;
    sha256_bytes(k->blob, hash);
    buf_puts(&b, "SHA256:");
    buf_base64(&b, hash, sizeof hash);
    while (b.p[b.n - 1] == '=')
        b.n--;
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    return s;
}

/* ---- libcrypto ---- */

static EVP_PKEY *from_params(const char *kind, OSSL_PARAM_BLD *build, bool private)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    if (params && ctx && EVP_PKEY_fromdata_init(ctx) > 0 &&
        EVP_PKEY_fromdata(ctx, &key, private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) <= 0)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    return key;
}

static BIGNUM *number(struct str s)
{
    return BN_bin2bn((const unsigned char *)s.p, (int)s.n, NULL);
}

/* One that from_params copies to memory which is cleared before it is freed. NULL for an empty one, and when there is no memory. */
static BIGNUM *private_number(struct str s)
{
    BIGNUM *n = s.n ? BN_secure_new() : NULL;
    if (n && !BN_bin2bn((const unsigned char *)s.p, (int)s.n, n)) {
        BN_clear_free(n);
        n = NULL;
    }
    return n;
}

EVP_PKEY *ssh_evp_rsa(struct str n, struct str e, struct str d)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *bn = number(n), *be = number(e), *bd = private_number(d);
    EVP_PKEY *key = NULL;
    if (build && bn && be && (bd || !d.n) && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, bn) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, be) &&
        (!bd || OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_D, bd)))
        key = from_params("RSA", build, bd != NULL);
    BN_free(bn);
    BN_free(be);
    BN_clear_free(bd);
    OSSL_PARAM_BLD_free(build);
    return key;
}

EVP_PKEY *ssh_evp_ecdsa(const struct ssh_type *t, struct str point, struct str d)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *bd = private_number(d);
    EVP_PKEY *key = NULL;
    if (build && (bd || !d.n) &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, t->group, 0) &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point.p, point.n) &&
        (!bd || OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, bd)))
        key = from_params("EC", build, bd != NULL);
    BN_clear_free(bd);
    OSSL_PARAM_BLD_free(build);
    return key;
}

static EVP_PKEY *evp_public(const struct ssh_public *p)
{
    if (p->type->kind == SSH_RSA)
        return ssh_evp_rsa(p->n, p->e, STR(""));
    if (p->type->kind == SSH_ECDSA)
        return ssh_evp_ecdsa(p->type, p->point, STR(""));
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)p->point.p, p->point.n);
}

/* ---- checking a signature ---- */

static bool bad_signature(struct err *err, const char *why)
{
    return err_set(err, ERR_VERIFY, "the signature %s", why);
}

static bool digest_check(EVP_PKEY *key, const char *digest, struct str sig, struct str data)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && EVP_DigestVerifyInit_ex(ctx, NULL, digest, NULL, NULL, key, NULL) == 1 &&
              EVP_DigestVerify(ctx, (const unsigned char *)sig.p, sig.n, (const unsigned char *)data.p,
                               data.n) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}

/* SSH has r and s as two numbers, libcrypto as ASN.1. */
static bool ecdsa_check(EVP_PKEY *key, const char *digest, struct str sig, struct str data)
{
    struct wire w = { .s = sig };
    struct str r = wire_mpint(&w), s = wire_mpint(&w);
    unsigned char *der = NULL;
    ECDSA_SIG *parts = ECDSA_SIG_new();
    BIGNUM *br = number(r), *bs = number(s);
    bool ok = false;
    if (parts && br && bs && ECDSA_SIG_set0(parts, br, bs)) {
        int n = i2d_ECDSA_SIG(parts, &der);
        ok = wire_done(&w) && n > 0 &&
             digest_check(key, digest, (struct str){ (const char *)der, (size_t)n }, data);
    } else {
        BN_free(br);
        BN_free(bs);
    }
    OPENSSL_free(der);
    ECDSA_SIG_free(parts);
    return ok;
}

/* What a hardware key signs: hash of the application, flags, counter, hash of the data. */
static void put_hardware(struct buf *out, const struct ssh_public *p, struct str tail, struct str data)
{
    unsigned char hash[32];
    sha256_bytes(p->application, hash);
    buf_put(out, hash, sizeof hash);
    buf_str(out, tail);
    sha256_bytes(data, hash);
    buf_put(out, hash, sizeof hash);
}

static bool rsa_digest(struct str algorithm, const char **digest)
{
    *digest = str_eqz(algorithm, "rsa-sha2-512")   ? "SHA512"
              : str_eqz(algorithm, "rsa-sha2-256") ? "SHA256"
                                                   : NULL;
    return *digest != NULL;
}

bool ssh_key_check(const struct ssh_key *k, struct str signature, struct str data, struct err *err)
{
    struct ssh_public p;
    struct wire w = { .s = signature };
    struct buf signed_data = BUF_INIT;
    if (!read_public(k->blob, &p, err))
        return false;
    struct str algorithm = wire_str(&w), sig = wire_str(&w);
    const char *digest = p.type->digest;
    if (p.type->kind == SSH_RSA ? !rsa_digest(algorithm, &digest) : !str_eqz(algorithm, p.type->name))
        return bad_signature(err, "is of an algorithm that its key does not have");
    if (p.type->hardware) {
        struct str tail = wire_bytes(&w, 5);
        put_hardware(&signed_data, &p, tail, data);
        /* The first flag says that a person touched the key. */
        if (!w.bad && !(tail.p[0] & 1)) {
            buf_free(&signed_data);
            return bad_signature(err, "was made without a touch of the hardware key");
        }
    } else {
        buf_str(&signed_data, data);
    }
    EVP_PKEY *key = evp_public(&p);
    bool ok = wire_done(&w) && key && (p.type->kind != SSH_ED25519 || sig.n == 64) &&
              (p.type->kind != SSH_RSA || sig.n == p.n.n) &&
              (p.type->kind == SSH_ECDSA ? ecdsa_check : digest_check)(key, digest, sig,
                                                                       buf_view(&signed_data));
    EVP_PKEY_free(key);
    buf_free(&signed_data);
    return ok || bad_signature(err, "does not match");
}
