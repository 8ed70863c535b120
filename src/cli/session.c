/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's contact with its surroundings: signals, clock, environment, user. The one writable variable of the program
 * is here, since a signal handler can reach nothing else.
 */
#include "session.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hb/evidence.h"
#include "hb/fs.h"
#include "hb/report.h"
#include "hb/ticks.h"
#include "hb/utf8.h"
#include "look.h"

static struct {
    volatile int stop;
    struct engine *volatile engine;
} signalled;

static void on_signal(int number)
{
    if (signalled.stop) {
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    signalled.stop = 1;
    if (signalled.engine)
        engine_interrupt(signalled.engine);
}

const volatile int *session_signals(void)
{
    struct sigaction act = { .sa_handler = on_signal };
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    signal(SIGPIPE, SIG_IGN);
    return &signalled.stop;
}

void session_watch(void *ctx, struct engine *e)
{
    (void)ctx;
    signalled.engine = e;
}

/* The variable's value; a name that was set counts as used. */
static const char *read_env(void *ctx, const char *name)
{
    struct run_environment *used = ctx;
    const char *value = getenv(name);
    if (!value || !*value)
        return NULL;
    if (used)
        run_environment_add(used, name);
    return value;
}

bool session_env_is_set(void *env, const char *name)
{
    return read_env(env, name) != NULL;
}

static const char *const public_names[] = {
    "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_AUTHORITY_HOST", "key_vault_name", "key_vault_url",
};

/* What an id, a domain or an address is made of: a secret that stands there by mistake hardly ever is. */
static bool looks_public(const char *value)
{
    size_t n = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:/");
    bool address = strncmp(value, "https://", 8) == 0 || strncmp(value, "http://", 7) == 0;
    return !value[n] && (address || !strpbrk(value, ":/"));
}

const char *session_env_public(void *env, const char *name)
{
    (void)env;
    for (size_t i = 0; i < sizeof public_names / sizeof *public_names; i++)
        if (strcmp(name, public_names[i]) == 0) {
            const char *value = getenv(name);
            return value && looks_public(value) ? value : NULL;
        }
    return NULL;
}

bool session_now(const char *text, int64_t *now, struct err *err)
{
    return ticks_parse_iso(str_z(text), now) ||
           err_set(err, ERR_USAGE, "--now takes a time like 2026-01-15T00:00:00Z, not '%s'", text);
}

struct str session_user(struct arena *a)
{
    const struct passwd *p = getpwuid(geteuid());
    return arena_str(a, str_z(p ? p->pw_name : "unknown"));
}

struct str session_host(struct arena *a)
{
    char name[256] = "";
    gethostname(name, sizeof name - 1);
    return arena_str(a, str_z(name));
}

const char *session_home(void)
{
    const char *home = getenv("HOME");
    return home && *home ? home : NULL;
}

struct str session_cwd(struct arena *a)
{
    char path[4096];
    if (!getcwd(path, sizeof path))
        return STR("");
    return fs_hide_home(a, session_home(), arena_str(a, str_z(path)));
}

static bool plain_word(struct str s)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
    for (size_t i = 0; i < s.n; i++)
        if (!strchr(safe, s.p[i]))
            return false;
    return s.n > 0;
}

struct str session_command_line(const struct cli *cli)
{
    struct buf out = BUF_INIT;
    buf_puts(&out, "huntbook");
    for (int i = 1; i < cli->argc; i++) {
        struct str word = str_z(cli->argv[i]);
        buf_putc(&out, ' ');
        if (plain_word(word)) {
            buf_str(&out, word);
            continue;
        }
        buf_putc(&out, '\'');
        for (size_t k = 0; k < word.n; k++) {
            if (word.p[k] == '\'')
                buf_puts(&out, "'\\'");
            buf_putc(&out, word.p[k]);
        }
        buf_putc(&out, '\'');
    }
    struct str line = buf_to_arena(&out, cli->arena);
    buf_free(&out);
    return fs_hide_home(cli->arena, session_home(), line);
}

const char *session_ssh_folder(struct arena *a)
{
    return session_home() ? fs_join(a, session_home(), ".ssh") : NULL;
}

const char *session_ssh_agent(void)
{
    return getenv("SSH_AUTH_SOCK");
}

/* What a person must do to sign in. */
static void tell(void *ctx, struct str text)
{
    struct buf line = BUF_INIT;
    (void)ctx;
    utf8_show(&line, text);
    buf_putc(&line, '\n');
    fwrite(line.p, 1, line.n, stderr);
    buf_free(&line);
}

struct run_environment *session_environment(struct arena *a)
{
    struct run_environment *used = ARENA_NEW(a, struct run_environment);
    used->arena = a;
    return used;
}

