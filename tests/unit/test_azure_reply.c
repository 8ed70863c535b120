/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replies of the query services, whole and in pieces of every size: values kept exactly, what is not whole refused.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hb/azure.h"
#include "hb/ticks.h"

struct fed {
    struct str text;
    size_t at, piece;
    char *copy; /* the piece at hand, so that an overrun is seen */
};

static bool feed(void *ctx, struct str *bytes)
{
    struct fed *f = ctx;
    size_t n = f->text.n - f->at < f->piece ? f->text.n - f->at : f->piece;
    free(f->copy);
    f->copy = malloc(n + 1);
    memcpy(f->copy, f->text.p + f->at, n);
    *bytes = (struct str){ f->copy, n };
    f->at += n;
    return true;
}

struct got {
    struct arena *arena;
    struct buf csv;
    size_t chunks;
    struct azure_sink sink;
    struct azure_result result;
    struct err err;
    size_t enough_at;
};

static bool on_rows(void *ctx, const struct table *t, struct err *err)
{
    struct got *g = ctx;
    struct table_print how = { .format = TABLE_NDJSON };
    (void)err;
    g->chunks++;
    table_print(&g->csv, t, &how);
    return true;
}

static bool read_piece(struct got *g, enum azure_form form, struct str body, size_t piece)
{
    struct fed f = { .text = body, .piece = piece };
    struct azure_input in = { feed, &f };
    *g = (struct got){ .arena = arena_new(0, "test") };
    g->sink = (struct azure_sink){ .rows = on_rows, .ctx = g };
    bool ok = azure_read_reply(g->arena, form, &in, &g->sink, &g->result, &g->err);
    free(f.copy);
    return ok;
}

static void done(struct got *g)
{
    buf_free(&g->csv);
    arena_free(g->arena);
}

/* The same from pieces of many sizes. */
static void gives(enum azure_form form, const char *body, const char *rows)
{
    static const size_t pieces[] = { 1, 2, 3, 5, 7, 16, 64, 1 << 20 };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct got g;
        if (!read_piece(&g, form, str_z(body), pieces[i]))
            fail_msg("piece %zu: %s", pieces[i], g.err.text);
        assert_string_equal(buf_z(&g.csv), rows);
        done(&g);
    }
}

static void refuses(enum azure_form form, struct str body, const char *why, bool broken)
{
    static const size_t pieces[] = { 1, 4, 1 << 20 };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct got g;
        assert_false(read_piece(&g, form, body, pieces[i]));
        if (!strstr(g.err.text, why))
            fail_msg("'%s' does not say '%s'", g.err.text, why);
        assert_int_equal(g.err.kind, ERR_CONNECT);
        assert_int_equal(g.result.broken, broken);
        done(&g);
    }
}

/* -- Log Analytics -- */

