/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forest against scikit-learn, bottom-up: streams, choices, seeds, whole trees, then scores and flags.
 *
 * tests/analysis/ holds small vectors of our own (made with scikit-learn 1.2.1);
 * HUNTBOOK_SHARED/isolation-forest the long list. Both have one form: params, columns, expected. To add a
 * vector, add a file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../../src/analysis/analysis_int.h"
#include "hb/fs.h"
#include "hb/json.h"

static struct arena *arena;
static struct err err;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(0, "a test");
    err = (struct err)ERR_INIT;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static cJSON *load(const char *dir, const char *name)
{
    struct str text;
    char *path = fs_join(arena, dir, name);
    if (!fs_read(arena, path, 64 << 20, &text, &err))
        fail_msg("%s", err.text);
    cJSON *root = json_parse(text, &err);
    if (!root)
        fail_msg("%s: %s", path, err.text);
    return root;
}

/* NULL, and a visible line, when the vectors are not there. */
static const char *shared_vectors(void)
{
    const char *shared = getenv("HUNTBOOK_SHARED");
    if (!shared || !*shared) {
        puts("skipped: HUNTBOOK_SHARED is not set");
        return NULL;
    }
    return fs_join(arena, shared, "isolation-forest");
}

static double num(const cJSON *o, const char *key)
{
    const cJSON *v = json_get(o, key);
    assert_true(cJSON_IsNumber(v));
    return v->valuedouble;
}

static uint32_t num_u32(const cJSON *o, const char *key)
{
    return (uint32_t)num(o, key);
}

static double *num_array(const cJSON *array, size_t *n)
{
    *n = (size_t)cJSON_GetArraySize(array);
    double *v = ARENA_ARRAY(arena, *n, double);
    size_t i = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, array) v[i++] = cJSON_IsNull(item) ? (double)NAN : item->valuedouble;
    return v;
}

/* -- a vector as a feature set and parameters -- */

static struct iforest_amount amount(const cJSON *v)
{
    if (cJSON_IsString(v))
        return (struct iforest_amount){ .kind = IFOREST_AUTO };
    /* The text tells 1 from 1.0, the parser does not: in the vectors a fraction is at most 1, a count more
     * than 1. */
    if (v->valuedouble <= 1)
        return (struct iforest_amount){ .kind = IFOREST_FRACTION, .fraction = v->valuedouble };
    return (struct iforest_amount){ .kind = IFOREST_COUNT, .count = (int64_t)v->valuedouble };
}

static struct iforest_params params_of(const cJSON *root)
{
    const cJSON *p = json_get(root, "params"), *contamination = json_get(p, "contamination");
    struct iforest_params out = IFOREST_PARAMS_INIT;
    out.n_estimators = (int64_t)num(p, "n_estimators");
    out.max_samples = amount(json_get(p, "max_samples"));
    out.max_features = amount(json_get(p, "max_features"));
    out.contamination_auto = cJSON_IsString(contamination);
    out.contamination = contamination->valuedouble;
    out.bootstrap = json_get_bool(p, "bootstrap", false);
    out.random_state = (int64_t)num(p, "random_state");
    return out;
}

/* Columns of numbers through the encoder, so that keys and encodings are tested with it. */
static struct feature_set number_features(const cJSON *root)
{
    const cJSON *columns = json_get(root, "columns"), *column;
    size_t d = (size_t)cJSON_GetArraySize(columns), nrows = (size_t)num(root, "rows"), j = 0;
    struct table *t = table_new(arena, d, nrows);
    size_t *index = ARENA_ARRAY(arena, d, size_t);
    enum encoding *encodings = ARENA_ARRAY(arena, d, enum encoding);
    cJSON_ArrayForEach(column, columns)
    {
        size_t n;
        table_set_column(t, j, arena_strf(arena, "c%zu", j), HB_REAL);
        double *v = num_array(column, &n);
        assert_int_equal(n, nrows);
        memcpy(t->cols[j].v.f, v, n * sizeof *v);
        index[j] = j;
        encodings[j++] = ENCODE_NUMBER;
    }
    struct feature_set fs;
    if (!features_from_table(arena, t, index, encodings, d, &fs, &err))
        fail_msg("%s", err.text);
    return fs;
}

