/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook kql: one query, or many in one process (--batch), on files.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"
#include "hb/cell.h"
#include "hb/engine.h"
#include "hb/fs.h"
#include "hb/json.h"
#include "hb/kql.h"
#include "hb/kql_known.h"
#include "hb/ticks.h"
#include "hb/vec.h"
#include "session.h"

struct kql_opts {
    const char *data, *source, *config, *format, *dump, *now, *batch;
    bool parse, empty_tables, allow_partial;
};

static const struct opt opts[] = {
    { "data", 'd', OPT_TEXT, offsetof(struct kql_opts, data), "DIR|FILE", "tables from files", NULL },
    { "source", 's', OPT_TEXT, offsetof(struct kql_opts, source), "NAME", "a source of the configuration",
      NULL },
    { "config", 0, OPT_TEXT, offsetof(struct kql_opts, config), "FILE",
      "configuration instead of ./huntbook.yaml", NULL },
    { "format", 'f', OPT_TEXT, offsetof(struct kql_opts, format), "FORMAT", "how the result is printed",
      "table|csv|json|ndjson|md" },
    { "dump", 0, OPT_TEXT, offsetof(struct kql_opts, dump), "WHAT", "print a stage of the compiler instead",
      "tokens|ast|bound|sql" },
    { "now", 0, OPT_TEXT, offsetof(struct kql_opts, now), "TIME", "what now() is", NULL },
    { "batch", 0, OPT_TEXT, offsetof(struct kql_opts, batch), "FILE.jsonl",
      "run every {\"id\",\"query\"} line, print one result line each", NULL },
    { "parse", 0, OPT_FLAG, offsetof(struct kql_opts, parse), NULL, "stop after the parser", NULL },
    { "empty-tables", 0, OPT_FLAG, offsetof(struct kql_opts, empty_tables), NULL,
      "known tables without data are empty instead of unknown", NULL },
    { "allow-partial", 0, OPT_FLAG, offsetof(struct kql_opts, allow_partial), NULL,
      "leave out rows that cannot be read", NULL },
};

/* The engine is opened by the first query that gets so far: --parse and --dump ast need none. */
struct session {
    struct cli *cli;
    const struct kql_opts *o;
    struct engine *engine;
    int64_t now;
    bool databases; /* a query may name some */
    char *spill;
    bool failed;
    struct str *loaded; /* tables that have data */
    size_t nloaded;
    struct arena *arena;  /* of the query at hand */
    struct kql_refs refs; /* names that it reads */
    bool made_open;       /* its open table has been made */
};

static bool load_data(struct session *s, struct err *err)
{
    const struct kql_opts *o = s->o;
    struct source_profile profile;
    struct source_request req = { .allow_partial = o->allow_partial, .databases = s->databases };
    struct diags d;
    struct record *r = record_new(s->cli->arena);
    if (!o->data && !o->source)
        return true;
    struct source_choice c = session_choice(s->cli->arena, o->data, o->source, o->config, ".");
    diags_init(&d, s->cli->arena);
    bool ok = source_choose(s->cli->arena, &c, &profile, &d, err) &&
              source_tables(s->cli->arena, &profile, s->databases, &req.tables, &req.ntables, err) &&
              source_load_tables(s->cli->arena, &profile, &req, s->engine, r, err);
    cli_diags(s->cli, &d);
    for (size_t i = 0; i < r->source.ntables; i++)
        for (size_t k = 0; k < r->source.tables[i].nwarnings; k++)
            log_warn(&s->cli->log, "%.*s", STR_ARG(r->source.tables[i].warnings[k]));
    return ok;
}

static bool open_session(struct session *s, struct err *err)
{
    if (s->engine)
        return true;
    struct engine_options options = { 0 };
    if (!fs_temp_dir(s->cli->arena, &s->spill, err))
        return false;
    options.temp_dir = s->spill;
    s->engine = engine_open(&options, err);
    if (!s->engine)
        return false;
    session_watch(NULL, s->engine);
    if (!load_data(s, err))
        return false;
    s->nloaded = engine_ntables(s->engine);
    s->loaded = ARENA_ARRAY(s->cli->arena, s->nloaded, struct str);
    for (size_t i = 0; i < s->nloaded; i++)
        s->loaded[i] = arena_str(s->cli->arena, engine_table_name(s->engine, i));
    return engine_lock(s->engine, err);
}

