/* SPDX-License-Identifier: Apache-2.0 */
/*
 * azure_cli: whoever signed in with `az login`. The program is found in the absolute folders of PATH, started without a
 * shell, with fixed arguments, in the root folder, and ended when it takes too long.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "azure_int.h"
#include "hb/ticks.h"

enum { TIMEOUT = 30 /* seconds */, OUTPUT_MAX = 256 * 1024 };

static char *find_program(struct azure_cred *c)
{
    struct str path = cred_setting(c->settings, STR(""), "PATH");
    for (size_t from = 0; from < path.n;) {
        size_t to = str_chr(path, ':', from);
        struct str folder = str_sub(path, from, to);
        from = to + 1;
        if (!folder.n || folder.p[0] != '/')
            continue;
        char *file = arena_printf(c->arena, "%.*s/az", STR_ARG(folder));
        if (access(file, X_OK) == 0)
            return file;
    }
    return NULL;
}

static bool ready(const struct azure_settings *s, struct buf *why)
{
    (void)s;
    buf_puts(why, "whoever signed in with az login");
    return true;
}

static enum cred_opened open_cli(struct azure_cred *c, struct buf *why, struct err *err)
{
    const struct azure_settings *s = c->settings;
    c->tenant = cred_setting(s, s->tenant, "AZURE_TENANT_ID");
    c->program = find_program(c);
    if (!c->program) {
        buf_clear(why);
        buf_puts(why, "the program az is not in PATH");
        return CRED_UNAVAILABLE;
    }
    if (c->tenant.n && !cred_tenant_ok(c->tenant, err))
        return CRED_FAILED;
    c->identity = STR("the user of the Azure CLI");
    return CRED_TAKEN;
}

/* -- the program -- */

struct run {
    pid_t pid;
    int pipes[2][2]; /* its output and its errors */
    struct buf text[2];
    int status;
};

/* Of both pipes the end to read (0) or to write (1). */
static void close_ends(struct run *r, int end)
{
    for (int i = 0; i < 2; i++) {
        if (r->pipes[i][end] >= 0)
            close(r->pipes[i][end]);
        r->pipes[i][end] = -1;
    }
}

static bool start(struct run *r, char *const *argv, struct err *err)
{
    posix_spawn_file_actions_t todo;
    posix_spawnattr_t how;
    int failed = 0;
    if (pipe2(r->pipes[0], O_CLOEXEC) != 0 || pipe2(r->pipes[1], O_CLOEXEC) != 0)
        return err_errno(err, "cannot start", argv[0]);
    posix_spawn_file_actions_init(&todo);
    posix_spawn_file_actions_addopen(&todo, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&todo, r->pipes[0][1], 1);
    posix_spawn_file_actions_adddup2(&todo, r->pipes[1][1], 2);
    posix_spawn_file_actions_addchdir_np(&todo, "/");
    posix_spawnattr_init(&how); /* a group of its own, for az is a script that starts the program itself */
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&how, 0);
    failed = posix_spawn(&r->pid, argv[0], &todo, &how, argv, environ);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&todo);
    close_ends(r, 1);
    return !failed || err_set(err, ERR_CONNECT, "cannot start '%s': %s", argv[0], strerror(failed));
}

/* False at the end of that pipe. */
static bool take_some(struct run *r, int i)
{
    char part[4096];
    ssize_t n = read(r->pipes[i][0], part, sizeof part);
    if (n > 0 && r->text[i].n + (size_t)n < OUTPUT_MAX)
        buf_put(&r->text[i], part, (size_t)n);
    explicit_bzero(part, sizeof part);
    return n > 0 || (n < 0 && errno == EINTR);
}

static bool collect(struct run *r, const volatile int *stop, struct err *err)
{
    double ends = clock_seconds() + TIMEOUT;
    bool open[2] = { true, true };
    while (open[0] || open[1]) {
        struct pollfd p[2];
        for (int i = 0; i < 2; i++)
            p[i] = (struct pollfd){ open[i] ? r->pipes[i][0] : -1, POLLIN, 0 };
        poll(p, 2, 100);
        for (int i = 0; i < 2; i++)
            if (p[i].revents)
                open[i] = take_some(r, i);
        if (stop && *stop)
            return err_set(err, ERR_INTERRUPT, "stopped by the user");
        if (clock_seconds() > ends)
            return err_set(err, ERR_CONNECT, "the Azure CLI took longer than %d seconds", TIMEOUT);
    }
    return true;
}