static struct feature_set label_features(const cJSON *labels)
{
    size_t n = (size_t)cJSON_GetArraySize(labels), i = 0, zero = 0;
    struct table *t = table_new(arena, 1, n);
    table_set_column(t, 0, STR("name"), HB_STRING);
    const cJSON *item;
    cJSON_ArrayForEach(item, labels) t->cols[0].v.s[i++] = str_z(item->valuestring);
    struct feature_set fs;
    enum encoding label = ENCODE_LABEL;
    if (!features_from_table(arena, t, &zero, &label, 1, &fs, &err))
        fail_msg("%s", err.text);
    return fs;
}

/* Row of the vector's expectation for key `key` (form by_row: any row with the key; by_value: place of its
 * value). */
static size_t *expected_rows(const cJSON *expected, const struct feature_set *fs)
{
    size_t *row = ARENA_ARRAY(arena, fs->nkeys, size_t), n;
    const cJSON *values = json_get(expected, "values");
    if (!values) {
        for (size_t i = 0; i < fs->nrows; i++)
            row[fs->key_of_row[i]] = i;
        return row;
    }
    double *v = num_array(values, &n);
    assert_int_equal(n, fs->nkeys);
    for (size_t key = 0; key < fs->nkeys; key++) {
        size_t i = 0;
        while (v[i] != (double)fs->values[key])
            i++;
        row[key] = i;
    }
    return row;
}

static void check_close(const char *what, double got, double want)
{
    if (!(fabs(got - want) <= 1e-12))
        fail_msg("%s: got %.17g, want %.17g", what, got, want);
}

static void check_forest(const cJSON *root, const struct feature_set *fs, int threads)
{
    const cJSON *expected = json_get(root, "expected");
    struct iforest_params p = params_of(root);
    struct iforest_result r;
    p.threads = threads;
    if (!iforest_run(arena, fs, &p, NULL, &r, &err))
        fail_msg("%s", err.text);
    size_t n;
    double *score = num_array(json_get(expected, "score_samples"), &n);
    double *decision = num_array(json_get(expected, "decision_function"), &n);
    double *flag = num_array(json_get(expected, "flags"), &n);
    size_t *row = expected_rows(expected, fs);
    for (size_t key = 0; key < fs->nkeys; key++) {
        check_close("score", r.score[key], score[row[key]]);
        check_close("decision", r.decision[key], decision[row[key]]);
        assert_int_equal(r.flag[key], (int)flag[row[key]]);
    }
    check_close("offset", r.offset, num(expected, "offset"));
    assert_int_equal(r.anomalies, (int64_t)num(expected, "anomalies"));
    assert_int_equal(r.max_samples, (size_t)num(expected, "max_samples"));
}

