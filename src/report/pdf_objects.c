/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PDF objects over libharu: the only file that sees hpdf.h.
 *
 * The library's text functions are not used: its UTF-8 path draws wrong letters (parts of nested composed glyphs are
 * lost), knows nothing above U+FFFF and writes a ToUnicode map that readers refuse. What serves is its object model:
 * numbering, page tree, streams, cross-reference table. Dictionaries get their bodies through the hook the library calls
 * while it writes them, so numbers are formatted by us, in integers.
 *
 * It has a sticky error: after one failure every call fails. The first is kept and reported when the file is saved.
 */
#include "pdf_objects.h"

#include <assert.h>
#include <hpdf.h>
#include <hpdf_doc.h>
#include <hpdf_pages.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "hb/fs.h"
#include "hb/utf8.h"
#include "hb/vec.h"

#if HPDF_MAJOR_VERSION != 2
#error "written for libharu 2: check the members of HPDF_Dict_Rec and HPDF_PageAttr_Rec, then widen this test"
#endif

enum { PAGES_PER_NODE = 500 }; /* the library's arrays hold 32,767 items */

struct pdf {
    struct arena *arena;
    int minor;
    HPDF_Doc doc;
    HPDF_STATUS error;
    HPDF_Dict *objects; /* by id; NULL for the library's own */
    size_t nobjects, objects_cap;
};

static void on_error(HPDF_STATUS code, HPDF_STATUS detail, void *ctx)
{
    struct pdf *p = ctx;
    (void)detail;
    if (p->error == 0)
        p->error = code;
}

const char *pdf_library(void)
{
    return "libharu";
}

const char *pdf_library_version(void)
{
    return HPDF_GetVersion();
}

struct pdf *pdf_new(struct arena *a, int minor)
{
    struct pdf *p = ARENA_NEW(a, struct pdf);
    assert(minor >= 0 && minor <= 9);
    p->arena = a;
    p->minor = minor;
    p->doc = HPDF_New(on_error, p);
    if (p->doc == NULL) {
        p->error = HPDF_FAILD_TO_ALLOC_MEM;
        return p;
    }
    HPDF_SetPagesConfiguration(p->doc, PAGES_PER_NODE);
    HPDF_Dict_RemoveElement(p->doc->info, "Producer");
    return p;
}

void pdf_free(struct pdf *p)
{
    if (p && p->doc)
        HPDF_Free(p->doc);
}

/* -- dictionaries -- */

static HPDF_STATUS write_body(HPDF_Dict d, HPDF_Stream out)
{
    const struct str *body = d->attr;
    if (body == NULL || body->n == 0)
        return HPDF_OK;
    HPDF_STATUS status = HPDF_Stream_Write(out, (const HPDF_BYTE *)body->p, (HPDF_UINT)body->n);
    return status == HPDF_OK ? HPDF_Stream_Write(out, (const HPDF_BYTE *)"\n", 1) : status;
}

static void set_body(struct pdf *p, HPDF_Dict d, struct str body)
{
    struct str *kept = ARENA_NEW(p->arena, struct str);
    *kept = arena_str(p->arena, body);
    d->attr = kept;
    d->write_fn = write_body;
}

static pdf_id id_of(const HPDF_Obj_Header *h)
{
    return h->obj_id & 0x00FFFFFF;
}

static pdf_id remember(struct pdf *p, HPDF_Dict d)
{
    pdf_id id = id_of(&d->header);
    while (p->nobjects <= id)
        *VEC_PUSH(p->arena, p->objects, p->nobjects, p->objects_cap) = NULL;
    p->objects[id] = d;
    return id;
}

pdf_id pdf_object(struct pdf *p)
{
    HPDF_Dict d = p->error ? NULL : HPDF_Dict_New(p->doc->mmgr);
    if (d == NULL || HPDF_Xref_Add(p->doc->xref, d) != HPDF_OK)
        return 0;
    return remember(p, d);
}

void pdf_object_set(struct pdf *p, pdf_id id, struct str body)
{
    if (id == 0)
        return;
    assert(id < p->nobjects && p->objects[id]);
    set_body(p, p->objects[id], body);
}

pdf_id pdf_object_new(struct pdf *p, struct str body)
{
    pdf_id id = pdf_object(p);
    pdf_object_set(p, id, body);
    return id;
}

void pdf_set_catalog(struct pdf *p, struct str body)
{
    if (p->doc)
        set_body(p, p->doc->catalog, body);
}