static void every_type_survives(void **state)
{
    (void)state;
    gives(AZURE_TABLES,
          "\xEF\xBB\xBF "
          "{\"tables\":[{\"name\":\"PrimaryResult\",\"columns\":[{\"name\":\"l\",\"type\":\"long\"},"
          "{\"name\":\"i\",\"type\":\"int\"},{\"name\":\"r\",\"type\":\"real\"},{\"name\":\"d\",\"type\":"
          "\"decimal\"},"
          "{\"name\":\"t\",\"type\":\"datetime\"},{\"name\":\"s\",\"type\":\"timespan\"},{\"name\":\"g\","
          "\"type\":\"guid\"},"
          "{\"name\":\"b\",\"type\":\"bool\"},{\"name\":\"j\",\"type\":\"dynamic\"},{\"name\":\"x\",\"type\":"
          "\"string\"}],"
          "\"rows\":[[9223372036854775807,-5,\"NaN\",\"0.10101\",\"2015-12-31T23:59:59.1234567Z\",\"-1.00:00:"
          "01.0000001\","
          "\"74BE27DE-1E4E-49D9-B579-FE0B331D3642\",true,\"{\\\"a\\\" : "
          "[1,9007199254740993]}\",\"\\u00e9\\ud83d\\ude00\\n\"],"
          "[-9223372036854775808,null,\"-Infinity\",null,null,null,null,0,7,\"\"],"
          "[null,2147483647,1.5e3,\"1234567890123456.123456789012345678\",\"0001-01-01T00:00:00Z\",\"00:"
          "00:10\",null,"
          "null,\"plain\",null]]}]}",
          "{\"l\":9223372036854775807,\"i\":-5,\"r\":\"NaN\",\"d\":\"0.10101\",\"t\":\"2015-12-31T23:59:59."
          "1234567Z\","
          "\"s\":\"-1.00:00:01.0000001\",\"g\":\"74be27de-1e4e-49d9-b579-fe0b331d3642\",\"b\":true,"
          "\"j\":{\"a\":[1,9007199254740993]},\"x\":\"\xC3\xA9\xF0\x9F\x98\x80\\n\"}\n"
          "{\"l\":-9223372036854775808,\"i\":null,\"r\":\"-Infinity\",\"d\":null,\"t\":null,\"s\":null,\"g\":"
          "null,"
          "\"b\":false,\"j\":7,\"x\":\"\"}\n"
          "{\"l\":null,\"i\":2147483647,\"r\":1500,\"d\":\"1234567890123456.123456789012345678\","
          "\"t\":\"0001-01-01T00:00:00.0000000Z\",\"s\":\"00:00:10\",\"g\":null,\"b\":null,\"j\":\"plain\","
          "\"x\":\"\"}\n");
}

#define LA_LONG(rows)                                                                                        \
    "{\"tables\":[{\"name\":\"P\",\"columns\":[{\"name\":\"a\",\"type\":\"long\"}],\"rows\":[" rows "]}]}"
#define LA_DECIMAL(rows)                                                                                     \
    "{\"tables\":[{\"columns\":[{\"name\":\"a\",\"type\":\"decimal\"}],\"rows\":[" rows "]}]}"

static void what_cannot_be_kept_is_refused(void **state)
{
    (void)state;
    refuses(AZURE_TABLES, STR(LA_LONG("[9223372036854775808]")), "is no long", false);
    refuses(AZURE_TABLES, STR(LA_LONG("[1],[\"x\"]")), "row 2 of the reply", false);
    refuses(AZURE_TABLES, STR(LA_LONG("[1],[1,2]")), "2 values for 1 columns", false);
    refuses(AZURE_TABLES, STR(LA_LONG("[1],[]")), "0 values for 1 columns", false);
    refuses(
        AZURE_TABLES,
        STR(LA_DECIMAL("[\"79228162514264337593543950335\"],[\"0.12345678901234567890123456789012345\"]")),
        "row 2 of the reply: '0.12345678901234567890123456789012345' in column 'a' is no decimal, or has "
        "more "
        "than 34",
        false);
    refuses(AZURE_TABLES, STR(LA_DECIMAL("[\"NaN\"]")), "is no decimal", false);
    refuses(AZURE_TABLES,
            STR("{\"tables\":[{\"columns\":[{\"name\":\"a\",\"type\":\"blob\"}],\"rows\":[]}]}"),
            "unknown type 'blob'", false);
    refuses(
        AZURE_TABLES,
        STR("{\"tables\":[{\"columns\":[{\"name\":\"a\",\"type\":\"string\"}],\"rows\":[[\"\xFF\xFE\"]]}]}"),
        "no UTF-8", false);
}

static void a_body_must_be_whole(void **state)
{
    static const char whole[] = LA_LONG("[1],[2]");
    (void)state;
    for (size_t n = 0; n < sizeof whole - 1; n++) {
        struct got g;
        assert_false(read_piece(&g, AZURE_TABLES, (struct str){ whole, n }, 5));
        assert_true(g.result.broken);
        done(&g);
    }
    refuses(AZURE_TABLES, STR(LA_LONG("[1]") "x"), "behind its end", false);
    refuses(AZURE_TABLES, STR("<html>"), "no JSON object", false);
    refuses(AZURE_TABLES, STR("[]"), "no JSON object", false);
    refuses(AZURE_TABLES, STR("{}"), "holds no table", false);
    refuses(AZURE_TABLES, STR("{\"tables\":[]}"), "holds no table", false);
    refuses(AZURE_TABLES, STR("{\"tables\":[{\"rows\":[[1]]}]}"), "before their columns", false);
}

