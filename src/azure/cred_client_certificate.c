/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client_certificate: a PEM file with certificate and private key. The proof is a short-lived JWT signed with
 * PS256 that names the certificate by its SHA-256.
 */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>
#include <time.h>

#include "azure_int.h"
#include "hb/json.h"

static const char variable[] = "AZURE_CLIENT_CERTIFICATE_PATH";
static const char password_variable[] = "AZURE_CLIENT_CERTIFICATE_PASSWORD";
enum { LIFETIME = 600 /* seconds */ };

static bool ready(const struct azure_settings *s, struct buf *why)
{
    struct str file = cred_setting(s, STR(""), variable);
    if (!cred_has_ids(s, why))
        return false;
    if (file.n)
        buf_printf(why, "certificate from %.*s", STR_ARG(file));
    else
        buf_printf(why, "%s is not set", variable);
    return file.n > 0;
}

static void put_base64url(struct buf *out, const void *bytes, size_t n)
{
    size_t at = out->n;
    buf_reserve(out, (n + 2) / 3 * 4 + 1);
    int length = EVP_EncodeBlock((unsigned char *)out->p + at, bytes, (int)n);
    for (int i = 0; i < length; i++) {
        char *c = &out->p[at + (size_t)i];
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    }
    out->n = at + (size_t)length;
    while (out->n > at && out->p[out->n - 1] == '=')
        out->n--;
    out->p[out->n] = '\0';
}

static int give_password(char *out, int size, int writing, void *ctx)
{
    struct azure_cred *c = ctx;
    struct str word = cred_setting(c->settings, STR(""), password_variable);
    (void)writing;
    if (word.n == 0 || word.n > (size_t)size)
        return 0;
    memcpy(out, word.p, word.n);
    return (int)word.n;
}

struct certificate {
    EVP_PKEY *key;
    X509 *cert;
};

static bool read_pem(struct azure_cred *c, struct certificate *out, struct err *err)
{
    struct str path = cred_setting(c->settings, STR(""), variable);
    BIO *file = BIO_new_file(path.p, "r");
    if (file)
        out->key = PEM_read_bio_PrivateKey(file, NULL, give_password, c);
    if (out->key && BIO_reset(file) == 0)
        out->cert = PEM_read_bio_X509(file, NULL, NULL, NULL);
    bool opened = file != NULL;
    BIO_free(file);
    ERR_clear_error();
    if (!opened)
        return err_set(err, ERR_CONNECT, "cannot open the certificate file '%.*s'", STR_ARG(path));
    if (!out->key)
        return err_set(err, ERR_CONNECT,
                       "'%.*s' holds no private key that can be read; it must be PEM, its password in %s",
                       STR_ARG(path), password_variable);
    if (!out->cert || X509_check_private_key(out->cert, out->key) != 1)
        return err_set(err, ERR_CONNECT, "'%.*s' holds no certificate that belongs to its key",
                       STR_ARG(path));
    return EVP_PKEY_base_id(out->key) == EVP_PKEY_RSA ||
           err_set(err, ERR_CONNECT, "the key in '%.*s' is no RSA key", STR_ARG(path));
}

static void put_head(struct buf *jwt, X509 *cert)
{
    unsigned char print[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    struct buf json = BUF_INIT, thumb = BUF_INIT;
    X509_digest(cert, EVP_sha256(), print, &n);
    put_base64url(&thumb, print, n);
    buf_printf(&json, "{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\"%s\"}", buf_z(&thumb));
    put_base64url(jwt, json.p, json.n);
    buf_free(&json);
    buf_free(&thumb);
}

static void put_claims(struct buf *jwt, const struct azure_cred *c)
{
    struct buf json = BUF_INIT;
    struct jw w;
    char id[37];
    int64_t now = time(NULL);
    net_uuid(id);
    jw_init(&w, &json, false);
    jw_obj(&w);
    jw_key(&w, "aud");
    jw_str(&w, cred_token_url(c));
    jw_key(&w, "iss");
    jw_str(&w, c->client);
    jw_key(&w, "sub");
    jw_str(&w, c->client);
    jw_key(&w, "jti");
    jw_strz(&w, id);
    jw_key(&w, "nbf");
    jw_i64(&w, now);
    jw_key(&w, "iat");
    jw_i64(&w, now);
    jw_key(&w, "exp");
    jw_i64(&w, now + LIFETIME);
    jw_end_obj(&w);
    put_base64url(jwt, json.p, json.n);
    buf_free(&json);
}

static bool sign(struct buf *jwt, EVP_PKEY *key)
{
    unsigned char signature[2048];
    size_t n = sizeof signature;
    EVP_PKEY_CTX *how;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool ok = md && EVP_DigestSignInit(md, &how, EVP_sha256(), NULL, key) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) == 1 &&
              EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) == 1 &&
              EVP_DigestSign(md, signature, &n, (unsigned char *)jwt->p, jwt->n) == 1;
    EVP_MD_CTX_free(md);
    if (ok) {
        buf_putc(jwt, '.');
        put_base64url(jwt, signature, n);
    }
    return ok;
}

static bool put_proof(struct azure_cred *c, struct buf *form, struct err *err)
{
    struct certificate pem = { 0 };
    struct buf jwt = BUF_INIT;
    bool ok = read_pem(c, &pem, err);
    if (ok) {
        put_head(&jwt, pem.cert);
        buf_putc(&jwt, '.');
        put_claims(&jwt, c);
        ok = sign(&jwt, pem.key) || err_set(err, ERR_CONNECT, "cannot sign with the key of the certificate");
        buf_puts(form,
                 "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
                 "&client_assertion=");
        buf_str(form, buf_view(&jwt));
    }
    EVP_PKEY_free(pem.key);
    X509_free(pem.cert);
    buf_wipe(&jwt);
    return ok;
}

const struct cred_kind cred_client_certificate = { "client_certificate", ready, NULL, put_proof };