void pdf_set_info(struct pdf *p, struct str body)
{
    if (p->doc)
        set_body(p, p->doc->info, body);
}

void pdf_set_ids(struct pdf *p, const unsigned char id[16])
{
    HPDF_Array ids = p->error ? NULL : HPDF_Array_New(p->doc->mmgr);
    if (ids == NULL)
        return;
    for (int i = 0; i < 2; i++)
        HPDF_Array_Add(ids, HPDF_Binary_New(p->doc->mmgr, (HPDF_BYTE *)(uintptr_t)id, 16));
    HPDF_Dict_Add(p->doc->trailer, "ID", ids);
}

/* -- streams -- */

/* Fills a stream with bytes already compressed: the library would otherwise keep them raw until it saves. */
static void fill(struct pdf *p, HPDF_Dict stream, struct str body, struct str bytes, enum pdf_pack pack)
{
    struct buf entries = BUF_INIT;
    stream->filter = HPDF_STREAM_FILTER_NONE;
    buf_str(&entries, body);
    if (pack != PDF_STORED) {
        uLongf n = compressBound(bytes.n);
        void *z = malloc(n);
        if (z == NULL || compress2(z, &n, (const Bytef *)bytes.p, bytes.n, pack == PDF_FAST ? 1 : 6) != Z_OK)
            on_error(HPDF_FAILD_TO_ALLOC_MEM, 0, p);
        else
            HPDF_Stream_Write(stream->stream, z, (HPDF_UINT)n);
        free(z);
        buf_puts(&entries, " /Filter /FlateDecode");
    } else if (bytes.n)
        HPDF_Stream_Write(stream->stream, (const HPDF_BYTE *)bytes.p, (HPDF_UINT)bytes.n);
    set_body(p, stream, buf_view(&entries));
    buf_free(&entries);
}

pdf_id pdf_stream(struct pdf *p, struct str body, struct str bytes, enum pdf_pack pack)
{
    HPDF_Dict d = p->error ? NULL : HPDF_DictStream_New(p->doc->mmgr, p->doc->xref);
    if (d == NULL)
        return 0;
    fill(p, d, body, bytes, pack);
    return remember(p, d);
}

/* -- pages -- */

struct pdf_page pdf_page(struct pdf *p, int width, int height)
{
    struct pdf_page page = { 0, p->error ? NULL : HPDF_AddPage(p->doc) };
    if (page.handle == NULL)
        return page;
    HPDF_Page hp = page.handle;
    page.id = id_of(&hp->header);
    HPDF_Array box = HPDF_Array_New(p->doc->mmgr);
    if (box) {
        HPDF_Array_AddNumber(box, 0);
        HPDF_Array_AddNumber(box, 0);
        HPDF_Array_AddNumber(box, width);
        HPDF_Array_AddNumber(box, height);
        HPDF_Dict_Add(hp, "MediaBox", box);
    }
    return page;
}

void pdf_page_body(struct pdf *p, struct pdf_page page, struct str operators)
{
    if (page.handle == NULL)
        return;
    HPDF_PageAttr attr = ((HPDF_Page)page.handle)->attr;
    attr->compression_mode = 0;
    fill(p, attr->contents, (struct str){ "", 0 }, operators, PDF_DEFLATED);
}

static void add_array(struct pdf *p, HPDF_Dict to, const char *key, const HPDF_Dict *items, size_t n)
{
    HPDF_Array array = HPDF_Array_New(p->doc->mmgr);
    for (size_t i = 0; array && i < n; i++)
        HPDF_Array_Add(array, items[i]);
    if (array)
        HPDF_Dict_Add(to, key, array);
}

void pdf_page_end(struct pdf *p, struct pdf_page page, struct str operators, pdf_id resources,
                  const pdf_id *annots, size_t nannots, int struct_parents)
{
    pdf_id more = pdf_stream(p, (struct str){ "", 0 }, operators, PDF_DEFLATED);
    if (page.handle == NULL || more == 0)
        return;
    HPDF_Page hp = page.handle;
    HPDF_PageAttr attr = hp->attr;
    add_array(p, hp, "Contents", (HPDF_Dict[]){ attr->contents, p->objects[more] }, 2);
    HPDF_Dict_Add(hp, "Resources", p->objects[resources]);
    HPDF_Dict_AddNumber(hp, "StructParents", struct_parents);
    HPDF_Dict_AddName(hp, "Tabs", "S");
    if (nannots) {
        HPDF_Dict *list = ARENA_ARRAY(p->arena, nannots, HPDF_Dict);
        for (size_t i = 0; i < nannots; i++)
            list[i] = p->objects[annots[i]];
        add_array(p, hp, "Annots", list, nannots);
    }
}