static void close_session(struct session *s)
{
    struct err ignored = ERR_INIT;
    session_watch(NULL, NULL);
    engine_close(s->engine);
    if (s->spill)
        fs_remove_tree(s->spill, &ignored);
}

static bool has_data(const struct session *s, struct str name)
{
    for (size_t i = 0; i < s->nloaded; i++)
        if (str_eq(s->loaded[i], name))
            return true;
    return false;
}

/* The table of a database is like the plain one; there is none where that has data. */
static bool make_empty(struct session *s, struct str name)
{
    struct str last = name;
    while (str_chr(last, '/', 0) < last.n)
        last = str_sub(last, str_chr(last, '/', 0) + 1, last.n);
    if (last.n < name.n && has_data(s, last))
        return false;
    struct kql_column *columns;
    size_t n;
    struct err ignored = ERR_INIT;
    return s->o->empty_tables && kql_known_table_for(s->arena, last, false, &s->refs, &columns, &n) &&
           engine_create_empty(s->engine, name, columns, n, &ignored);
}

/* An open table without data is made anew for each query: its columns are what the query names. */
static bool find_table(void *ctx, struct str name, struct kql_table *out)
{
    struct session *s = ctx;
    bool found = engine_table(s->engine, name, out);
    if (found && (!s->o->empty_tables || !kql_known_is_open(name) || has_data(s, name) || s->made_open))
        return true;
    s->made_open = s->made_open || kql_known_is_open(name);
    return make_empty(s, name) ? engine_table(s->engine, name, out) : found;
}

static bool has_prefix_pattern(const struct kql_refs *refs)
{
    for (size_t i = 0; i < refs->n; i++)
        if (refs->items[i].wildcard && refs->items[i].name.n > 1)
            return true;
    return false;
}

/* Device* means known tables too where those that are missing are empty; a bare * does where there is no data at all. */
static size_t table_names(void *ctx, struct arena *a, struct str **out)
{
    struct session *s = ctx;
    struct kql_table known;
    size_t n = engine_ntables(s->engine), k = 0;
    size_t more = s->o->empty_tables && (has_prefix_pattern(&s->refs) || !n) ? kql_nknown : 0;
    *out = ARENA_ARRAY(a, n + more, struct str);
    for (size_t i = 0; i < n; i++)
        (*out)[k++] = engine_table_name(s->engine, i);
    for (size_t i = 0; i < more; i++)
        if (!engine_table(s->engine, kql_known_name(i), &known))
            (*out)[k++] = kql_known_name(i);
    return k;
}

struct query {
    struct arena *arena;
    struct source source;
    struct diags diags;
    struct kql_compiled compiled;
    struct table *result;
};

static void query_init(struct query *q, struct str text)
{
    *q = (struct query){ .arena = arena_new(0, "a query"), .source = { STR("query"), text } };
    diags_init(&q->diags, q->arena);
}

/* Names are looked up while compiling, for this query. */
static void begin_query(struct session *s, struct query *q)
{
    struct diags again;
    diags_init(&again, q->arena);
    s->arena = q->arena;
    s->made_open = false;
    s->refs = s->o->empty_tables ? kql_references(q->arena, kql_parse(q->arena, &q->source, &again))
                                 : (struct kql_refs){ 0 };
}

static struct kql_options options_of(struct session *s)
{
    return (struct kql_options){
        .now = s->now, .stage = engine_stage, .stage_ctx = s->engine, .external_empty = s->o->empty_tables
    };
}