struct source_choice session_choice(struct arena *a, const char *data, const char *name, const char *config,
                                    const char *playbook_dir)
{
    const char *xdg = getenv("XDG_CONFIG_HOME");
    struct source_choice c = { .data = data,
                               .name = name,
                               .config = config,
                               .playbook_dir = playbook_dir,
                               .env = { read_env, session_environment(a) },
                               .home = session_home() };
    if (isatty(STDERR_FILENO) && isatty(STDIN_FILENO))
        c.tell = tell;
    if (xdg && *xdg)
        c.config_home = xdg;
    else if (session_home())
        c.config_home = arena_printf(a, "%s/.config", session_home());
    return c;
}

bool session_open_run(struct arena *a, const char *output, const char *name, struct store *s,
                      struct record **r, struct err *err)
{
    char *dir;
    return evidence_find(a, output ? output : "output", name, &dir, err) && store_open(s, a, dir, err) &&
           (!r || store_read_record(s, r, err));
}

bool session_lock_run(struct store *s, struct record **r, struct err *err)
{
    return store_lock(s, err) && store_clean(s, err) && evidence_intact(s->arena, s->dir, err) &&
           store_read_record(s, r, err) && notes_settle(s, *r, err);
}

static const char scissors[] = "<!-- nothing below this line is kept -->";

/* $EDITOR may have arguments ("code --wait"): words are split at blanks, nothing else is read into it. */
static bool run_editor(struct arena *a, const char *editor, char *path, struct err *err)
{
    char *words = arena_strdup(a, editor), *argv[16], *rest = NULL;
    size_t n = 0;
    pid_t pid;
    int status = 0;
    for (char *w = strtok_r(words, " ", &rest); w && n < 14; w = strtok_r(NULL, " ", &rest))
        argv[n++] = w;
    if (n == 0)
        return err_set(err, ERR_USAGE, "no editor: set EDITOR, or give --text");
    argv[n] = path;
    argv[n + 1] = NULL;
    int failed = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
    if (failed)
        return err_set(err, ERR_RUN, "cannot start the editor '%s': %s", argv[0], strerror(failed));
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return err_errno(err, "wait for", argv[0]);
    return status == 0 || err_set(err, ERR_RUN, "the editor '%s' failed, so nothing was noted", argv[0]);
}

bool session_edit(struct arena *a, struct str hint, struct str *text, struct err *err)
{
    enum { TEXT_MAX = 1 << 20 };
    const char *visual = getenv("VISUAL"), *editor = visual && *visual ? visual : getenv("EDITOR");
    char *dir;
    struct err ignored = ERR_INIT;
    if (!editor || !*editor)
        return err_set(err, ERR_USAGE, "no editor: set EDITOR, or give --text");
    if (!fs_temp_dir(a, &dir, err))
        return false;
    char *path = fs_join(a, dir, "note.md");
    struct str start = arena_strf(a, "\n%s\n%.*s\n", scissors, STR_ARG(hint));
    bool ok = fs_write_atomic(path, start, err) && run_editor(a, editor, path, err) &&
              fs_read(a, path, TEXT_MAX, text, err);
    fs_remove_tree(dir, &ignored);
    if (!ok)
        return false;
    size_t cut = str_find(*text, str_z(scissors), 0);
    *text = str_trim(str_sub(*text, 0, cut));
    return true;
}

/* Where no format is asked for, Markdown is made again if it is there: it must not say less than the others. */
static bool wanted(const struct store *s, const struct session_formats *which, const char *format)
{
    if (which->nformats == 0)
        return strcmp(format, "md") != 0 || fs_exists(store_path(s, "report.md"));
    for (size_t i = 0; i < which->nformats; i++)
        if (strcmp(which->formats[i], format) == 0)
            return true;
    return false;
}

static bool publish_text(struct store *s, const struct doc *doc, const char *name,
                         bool (*report)(struct buf *, const struct doc *, struct err *), struct err *err)
{
    struct buf text = BUF_INIT;
    bool ok = report(&text, doc, err) && store_write(s, name, buf_view(&text), err);
    buf_free(&text);
    return ok;
}

bool session_publish(struct arena *a, struct store *s, struct record *r, const struct session_formats *which,
                     struct err *err)
{
    struct doc_options options = { 0 };
    if (which->pdf && strcmp(which->pdf, "a-1b") == 0)
        options.pdf = REPORT_PDF_A1B;
    options.theme = which->theme;
    if (!record_load_rows(r, s->dir, err) || !notes_load(s, r, err) ||
        (!options.theme && !look_of_run(a, s, r, &options.theme, err)))
        return false;
    const struct doc *doc = doc_build(a, r, &options);
    return (!wanted(s, which, "html") || publish_text(s, doc, "report.html", report_html, err)) &&
           (!wanted(s, which, "md") || publish_text(s, doc, "report.md", report_md, err)) &&
           (!wanted(s, which, "pdf") || report_pdf(doc, s->dir, store_path(s, "report.pdf"), err)) &&
           store_seal(s, err);
}
