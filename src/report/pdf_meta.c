/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a whole file needs: embedded fonts, colour profile, metadata, links, outline and the tree of tags.
 *
 * Together they make the file valid PDF/A-1b, or PDF/A-3b with attachments (pdf_attach.c): every font embedded, one output
 * intent, metadata equal to the info dictionary, no transparency, no actions but links. Dates and ids come from the
 * document, never from a clock.
 */
#include "pdf_int.h"

#include <math.h>
#include <string.h>

#include "hb/sha256.h"
#include "hb/ticks.h"
#include "hb/vec.h"

static const struct str nothing = STR_INIT("");

/* -- fonts -- */

/* Six letters from the glyphs that are in: subsets of one font in two files never pass for one another. */
static void put_subset_tag(struct buf *b, const struct font_used *u)
{
    unsigned char hash[32];
    sha256_bytes((struct str){ (const char *)u->cps, u->n * sizeof *u->cps }, hash);
    for (int i = 0; i < 6; i++)
        buf_putc(b, (char)('A' + hash[i] % 26));
    buf_putc(b, '+');
    buf_puts(b, u->file.ps_name);
}

static void put_utf16_hex(struct buf *b, uint32_t cp)
{
    if (cp >= 0x10000)
        buf_printf(b, "%04x%04x", 0xD800 + ((cp - 0x10000) >> 10), 0xDC00 + ((cp - 0x10000) & 0x3FF));
    else
        buf_printf(b, "%04x", cp);
}

/* Which character each id is: text that is searched for or copied out is what stands there. */
static pdf_id to_unicode(struct pdf_doc *d, const struct font_used *u)
{
    struct buf b = BUF_INIT;
    buf_puts(&b, "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
                 "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"
                 "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
                 "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n");
    for (size_t i = 0; i < u->n; i += 100) {
        size_t end = i + 100 < u->n ? i + 100 : u->n;
        buf_printf(&b, "%zu beginbfchar\n", end - i);
        for (size_t k = i; k < end; k++) {
            buf_printf(&b, "<%04zx> <", k);
            put_utf16_hex(&b, u->cps[k]);
            buf_puts(&b, ">\n");
        }
        buf_puts(&b, "endbfchar\n");
    }
    buf_puts(&b, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    pdf_id id = pdf_stream(d->pdf, nothing, buf_view(&b), PDF_DEFLATED);
    buf_free(&b);
    return id;
}

/* Which glyph of the embedded font each id is: several ids may share one. */
static pdf_id cid_to_gid(struct pdf_doc *d, const uint16_t *numbers, size_t n)
{
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < n; i++) {
        buf_putc(&b, (char)(numbers[i] >> 8));
        buf_putc(&b, (char)numbers[i]);
    }
    pdf_id id = pdf_stream(d->pdf, nothing, buf_view(&b), PDF_DEFLATED);
    buf_free(&b);
    return id;
}

/* One bit per id. */
static pdf_id cid_set(struct pdf_doc *d, size_t n)
{
    struct buf b = BUF_INIT;
    buf_pad(&b, (char)0xFF, n / 8);
    if (n % 8)
        buf_putc(&b, (char)(0xFF << (8 - n % 8)));
    pdf_id id = pdf_stream(d->pdf, nothing, buf_view(&b), PDF_DEFLATED);
    buf_free(&b);
    return id;
}

static pdf_id font_descriptor(struct pdf_doc *d, const struct font_used *u, uint16_t *numbers)
{
    const struct font_file *f = &u->file;
    struct buf font = BUF_INIT, b = BUF_INIT;
    if (font_subset(&font, f, u->glyphs, u->n, numbers) == 0 && !d->refused)
        d->refused = u->path;
    buf_printf(&b, "/Length1 %zu", font.n);
    pdf_id file = pdf_stream(d->pdf, buf_view(&b), buf_view(&font), PDF_DEFLATED);
    buf_clear(&b);
    buf_puts(&b, "/Type /FontDescriptor /FontName /");
    put_subset_tag(&b, u);
    buf_printf(
        &b,
        " /Flags %d /FontBBox [%d %d %d %d] /ItalicAngle %d /Ascent %d /Descent %d /CapHeight %d /StemV %d",
        4 + (f->fixed_pitch ? 1 : 0) + (f->italic_angle ? 64 : 0), f->bbox[0], f->bbox[1], f->bbox[2],
        f->bbox[3], f->italic_angle, f->ascent, f->descent, f->cap_height, f->weight >= 600 ? 140 : 80);
    buf_puts(&b, " /FontFile2 ");
    pdf_put_ref(&b, file);
    buf_puts(&b, " /CIDSet ");
    pdf_put_ref(&b, cid_set(d, u->n));
    pdf_id id = pdf_object_new(d->pdf, buf_view(&b));
    buf_free(&font);
    buf_free(&b);
    return id;
}

