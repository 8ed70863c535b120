/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook sign: SHA256SUMS of a run, signed with the user's SSH key. Prints the path of the signature.
 */
#include <stdio.h>

#include "cli.h"
#include "hb/evidence.h"
#include "session.h"

struct sign_opts {
    const char *output, *key, *role;
};
static const struct opt rows[] = {
    { "key", 'k', OPT_TEXT, offsetof(struct sign_opts, key), "FILE",
      "private key, public key that ssh-agent has, or SHA256:... of one; ~/.ssh/id_ed25519 and so on by "
      "default",
      NULL },
    { "role", 'r', OPT_TEXT, offsetof(struct sign_opts, role), "ROLE",
      "in which role: analyst by default, reviewer, or another word", NULL },
    { "output", 'o', OPT_TEXT, offsetof(struct sign_opts, output), "DIR",
      "folder of all runs, output by default", NULL },
};

static bool make(struct cli *cli, const struct sign_opts *o, const struct ssh_signer *signer,
                 const char *name, struct err *err)
{
    struct store s;
    const char *path, *role = o->role ? o->role : "analyst";
    if (!session_open_run(cli->arena, o->output, name, &s, NULL, err) || !store_lock(&s, err))
        return false;
    bool ok = evidence_sign(&s, signer, role, &path, err);
    store_unlock(&s);
    if (ok)
        printf("%s/%s\n", s.dir, path);
    return ok;
}

static int sign(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    const struct sign_opts *o = options;
    struct ssh_signer signer;
    struct err err = ERR_INIT;
    if (!ssh_signer_open(cli->arena, o->key, session_ssh_folder(cli->arena), session_ssh_agent(), &signer,
                         &err))
        return cli_fail(cli, &err);
    bool ok = true;
    for (size_t i = 0; i < nargs && ok; i++)
        ok = make(cli, o, &signer, args[i], &err);
    if (ok)
        log_info(&cli->log, "signed with %.*s", STR_ARG(ssh_key_fingerprint(cli->arena, &signer.key)));
    ssh_signer_close(&signer);
    if (!ok)
        return cli_fail(cli, &err);
    return fflush(stdout) == 0 ? 0 : ERR_RUN;
}

const struct command cmd_sign = {
    .name = "sign",
    .args = "RUN...",
    .summary = "sign a run with an SSH key",
    .details =
        "The signature is OpenSSH's, over the SHA256SUMS of the run, beside it as SHA256SUMS.ROLE.sig. "
        "Without us:\n"
        "  ssh-keygen -Y verify -f ALLOWED_SIGNERS -I NAME -n " SIGN_NAMESPACE
        " -s SHA256SUMS.analyst.sig <SHA256SUMS\n"
        "A key with a passphrase, or in hardware, signs through ssh-agent (ssh-add KEY).",
    .opts = rows,
    .nopts = sizeof rows / sizeof *rows,
    .size = sizeof(struct sign_opts),
    .min_args = 1,
    .max_args = 1000,
    .run = sign,
};