static bool compile(struct session *s, struct query *q, struct err *err)
{
    begin_query(s, q);
    struct kql_catalog catalog = { .ctx = s, .table = find_table, .names = table_names };
    struct kql_options options = options_of(s);
    if (kql_compile(q->arena, &q->source, &catalog, &options, &q->diags, &q->compiled))
        return true;
    return err_set(err, ERR_USAGE, "the query could not be compiled");
}

/* What failed while the query ran, at its place. False. */
static bool note_fault(struct session *s, struct query *q, const struct err *err)
{
    struct kql_catalog catalog = { .ctx = s, .table = find_table, .names = table_names };
    struct kql_options options = options_of(s);
    struct span place;
    struct str text;
    if (query_fault(s->engine, &catalog, &options, &q->source, err, &place, &text))
        diag_add(&q->diags, DIAG_ERROR, &q->source, place, NULL, "%.*s", STR_ARG(text));
    return false;
}

static bool execute(struct session *s, struct query *q, struct err *err)
{
    if (!open_session(s, err) || !compile(s, q, err))
        return false;
    return engine_query(s->engine, &q->compiled, q->arena, 0, &q->result, NULL, err) || note_fault(s, q, err);
}

/* -- batch -- */

static const struct diag *first_error(const struct diags *d)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->items[i].level == DIAG_ERROR)
            return &d->items[i];
    return NULL;
}

static void put_error(struct jw *w, const struct query *q, const struct err *err)
{
    const struct diag *d = first_error(&q->diags);
    size_t line, column;
    jw_key(w, "error");
    if (!d) {
        jw_strz(w, err->text);
        return;
    }
    jw_str(w, d->message);
    source_locate(&q->source, d->span.offset, &line, &column);
    jw_key(w, "line");
    jw_i64(w, (int64_t)line);
    jw_key(w, "column");
    jw_i64(w, (int64_t)column);
}

static void answer(struct session *s, struct jw *w, struct query *q)
{
    struct err err = ERR_INIT;
    if (s->o->parse) {
        bool ok = kql_ast_ok(kql_parse(q->arena, &q->source, &q->diags));
        if (ok) {
            jw_key(w, "ok");
            jw_bool(w, true);
        } else {
            put_error(w, q, &err);
        }
    } else if (execute(s, q, &err)) {
        table_put_json(w, q->result);
    } else {
        put_error(w, q, &err);
    }
}

static bool batch_line(struct session *s, struct str line, size_t number, struct err *err)
{
    cJSON *obj = json_parse(line, err);
    const cJSON *id = json_get(obj, "id"), *text = json_get(obj, "query");
    struct buf out = BUF_INIT;
    struct query q;
    struct jw w;
    if (!obj || !id || !cJSON_IsString(text)) {
        cJSON_Delete(obj);
        return err_set(err, ERR_USAGE, "line %zu is not like {\"id\":\"a\",\"query\":\"print 1\"}", number);
    }
    query_init(&q, str_z(text->valuestring));
    jw_init(&w, &out, false);
    jw_obj(&w);
    jw_key(&w, "id");
    char *id_text = cJSON_PrintUnformatted(id);
    jw_raw(&w, str_z(id_text));
    cJSON_free(id_text);
    answer(s, &w, &q);
    jw_end_obj(&w);
    buf_putc(&out, '\n');
    fwrite(buf_z(&out), 1, out.n, stdout);
    buf_free(&out);
    arena_free(q.arena);
    cJSON_Delete(obj);
    return true;
}

static int batch(struct session *s)
{
    enum { BATCH_MAX = 1 << 30 };
    struct str text;
    struct err err = ERR_INIT;
    if (!fs_read(s->cli->arena, s->o->batch, BATCH_MAX, &text, &err))
        return cli_fail(s->cli, &err);
    s->databases = kql_may_name_databases(text);
    if (!s->o->parse && !open_session(s, &err))
        return cli_fail(s->cli, &err);
    size_t number = 0;
    for (size_t from = 0; from < text.n;) {
        size_t to = str_chr(text, '\n', from);
        struct str line = str_trim(str_sub(text, from, to));
        number++;
        if (line.n && !batch_line(s, line, number, &err)) {
            err_wrap(&err, "%s", s->o->batch);
            return cli_fail(s->cli, &err);
        }
        from = to + 1;
    }
    return fflush(stdout) == 0 ? 0 : ERR_RUN;
}

