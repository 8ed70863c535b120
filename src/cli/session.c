/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's contact with its surroundings: signals, clock, environment, user. The one writable variable of the program
 * is here, since a signal handler can reach nothing else.
 */
#include "session.h"

#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hb/evidence.h"
#include "hb/fs.h"
#include "hb/report.h"
#include "hb/ticks.h"

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

bool session_env_is_set(void *env, const char *name)
{
    const char *value = getenv(name);
    (void)env;
    return value && *value;
}

static const char *const public_names[] = {
    "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_AUTHORITY_HOST", "key_vault_name", "key_vault_url",
};

const char *session_env_public(void *env, const char *name)
{
    (void)env;
    for (size_t i = 0; i < sizeof public_names / sizeof *public_names; i++)
        if (strcmp(name, public_names[i]) == 0)
            return getenv(name);
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
    return line;
}

struct source_choice session_choice(struct arena *a, const char *data, const char *name, const char *config,
                                    const char *playbook_dir)
{
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    struct source_choice c = { .data = data, .name = name, .config = config, .playbook_dir = playbook_dir };
    if (xdg && *xdg)
        c.config_home = xdg;
    else if (home && *home)
        c.config_home = arena_printf(a, "%s/.config", home);
    return c;
}

bool session_open_run(struct arena *a, const char *output, const char *name, struct store *s,
                      struct record **r, struct err *err)
{
    char *dir;
    return evidence_find(a, output ? output : "output", name, &dir, err) && store_open(s, a, dir, err) &&
           (!r || store_read_record(s, r, err));
}

bool session_publish(struct arena *a, struct store *s, const struct record *r, struct err *err)
{
    struct buf html = BUF_INIT;
    const struct doc *doc = doc_build(a, r, NULL);
    bool ok = report_html(&html, doc, err) && store_write(s, "report.html", buf_view(&html), err) &&
              report_pdf(doc, store_path(s, "report.pdf"), err) && store_seal(s, err);
    buf_free(&html);
    return ok;
}