static pdf_id font_object(struct pdf_doc *d, const struct font_used *u)
{
    struct buf b = BUF_INIT;
    uint16_t *numbers = ARENA_ARRAY(d->arena, u->n, uint16_t);
    pdf_id descriptor = font_descriptor(d, u, numbers), unicode = to_unicode(d, u);
    buf_puts(&b, "/Type /Font /Subtype /CIDFontType2 /BaseFont /");
    put_subset_tag(&b, u);
    buf_puts(
        &b,
        " /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>> /DW 1000 /CIDToGIDMap ");
    pdf_put_ref(&b, cid_to_gid(d, numbers, u->n));
    buf_puts(&b, " /FontDescriptor ");
    pdf_put_ref(&b, descriptor);
    buf_puts(&b, " /W [0 [");
    for (size_t i = 0; i < u->n; i++)
        buf_printf(&b, i ? " %u" : "%u", font_file_width(&u->file, u->glyphs[i]));
    buf_puts(&b, "]]");
    pdf_id descendant = pdf_object_new(d->pdf, buf_view(&b));
    buf_clear(&b);
    buf_puts(&b, "/Type /Font /Subtype /Type0 /Encoding /Identity-H /BaseFont /");
    put_subset_tag(&b, u);
    buf_puts(&b, " /DescendantFonts [");
    pdf_put_ref(&b, descendant);
    buf_puts(&b, "] /ToUnicode ");
    pdf_put_ref(&b, unicode);
    pdf_id id = pdf_object_new(d->pdf, buf_view(&b));
    buf_free(&b);
    return id;
}

static void write_resources(struct pdf_doc *d)
{
    struct buf b = BUF_INIT;
    buf_puts(&b, "/ProcSet [/PDF /Text] /Font <<");
    for (size_t i = 0; i < font_set_count(d->fonts); i++) {
        pdf_id id = font_object(d, font_set_used(d->fonts, i));
        buf_printf(&b, "/F%zu ", i);
        pdf_put_ref(&b, id);
        buf_putc(&b, ' ');
    }
    buf_puts(&b, ">>");
    if (d->logo) {
        buf_puts(&b, " /XObject <</Logo ");
        pdf_put_ref(&b, d->logo);
        buf_puts(&b, ">>");
    }
    pdf_object_set(d->pdf, d->resources, buf_view(&b));
    buf_free(&b);
}

/* -- colour profile: sRGB as ICC version 2, primaries adapted to D50 -- */

static void be16(struct buf *b, unsigned v)
{
    buf_putc(b, (char)(v >> 8));
    buf_putc(b, (char)v);
}

static void be32(struct buf *b, uint32_t v)
{
    be16(b, v >> 16);
    be16(b, v & 0xFFFF);
}

static void icc_xyz(struct buf *b, uint32_t x, uint32_t y, uint32_t z)
{
    buf_puts(b, "XYZ ");
    be32(b, 0);
    be32(b, x);
    be32(b, y);
    be32(b, z);
}

static void icc_text(struct buf *b, const char *text)
{
    buf_puts(b, "text");
    be32(b, 0);
    buf_put(b, text, strlen(text) + 1);
}

static void icc_description(struct buf *b, const char *text)
{
    buf_puts(b, "desc");
    be32(b, 0);
    be32(b, (uint32_t)strlen(text) + 1);
    buf_put(b, text, strlen(text) + 1);
    buf_pad(b, 0, 4 + 4 + 2 + 1 + 67);
}

static void icc_curve(struct buf *b)
{
    enum { POINTS = 256 };
    buf_puts(b, "curv");
    be32(b, 0);
    be32(b, POINTS);
    for (int i = 0; i < POINTS; i++) {
        double c = i / (double)(POINTS - 1);
        double linear = c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
        be16(b, (unsigned)(linear * 65535 + 0.5));
    }
}