static void partial_results_are_told(void **state)
{
    struct got g;
    (void)state;
    assert_true(read_piece(
        &g, AZURE_TABLES,
        STR("{\"tables\":[{\"columns\":[{\"name\":\"a\",\"type\":\"long\"}],\"rows\":[[1]]}],"
            "\"statistics\":{\"query\":{\"executionTime\":0.1}},"
            "\"error\":{\"code\":\"PartialError\",\"message\":\"m\",\"details\":[{\"code\":\"EngineError\","
            "\"message\":\"m2\",\"innererror\":{\"code\":\"-2133196797\",\"message\":\"too large\"}}]}}"),
        9));
    assert_true(g.result.partial);
    assert_true(str_eqz(g.result.partial_text, "PartialError > -2133196797: too large"));
    assert_true(str_eqz(g.result.statistics, "{\"query\":{\"executionTime\":0.1}}"));
    done(&g);
}

static void rows_come_in_chunks(void **state)
{
    struct buf body = BUF_INIT;
    struct got g;
    (void)state;
    buf_puts(&body, "{\"tables\":[{\"columns\":[{\"name\":\"a\",\"type\":\"long\"}],\"rows\":[");
    for (int i = 0; i < 20000; i++)
        buf_printf(&body, "%s[%d]", i ? "," : "", i);
    buf_puts(&body, "]},{\"columns\":[],\"rows\":[]}]}");
    assert_true(read_piece(&g, AZURE_TABLES, buf_view(&body), 1000));
    assert_int_equal(g.result.rows, 20000);
    assert_int_equal(g.chunks, 3);
    done(&g);
    buf_clear(&body); /* as many rows as chunks hold: no empty one behind */
    buf_puts(&body, "{\"tables\":[{\"columns\":[{\"name\":\"a\",\"type\":\"long\"}],\"rows\":[");
    for (int i = 0; i < 16384; i++)
        buf_printf(&body, "%s[%d]", i ? "," : "", i);
    buf_puts(&body, "]}]}");
    assert_true(read_piece(&g, AZURE_TABLES, buf_view(&body), 1000));
    assert_int_equal(g.result.rows, 16384);
    assert_int_equal(g.chunks, 2);
    done(&g);
    buf_free(&body);
    gives(AZURE_TABLES, LA_LONG(""), "");
}

/* -- Data Explorer -- */

#define ADX_HEAD "[{\"FrameType\":\"DataSetHeader\",\"IsProgressive\":false,\"Version\":\"v2.0\"},"
#define ADX_ROWS(rows)                                                                                       \
    "{\"FrameType\":\"DataTable\",\"TableId\":1,\"TableKind\":\"PrimaryResult\",\"TableName\":\"P\","        \
    "\"Columns\":[{\"ColumnName\":\"a\",\"ColumnType\":\"long\"},{\"ColumnName\":\"j\",\"ColumnType\":"      \
    "\"dynamic\"}],"                                                                                         \
    "\"Rows\":[" rows "]},"
#define ADX_END(more) "{\"FrameType\":\"DataSetCompletion\"," more "\"Cancelled\":false}]"

static void frames_are_read(void **state)
{
    (void)state;
    gives(AZURE_FRAMES,
          ADX_HEAD
          "{\"FrameType\":\"DataTable\",\"TableId\":0,\"TableKind\":\"QueryProperties\",\"Columns\":[],"
          "\"Rows\":[[1]]}," ADX_ROWS("[1,{\"b\":2}],[2,\"123\"],[3,\"{\\\"rowId\\\":2}\"],[4,null]")
              ADX_END("\"HasErrors\":false,"),
          "{\"a\":1,\"j\":{\"b\":2}}\n{\"a\":2,\"j\":123}\n{\"a\":3,\"j\":{\"rowId\":2}}\n{\"a\":4,\"j\":"
          "null}\n");
    refuses(AZURE_FRAMES, STR(ADX_HEAD ADX_ROWS("[1,null]") "{\"FrameType\":\"Other\"}]"),
            "last frame is missing", true);
    refuses(AZURE_FRAMES, STR(ADX_HEAD "{\"FrameType\":\"TableHeader\",\"TableKind\":\"PrimaryResult\"}]"),
            "progressive", false);
    refuses(AZURE_FRAMES, STR(ADX_HEAD ADX_ROWS("[1,null]")), "breaks off", true);
}