/* -- the file -- */

static HPDF_STATUS write_file(HPDF_Stream stream, const HPDF_BYTE *p, HPDF_UINT n)
{
    buf_put(stream->attr, p, n);
    return HPDF_OK;
}

bool pdf_save(struct pdf *p, const char *path, struct err *err)
{
    struct buf file = BUF_INIT;
    HPDF_Stream out = p->error ? NULL : HPDF_CallbackWriter_New(p->doc->mmgr, write_file, &file);
    if (out) {
        HPDF_BYTE header[] = "%PDF-1.4\n%\xB7\xBE\xAD\xAA\n";
        header[7] = (HPDF_BYTE)('0' + p->minor);
        HPDF_Stream_Write(out, header, sizeof header - 1);
        HPDF_Dict_Add(p->doc->trailer, "Root", p->doc->catalog);
        HPDF_Dict_Add(p->doc->trailer, "Info", p->doc->info);
        HPDF_STATUS status = HPDF_Xref_WriteToStream(p->doc->xref, out, NULL);
        if (status != HPDF_OK && p->error == 0)
            p->error = status;
        HPDF_Stream_Free(out);
    }
    bool ok = p->error == 0 ? fs_write_atomic(path, buf_view(&file), err)
                            : err_set(err, ERR_RUN, "cannot make the PDF report: libharu error 0x%04lX",
                                      (unsigned long)p->error);
    buf_free(&file);
    return ok;
}

/* -- parts of bodies -- */

void pdf_put_ref(struct buf *b, pdf_id id)
{
    buf_u64(b, id);
    buf_puts(b, " 0 R");
}

void pdf_put_fixed(struct buf *b, int64_t v)
{
    char text[24];
    size_t at = sizeof text;
    uint64_t u = v < 0 ? (uint64_t)-v : (uint64_t)v, cents = u % 100;
    if (cents) {
        if (cents % 10)
            text[--at] = (char)('0' + cents % 10);
        text[--at] = (char)('0' + cents / 10);
        text[--at] = '.';
    }
    u /= 100;
    if (u || at == sizeof text)
        do
            text[--at] = (char)('0' + u % 10);
        while (u /= 10);
    if (v < 0)
        text[--at] = '-';
    buf_put(b, text + at, sizeof text - at);
}

static void put_utf16(struct buf *b, uint32_t cp)
{
    if (cp >= 0x10000) {
        put_utf16(b, 0xD800 + ((cp - 0x10000) >> 10));
        cp = 0xDC00 + ((cp - 0x10000) & 0x3FF);
    }
    unsigned char two[2] = { (unsigned char)(cp >> 8), (unsigned char)cp };
    buf_hex(b, two, 2);
}

void pdf_put_text(struct buf *b, struct str utf8)
{
    struct utf8_runs r = { .s = utf8 };
    struct str text;
    bool escape;
    buf_puts(b, "<feff");
    while (utf8_next_run(&r, &text, &escape))
        for (size_t i = 0; i < text.n;)
            put_utf16(b, utf8_next(text, &i));
    buf_putc(b, '>');
}

void pdf_put_bytes(struct buf *b, struct str bytes)
{
    buf_putc(b, '(');
    for (size_t i = 0; i < bytes.n; i++) {
        unsigned char c = (unsigned char)bytes.p[i];
        if (c == '(' || c == ')' || c == '\\')
            buf_putc(b, '\\');
        if (c < ' ' || c >= 127)
            buf_printf(b, "\\%03o", c);
        else
            buf_putc(b, (char)c);
    }
    buf_putc(b, ')');
}

void pdf_put_xml(struct buf *b, struct str utf8)
{
    struct buf shown = BUF_INIT;
    utf8_show(&shown, utf8);
    for (size_t i = 0; i < shown.n; i++)
        switch (shown.p[i]) {
        case '&': buf_puts(b, "&amp;"); break;
        case '<': buf_puts(b, "&lt;"); break;
        case '>': buf_puts(b, "&gt;"); break;
        case '"': buf_puts(b, "&quot;"); break;
        default: buf_putc(b, shown.p[i]);
        }
    buf_free(&shown);
}
