/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of plugins: what `evaluate` may call. A row without a function is a plugin we know and do not support; its help
 * says why, in docs/KQL.md and in the error.
 *
 * To add one: a row here, its function beside its like (ops_stage.c, plugins.c, sequence.c, mine.c, funnel.c), a case under
 * tests/kql/evaluate/.
 */
#include "bound.h"

/* clang-format off */
const struct kql_plugin kql_plugins[] = {
    { "bag_unpack", bind_bag_unpack, "members of a bag as columns" },
    { "pivot", bind_pivot, "values of a column as columns" },
    { "narrow", bind_narrow, "a row for each cell" },
    { "ipv4_lookup", bind_ip_lookup, "columns of the networks that hold an address" },
    { "ipv6_lookup", bind_ip_lookup, "the same for IPv6" },
    { "rows_near", bind_rows_near, "rows near those where a condition holds" },
    { "schema_merge", bind_text_plugin, "schemas as one" },
    { "preview", bind_text_plugin, "the first rows; their number, a second result there, is not given" },
    { "dcount_intersect", bind_dcount_intersect, "values that several hll() share; exact" },
    { "rolling_percentile", bind_text_plugin, "percentile over the bins before" },
    { "sequence_detect", bind_sequence_detect, "rows in which conditions follow each other" },
    { "funnel_sequence", bind_funnel_sequence, "what comes before and behind a sequence of states: the first of its three tables. Rows of an id with the same state behind each other count as one, and the states of the sequence follow each other directly" },
    { "funnel_sequence_completion", bind_funnel_completion, "how many get how far in a sequence of states, by the time it may take" },
    { "session_count", bind_text_plugin, "sessions in each bin" },
    { "sliding_window_counts", bind_text_plugin, "counts over the bins before" },
    { "active_users_count", bind_text_plugin, "ids seen in enough periods before" },
    { "activity_counts_metrics", bind_text_plugin, "ids in each window, and those that are new" },
    { "activity_engagement", bind_text_plugin, "ids of a short window among those of a long one" },
    { "activity_metrics", bind_text_plugin, "ids that stay, come and go, window by window" },
    { "new_activity_metrics", bind_text_plugin, "ids of each cohort that stay, window by window" },
    { "basket", bind_mining, "frequent combinations of values. Exact where Kusto samples; a pattern has every value that its rows share; `dims` counts those that the others do not imply. Real weights count in thousandths" },
    { "autocluster", bind_mining, "a few patterns that hold much of the rows and say much about them: at least 5 % each, 5 % of them in no pattern before. Worth is share^w * interest^(1-w), interest being over all fixed columns the part of the rows with another value there, by the number of columns. Differs from Kusto, whose algorithm is not published, in which patterns are chosen" },
    { "diffpatterns", bind_mining, "patterns whose shares of two sets differ most: no value more or less would make the difference larger. Differs from Kusto, whose algorithm is not published, in which patterns are chosen" },
    { "diffpatterns_text", bind_mining, "the same for the first words of texts" },
    { "geo_line_lookup", bind_geo_lookup, "rows of a table whose line is within metres of a place" },
    { "geo_polygon_lookup", bind_geo_lookup, "rows of a table whose polygon holds a place, or is within metres of it" },
    { "infer_storage_schema", NULL, "reads files of a cloud" },
    { "infer_storage_schema_with_suggestions", NULL, "reads files of a cloud" },
    { "python", NULL, "runs a program" },
    { "r", NULL, "runs a program" },
    { "ai_chat_completion", NULL, "calls a service" },
    { "ai_chat_completion_prompt", NULL, "calls a service" },
    { "ai_embeddings", NULL, "calls a service" },
    { "azure_digital_twins_query_request", NULL, "calls a service" },
    { "cosmosdb_sql_request", NULL, "calls a service" },
    { "http_request", NULL, "calls a service" },
    { "http_request_post", NULL, "calls a service" },
    { "mysql_request", NULL, "calls a service" },
    { "postgresql_request", NULL, "calls a service" },
    { "sql_request", NULL, "calls a service" },
};
/* clang-format on */
const size_t kql_nplugins = sizeof kql_plugins / sizeof *kql_plugins;

static struct brel *no_plugin(struct binder *b, const struct kql_name *name, const struct kql_plugin *known)
{
    if (known) {
        bind_error(b, name->node.span, NULL, "plugin '%s' is not supported: it %s", known->name, known->help);
        return rel_open(b, name->node.span);
    }
    struct str *names = ARENA_ARRAY(b->a, kql_nplugins, struct str);
    size_t n = 0;
    for (size_t i = 0; i < kql_nplugins; i++)
        if (kql_plugins[i].bind)
            names[n++] = str_z(kql_plugins[i].name);
    struct str near = str_nearest(name->name, names, n);
    bind_error(b, name->node.span, near.n ? arena_printf(b->a, "did you mean '%.*s'?", STR_ARG(near)) : NULL,
               "unknown plugin '%.*s'", STR_ARG(name->name));
    return rel_open(b, name->node.span);
}

struct brel *op_evaluate(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_op_evaluate *ev = (const struct kql_op_evaluate *)op;
    const struct kql_plugin *p = NULL;
    if (!in)
        in = rel_one(b, op->node.span);
    if (in->open)
        return in;
    for (size_t i = 0; i < kql_nplugins && !p; i++)
        if (str_eqz(ev->call->name->name, kql_plugins[i].name))
            p = &kql_plugins[i];
    return p && p->bind ? p->bind(b, in, ev) : no_plugin(b, ev->call->name, p);
}