static void check_folder(const char *dir, bool (*want)(struct str))
{
    struct str *names;
    size_t n, done = 0;
    if (!fs_list(arena, dir, &names, &n, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < n; i++) {
        if (!want(names[i]))
            continue;
        cJSON *root = load(dir, names[i].p);
        struct feature_set fs = number_features(root);
        for (int threads = 1; threads <= 3; threads++)
            check_forest(root, &fs, threads);
        const cJSON *labels = json_get(root, "labels");
        if (labels) {
            fs = label_features(labels);
            check_forest(root, &fs, 2);
        }
        cJSON_Delete(root);
        done++;
    }
    assert_true(done > 0);
}

static bool is_json(struct str name)
{
    return str_ends(name, STR(".json"));
}

static bool is_vector(struct str name)
{
    return is_json(name) && str_starts(name, STR("d"));
}

static void test_own_vectors(void **state)
{
    (void)state;
    check_folder("tests/analysis", is_json);
}

static void test_shared_vectors(void **state)
{
    (void)state;
    const char *dir = shared_vectors();
    if (!dir)
        skip();
    check_folder(dir, is_vector);
}

/* -- building blocks -- */

static void check_streams(const cJSON *root)
{
    const cJSON *item, *value;
    cJSON_ArrayForEach(item, json_get(root, "mt19937_words"))
    {
        struct mt r;
        mt_seed(&r, (uint32_t)strtoul(item->string, NULL, 10));
        cJSON_ArrayForEach(value, item) assert_int_equal(mt_word(&r), (uint32_t)value->valuedouble);
    }
    cJSON_ArrayForEach(item, json_get(root, "uniform"))
    {
        struct mt r;
        mt_seed(&r, (uint32_t)strtoul(item->string, NULL, 10));
        cJSON_ArrayForEach(value, item) assert_true(mt_real(&r) == value->valuedouble);
    }
    cJSON_ArrayForEach(item, json_get(root, "randint_2147483647"))
    {
        struct mt r;
        mt_seed(&r, (uint32_t)strtoul(item->string, NULL, 10));
        cJSON_ArrayForEach(value, item)
            assert_int_equal(mt_upto(&r, SEED_BOUND - 1), (uint32_t)value->valuedouble);
    }
    cJSON_ArrayForEach(item, json_get(root, "randint_below"))
    {
        struct mt r;
        mt_seed(&r, num_u32(item, "seed"));
        cJSON_ArrayForEach(value, json_get(item, "draws"))
            assert_int_equal(mt_upto(&r, (uint32_t)(num(item, "bound") - 1)), (uint32_t)value->valuedouble);
    }
    cJSON_ArrayForEach(item, json_get(root, "splitter_stream"))
    {
        struct xorshift r = { num_u32(item, "state") };
        assert_int_equal(xorshift_next(&r), num_u32(item, "first_output"));
    }
}

static void check_choices(const cJSON *root)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, json_get(root, "permutation"))
    {
        struct mt r;
        size_t n;
        double *want = num_array(json_get(item, "result"), &n);
        uint32_t *got = ARENA_ARRAY(arena, n, uint32_t);
        mt_seed(&r, num_u32(item, "seed"));
        mt_permutation(&r, got, (uint32_t)n);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(got[i], (uint32_t)want[i]);
    }
    cJSON_ArrayForEach(item, json_get(root, "sample_without_replacement"))
    {
        struct mt r;
        size_t nset;
        uint32_t n = num_u32(item, "n"), k = num_u32(item, "k");
        double *want = num_array(json_get(item, "set"), &nset);
        uint32_t *got = ARENA_ARRAY(arena, k, uint32_t), *spare = ARENA_ARRAY(arena, k, uint32_t);
        mt_seed(&r, num_u32(item, "seed"));
        mt_choose(&r, n, k, got, ARENA_ARRAY(arena, mt_choose_scratch(n, k), uint32_t));
        sort_u32(got, spare, k);
        assert_int_equal(nset, k);
        for (size_t i = 0; i < k; i++)
            assert_int_equal(got[i], (uint32_t)want[i]);
    }
}

static void check_numbers(const cJSON *root)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, json_get(root, "average_path_length"))
        check_close("c(r)", path_length((uint32_t)strtoul(item->string, NULL, 10)), item->valuedouble);
    cJSON_ArrayForEach(item, json_get(root, "percentile"))
    {
        size_t n;
        double *v = num_array(json_get(item, "values"), &n);
        double got = stats_percentile(arena, v, n, num(item, "q") / 100.0);
        assert_true(got == num(item, "result"));
    }
}

static void check_tree_seeds(const cJSON *root)
{
    const cJSON *item;
    struct mt forest, tree, splitter;
    uint32_t last = 0;
    cJSON_ArrayForEach(item, json_get(root, "tree_seeds"))
    {
        uint32_t random_state = num_u32(item, "random_state");
        if (item == json_get(root, "tree_seeds")->child || random_state != last)
            mt_seed(&forest, random_state);
        last = random_state;
        uint32_t seed = mt_upto(&forest, SEED_BOUND - 1);
        assert_int_equal(seed, num_u32(item, "estimator_seed"));
        mt_seed(&tree, seed);
        uint32_t tree_seed = mt_upto(&tree, SEED_BOUND - 1);
        assert_int_equal(tree_seed, num_u32(item, "tree_seed"));
        mt_seed(&splitter, tree_seed);
        assert_int_equal(mt_upto(&splitter, SEED_BOUND - 1), num_u32(item, "splitter_state"));
    }
}

