/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 through libcrypto's EVP interface, but for small buffers: there its bookkeeping costs as much as the hash, so they go through
 * the older calls. Both use the processor's own instructions.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* SHA256_Init and the like, in OpenSSL 3 */
#include "hb/sha256.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

struct sha256 {
    EVP_MD_CTX *ctx;
};

static _Noreturn void hash_failed(void)
{
    fprintf(stderr, "huntbook: libcrypto has no SHA-256\n");
    exit(1);
}

struct sha256 *sha256_new(void)
{
    struct sha256 *h = malloc(sizeof *h);
    if (!h || !(h->ctx = EVP_MD_CTX_new()) || !EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL))
        hash_failed();
    return h;
}

void sha256_add(struct sha256 *h, const void *p, size_t n)
{
    if (!EVP_DigestUpdate(h->ctx, p, n))
        hash_failed();
}

static void finish(struct sha256 *h, unsigned char out[32])
{
    if (!EVP_DigestFinal_ex(h->ctx, out, NULL))
        hash_failed();
    EVP_MD_CTX_free(h->ctx);
    free(h);
}

static void to_hex(const unsigned char raw[32], char hex[65])
{
    for (int i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", raw[i]);
}

void sha256_end(struct sha256 *h, char hex[65])
{
    unsigned char raw[32];
    finish(h, raw);
    to_hex(raw, hex);
}

void sha256_bytes(struct str s, unsigned char out[32])
{
    struct sha256 *h = sha256_new();
    sha256_add(h, s.p, s.n);
    finish(h, out);
}

void sha256_small(struct str s, unsigned char out[32])
{
    SHA256_CTX ctx;
    if (!SHA256_Init(&ctx) || !SHA256_Update(&ctx, s.p, s.n) || !SHA256_Final(out, &ctx))
        hash_failed();
}

void sha256_hex(struct str s, char hex[65])
{
    unsigned char raw[32];
    sha256_bytes(s, raw);
    to_hex(raw, hex);
}
