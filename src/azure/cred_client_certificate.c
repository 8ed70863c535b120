/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client_certificate: a file with certificate and private key, PEM or PKCS#12. The proof is a short-lived JWT signed
 * with PS256 that names the certificate by its SHA-256.
 */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
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
    struct str file = cred_setting(s, s->certificate, variable);
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
    buf_base64(out, bytes, n);
    while (out->n > at && out->p[out->n - 1] == '=')
        out->p[--out->n] = '\0';
    for (size_t i = at; i < out->n; i++)
        out->p[i] = out->p[i] == '+' ? '-' : out->p[i] == '/' ? '_' : out->p[i];
}

static struct str password(const struct azure_settings *s)
{
    return cred_setting(s, STR(""), s->password_env.n ? s->password_env.p : password_variable);
}

static int give_password(char *out, int size, int writing, void *ctx)
{
    struct azure_cred *c = ctx;
    struct str word = password(c->settings);
    (void)writing;
    if (word.n == 0 || word.n > (size_t)size)
        return 0;
    memcpy(out, word.p, word.n);
    return (int)word.n;
}

struct certificate {
    EVP_PKEY *key;
    X509 *cert;
    STACK_OF(X509) * chain; /* behind the certificate, in the order of the file; may be NULL */
};

static void certificate_free(struct certificate *c)
{
    EVP_PKEY_free(c->key);
    X509_free(c->cert);
    sk_X509_pop_free(c->chain, X509_free);
}

static void read_pem(struct azure_cred *c, BIO *file, struct certificate *out)
{
    out->key = PEM_read_bio_PrivateKey(file, NULL, give_password, c);
    if (!out->key || BIO_reset(file) != 0)
        return;
    out->cert = PEM_read_bio_X509(file, NULL, NULL, NULL);
    out->chain = sk_X509_new_null();
    for (X509 *next; out->chain && (next = PEM_read_bio_X509(file, NULL, NULL, NULL));)
        sk_X509_push(out->chain, next);
}

static void read_pkcs12(struct azure_cred *c, BIO *file, struct certificate *out)
{
    PKCS12 *p = d2i_PKCS12_bio(file, NULL);
    struct str word = password(c->settings);
    if (p)
        PKCS12_parse(p, word.n ? word.p : "", &out->key, &out->cert, &out->chain);
    PKCS12_free(p);
}

static bool read_file(struct azure_cred *c, struct certificate *out, struct err *err)
{
    struct str path = cred_setting(c->settings, c->settings->certificate, variable);
    BIO *file = BIO_new_file(path.p, "r");
    bool opened = file != NULL;
    if (file)
        read_pem(c, file, out);
    if (file && !out->key && BIO_reset(file) == 0)
        read_pkcs12(c, file, out);
    BIO_free(file);
    ERR_clear_error();
    if (!opened)
        return err_set(err, ERR_CONNECT, "cannot open the certificate file '%.*s'", STR_ARG(path));
    if (!out->key)
        return err_set(
            err, ERR_CONNECT,
            "'%.*s' holds no private key that can be read; it must be PEM or PKCS#12, its password in %s",
            STR_ARG(path), c->settings->password_env.n ? c->settings->password_env.p : password_variable);
    if (!out->cert || X509_check_private_key(out->cert, out->key) != 1)
        return err_set(err, ERR_CONNECT, "'%.*s' holds no certificate that belongs to its key",
                       STR_ARG(path));
    return EVP_PKEY_base_id(out->key) == EVP_PKEY_RSA ||
           err_set(err, ERR_CONNECT, "the key in '%.*s' is no RSA key", STR_ARG(path));
}

static void put_der(struct buf *json, X509 *cert)
{
    unsigned char *der = NULL;
    int n = i2d_X509(cert, &der);
    if (n <= 0)
        return;
    struct buf text = BUF_INIT;
    buf_reserve(&text, (size_t)(n + 2) / 3 * 4 + 1);
    text.n = (size_t)EVP_EncodeBlock((unsigned char *)text.p, der, n);
    buf_printf(json, "%s\"", json->p[json->n - 1] == '[' ? "" : ",");
    buf_str(json, buf_view(&text));
    buf_putc(json, '"');
    buf_free(&text);
    OPENSSL_free(der);
}

static void put_head(struct buf *jwt, const struct certificate *c, bool chain)
{
    unsigned char print[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    struct buf json = BUF_INIT, thumb = BUF_INIT;
    X509_digest(c->cert, EVP_sha256(), print, &n);
    put_base64url(&thumb, print, n);
    buf_printf(&json, "{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\"%s\"", buf_z(&thumb));
    if (chain) {
        buf_puts(&json, ",\"x5c\":[");
        put_der(&json, c->cert);
        for (int i = 0; i < sk_X509_num(c->chain); i++)
            put_der(&json, sk_X509_value(c->chain, i));
        buf_putc(&json, ']');
    }
    buf_putc(&json, '}');
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

static bool send_chain(const struct azure_settings *s)
{
    struct str v = cred_setting(s, STR(""), "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN");
    return s->send_chain || str_eqz(v, "1") || str_eq_nocase(v, STR("true"));
}

static bool put_proof(struct azure_cred *c, struct buf *form, struct err *err)
{
    struct certificate pem = { 0 };
    struct buf jwt = BUF_INIT;
    bool ok = read_file(c, &pem, err);
    if (ok) {
        put_head(&jwt, &pem, send_chain(c->settings));
        buf_putc(&jwt, '.');
        put_claims(&jwt, c);
        ok = sign(&jwt, pem.key) || err_set(err, ERR_CONNECT, "cannot sign with the key of the certificate");
        buf_puts(form,
                 "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
                 "&client_assertion=");
        buf_str(form, buf_view(&jwt));
    }
    certificate_free(&pem);
    buf_wipe(&jwt);
    return ok;
}

static enum cred_opened open_certificate(struct azure_cred *c, struct buf *why, struct err *err)
{
    struct certificate pem = { 0 };
    bool ok = cred_be_application(c, why, err) && read_file(c, &pem, err);
    certificate_free(&pem);
    return ok ? CRED_TAKEN : CRED_FAILED;
}

static bool token(struct azure_cred *c, const struct token_ask *ask, struct token *out, struct err *err)
{
    return token_by_form(c, ask, put_proof, out, err);
}

const struct cred_kind cred_client_certificate = { "client_certificate", ready, open_certificate, token };