/* -- one query -- */

static bool dump_syntax(struct session *s, struct query *q, struct buf *out)
{
    if (strcmp(s->o->dump, "tokens") == 0)
        kql_dump_tokens(out, &q->source);
    else if (strcmp(s->o->dump, "ast") == 0)
        kql_dump_ast(out, kql_parse(q->arena, &q->source, &q->diags));
    else
        return false;
    return true;
}

static bool dump_compiled(struct session *s, struct query *q, struct buf *out, struct err *err)
{
    struct kql_catalog catalog = { .ctx = s, .table = find_table, .names = table_names };
    if (!open_session(s, err))
        return false;
    struct kql_options options = options_of(s);
    begin_query(s, q);
    if (strcmp(s->o->dump, "bound") == 0)
        return kql_dump_bound(q->arena, &q->source, &catalog, &options, &q->diags, out) ||
               err_set(err, ERR_USAGE, "the query could not be compiled");
    if (!compile(s, q, err))
        return false;
    buf_str(out, q->compiled.sql);
    buf_putc(out, '\n');
    return true;
}

static int finish(struct session *s, struct query *q, struct buf *out, bool ok, const struct err *err)
{
    int code = cli_diags(s->cli, &q->diags);
    if (ok && !code)
        return cli_print(out);
    buf_free(out);
    return code ? code : cli_fail(s->cli, err);
}

static int one(struct session *s, struct str text)
{
    struct query q;
    struct buf out = BUF_INIT;
    struct err err = ERR_INIT;
    struct winsize size;
    struct table_print how = { .format = TABLE_TEXT };
    bool ok = true;
    query_init(&q, text);
    s->databases = kql_may_name_databases(text);
    if (isatty(STDOUT_FILENO)) {
        how.colour = s->cli->log.colour;
        how.width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
    }
    if (s->o->format)
        table_format_parse(str_z(s->o->format), &how.format);
    if (s->o->parse)
        kql_parse(q.arena, &q.source, &q.diags);
    else if (s->o->dump)
        ok = dump_syntax(s, &q, &out) || dump_compiled(s, &q, &out, &err);
    else if ((ok = execute(s, &q, &err)))
        table_print(&out, q.result, &how);
    int code = finish(s, &q, &out, ok, &err);
    arena_free(q.arena);
    return code;
}

static bool read_stdin(struct arena *a, struct str *out)
{
    struct buf text = { .max = 64 << 20 };
    char piece[4096];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, stdin)) > 0)
        buf_put(&text, piece, n);
    *out = buf_to_arena(&text, a);
    bool ok = !ferror(stdin) && !text.too_big;
    buf_free(&text);
    return ok;
}

static int run(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    struct session s = { .cli = cli, .o = options, .now = ticks_now() };
    struct err err = ERR_INIT;
    struct str text = str_z(nargs ? args[0] : NULL);
    int code;
    session_signals();
    if (s.o->now && !session_now(s.o->now, &s.now, &err))
        return cli_fail(cli, &err);
    if (!nargs && !s.o->batch) {
        err_set(&err, ERR_USAGE, "give a query, - for standard input, or --batch FILE");
        return cli_fail(cli, &err);
    }
    if (nargs && strcmp(args[0], "-") == 0 && !read_stdin(cli->arena, &text)) {
        err_set(&err, ERR_RUN, "cannot read the query from standard input");
        return cli_fail(cli, &err);
    }
    code = s.o->batch ? batch(&s) : one(&s, text);
    close_session(&s);
    return code;
}

const struct command cmd_kql = {
    .name = "kql",
    .args = "QUERY",
    .summary = "run a KQL query on files",
    .opts = opts,
    .nopts = sizeof opts / sizeof *opts,
    .size = sizeof(struct kql_opts),
    .min_args = 0,
    .max_args = 1,
    .run = run,
};