static void icc_header(struct buf *b, size_t size)
{
    be32(b, (uint32_t)size);
    be32(b, 0);
    be32(b, 0x02100000);
    buf_puts(b, "mntrRGB XYZ ");
    for (unsigned i = 0; i < 6; i++)
        be16(b, (const unsigned[]){ 2000, 1, 1, 0, 0, 0 }[i]);
    buf_puts(b, "acsp");
    buf_pad(b, 0, 28);
    be32(b, 0xF6D6);
    be32(b, 0x10000);
    be32(b, 0xD32D);
    buf_pad(b, 0, 128 - 80);
}

static void put_icc(struct buf *out)
{
    static const char tags[][5] = { "desc", "cprt", "wtpt", "rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC" };
    enum { TAGS = sizeof tags / sizeof *tags, CURVE = 6 };
    struct buf data = BUF_INIT;
    size_t at[TAGS + 1] = { 0 };
    for (size_t i = 0; i < TAGS; i++) {
        at[i] = data.n;
        switch (i) {
        case 0: icc_description(&data, "sRGB"); break;
        case 1: icc_text(&data, "No copyright, use freely"); break;
        case 2: icc_xyz(&data, 0xF6D6, 0x10000, 0xD32D); break;
        case 3: icc_xyz(&data, 0x6FA2, 0x38F5, 0x0390); break;
        case 4: icc_xyz(&data, 0x6299, 0xB785, 0x18DA); break;
        case 5: icc_xyz(&data, 0x24A0, 0x0F84, 0xB6CF); break;
        case CURVE: icc_curve(&data); break;
        }
        buf_pad(&data, 0, (4 - data.n % 4) % 4);
        at[i + 1] = data.n;
    }
    size_t start = 128 + 4 + 12 * TAGS;
    icc_header(out, start + data.n);
    be32(out, TAGS);
    for (size_t i = 0; i < TAGS; i++) {
        size_t from = i > CURVE ? CURVE : i; /* one curve for all three */
        buf_put(out, tags[i], 4);
        be32(out, (uint32_t)(start + at[from]));
        be32(out, (uint32_t)(at[from + 1] - at[from]));
    }
    buf_str(out, buf_view(&data));
    buf_free(&data);
}

static pdf_id output_intent(struct pdf_doc *d)
{
    struct buf icc = BUF_INIT, b = BUF_INIT;
    put_icc(&icc);
    pdf_id profile = pdf_stream(d->pdf, STR("/N 3"), buf_view(&icc), PDF_DEFLATED);
    buf_puts(&b, "/Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) /Info (sRGB) "
                 "/DestOutputProfile ");
    pdf_put_ref(&b, profile);
    pdf_id id = pdf_object_new(d->pdf, buf_view(&b));
    buf_free(&icc);
    buf_free(&b);
    return id;
}

/* -- metadata: the same facts as info dictionary and as XMP -- */

enum { META_TEXT_MAX = 2000 };

/* Metadata is short; a longer title stands in full on the cover. Cut between characters. */
static struct str meta_text(struct str s)
{
    if (s.n <= META_TEXT_MAX)
        return s;
    size_t n = META_TEXT_MAX;
    while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    return str_sub(s, 0, n);
}

static void put_title(struct buf *b, const struct pdf_doc *d)
{
    buf_str(b, meta_text(d->doc->title));
    if (d->doc->tlp.label.n) {
        buf_puts(b, " [");
        buf_str(b, d->doc->tlp.label);
        buf_putc(b, ']');
    }
}

void meta_put_date(struct buf *b, int64_t ticks, bool xmp)
{
    struct civil c;
    ticks_to_civil(ticks < 0 ? 0 : ticks > TICKS_MAX ? TICKS_MAX : ticks, &c);
    buf_printf(b, xmp ? "%04d-%02d-%02dT%02d:%02d:%02dZ" : "(D:%04d%02d%02d%02d%02d%02dZ)", c.year, c.month,
               c.day, c.hour, c.min, c.sec);
}

static void put_info_text(struct buf *b, const char *key, struct str text)
{
    if (text.n == 0)
        return;
    buf_printf(b, "/%s ", key);
    pdf_put_text(b, text);
    buf_putc(b, '\n');
}

