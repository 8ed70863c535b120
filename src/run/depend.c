/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the result of a cell depends on, as named parts: the same parts, the same result.
 *
 * Parts are found by the names in the cell's texts, so a cell that does not ask for the time does not depend on the clock.
 * Invariant: too many parts cost a run of the cell, a missing one costs the truth; where a text does not tell, the part is there.
 */
#include "run_int.h"

#include <link.h>
#include <string.h>

#include "hb/sha256.h"
#include "hb/ticks.h"
#include "hb/vec.h"

/* ---- the program ---- */

enum { BUILD_MAX = 64 };

struct build {
    char hex[2 * BUILD_MAX + 1];
};

static void put_hex(struct build *b, const unsigned char *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n && i < BUILD_MAX; i++) {
        b->hex[2 * i] = digits[bytes[i] >> 4];
        b->hex[2 * i + 1] = digits[bytes[i] & 15];
    }
}

static size_t padded(size_t n)
{
    return (n + 3) & ~(size_t)3;
}

/* A note: sizes of name and description, type, then both, each padded to four bytes. */
static bool find_note(const unsigned char *at, size_t n, struct build *b)
{
    while (n >= 12) {
        uint32_t head[3];
        memcpy(head, at, sizeof head);
        size_t name = padded(head[0]), desc = padded(head[1]);
        if (name > n - 12 || desc > n - 12 - name)
            return false;
        if (head[2] == NT_GNU_BUILD_ID && head[0] == 4 && memcmp(at + 12, "GNU", 4) == 0) {
            put_hex(b, at + 12 + name, head[1]);
            return true;
        }
        at += 12 + name + desc;
        n -= 12 + name + desc;
    }
    return false;
}

/* The first object is the program itself. */
static int look_at_object(struct dl_phdr_info *info, size_t size, void *ctx)
{
    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        if (h->p_type == PT_NOTE &&
            find_note((const unsigned char *)(info->dlpi_addr + h->p_vaddr), (size_t)h->p_memsz, ctx))
            break;
    }
    return 1;
}

/* Two builds of one version may not compute the same: the linker's build id tells them apart. */
static struct str program(struct arena *a)
{
    struct build b = { "" };
    dl_iterate_phdr(look_at_object, &b);
    return arena_strf(a, "%s%s%.16s", HB_VERSION, b.hex[0] ? " build " : "", b.hex);
}

/* ---- the names in a cell's texts ---- */

struct names {
    struct arena *arena;
    struct str *items;
    size_t n, cap;
    bool clock;
};

static void see(void *ctx, enum plan_text kind, const struct passage *text)
{
    struct names *names = ctx;
    struct source part = { STR("query"), text->s };
    struct diags ignored;
    if (kind == PLAN_CELL)
        return;
    diags_init(&ignored, names->arena);
    struct kql_ast *ast = kind == PLAN_QUERY ? kql_parse(names->arena, &part, &ignored)
                                             : kql_parse_expr(names->arena, &part, &ignored);
    struct kql_refs refs = kql_references(names->arena, ast);
    for (size_t i = 0; i < refs.n; i++) {
        if (refs.items[i].kind == KQL_REF_CLOCK)
            names->clock = true;
        *VEC_PUSH(names->arena, names->items, names->n, names->cap) = refs.items[i].name;
    }
}

static bool named(const struct names *names, struct str name)
{
    for (size_t i = 0; i < names->n; i++)
        if (str_eq(names->items[i], name))
            return true;
    return false;
}

/* ---- parts ---- */

struct parts {
    struct running *run;
    size_t i; /* the cell */
    struct names names;
    struct record_pair *items;
    size_t n, cap;
    bool unknown; /* one of them cannot be known yet */
};

static void part(struct parts *p, struct str name, struct str value)
{
    *VEC_PUSH(p->run->arena, p->items, p->n, p->cap) = (struct record_pair){ .name = name, .value = value };
}

static struct str hash_of(struct arena *a, const struct buf *text)
{
    char hex[65];
    sha256_hex(buf_view(text), hex);
    return arena_str(a, str_z(hex));
}

static struct str version_of(const struct record *r, const char *name)
{
    for (size_t i = 0; i < r->nversions; i++)
        if (str_eqz(r->versions[i].name, name))
            return r->versions[i].value;
    return STR("");
}

/* Is word in text as a whole name? Not so `rand` in `random_state`. */
static bool names(struct str text, struct str word)
{
    for (size_t at = 0; (at = str_find(text, word, at)) != SIZE_MAX; at++)
        if ((at == 0 || !char_is_word(text.p[at - 1])) &&
            (at + word.n == text.n || !char_is_word(text.p[at + word.n])))
            return true;
    return false;
}

static void text_and_tools(struct parts *p)
{
    struct running *run = p->run;
    struct buf text = BUF_INIT;
    const struct playbook_cell *spec = run->plan.cells[p->i].spec;
    playbook_dump_cell(&text, spec);
    part(p, STR("text"), hash_of(run->arena, &text));
    part(p, STR("huntbook"), program(run->arena));
    part(p, STR("DuckDB"), version_of(run->record, "DuckDB"));
    if (str_eqz(spec->type.s, "chart") || str_find(buf_view(&text), STR("render"), 0) != SIZE_MAX)
        part(p, STR("gnuplot"), version_of(run->record, "gnuplot"));
    /* A run that is continued keeps what chance gave it, another one rolls the dice again. */
    if (names(buf_view(&text), STR("rand")) || names(buf_view(&text), STR("new_guid")))
        part(p, STR("chance"), run->record->run_id);
    buf_free(&text);
}

