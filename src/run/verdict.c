/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts on a cell's result: what was expected of it, and whether it is a finding.
 */
#include "run_int.h"

#include "hb/vec.h"

/* Indexed by enum expect_severity and enum severity. */
static const char *const expect_names[] = { "fail", "fail", "warn", "info" };
static const char *const severity_names[] = { "medium", "informational", "low", "medium", "high" };

bool run_expect(struct cell_ctx *ctx, const struct playbook_expect *want, struct record_expectation *out,
                struct err *err)
{
    struct err problem = ERR_INIT;
    *out = (struct record_expectation){ .that = want->that.s,
                                        .severity = str_z(expect_names[want->severity]),
                                        .message = want->message.s };
    if (cell_eval_bool(ctx, &want->that, &out->passed, &problem))
        return true;
    out->error = arena_str(ctx->arena, str_z(problem.text));
    if (problem.kind == ERR_INTERRUPT)
        *err = problem;
    return problem.kind != ERR_INTERRUPT;
}

static bool judge_expectations(struct cell_ctx *ctx, struct err *err)
{
    bool ok = true;
    struct record_cell *c = ctx->out;
    for (size_t i = 0; i < ctx->spec->expect.n; i++) {
        const struct playbook_expect *want = &ctx->spec->expect.items[i];
        struct record_expectation *e = VEC_PUSH(ctx->arena, c->expects, c->nexpects, c->expects_cap);
        if (!run_expect(ctx, want, e, err))
            return false;
        if (e->passed || want->severity == EXPECT_WARN || want->severity == EXPECT_INFO)
            continue;
        if (ok)
            err_set(err, ERR_RUN, "expected %.*s%s%.*s%s%.*s", STR_ARG(e->that), e->message.n ? ": " : "",
                    STR_ARG(e->message), e->error.n ? "; " : "", STR_ARG(e->error));
        ok = false;
    }
    return ok;
}

static struct str *copy_techniques(struct arena *a, const passage_list *list)
{
    struct str *out = ARENA_ARRAY(a, list->n, struct str);
    for (size_t i = 0; i < list->n; i++)
        out[i] = list->items[i].s;
    return out;
}

static bool judge_findings(struct cell_ctx *ctx, struct err *err)
{
    struct record_cell *c = ctx->out;
    for (size_t i = 0; i < ctx->spec->finding.n; i++) {
        const struct playbook_finding *f = &ctx->spec->finding.items[i];
        struct record_finding *out = VEC_PUSH(ctx->arena, c->findings, c->nfindings, c->findings_cap);
        *out = (struct record_finding){
            .title = f->title.s,
            .severity = str_z(severity_names[f->severity]),
            .when = f->when.s,
            .techniques = copy_techniques(ctx->arena, &f->techniques),
            .ntechniques = f->techniques.n,
            .rows = c->rows,
        };
        if (!cell_eval_bool(ctx, &f->when, &out->open, err) ||
            !cell_prose(ctx, &f->description, &out->description, err))
            return err_wrap(err, "finding '%.*s'", STR_ARG(f->title.s));
        if (out->open && !run_finding_facts(ctx, out, err))
            return false;
    }
    return true;
}

bool run_judge(struct cell_ctx *ctx, struct err *err)
{
    /* Both are looked at whatever the first says: a report with a missed expectation still shows its
     * findings. */
    struct err second = ERR_INIT;
    bool expected = judge_expectations(ctx, err);
    bool found = judge_findings(ctx, expected ? err : &second);
    return expected && found;
}