static void write_info(struct pdf_doc *d)
{
    struct buf b = BUF_INIT, title = BUF_INIT;
    put_title(&title, d);
    put_info_text(&b, "Title", buf_view(&title));
    put_info_text(&b, "Author", meta_text(d->doc->author));
    put_info_text(&b, "Subject", meta_text(d->doc->subject));
    put_info_text(&b, "Keywords", meta_text(d->doc->keywords));
    put_info_text(&b, "Creator", meta_text(d->doc->generator));
    put_info_text(&b, "Producer", meta_text(d->doc->generator));
    buf_puts(&b, "/CreationDate ");
    meta_put_date(&b, d->doc->created, false);
    buf_puts(&b, " /ModDate ");
    meta_put_date(&b, d->doc->created, false);
    pdf_set_info(d->pdf, buf_view(&b));
    buf_free(&b);
    buf_free(&title);
}

static void put_xmp_text(struct buf *b, const char *before, struct str text, const char *after)
{
    if (text.n == 0)
        return;
    buf_puts(b, before);
    pdf_put_xml(b, text);
    buf_puts(b, after);
}

static pdf_id xmp(struct pdf_doc *d)
{
    struct buf b = BUF_INIT, title = BUF_INIT;
    put_title(&title, d);
    buf_puts(&b, "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
                 "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
                 "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
                 "<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\""
                 " xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\""
                 " xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">\n"
                 "<dc:format>application/pdf</dc:format>\n");
    buf_printf(&b, "<pdfaid:part>%d</pdfaid:part>\n<pdfaid:conformance>B</pdfaid:conformance>\n",
               d->doc->pdf == REPORT_PDF_A3B ? 3 : 1);
    put_xmp_text(&b, "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">", buf_view(&title),
                 "</rdf:li></rdf:Alt></dc:title>\n");
    put_xmp_text(&b, "<dc:creator><rdf:Seq><rdf:li>", meta_text(d->doc->author),
                 "</rdf:li></rdf:Seq></dc:creator>\n");
    put_xmp_text(&b, "<dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">", meta_text(d->doc->subject),
                 "</rdf:li></rdf:Alt></dc:description>\n");
    put_xmp_text(&b, "<pdf:Keywords>", meta_text(d->doc->keywords), "</pdf:Keywords>\n");
    put_xmp_text(&b, "<pdf:Producer>", meta_text(d->doc->generator), "</pdf:Producer>\n");
    put_xmp_text(&b, "<xmp:CreatorTool>", meta_text(d->doc->generator), "</xmp:CreatorTool>\n");
    buf_puts(&b, "<xmp:CreateDate>");
    meta_put_date(&b, d->doc->created, true);
    buf_puts(&b, "</xmp:CreateDate>\n<xmp:ModifyDate>");
    meta_put_date(&b, d->doc->created, true);
    buf_puts(&b, "</xmp:ModifyDate>\n</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>");
    pdf_id id = pdf_stream(d->pdf, STR("/Type /Metadata /Subtype /XML"), buf_view(&b), PDF_STORED);
    buf_free(&b);
    buf_free(&title);
    return id;
}

/* -- outline and links -- */

static struct page *page_at(struct pdf_doc *d, size_t index)
{
    struct page *p = d->first;
    while (p && p->index < index)
        p = p->next;
    return p;
}

/* An array of its own in the dictionary: validators refuse a reference here. */
static void put_dest(struct buf *b, struct pdf_doc *d, const struct dest *to)
{
    const struct page *p = page_at(d, to->page);
    buf_puts(b, "/Dest [");
    pdf_put_ref(b, p->pdf.id);
    buf_puts(b, " /XYZ null ");
    pdf_put_fixed(b, p->height - to->y);
    buf_puts(b, " null] ");
}

static void put_key_ref(struct buf *b, const char *key, pdf_id id)
{
    buf_printf(b, "/%s ", key);
    pdf_put_ref(b, id);
    buf_putc(b, ' ');
}

/* Index of the item that stands above item i, or n when it is at the top. */
static size_t outline_parent(const struct pdf_doc *d, size_t i)
{
    for (size_t k = i; k > 0; k--)
        if (d->outline[k - 1].level < d->outline[i].level)
            return k - 1;
    return d->noutline;
}

struct outline_node {
    pdf_id id;
    size_t parent, first, last, previous, next, kids; /* indexes; SIZE_MAX: none */
};

