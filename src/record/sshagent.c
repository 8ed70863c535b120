/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssh-agent, and choosing the key to sign with.
 *
 * The agent is a process of the same user behind a socket in the file system. Invariant: what it answers is only believed
 * as far as it can be read, and a signature it makes is checked by whoever asked for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "hb/fs.h"
#include "hb/vec.h"
#include "ssh_int.h"

enum {
    ASK_KEYS = 11,
    HAS_KEYS = 12,
    ASK_SIGNATURE = 13,
    HAS_SIGNATURE = 14,
    RSA_SHA2_512 = 4,
    REPLY_MAX = 256 << 10,
    KEYS_MAX = 2048,
    KEY_FILE_MAX = 64 << 10,
};

/* ---- the agent ---- */

static int connect_to(const char *path, struct err *err)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof at.sun_path) {
        err_set(err, ERR_CONNECT, "the path of the agent's socket '%s' is too long", path);
        return -1;
    }
    strcpy(at.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    err_set(err, ERR_CONNECT, "cannot reach ssh-agent at '%s' (SSH_AUTH_SOCK): %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool move_all(int fd, char *p, size_t n, bool out)
{
    while (n) {
        ssize_t done = out ? send(fd, p, n, MSG_NOSIGNAL) : recv(fd, p, n, 0);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

/* One request, one reply of the type `want`; *out is what follows the type. */
static bool ask(struct arena *a, const char *path, struct str request, uint8_t want, struct wire *out,
                struct err *err)
{
    struct buf message = BUF_INIT;
    char head[4];
    int fd = connect_to(path, err);
    if (fd < 0)
        return false;
    wire_put_str(&message, request);
    bool ok = move_all(fd, message.p, message.n, true) && move_all(fd, head, sizeof head, false);
    buf_free(&message);
    struct wire length = { .s = { head, sizeof head } };
    uint32_t n = ok ? wire_u32(&length) : 0;
    char *reply = n > 0 && n <= REPLY_MAX ? arena_alloc(a, n) : NULL;
    ok = reply && move_all(fd, reply, n, false);
    close(fd);
    if (!ok)
        return err_set(err, ERR_CONNECT, "ssh-agent at '%s' gave no answer", path);
    *out = (struct wire){ .s = { reply, n } };
    return wire_u8(out) == want || err_set(err, ERR_RUN, "ssh-agent refused");
}

bool ssh_agent_keys(struct arena *a, const char *path, struct ssh_key **keys, size_t *n, struct err *err)
{
    struct wire w;
    size_t cap = 0;
    *keys = NULL;
    *n = 0;
    if (!ask(a, path, (struct str){ (const char[]){ ASK_KEYS }, 1 }, HAS_KEYS, &w, err))
        return false;
    uint32_t count = wire_u32(&w);
    for (uint32_t i = 0; i < count && i < KEYS_MAX && !w.bad; i++) {
        struct ssh_key key;
        struct err ignored = ERR_INIT;
        struct str blob = wire_str(&w);
        wire_str(&w); /* the comment */
        if (!w.bad && ssh_key_parse(a, blob, &key, &ignored))
            *VEC_PUSH(a, *keys, *n, cap) = key;
    }
    return true;
}

static bool agent_sign(struct arena *a, const struct ssh_signer *s, struct str data, struct str *out,
                       struct err *err)
{
    struct buf request = BUF_INIT;
    struct wire w;
    buf_putc(&request, ASK_SIGNATURE);
    wire_put_str(&request, s->key.blob);
    wire_put_str(&request, data);
    wire_put_u32(&request, str_eqz(s->key.type, "ssh-rsa") ? RSA_SHA2_512 : 0);
    bool ok = ask(a, s->agent, buf_view(&request), HAS_SIGNATURE, &w, err);
    buf_free(&request);
    if (!ok)
        return err_wrap(err, "signing with %.*s", STR_ARG(ssh_key_fingerprint(a, &s->key)));
    *out = wire_str(&w);
    return wire_done(&w) || err_set(err, ERR_RUN, "ssh-agent at '%s' gave no signature", s->agent);
}

bool ssh_signer_sign(struct arena *a, const struct ssh_signer *s, struct str data, struct str *out,
                     struct err *err)
{
    struct buf b = BUF_INIT;
    if (!s->own)
        return agent_sign(a, s, data, out, err);
    bool ok = ssh_private_sign(s->own, data, &b, err);
    *out = buf_to_arena(&b, a);
    buf_free(&b);
    return ok;
}

/* ---- choosing ---- */

/* Is the key in the agent? `name` is what the person called it. */
static bool from_agent(struct arena *a, const char *name, const char *why, struct ssh_signer *out,
                       struct err *err)
{
    struct ssh_key *keys;
    size_t n;
    const char *advice = arena_printf(a, "'%s' %s, so ssh-agent must have it: ssh-add %s, then sign again",
                                      name, why, name);
    if (!out->agent)
        return err_set(err, ERR_CONNECT, "%s (no agent: SSH_AUTH_SOCK is not set)", advice);
    if (!ssh_agent_keys(a, out->agent, &keys, &n, err))
        return err_wrap(err, "%s", advice);
    for (size_t i = 0; i < n; i++)
        if (str_eq(keys[i].blob, out->key.blob))
            return true;
    return err_set(err, ERR_CONNECT, "%s", advice);
}

/* A private key that others can read is not used, as ssh does not. */
static bool read_key_file(const char *path, char *bytes, size_t *n, bool *open_to_others, struct err *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = 0;
    *n = 0;
    if (fd < 0 || fstat(fd, &st) != 0) {
        err_errno(err, "open", path);
        err->kind = ERR_USAGE;
        if (fd >= 0)
            close(fd);
        return false;
    }
    while (*n < KEY_FILE_MAX && (got = read(fd, bytes + *n, KEY_FILE_MAX - *n)) > 0)
        *n += (size_t)got;
    close(fd);
    *open_to_others = st.st_uid == getuid() && (st.st_mode & 077) != 0;
    return got == 0 || err_set(err, ERR_USAGE, "'%s' is no key", path);
}

static bool from_text(struct arena *a, const char *path, struct str text, bool open_to_others,
                      struct ssh_signer *out, struct err *err)
{
    struct str line = str_trim(text);
    if (ssh_type_find(str_sub(line, 0, str_chr(line, ' ', 0))))
        return (ssh_key_parse_line(a, line, &out->key, err) || err_wrap(err, "'%s'", path)) &&
               from_agent(a, path, "is a public key", out, err);
    if (!ssh_private_parse(a, text, &out->key, &out->own, err))
        return err_wrap(err, "'%s'", path);
    if (out->own && open_to_others)
        return err_set(err, ERR_USAGE,
                       "'%s' can be read by others, so it is not used; chmod 600 it, or take a new key",
                       path);
    return out->own ||
           from_agent(a, path,
                      str_starts(out->key.type, STR("sk-")) ? "is held by hardware" : "has a passphrase", out,
                      err);
}

static bool from_file(struct arena *a, const char *path, struct ssh_signer *out, struct err *err)
{
    char *bytes = OPENSSL_malloc(KEY_FILE_MAX);
    size_t n;
    bool open_to_others;
    bool ok = bytes && read_key_file(path, bytes, &n, &open_to_others, err) &&
              from_text(a, path, (struct str){ bytes, n }, open_to_others, out, err);
    OPENSSL_clear_free(bytes, KEY_FILE_MAX);
    return ok;
}

/* By its fingerprint, or the only one there is when that is NULL. */
static bool pick_in_agent(struct arena *a, const char *fingerprint, struct ssh_signer *out, struct err *err)
{
    struct ssh_key *keys;
    size_t n, found = 0;
    struct buf names = BUF_INIT;
    if (!out->agent)
        return err_set(err, ERR_USAGE, "no key: give one with --key, or start ssh-agent and ssh-add one");
    if (!ssh_agent_keys(a, out->agent, &keys, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct str name = ssh_key_fingerprint(a, &keys[i]);
        buf_printf(&names, "%s%.*s", i ? ", " : "", STR_ARG(name));
        if (fingerprint && !str_eqz(name, fingerprint))
            continue;
        out->key = keys[i];
        found++;
    }
    if (found != 1 && n)
        err_set(err, ERR_USAGE, "which key? --key takes a file, or one of the agent's: %s", buf_z(&names));
    else if (found != 1)
        err_set(err, ERR_USAGE, "no key: ssh-agent has none; give one with --key, or ssh-add one");
    buf_free(&names);
    return found == 1;
}

bool ssh_signer_open(struct arena *a, const char *file, const char *folder, const char *agent,
                     struct ssh_signer *out, struct err *err)
{
    static const char *const usual[] = { "id_ed25519", "id_ecdsa", "id_rsa", "id_ed25519_sk", "id_ecdsa_sk" };
    bool ok = false;
    *out = (struct ssh_signer){ .agent = agent && *agent ? agent : NULL };
    for (size_t i = 0; !file && folder && i < sizeof usual / sizeof *usual; i++) {
        char *path = fs_join(a, folder, usual[i]);
        if (fs_exists(path))
            file = path;
    }
    if (!file || strncmp(file, "SHA256:", 7) == 0)
        ok = pick_in_agent(a, file, out, err);
    else
        ok = from_file(a, file, out, err);
    if (!ok)
        ssh_signer_close(out);
    return ok;
}

void ssh_signer_close(struct ssh_signer *s)
{
    ssh_private_free(s->own);
    s->own = NULL;
}