static void failures_among_frames_are_told(void **state)
{
    static const char *const bodies[] = {
        ADX_HEAD ADX_ROWS(
            "[1,1],{\"OneApiErrors\":[{\"error\":{\"code\":\"LimitsExceeded\",\"@message\":\"too large\"}}]}")
            ADX_END("\"HasErrors\":true,"),
        ADX_HEAD ADX_ROWS("[1,1]") ADX_END("\"HasErrors\":true,\"OneApiErrors\":[{\"error\":{\"code\":"
                                           "\"LimitsExceeded\",\"@message\":\"too large\"}}],"),
        ADX_HEAD ADX_ROWS("[1,1]") "{\"FrameType\":\"DataTable\",\"TableId\":2,\"TableKind\":"
                                   "\"QueryCompletionInformation\","
                                   "\"Columns\":[{\"ColumnName\":\"Level\"},{\"ColumnName\":"
                                   "\"EventTypeName\"},{\"ColumnName\":\"Payload\"}],"
                                   "\"Rows\":[[4,\"QueryInfo\",\"fine\"],[2,\"Error\",\"LimitsExceeded: too "
                                   "large\"]]}," ADX_END("\"HasErrors\":false,"),
    };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct got g;
        assert_true(read_piece(&g, AZURE_FRAMES, str_z(bodies[i]), 11));
        assert_true(g.result.partial);
        assert_true(str_eqz(g.result.partial_text, "LimitsExceeded: too large"));
        done(&g);
    }
}

static void v1_is_read(void **state)
{
    struct got g;
    (void)state;
    gives(AZURE_TABLES_V1,
          "{\"Tables\":[{\"TableName\":\"Table_0\",\"Columns\":[{\"ColumnName\":\"a\",\"DataType\":\"Int64\","
          "\"ColumnType\":\"long\"},{\"ColumnName\":\"b\",\"DataType\":\"SByte\"}],\"Rows\":[[1,1],[2,0]]},"
          "{\"TableName\":\"Table_1\",\"Columns\":[],\"Rows\":[]}]}",
          "{\"a\":1,\"b\":true}\n{\"a\":2,\"b\":false}\n");
    assert_true(read_piece(
        &g, AZURE_TABLES_V1,
        STR("{\"Tables\":[{\"Columns\":[{\"ColumnName\":\"a\",\"ColumnType\":\"long\"}],\"Rows\":[[1]]},"
            "{\"Columns\":[{\"ColumnName\":\"Severity\"},{\"ColumnName\":\"StatusDescription\"}],"
            "\"Rows\":[[4,\"ok\"],[2,\"cut\"]]}]}"),
        6));
    assert_true(g.result.partial);
    assert_true(str_eqz(g.result.partial_text, "cut"));
    done(&g);
}

/* -- Defender -- */