static struct outline_node *outline_tree(struct pdf_doc *d, pdf_id root)
{
    size_t n = d->noutline;
    struct outline_node *t = ARENA_ARRAY(d->arena, n + 1, struct outline_node);
    for (size_t i = 0; i <= n; i++)
        t[i] = (struct outline_node){
            i < n ? pdf_object(d->pdf) : root, n, SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX, 0
        };
    for (size_t i = 0; i < n; i++) {
        struct outline_node *up = &t[t[i].parent = outline_parent(d, i)];
        t[i].previous = up->last;
        if (up->last != SIZE_MAX)
            t[up->last].next = i;
        else
            up->first = i;
        up->last = i;
        up->kids++;
    }
    return t;
}

static pdf_id write_outline(struct pdf_doc *d)
{
    if (d->noutline == 0)
        return 0;
    pdf_id root = pdf_object(d->pdf);
    struct outline_node *t = outline_tree(d, root);
    struct buf b = BUF_INIT;
    for (size_t i = 0; i <= d->noutline; i++) {
        const struct outline_node *o = &t[i];
        buf_clear(&b);
        if (i < d->noutline) {
            put_info_text(&b, "Title", meta_text(d->outline[i].title));
            put_key_ref(&b, "Parent", t[o->parent].id);
            put_dest(&b, d, &d->outline[i].dest);
        } else
            buf_puts(&b, "/Type /Outlines ");
        if (o->previous != SIZE_MAX)
            put_key_ref(&b, "Prev", t[o->previous].id);
        if (o->next != SIZE_MAX)
            put_key_ref(&b, "Next", t[o->next].id);
        if (o->kids) {
            put_key_ref(&b, "First", t[o->first].id);
            put_key_ref(&b, "Last", t[o->last].id);
            /* closed below the top: negative */
            buf_printf(&b, "/Count %s%zu", i < d->noutline ? "-" : "", o->kids);
        }
        pdf_object_set(d->pdf, o->id, buf_view(&b));
    }
    buf_free(&b);
    return root;
}

struct parents { /* tags of annotations, behind those of pages in the parent tree */
    struct tag **tags;
    size_t n, cap;
};

static bool put_target(struct buf *b, struct pdf_doc *d, struct str href)
{
    if (href.n && href.p[0] == '#') {
        const struct dest *to = map_get(&d->dests, str_sub(href, 1, href.n));
        if (to)
            put_dest(b, d, to);
        return to != NULL;
    }
    buf_puts(b, "/A <</S /URI /URI ");
    pdf_put_bytes(b, href);
    buf_puts(b, ">> ");
    return true;
}

static pdf_id link_annotation(struct pdf_doc *d, struct page *p, const struct link *l,
                              struct parents *parents)
{
    struct buf b = BUF_INIT;
    pdf_id id = 0;
    buf_puts(&b, "/Type /Annot /Subtype /Link /F 4 /Border [0 0 0] /Rect [");
    put_point(&b, p, l->x, l->y + l->h);
    put_point(&b, p, l->x + l->w, l->y);
    buf_puts(&b, "] /Contents ");
    pdf_put_text(&b, meta_text(l->href));
    buf_putc(&b, ' ');
    if (put_target(&b, d, l->href)) {
        id = pdf_object(d->pdf);
        if (l->tag) {
            buf_printf(&b, "/StructParent %zu", d->npages + parents->n);
            *VEC_PUSH(d->arena, parents->tags, parents->n, parents->cap) = l->tag;
            tag_add_annot(d, l->tag, id, p->pdf.id);
        }
        pdf_object_set(d->pdf, id, buf_view(&b));
    }
    buf_free(&b);
    return id;
}

static void end_page(struct pdf_doc *d, struct page *p, struct parents *parents)
{
    pdf_id *annots = ARENA_ARRAY(d->arena, p->nlinks, pdf_id);
    size_t n = 0;
    for (size_t i = 0; i < p->nlinks; i++) {
        pdf_id id = link_annotation(d, p, &p->links[i], parents);
        if (id)
            annots[n++] = id;
    }
    page_unmark(p);
    pdf_page_end(d->pdf, p->pdf, buf_view(&p->ops), d->resources, annots, n, (int)p->index);
    buf_free(&p->ops);
}

/* -- tags -- */

static void put_kid(struct buf *b, const struct tag_kid *k, pdf_id page)
{
    if (k->tag)
        pdf_put_ref(b, k->tag->id);
    else if (k->annot) {
        put_key_ref(b, "Type /OBJR /Obj", k->annot);
        put_key_ref(b, "Pg", k->page);
    } else if (k->page == page)
        buf_i64(b, k->mcid);
    else {
        buf_printf(b, "<</Type /MCR /MCID %d ", k->mcid);
        put_key_ref(b, "Pg", k->page);
        buf_puts(b, ">>");
    }
    buf_putc(b, ' ');
}

