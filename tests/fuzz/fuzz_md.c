/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as Markdown with values: nodes, outline and page are made without a fault, and no link leads where it must not.
 * The first byte says how many values there are.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "../../src/report/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_links(struct prose p)
{
    for (size_t i = 0; i < p.n; i++) {
        struct str href = p.runs[i].href;
        assert(href.n == 0 || str_eq_nocase(str_sub(href, 0, 4), STR("http")) ||
               str_eq_nocase(str_sub(href, 0, 7), STR("mailto:")));
        for (size_t k = 0; k < href.n; k++)
            assert(href.p[k] > 0x20 && href.p[k] < 0x7F && href.p[k] != '"' && href.p[k] != '<');
    }
}

static void check(const struct doc_node *n, int depth)
{
    assert(depth < 40);
    for (const struct doc_node *k = n->first; k; k = k->next) {
        if (k->kind == DOC_PARA)
            check_links(k->u.para);
        check(k, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str values[] = { STR("<b>[x](y)"), STR("\xff\xe2\x80\xae"), STR("") };
    struct record_prose p = { .values = values };
    if (size == 0)
        return 0;
    p.nvalues = data[0] % 4;
    p.markdown = (struct str){ (const char *)data + 1, size - 1 };
    struct arena *a = arena_new(0, "fuzz");
    struct doc d = { .arena = a, .root = doc_add(a, NULL, DOC_ROOT), .tlp = { .label = STR("TLP:CLEAR") } };
    md_build(a, d.root, &p);
    check(d.root, 0);
    check_links(md_prose(a, &p));
    struct buf out = BUF_INIT;
    struct err err = ERR_INIT;
    doc_dump(&out, &d);
    (void)report_html(&out, &d, &err);
    (void)report_md(&out, &d, &err);
    buf_free(&out);
    arena_free(a);
    return 0;
}
