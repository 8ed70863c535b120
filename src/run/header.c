/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header of a record: which playbook, with which parameters, by which program.
 */
#include "run_int.h"

#include <cjson/cJSON.h>

#include <openssl/crypto.h>
#include <string.h>

#include "hb/fs.h"
#include "hb/json.h"
#include "hb/net.h"
#include "hb/sha256.h"
#include "hb/vec.h"

static struct str *copy_list(struct arena *a, const passage_list *list, size_t *n)
{
    struct str *out = ARENA_ARRAY(a, list->n, struct str);
    for (size_t i = 0; i < list->n; i++)
        out[i] = list->items[i].s;
    *n = list->n;
    return out;
}

static void add_version(struct record *r, const char *name, struct str value)
{
    *VEC_PUSH(r->arena, r->versions, r->nversions,
              r->versions_cap) = (struct record_pair){ .name = str_z(name), .value = value };
}

void run_fill_versions(struct running *run)
{
    struct record *r = run->record;
    struct str gnuplot;
    struct err ignored = ERR_INIT;
    r->tool_version = STR(HB_VERSION);
    add_version(r, "huntbook", STR(HB_VERSION));
    add_version(r, "DuckDB", arena_str(run->arena, str_z(engine_version(run->engine))));
    add_version(r, "cJSON", arena_str(run->arena, str_z(cJSON_Version())));
    add_version(r, "libyaml", str_z(node_yaml_version()));
    add_version(r, "OpenSSL", str_z(OpenSSL_version(OPENSSL_VERSION_STRING)));
    const char *curl = str_eqz(r->source.kind, "files") ? NULL : http_library_version();
    if (curl)
        add_version(r, "libcurl", str_z(curl));
    if (chart_gnuplot_version(run->arena, &gnuplot, &ignored))
        add_version(r, "gnuplot", gnuplot);
}

struct str run_list_json(struct arena *a, const struct param_value *v)
{
    struct buf text = BUF_INIT;
    struct jw w;
    jw_init(&w, &text, false);
    jw_arr(&w);
    for (size_t i = 0; i < v->nlist; i++)
        jw_str(&w, v->list[i]);
    jw_end_arr(&w);
    struct str s = buf_to_arena(&text, a);
    buf_free(&text);
    return s;
}

static void fill_params(struct running *run)
{
    const struct playbook *p = run->options->playbook;
    struct record *r = run->record;
    struct buf text = BUF_INIT;
    r->params = ARENA_ARRAY(run->arena, p->params.n, struct record_param);
    r->nparams = p->params.n;
    for (size_t i = 0; i < p->params.n; i++) {
        const struct playbook_param *q = &p->params.items[i];
        buf_clear(&text);
        param_put_text(&text, &q->value);
        r->params[i] = (struct record_param){
            .name = q->name.s,
            .type = str_z(param_type_name((enum param_type)q->type)),
            .value = buf_to_arena(&text, run->arena),
            .description = q->description.s,
            .is_default = q->origin == PARAM_FROM_DEFAULT,
            .exact = q->value.type == PARAM_LIST ? run_list_json(run->arena, &q->value) : STR(""),
        };
    }
    buf_free(&text);
}

static const char *const hunt_names[] = { "", "hypothesis", "baseline", "model-assisted" };