static bool run_program(struct azure_cred *c, struct run *r, char *const *argv, struct err *err)
{
    bool ok = start(r, argv, err);
    buf_reserve(&r->text[0], ok ? OUTPUT_MAX : 1);
    if (ok && !collect(r, c->settings->stop, err)) {
        kill(-r->pid, SIGKILL);
        ok = false;
    }
    while (r->pid > 0 && waitpid(r->pid, &r->status, 0) < 0 && errno == EINTR)
        continue;
    close_ends(r, 0);
    close_ends(r, 1);
    return ok;
}

/* -- its answer -- */

/* "2026-11-24 20:15:00.000000", in the local zone. */
static double local_lifetime(struct str text)
{
    struct tm t = { .tm_isdst = -1 };
    struct str z = str_sub(text, 0, 19);
    char copy[20] = "";
    memcpy(copy, z.p, z.n);
    if (!strptime(copy, "%Y-%m-%d %H:%M:%S", &t))
        return 0;
    return difftime(mktime(&t), time(NULL));
}

static bool take(struct run *r, struct token *out, struct err *err)
{
    struct err ignored = ERR_INIT;
    cJSON *json = json_parse(buf_view(&r->text[0]), &ignored);
    cJSON *text = cJSON_GetObjectItemCaseSensitive(json, "accessToken");
    double life = token_lifetime(json);
    if (life <= 0)
        life = local_lifetime(json_get_str(json, "expiresOn"));
    bool ok = cJSON_IsString(text) && token_set(out, str_z(text->valuestring), life);
    if (cJSON_IsString(text))
        explicit_bzero(text->valuestring, strlen(text->valuestring));
    cJSON_Delete(json);
    return ok || err_set(err, ERR_CONNECT, "the Azure CLI answered without a token");
}

/* Of what it says only the case is told. */
static bool failed(struct azure_cred *c, const struct run *r, struct err *err)
{
    struct str said = buf_view(&r->text[1]);
    bool login = str_find(said, STR("az login"), 0) != SIZE_MAX ||
                 str_find(said, STR("az account set"), 0) != SIZE_MAX;
    c->unavailable = login;
    return login ? err_set(err, ERR_CONNECT, "nobody is signed in to the Azure CLI; run: az login")
                 : err_set(err, ERR_CONNECT, "the Azure CLI failed; try: az account get-access-token");
}

static bool plain_resource(struct str s)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/";
    for (size_t i = 0; i < s.n; i++)
        if (!strchr(allowed, s.p[i]))
            return false;
    return s.n > 0 && s.p[0] != '-';
}

static bool token(struct azure_cred *c, const struct token_ask *ask, struct token *out, struct err *err)
{
    char get[] = "get-access-token", account[] = "account", output[] = "--output", as_json[] = "json";
    char resource[] = "--resource", tenant[] = "--tenant";
    struct str what = cred_resource(ask->scope);
    if (ask->claims.n)
        return err_set(err, ERR_CONNECT, "the service wants a stronger sign-in; run: az login");
    if (!plain_resource(what))
        return err_set(err, ERR_CONNECT, "'%.*s' is no resource for the Azure CLI", STR_ARG(what));
    char *argv[] = {
        c->program, account, get, output, as_json, resource, arena_printf(c->arena, "%.*s", STR_ARG(what)),
        NULL,       NULL,    NULL
    };
    if (c->tenant.n) {
        argv[7] = tenant;
        argv[8] = arena_printf(c->arena, "%.*s", STR_ARG(c->tenant));
    }
    struct run r = { .pid = 0, .pipes = { { -1, -1 }, { -1, -1 } } };
    bool ok = run_program(c, &r, argv, err);
    if (ok)
        ok = WIFEXITED(r.status) && WEXITSTATUS(r.status) == 0 ? take(&r, out, err) : failed(c, &r, err);
    buf_wipe(&r.text[0]);
    buf_wipe(&r.text[1]);
    return ok;
}

const struct cred_kind cred_azure_cli = { "azure_cli", ready, open_cli, token };