static void check_tree(const cJSON *want, const struct tree *t)
{
    size_t n;
    double *left = num_array(json_get(want, "left"), &n), *right = num_array(json_get(want, "right"), &n);
    double *threshold = num_array(json_get(want, "threshold"), &n),
           *rows = num_array(json_get(want, "rows"), &n);
    assert_int_equal(t->nnodes, n);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(t->nodes[i].rows, (uint32_t)rows[i]);
        assert_int_equal(node_is_leaf(t, i), left[i] < 0);
        if (node_is_leaf(t, i))
            continue;
        assert_int_equal(t->nodes[i].child[0], (uint32_t)left[i]);
        assert_int_equal(t->nodes[i].child[1], (uint32_t)right[i]);
        assert_true(t->nodes[i].threshold == threshold[i]);
    }
}

/* A forest by hand, so that whole trees can be looked at: all columns, no bootstrap, defaults. */
static struct forest default_forest(const struct feature_set *fs, uint32_t random_state, size_t ntrees)
{
    struct forest f = { .fs = fs, .n = (uint32_t)fs->nrows, .m = 256, .d = 1, .k = 1, .depth_limit = 8 };
    uint32_t *seeds = ARENA_ARRAY(arena, ntrees, uint32_t);
    double *y = ARENA_ARRAY(arena, fs->nrows, double), *c = ARENA_ARRAY(arena, 257, double);
    struct mt r;
    mt_seed(&r, random_state);
    for (size_t i = 0; i < ntrees; i++)
        seeds[i] = mt_upto(&r, SEED_BOUND - 1);
    mt_seed(&r, random_state);
    for (size_t i = 0; i < fs->nrows; i++)
        y[i] = mt_real(&r);
    for (uint32_t i = 0; i <= 256; i++)
        c[i] = path_length(i);
    f.seeds = seeds;
    f.y = y;
    f.path_length = c;
    return f;
}

static void check_trees(const char *dir, const cJSON *root)
{
    char *name = arena_printf(arena, "%.*s.json", STR_ARG(json_get_str(root, "trees_of")));
    cJSON *vector = load(dir, name);
    struct feature_set fs = number_features(vector);
    struct forest f = default_forest(&fs, 42, 100);
    struct grower g;
    grower_init(&g, arena, &f);
    const cJSON *item;
    cJSON_ArrayForEach(item, json_get(root, "trees"))
    {
        struct tree t = { .nodes = ARENA_ARRAY(arena, 512, struct node) };
        tree_grow(&f, &g, (size_t)num(item, "index"), &t);
        check_tree(item, &t);
    }
    cJSON_Delete(vector);
}

static void test_primitives(void **state)
{
    (void)state;
    const char *dir = shared_vectors();
    if (!dir)
        skip();
    cJSON *root = load(dir, "primitives.json");
    check_streams(root);
    check_choices(root);
    check_numbers(root);
    check_tree_seeds(root);
    check_trees(dir, root);
    cJSON_Delete(root);
}

/* The published first outputs of MT19937 for seed 5489. */
static void test_twister(void **state)
{
    (void)state;
    struct mt r;
    mt_seed(&r, 5489);
    assert_int_equal(mt_word(&r), 3499211612u);
    assert_int_equal(mt_word(&r), 581869302u);
    for (int i = 2; i < 9999; i++)
        mt_word(&r);
    assert_int_equal(mt_word(&r), 4123659995u);
    uint32_t before = r.state[0];
    assert_int_equal(mt_upto(&r, 0), 0);
    assert_int_equal(r.state[0], before);
}

/* -- parameters, data and reasons -- */

static struct feature_set two_names(size_t nrows, size_t nrare)
{
    struct table *t = table_new(arena, 2, nrows);
    static const size_t index[] = { 0, 1 };
    static const enum encoding encodings[] = { ENCODE_FREQUENCY, ENCODE_NUMBER };
    table_set_column(t, 0, STR("name"), HB_STRING);
    table_set_column(t, 1, STR("port"), HB_LONG);
    for (size_t i = 0; i < nrows; i++) {
        t->cols[0].v.s[i] = i < nrare ? STR("im\xe2\x80\xaeplant") : STR("browser");
        t->cols[1].v.i[i] = (int64_t)(i * 7919 % 100);
    }
    struct feature_set fs;
    if (!features_from_table(arena, t, index, encodings, 2, &fs, &err))
        fail_msg("%s", err.text);
    return fs;
}

