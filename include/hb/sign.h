/* layer: record */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures in OpenSSH's format (SSHSIG), which `ssh-keygen -Y sign` and `ssh-keygen -Y verify` make and check.
 *
 * Sources: OpenSSH's PROTOCOL.sshsig (signatures), PROTOCOL.key (private keys), PROTOCOL.u2f (hardware keys),
 * draft-miller-ssh-agent (agent), RFC 4251, 4253, 5656, 8332, 8709 (keys and signatures), ssh-keygen(1) ALLOWED SIGNERS.
 *
 * Keys: ed25519, RSA of 2048 to 16384 bits (SHA-256 or SHA-512, never SHA-1), ECDSA on nistp256, nistp384 and nistp521, and
 * the hardware keys sk-ssh-ed25519 and sk-ecdsa-sha2-nistp256. No certificates. Private keys are used from their file when
 * they have no passphrase; all others, and hardware keys, sign through ssh-agent. Nothing here runs a program.
 */
#ifndef HB_SIGN_H
#define HB_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/buf.h"
#include "hb/err.h"
#include "hb/str.h"

/* What is signed is a record of a run, and cannot pass for anything else (ssh-keygen -n). */
#define SIGN_NAMESPACE "huntbook-run"

/* -- public keys (sshkey.c) -- */

struct ssh_key {
    struct str blob; /* as it goes over the wire, checked */
    struct str type; /* "ssh-ed25519" */
};

/* False: no key of a kind that is known, or damaged. */
bool ssh_key_parse(struct arena *a, struct str blob, struct ssh_key *out, struct err *err);
/* "ssh-ed25519 AAAA...", as in a .pub file; what follows is the comment. */
bool ssh_key_parse_line(struct arena *a, struct str line, struct ssh_key *out, struct err *err);
/* "SHA256:...", as ssh-keygen -l prints it. */
struct str ssh_key_fingerprint(struct arena *a, const struct ssh_key *k);

/* -- who signs (sshagent.c, sshprivate.c) -- */

struct ssh_private; /* a private key in memory; wiped when it is freed */

struct ssh_signer {
    struct ssh_key key;
    struct ssh_private *own; /* NULL: the agent has it */
    const char *agent;       /* path of its socket */
};

/*
 * The text of a private key file (openssh-key-v1). *out is NULL when it has a passphrase or is held by hardware, then only
 * `key` is known. The text is the caller's to wipe.
 */
bool ssh_private_parse(struct arena *a, struct str text, struct ssh_key *key, struct ssh_private **out,
                       struct err *err);
void ssh_private_free(struct ssh_private *p); /* NULL is allowed */

/* The keys that an agent has. ERR_CONNECT: no agent listens there. */
bool ssh_agent_keys(struct arena *a, const char *socket, struct ssh_key **keys, size_t *n, struct err *err);

/*
 * The key to sign with: `file` is a private key, or a public one whose private key the agent has, or SHA256:... of a key of the
 * agent; NULL: the first of the usual names in `folder` (~/.ssh; may be NULL), else the only key of the agent.
 * `agent` may be NULL or empty. Close the signer afterwards.
 */
bool ssh_signer_open(struct arena *a, const char *file, const char *folder, const char *agent,
                     struct ssh_signer *out, struct err *err);
void ssh_signer_close(struct ssh_signer *s);
/* The signature (algorithm and bytes, as it goes over the wire) of `data`. */
bool ssh_signer_sign(struct arena *a, const struct ssh_signer *s, struct str data, struct str *out,
                     struct err *err);

/* -- signatures (sshsig.c) -- */

/* The armoured signature of a message, checked before it is given out. */
bool sshsig_make(struct arena *a, const struct ssh_signer *s, struct str message, struct buf *out,
                 struct err *err);

struct sshsig {
    struct ssh_key key;
    struct str namespace, hash, signature;
};
/*
 * Reads the text of a signature file. Only what ssh-keygen could have written is accepted (lines of equal length, nothing around),
 * so that no byte of the file can change unseen. ERR_VERIFY.
 */
bool sshsig_parse(struct arena *a, struct str text, struct sshsig *out, struct err *err);
/* Does it sign this message, in our namespace? ERR_VERIFY says why not. */
bool sshsig_check(const struct sshsig *s, struct str message, struct err *err);

/* -- allowed signers (signers.c) -- */

struct allowed_signer {
    struct str principals, namespaces; /* as written */
    int64_t after, before;             /* ticks; INT64_MIN, INT64_MAX when not limited */
    bool authority;                    /* cert-authority: for certificates only */
    struct ssh_key key;
};
struct allowed_signers {
    struct allowed_signer *items;
    size_t n, cap;
};
/* The text of a file in the format of ssh-keygen(1); `name` is for messages. Keys of kinds that are not known are passed over. */
bool allowed_signers_read(struct arena *a, const char *name, struct str text, struct allowed_signers *out,
                          struct err *err);
/* Who has this key and may sign records of runs at that time. False: *err says why not. */
bool allowed_signers_find(const struct allowed_signers *l, const struct ssh_key *k, int64_t when,
                          struct str *principals, struct err *err);

#endif
