/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of signatures share: SSH's binary form (RFC 4251), base64, and the kinds of keys (sshkey.c).
 */
#ifndef SSH_INT_H
#define SSH_INT_H

#include <openssl/evp.h>

#include "hb/sign.h"

/* Reading: after anything that does not fit, `bad` stays set and what is read is empty. */
struct wire {
    struct str s;
    size_t at;
    bool bad;
};
uint32_t wire_u32(struct wire *w);
uint8_t wire_u8(struct wire *w);
struct str wire_bytes(struct wire *w, size_t n);
struct str wire_str(struct wire *w);
/* A number that is not negative, in its only form; without the leading zero. */
struct str wire_mpint(struct wire *w);
bool wire_done(const struct wire *w); /* all was read, and nothing was bad */

void wire_put_u32(struct buf *b, uint32_t v);
void wire_put_str(struct buf *b, struct str s);
void wire_put_mpint(struct buf *b, struct str big_endian);

/* In the only form: no white space, with padding, no bits left over. False: no base64. */
bool base64_read(struct arena *a, struct str text, struct str *out);

enum ssh_kind { SSH_ED25519, SSH_RSA, SSH_ECDSA };

/* A kind of key. Hardware keys sign something around the data (PROTOCOL.u2f) and name an application. */
struct ssh_type {
    const char *name;
    enum ssh_kind kind;
    bool hardware;
    const char *curve, *group; /* ECDSA: as SSH and as libcrypto name it */
    const char *digest;        /* ECDSA */
    size_t bytes;              /* ECDSA: of a coordinate */
};
const struct ssh_type *ssh_type_find(struct str name);

/* The parts of a public key: views into the blob. */
struct ssh_public {
    const struct ssh_type *type;
    struct str point; /* ed25519: 32 bytes; ECDSA: uncompressed */
    struct str n, e;  /* RSA */
    struct str application;
};
/* Reads the parts behind the name of the type: they stand so in public and, but for RSA, in private keys. */
bool ssh_public_read(struct wire *w, const struct ssh_type *type, struct ssh_public *out);

/* For libcrypto; d is the private exponent or scalar, or empty. NULL: libcrypto does not take it. EVP_PKEY_free. */
EVP_PKEY *ssh_evp_rsa(struct str n, struct str e, struct str d);
EVP_PKEY *ssh_evp_ecdsa(const struct ssh_type *t, struct str point, struct str d);

/* Is `signature` (algorithm and bytes) one of `data` by this key? */
bool ssh_key_check(const struct ssh_key *k, struct str signature, struct str data, struct err *err);
bool ssh_private_sign(const struct ssh_private *p, struct str data, struct buf *out, struct err *err);

#endif