static void write_tag(struct pdf_doc *d, const struct tag *t, struct buf *b)
{
    pdf_id page = 0;
    for (const struct tag_kid *k = t->first; k && page == 0; k = k->next)
        if (k->tag == NULL && k->annot == 0)
            page = k->page;
    buf_clear(b);
    buf_printf(b, "/S /%s ", t->role);
    put_key_ref(b, "P", t->parent ? t->parent->id : d->tag_root);
    if (page)
        put_key_ref(b, "Pg", page);
    buf_str(b, t->attributes);
    if (t->first) {
        buf_puts(b, "/K [");
        for (const struct tag_kid *k = t->first; k; k = k->next) {
            if (k->annot)
                buf_puts(b, "<<");
            put_kid(b, k, page);
            if (k->annot)
                buf_puts(b, ">> ");
        }
        buf_putc(b, ']');
    }
    pdf_object_set(d->pdf, t->id, buf_view(b));
}

static void write_tags(struct pdf_doc *d, const struct parents *parents)
{
    struct buf b = BUF_INIT;
    for (const struct tag *t = d->tags; t; t = t->next)
        write_tag(d, t, &b);
    buf_clear(&b);
    buf_puts(&b, "/Nums [");
    for (const struct page *p = d->first; p; p = p->next) {
        buf_printf(&b, "%zu [", p->index);
        for (size_t i = 0; i < p->nmcids; i++) {
            pdf_put_ref(&b, p->mcids[i]->id);
            buf_putc(&b, ' ');
        }
        buf_puts(&b, "]\n");
    }
    for (size_t i = 0; i < parents->n; i++) {
        buf_printf(&b, "%zu ", d->npages + i);
        pdf_put_ref(&b, parents->tags[i]->id);
        buf_putc(&b, '\n');
    }
    buf_putc(&b, ']');
    pdf_id tree = pdf_object_new(d->pdf, buf_view(&b));
    buf_clear(&b);
    buf_puts(&b, "/Type /StructTreeRoot /K [");
    pdf_put_ref(&b, d->root->id);
    buf_puts(&b, "] ");
    put_key_ref(&b, "ParentTree", tree);
    buf_printf(&b, "/ParentTreeNextKey %zu", d->npages + parents->n);
    pdf_object_set(d->pdf, d->tag_root, buf_view(&b));
    buf_free(&b);
}

/* -- the whole -- */

static unsigned hex_digit(char c)
{
    return c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 0;
}

void meta_begin(struct pdf_doc *d)
{
    unsigned char id[16];
    for (size_t i = 0; i < sizeof id; i++)
        id[i] = (unsigned char)(hex_digit(d->doc->id[2 * i]) << 4 | hex_digit(d->doc->id[2 * i + 1]));
    pdf_set_ids(d->pdf, id);
    d->resources = pdf_object(d->pdf);
    d->tag_root = pdf_object(d->pdf);
    d->root = tag_new(d, NULL, "Document");
    map_init(&d->dests, d->arena);
}

void meta_finish(struct pdf_doc *d)
{
    struct parents parents = { 0 };
    struct buf b = BUF_INIT;
    for (struct page *p = d->first; p; p = p->next)
        end_page(d, p, &parents);
    write_resources(d);
    write_tags(d, &parents);
    write_info(d);
    put_key_ref(&b, "StructTreeRoot", d->tag_root);
    put_key_ref(&b, "Metadata", xmp(d));
    buf_puts(&b, "/OutputIntents [");
    pdf_put_ref(&b, output_intent(d));
    buf_puts(&b, "] /MarkInfo <</Marked true>> /ViewerPreferences <</DisplayDocTitle true>> /Lang ");
    pdf_put_bytes(&b, d->doc->lang.n ? d->doc->lang : STR("en"));
    buf_str(&b, d->attached);
    pdf_id outline = write_outline(d);
    if (outline) {
        buf_puts(&b, " /PageMode /UseOutlines ");
        put_key_ref(&b, "Outlines", outline);
    }
    pdf_set_catalog(d->pdf, buf_view(&b));
    buf_free(&b);
}
