/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Colours of listings: classes of words, and that no byte is lost or doubled whatever the text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>

#include "../../src/report/highlight.h"
#include "hb/buf.h"
#include "report_fixture.h"

/* Pieces as k<...> for keywords, s<...> for strings and so on; plain text as it is. */
static void paint(struct buf *out, const char *language, struct str text)
{
    struct hl h;
    struct str piece;
    enum hl_class cls;
    hl_init(&h, str_z(language), text);
    buf_clear(out);
    while (hl_next(&h, &piece, &cls)) {
        if (cls != HL_TEXT)
            buf_printf(out, "%c<", hl_class_name(cls)[0]);
        buf_str(out, piece);
        if (cls != HL_TEXT)
            buf_putc(out, '>');
    }
}

static void classes(void **state)
{
    static const struct {
        const char *language, *text, *painted;
    } cases[] = {
        { "kql", "T | where a == 5 // x", "T o<|> k<where> a o<=>o<=> n<5> c<// x>" },
        { "KQL", "mv-expand x", "k<mv-expand> x" },
        { "kql", "a-b", "ao<->b" },
        { "kql", "ago(1d)", "f<ago>(n<1d>)" },
        { "kql", "@'a\\' 'b\\'c'", "s<@'a\\'> s<'b\\'c'>" },
        { "kql", "```a\nb``` c", "s<```>s<a>\ns<b```> c" },
        { "kql", "'open\nwhere", "s<'open>\nk<where>" },
        { "sql", "SELECT \"a\" -- x\nfrom /* y\nz */ t",
          "k<SELECT> s<\"a\"> c<-- x>\nk<from> c</*>c< y>\nc<z */> t" },
        { "yaml", "key: true # x", "k<key>: k<true> c<# x>" },
        { "", "where 5", "where 5" },
        { "cobol", "where 5", "where 5" },
    };
    (void)state;
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        paint(&b, cases[i].language, str_z(cases[i].text));
        assert_string_equal(buf_z(&b), cases[i].painted);
    }
    buf_free(&b);
}

static void every_byte_once(void **state)
{
    static const char *const languages[] = { "kql", "sql", "yaml", "" };
    (void)state;
    for (size_t l = 0; l < 4; l++) {
        for (size_t i = 0; i < fixture_nhostile; i++) {
            struct str text = fixture_hostile[i], piece;
            struct hl h;
            enum hl_class cls;
            size_t at = 0;
            hl_init(&h, str_z(languages[l]), text);
            while (hl_next(&h, &piece, &cls)) {
                assert_ptr_equal(piece.p, text.p + at);
                assert_true(piece.n > 0 && (piece.n == 1 || str_chr(piece, '\n', 0) == piece.n));
                at += piece.n;
            }
            assert_int_equal(at, text.n);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(classes), cmocka_unit_test(every_byte_once) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
