/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a signature, a private key, a public key, a list of allowed signers and the blobs inside them. What is taken can be
 * used: checking and signing give an answer.
 */
#include <assert.h>

#include "../../src/record/ssh_int.h"
#include "fuzz.h"

static void try_signature(struct arena *a, struct str text)
{
    struct err err = ERR_INIT;
    struct sshsig s;
    if (!sshsig_parse(a, text, &s, &err)) {
        assert(err.kind == ERR_VERIFY);
        return;
    }
    assert(s.key.blob.n && ssh_key_fingerprint(a, &s.key).n == 50);
    bool ok = sshsig_check(&s, STR("a record\n"), &err);
    assert(ok || err.kind == ERR_VERIFY);
}

static void try_private(struct arena *a, struct str text)
{
    struct err err = ERR_INIT;
    struct ssh_signer s = { 0 };
    struct buf out = BUF_INIT;
    struct sshsig sig;
    if (ssh_private_parse(a, text, &s.key, &s.own, &err) && s.own &&
        sshsig_make(a, &s, STR("a record\n"), &out, &err))
        assert(sshsig_parse(a, buf_view(&out), &sig, &err));
    ssh_signer_close(&s);
    buf_free(&out);
}

static void try_list(struct arena *a, struct str text)
{
    struct err err = ERR_INIT;
    struct allowed_signers list;
    struct str who;
    if (!allowed_signers_read(a, "list", text, &list, &err))
        return;
    for (size_t i = 0; i < list.n; i++) {
        bool ok = allowed_signers_find(&list, &list.items[i].key, 0, &who, &err);
        assert(ok || err.kind == ERR_VERIFY);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0, "a signature");
    struct str text = { (const char *)data, size };
    struct err err = ERR_INIT;
    struct ssh_key key;
    try_signature(a, text);
    try_private(a, text);
    try_list(a, text);
    if (ssh_key_parse(a, text, &key, &err))
        ssh_key_check(&key, text, text, &err);
    ssh_key_parse_line(a, text, &key, &err);
    arena_free(a);
    return 0;
}