static void test_bad_parameters(void **state)
{
    (void)state;
    struct feature_set fs = two_names(50, 1);
    static const struct {
        struct iforest_params p;
        const char *text;
    } cases[] = {
        { { .contamination = 0.1 }, "'n_estimators' is 0" },
        { { .n_estimators = 1, .contamination = 0.6 }, "'contamination' is 0.6" },
        { { .n_estimators = 1, .contamination = 0 }, "'contamination' is 0" },
        { { .n_estimators = 1, .contamination = 0.1, .random_state = -1 }, "'random_state' is -1" },
        { { .n_estimators = 1,
            .contamination = 0.1,
            .max_samples = { .kind = IFOREST_FRACTION, .fraction = 0.001 } },
          "is no row" },
        { { .n_estimators = 1, .contamination = 0.1, .max_samples = { .kind = IFOREST_COUNT } },
          "'max_samples' is 0" },
        { { .n_estimators = 1, .contamination = 0.1, .max_features = { .kind = IFOREST_COUNT, .count = 3 } },
          "'max_features' is 3, but there are 2" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct iforest_result r;
        err = (struct err)ERR_INIT;
        assert_false(iforest_run(arena, &fs, &cases[i].p, NULL, &r, &err));
        assert_int_equal(err.kind, ERR_USAGE);
        if (!strstr(err.text, cases[i].text))
            fail_msg("'%s' is not in '%s'", cases[i].text, err.text);
    }
}

static void test_stop(void **state)
{
    (void)state;
    struct feature_set fs = two_names(500, 1);
    struct iforest_params p = IFOREST_PARAMS_INIT;
    struct iforest_result r;
    volatile int stop = 1;
    assert_false(iforest_run(arena, &fs, &p, &stop, &r, &err));
    assert_int_equal(err.kind, ERR_INTERRUPT);
}

static void test_warning_when_samples_are_cut(void **state)
{
    (void)state;
    struct feature_set fs = two_names(50, 1);
    struct iforest_params p = IFOREST_PARAMS_INIT;
    p.max_samples = (struct iforest_amount){ .kind = IFOREST_COUNT, .count = 51 };
    struct iforest_result r;
    assert_true(iforest_run(arena, &fs, &p, NULL, &r, &err));
    assert_non_null(r.warning);
    assert_int_equal(r.max_samples, 50);
}

static void test_reasons(void **state)
{
    (void)state;
    struct feature_set fs = two_names(1000, 3);
    struct iforest_params p = IFOREST_PARAMS_INIT;
    struct iforest_result r;
    const struct reason *reasons;
    uint32_t key = fs.key_of_row[0];
    assert_true(iforest_run(arena, &fs, &p, NULL, &r, &err));
    assert_int_equal(r.flag[key], -1);
    assert_true(iforest_explain(arena, &fs, &p, &key, 1, NULL, &reasons, &err));
    assert_int_equal(reasons[0].feature, 0);
    assert_int_equal(reasons[0].count, 3);
    assert_int_equal(reasons[0].rank, 1);
    assert_true(reasons[0].contribution > reasons[1].contribution);
    check_close("sum", reasons[0].contribution + reasons[1].contribution, 1);
    struct buf b = BUF_INIT;
    reason_put_text(&b, &fs, &reasons[0]);
    const char *want =
        "name 'im\\u{202E}plant': 3 of 1000 rows (0.30%), number 1 of 2 counted from the rarest, ";
    if (strncmp(buf_z(&b), want, strlen(want)) != 0)
        fail_msg("%s", buf_z(&b));
    buf_free(&b);
}

static void test_sorts(void **state)
{
    (void)state;
    static const double v[] = { 3, -1, 0.0, -0.0, 1e300, -1e300, 3 };
    static const uint32_t want[] = { 5, 1, 2, 3, 0, 6, 4 };
    uint32_t order[7];
    sort_order_f64(arena, v, 7, order);
    assert_memory_equal(order, want, sizeof want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_twister, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sorts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_primitives, setup, teardown),
        cmocka_unit_test_setup_teardown(test_own_vectors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_shared_vectors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_parameters, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stop, setup, teardown),
        cmocka_unit_test_setup_teardown(test_warning_when_samples_are_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reasons, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
