/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys from their files (openssh-key-v1), and signing with them.
 *
 * Invariant: the decoded file lives in memory of libcrypto that is wiped before it is given back; the private parts go to
 * libcrypto and nowhere else. A key with a passphrase is never decrypted here: that is the agent's work.
 */
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <string.h>

#include "ssh_int.h"

struct ssh_private {
    EVP_PKEY *key;
    const struct ssh_type *type;
};

static const char begin_line[] = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
static const char end_line[] = "-----END OPENSSH PRIVATE KEY-----\n";

static bool damaged(struct err *err)
{
    return err_set(err, ERR_USAGE, "the private key is damaged");
}

/* Base64 without its line ends, decoded into memory that the caller wipes and frees. */
static bool decode(struct str text, unsigned char **raw, size_t *cap, size_t *n)
{
    EVP_ENCODE_CTX *ctx = EVP_ENCODE_CTX_new();
    int got = 0, rest = 0;
    *cap = text.n + 64;
    *raw = OPENSSL_malloc(*cap);
    *n = 0;
    if (!ctx || !*raw) {
        EVP_ENCODE_CTX_free(ctx);
        return false;
    }
    EVP_DecodeInit(ctx);
    bool ok = EVP_DecodeUpdate(ctx, *raw, &got, (const unsigned char *)text.p, (int)text.n) >= 0 &&
              EVP_DecodeFinal(ctx, *raw + got, &rest) >= 0;
    *n = (size_t)got + (size_t)rest;
    EVP_ENCODE_CTX_free(ctx);
    return ok;
}

static EVP_PKEY *read_ed25519(struct wire *w, const struct ssh_type *type)
{
    struct ssh_public p;
    ssh_public_read(w, type, &p);
    struct str pair = wire_str(w);
    if (w->bad || pair.n != 64)
        return NULL;
    return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)pair.p, 32);
}

static EVP_PKEY *read_ecdsa(struct wire *w, const struct ssh_type *type)
{
    struct ssh_public p;
    ssh_public_read(w, type, &p);
    struct str d = wire_mpint(w);
    return w->bad || d.n == 0 || d.n > type->bytes ? NULL : ssh_evp_ecdsa(type, p.point, d);
}

/* n e d iqmp p q: libcrypto computes with n, e and d alone. */
static EVP_PKEY *read_rsa(struct wire *w)
{
    struct str n = wire_mpint(w), e = wire_mpint(w), d = wire_mpint(w);
    for (int i = 0; i < 3; i++)
        wire_mpint(w);
    return w->bad || n.n > 2048 || e.n > 8 || d.n > n.n || d.n == 0 ? NULL : ssh_evp_rsa(n, e, d);
}

/*
 * Behind the check number: type, private parts, comment, then bytes 1 2 3 ... up to a whole block. That the public key in front
 * belongs to it is shown by the check of every signature that is made.
 */
static EVP_PKEY *read_private(struct str part, const struct ssh_type *type)
{
    struct wire w = { .s = part };
    uint32_t check = wire_u32(&w), again = wire_u32(&w);
    if (check != again || !str_eqz(wire_str(&w), type->name))
        return NULL;
    EVP_PKEY *key = type->kind == SSH_RSA       ? read_rsa(&w)
                    : type->kind == SSH_ED25519 ? read_ed25519(&w, type)
                                                : read_ecdsa(&w, type);
    wire_str(&w);
    bool ok = key && !w.bad;
    for (uint8_t i = 1; ok && w.at < w.s.n; i++)
        ok = wire_u8(&w) == i;
    if (!ok) {
        EVP_PKEY_free(key);
        return NULL;
    }
    return key;
}

static bool parse_blob(struct arena *a, struct str raw, struct ssh_key *key, struct ssh_private **out,
                       struct err *err)
{
    static const char magic[] = "openssh-key-v1";
    struct wire w = { .s = raw };
    struct str head = wire_bytes(&w, sizeof magic), cipher = wire_str(&w);
    wire_str(&w); /* how the passphrase becomes a key */
    wire_str(&w);
    uint32_t n = wire_u32(&w);
    struct str public = wire_str(&w), part = wire_str(&w);
    if (w.bad || memcmp(head.p, magic, sizeof magic) != 0 || n != 1)
        return damaged(err);
    if (!ssh_key_parse(a, public, key, err))
        return false;
    const struct ssh_type *type = ssh_type_find(key->type);
    if (!str_eqz(cipher, "none") || type->hardware)
        return true;
    EVP_PKEY *evp = wire_done(&w) ? read_private(part, type) : NULL;
    if (!evp)
        return damaged(err);
    *out = ARENA_NEW(a, struct ssh_private);
    **out = (struct ssh_private){ evp, type };
    return true;
}

bool ssh_private_parse(struct arena *a, struct str text, struct ssh_key *key, struct ssh_private **out,
                       struct err *err)
{
    unsigned char *raw;
    size_t cap, n;
    struct str begin = str_z(begin_line), end = str_z(end_line);
    *out = NULL;
    if (!str_starts(text, begin) || !str_ends(text, end) || text.n < begin.n + end.n)
        return err_set(
            err, ERR_USAGE,
            "it is no private key in OpenSSH's own format; ssh-keygen -p -f FILE turns others into it");
    bool ok = decode(str_sub(text, begin.n, text.n - end.n), &raw, &cap, &n)
                  ? parse_blob(a, (struct str){ (const char *)raw, n }, key, out, err)
                  : damaged(err);
    OPENSSL_clear_free(raw, cap);
    return ok;
}

void ssh_private_free(struct ssh_private *p)
{
    if (!p)
        return;
    EVP_PKEY_free(p->key);
    p->key = NULL;
}

/* r and s of libcrypto's ASN.1 as SSH has them. */
static bool put_ecdsa(struct buf *out, const unsigned char *der, size_t n)
{
    unsigned char bytes[66];
    struct buf parts = BUF_INIT;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
    if (!sig)
        return false;
    const BIGNUM *const numbers[] = { ECDSA_SIG_get0_r(sig), ECDSA_SIG_get0_s(sig) };
    for (size_t i = 0; i < 2; i++) {
        int len = BN_bn2bin(numbers[i], bytes);
        wire_put_mpint(&parts, (struct str){ (const char *)bytes, (size_t)len });
    }
    wire_put_str(out, buf_view(&parts));
    buf_free(&parts);
    ECDSA_SIG_free(sig);
    return true;
}

bool ssh_private_sign(const struct ssh_private *p, struct str data, struct buf *out, struct err *err)
{
    const struct ssh_type *t = p->type;
    const char *digest = t->kind == SSH_RSA ? "SHA512" : t->digest;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char sig[2048 + 64];
    size_t n = sizeof sig;
    bool ok = ctx && EVP_DigestSignInit_ex(ctx, NULL, digest, NULL, NULL, p->key, NULL) == 1 &&
              EVP_DigestSign(ctx, sig, &n, (const unsigned char *)data.p, data.n) == 1;
    EVP_MD_CTX_free(ctx);
    if (!ok)
        return err_set(err, ERR_RUN, "the private key makes no signature; it may be damaged");
    wire_put_str(out, t->kind == SSH_RSA ? STR("rsa-sha2-512") : str_z(t->name));
    if (t->kind == SSH_ECDSA)
        return put_ecdsa(out, sig, n) || err_set(err, ERR_RUN, "the signature cannot be read");
    wire_put_str(out, (struct str){ (const char *)sig, n });
    return true;
}