static struct str clock_text(struct arena *a, int64_t now)
{
    struct buf b = BUF_INIT;
    ticks_put_iso(&b, now);
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    return s;
}

static void parameters(struct parts *p)
{
    const struct playbook *book = p->run->options->playbook;
    struct buf value = BUF_INIT;
    for (size_t i = 0; i < book->params.n; i++) {
        const struct playbook_param *q = &book->params.items[i];
        if (!named(&p->names, q->name.s))
            continue;
        buf_clear(&value);
        if (q->value.set)
            param_put_kql(&value, &q->value);
        part(p, arena_strf(p->run->arena, "parameter %.*s", STR_ARG(q->name.s)),
             buf_to_arena(&value, p->run->arena));
    }
    buf_free(&value);
}

static void table(struct parts *p, const struct record_source_table *t)
{
    struct buf files = BUF_INIT;
    for (size_t i = 0; i < t->nfiles; i++)
        buf_printf(&files, "%s%.*s", i ? " " : "", STR_ARG(t->files[i].sha256));
    part(p, arena_strf(p->run->arena, "table %.*s", STR_ARG(t->name)), buf_to_arena(&files, p->run->arena));
    buf_free(&files);
}

/*
 * Files are what they hold; a service is its name and what it says it is, and answers as of its clock. Events reach it late, so
 * the same question may have another answer by now: only the run that asked, when it is continued, may keep what it heard.
 */
static void source(struct parts *p)
{
    const struct record *r = p->run->record;
    const struct plan_cell *c = &p->run->plan.cells[p->i];
    bool files = str_eqz(r->source.kind, "files"), run = named(&p->names, STR("run"));
    bool reads = c->any_table || c->ntables;
    if (run || (reads && !files))
        part(p, STR("source"),
             arena_strf(p->run->arena, "%.*s %.*s%s %.*s", STR_ARG(r->source.kind), STR_ARG(r->source.name),
                        r->source.sample ? " sample" : "", files ? 0 : (int)r->source.detail.n,
                        r->source.detail.p ? r->source.detail.p : ""));
    if (run)
        part(p, STR("analyst"), r->analyst);
    if (run || p->names.clock || (reads && !files))
        part(p, STR("clock"), clock_text(p->run->arena, r->now));
    if (reads && !files)
        part(p, STR("the run that asked"), r->run_id);
    if (reads && r->allow_partial)
        part(p, STR("unreadable rows"), STR("left out"));
    for (size_t i = 0; i < r->source.ntables; i++) {
        struct str name = r->source.tables[i].name;
        bool read = c->any_table || (c->databases && kql_of_database(name));
        for (size_t k = 0; k < c->ntables && !read; k++)
            read = str_eq(c->tables[k], name);
        if (read)
            table(p, &r->source.tables[i]);
    }
}

static void cell(struct parts *p, size_t k)
{
    const struct record_cell *c = run_state_of(p->run, k);
    struct str id = p->run->record->cells[k].id;
    p->unknown |= !c;
    struct str struck = STR("");
    for (size_t i = 0; c && i < c->review.nstrikes; i++)
        struck = arena_strf(p->run->arena, "%.*s struck %.*s", STR_ARG(struck),
                            STR_ARG(c->review.strikes[i].rows));
    part(p, arena_strf(p->run->arena, "cell %.*s", STR_ARG(id)),
         c ? arena_strf(p->run->arena, "%s %lld %.*s%.*s", record_status_name(c->status), (long long)c->rows,
                        STR_ARG(c->fingerprint), STR_ARG(struck))
           : STR("runs again"));
}

/* What the texts may see of other cells: those they read; all earlier ones if they speak of `cells` or read any table. */
static void cells(struct parts *p)
{
    const struct plan_cell *c = &p->run->plan.cells[p->i];
    bool all = c->any_table || named(&p->names, STR("cells"));
    for (size_t k = 0; all && k < p->i; k++)
        cell(p, k);
    for (size_t k = 0; !all && k < c->nreads; k++)
        cell(p, c->reads[k]);
}

/* The entities of a finding are what entityMappings say. */
static void entities(struct parts *p)
{
    const struct playbook *book = p->run->options->playbook;
    struct buf text = BUF_INIT;
    if (p->run->plan.cells[p->i].spec->finding.n == 0)
        return;
    for (size_t i = 0; i < book->entities.n; i++) {
        const struct playbook_entity *e = &book->entities.items[i];
        buf_printf(&text, "%.*s\n", STR_ARG(e->type.s));
        for (size_t k = 0; k < e->mappings.n; k++)
            buf_printf(&text, "\t%.*s\t%.*s\n", STR_ARG(e->mappings.items[k].identifier.s),
                       STR_ARG(e->mappings.items[k].column.s));
    }
    if (text.n)
        part(p, STR("entityMappings"), hash_of(p->run->arena, &text));
    buf_free(&text);
}

bool run_depends(struct running *run, size_t i, struct record_cell *out)
{
    struct parts p = { .run = run, .i = i, .names = { .arena = run->arena } };
    plan_walk(run->plan.cells[i].spec, see, &p.names);
    text_and_tools(&p);
    source(&p);
    parameters(&p);
    cells(&p);
    entities(&p);
    out->depends = p.items;
    out->ndepends = p.n;
    out->key = p.unknown ? STR("") : record_key(run->arena, p.items, p.n);
    return !p.unknown;
}