static void hunting_rows_are_read(void **state)
{
    static const char rows[] =
        "{\"Timestamp\":\"2024-03-26T09:39:50.7688641Z\",\"n\":9007199254740993,\"b\":true,\"s\":\"x\"}\n"
        "{\"Timestamp\":null,\"n\":2,\"b\":null,\"s\":\"\"}\n";
    (void)state;
    gives(AZURE_HUNTING,
          "{\"@odata.context\":\"x\",\"schema\":[{\"name\":\"Timestamp\",\"type\":\"DateTime\"},{\"name\":"
          "\"n\",\"type\":\"Int64\"},"
          "{\"name\":\"b\",\"type\":\"SByte\"},{\"name\":\"s\",\"type\":\"String\"}],\"results\":[{\"s\":"
          "\"x\",\"n@odata.type\":"
          "\"#Int64\",\"n\":9007199254740993,\"b\":1,\"Timestamp\":\"2024-03-26T09:39:50.7688641Z\"},{\"n\":"
          "2}]}",
          rows);
    gives(AZURE_HUNTING,
          "{\"Stats\":{\"x\":1},\"Schema\":[{\"Name\":\"Timestamp\",\"Type\":\"DateTime\"},{\"Name\":\"n\","
          "\"Type\":\"Int64\"},"
          "{\"Name\":\"b\",\"Type\":\"Boolean\"},{\"Name\":\"s\",\"Type\":\"String\"}],\"Results\":[{"
          "\"Timestamp\":"
          "\"2024-03-26T09:39:50.7688641Z\",\"n\":9007199254740993,\"b\":true,\"s\":\"x\"},{\"n\":2,\"s\":"
          "null}]}",
          rows);
    refuses(AZURE_HUNTING, STR("{\"schema\":[{\"name\":\"a\",\"type\":\"Int32\"}],\"results\":[{\"b\":1}]}"),
            "not in its schema", false);
    refuses(AZURE_HUNTING,
            STR("{\"schema\":[{\"name\":\"a\",\"type\":\"Int32\"}],\"results\":[{\"a\":1,\"a\":2}]}"),
            "twice", false);
    refuses(AZURE_HUNTING, STR("{\"results\":[{\"b\":1}]}"), "before their schema", false);
}

/* -- errors -- */

static void faults_are_described(void **state)
{
    struct arena *a = arena_new(0, "test");
    struct http_reply r = { .status = 400 };
    struct azure_fault f;
    (void)state;
    buf_puts(&r.body, "{\"error\":{\"message\":\"m\",\"code\":\"BadArgumentError\",\"correlationId\":\"c\","
                      "\"innererror\":{\"code\":"
                      "\"SyntaxError\",\"message\":\"n\",\"innererror\":{\"code\":\"SYN0002\",\"message\":"
                      "\"no parse\",\"line\":3,"
                      "\"pos\":11,\"token\":\"x\"}}}}");
    azure_read_fault(a, &r, &f);
    assert_true(str_eqz(f.code, "BadArgumentError > SYN0002"));
    assert_true(str_eqz(f.message, "no parse"));
    assert_int_equal(f.line, 3);
    assert_int_equal(f.pos, 11);
    buf_clear(&r.body);
    buf_puts(&r.body, "{\"error\":{\"code\":\"General_BadRequest\",\"message\":\"m\",\"@message\":\"[line:"
                      "position=2:5] no\"}}");
    azure_read_fault(a, &r, &f);
    assert_int_equal(f.line, 2);
    assert_int_equal(f.pos, 5);
    buf_clear(&r.body);
    buf_puts(&r.body, "<html>");
    azure_read_fault(a, &r, &f);
    assert_int_equal(f.code.n, 0);
    http_reply_free(&r);
    arena_free(a);
}

static void claims_are_decoded(void **state)
{
    struct arena *a = arena_new(0, "test");
    (void)state;
    struct str c = azure_claims_challenge(
        a, STR("Bearer realm=\"\", error=\"insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4iOnt9fQ==\""));
    assert_true(str_eqz(c, "{\"access_token\":{}}"));
    assert_int_equal(azure_claims_challenge(a, STR("Bearer error=\"insufficient_claims\", claims=\"!!\"")).n,
                     0);
    assert_int_equal(azure_claims_challenge(a, STR("Bearer claims=\"eyJhY2Nlc3NfdG9rZW4iOnt9fQ==\"")).n, 0);
    assert_int_equal(azure_claims_challenge(a, STR("Bearer")).n, 0);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_survives),
        cmocka_unit_test(what_cannot_be_kept_is_refused),
        cmocka_unit_test(a_body_must_be_whole),
        cmocka_unit_test(partial_results_are_told),
        cmocka_unit_test(rows_come_in_chunks),
        cmocka_unit_test(frames_are_read),
        cmocka_unit_test(failures_among_frames_are_told),
        cmocka_unit_test(v1_is_read),
        cmocka_unit_test(hunting_rows_are_read),
        cmocka_unit_test(faults_are_described),
        cmocka_unit_test(claims_are_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