void run_fill_facts(struct running *run)
{
    const struct run_options *o = run->options;
    const struct playbook *p = o->playbook;
    struct record *r = run->record;
    struct arena *a = run->arena;
    char hex[65];
    sha256_hex(p->source->text, hex);
    r->run_id = str_z(run->store->run_id);
    r->now = o->now;
    r->now_given = o->now_given;
    r->started = o->started;
    r->analyst = o->analyst;
    r->user = o->user;
    r->host = o->host;
    r->command_line = o->command_line;
    r->cwd = o->cwd;
    r->allow_partial = o->allow_partial;
    r->drawn_with = o->drawn_with;
    r->ndrawn_with = o->ndrawn_with;
    r->theme.name = o->theme.name;
    r->theme.sha256 = o->theme.sha256;
    r->theme.nfiles = o->theme.nfiles;
    r->theme.files = ARENA_ARRAY(a, o->theme.nfiles, struct str);
    for (size_t i = 0; i < o->theme.nfiles; i++)
        r->theme.files[i] = o->theme.files[i].name;
    if (o->since)
        r->since = (struct record_since){ .dir = fs_hide_home(a, o->home, str_z(o->since)),
                                          .keys = o->since_keys,
                                          .nkeys = o->nsince_keys };
    r->source.kind = o->source.kind;
    r->source.name = o->source.name;
    r->source.sample = o->source.sample;
    r->source.path = fs_hide_home(a, o->home, str_z(o->source.path));
    r->source.origin = fs_hide_home(a, o->home, o->source.origin);
    r->playbook.path = fs_hide_home(a, o->home, o->playbook_path);
    r->playbook.sha256 = arena_str(a, str_z(hex));
    r->playbook.id = p->id.s;
    r->playbook.name = p->name.s;
    r->playbook.version = p->version.s;
    r->playbook.author = p->author.s;
    r->playbook.tlp = str_z(tlp_name(p->tlp));
    r->playbook.tactics = copy_list(a, &p->tactics, &r->playbook.ntactics);
    r->playbook.techniques = copy_list(a, &p->techniques, &r->playbook.ntechniques);
    r->playbook.tags = copy_list(a, &p->tags, &r->playbook.ntags);
    r->playbook.references = copy_list(a, &p->references, &r->playbook.nreferences);
    r->playbook.hunt_kind = str_z(hunt_names[p->hunt.kind]);
    r->playbook.scope = p->hunt.scope.s;
    r->playbook.able.actor = p->hunt.able.actor.s;
    r->playbook.able.behavior = p->hunt.able.behavior.s;
    r->playbook.able.location = p->hunt.able.location.s;
    r->playbook.able.evidence = p->hunt.able.evidence.s;
    for (size_t i = 0; i < p->entities.n; i++)
        r->playbook.nmappings += p->entities.items[i].mappings.n;
    fill_params(run);
}

void run_environment_add(struct run_environment *e, const char *name)
{
    size_t at = 0;
    struct str s = str_z(name);
    while (at < e->n && str_cmp(e->names[at], s) < 0)
        at++;
    if (at < e->n && str_eq(e->names[at], s))
        return;
    VEC_PUSH(e->arena, e->names, e->n, e->cap);
    memmove(&e->names[at + 1], &e->names[at], (e->n - 1 - at) * sizeof *e->names);
    e->names[at] = arena_str(e->arena, s);
}

void run_hide_home(struct running *run)
{
    struct record *r = run->record;
    const char *home = run->options->home;
    r->source.detail = fs_hide_home(run->arena, home, r->source.detail);
    for (size_t i = 0; i < r->source.ntables; i++) {
        struct record_source_table *t = &r->source.tables[i];
        for (size_t k = 0; k < t->nfiles; k++)
            t->files[k].path = fs_hide_home(run->arena, home, t->files[k].path);
        for (size_t k = 0; k < t->nwarnings; k++)
            t->warnings[k] = fs_hide_home(run->arena, home, t->warnings[k]);
    }
}

bool run_fill_header(struct running *run, struct err *err)
{
    const struct run_options *o = run->options;
    const struct playbook *p = o->playbook;
    struct record *r = run->record;
    struct arena *a = run->arena;
    if (o->recorded_rows) { /* the prose may name tables of the source */
        r->playbook = o->evidence->playbook;
        return true;
    }
    struct cell_ctx ctx = { .arena = a,
                            .record = r,
                            .playbook = p,
                            .engine = run->engine,
                            .catalog = &run->catalog,
                            .kql = { .now = o->now, .stage = engine_stage, .stage_ctx = run->engine },
                            .diags = run->diags,
                            .remote = run_remote(run) };
    return cell_prose(&ctx, &p->description, &r->playbook.description, err) &&
           cell_prose(&ctx, &p->hunt.hypothesis, &r->playbook.hypothesis, err) &&
           cell_prose(&ctx, &p->hunt.rationale, &r->playbook.rationale, err) &&
           cell_prose(&ctx, &p->hunt.disproof, &r->playbook.disproof, err) &&
           cell_prose(&ctx, &p->hunt.false_positives, &r->playbook.false_positives, err) &&
           cell_prose(&ctx, &p->hunt.next_steps, &r->playbook.next_steps, err);
}
