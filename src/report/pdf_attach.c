/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of the run inside the PDF, as PDF/A-3 (ISO 19005-3, 6.8) wants them: each with both names, its type, its relation to
 * the document, its size, date and checksum, listed in the name tree and in the catalog.
 *
 * What goes in is what the record says: bytes with another hash are refused. To attach other files, see doc_attach.c.
 */
#include "pdf_int.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "hb/fs.h"
#include "hb/sha256.h"

enum { FILE_MAX = 64 << 20, FAST_FROM = 64 << 10 };

/* "text/csv" as a name of PDF. */
static void put_name(struct buf *b, const char *s)
{
    buf_putc(b, '/');
    for (; *s; s++)
        if ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') ||
            strchr("-+._", *s))
            buf_putc(b, *s);
        else
            buf_printf(b, "#%02X", (unsigned char)*s);
}

/* The checksum that PDF asks for is MD5. Where the library may not compute it, it is left out: it is optional. */
static void put_checksum(struct buf *b, struct str bytes)
{
    unsigned char md5[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (!EVP_Digest(bytes.p, bytes.n, md5, &n, EVP_md5(), NULL))
        return;
    buf_puts(b, " /CheckSum <");
    buf_hex(b, md5, n);
    buf_putc(b, '>');
}

static pdf_id file_stream(struct pdf_doc *d, const struct doc_attachment *x, struct str bytes)
{
    struct buf b = BUF_INIT;
    bool packed = strcmp(x->mime, "application/vnd.apache.parquet") == 0;
    buf_puts(&b, "/Type /EmbeddedFile /Subtype ");
    put_name(&b, x->mime);
    buf_printf(&b, " /Params <</Size %zu /CreationDate ", bytes.n);
    meta_put_date(&b, d->doc->created, false);
    buf_puts(&b, " /ModDate ");
    meta_put_date(&b, d->doc->created, false);
    put_checksum(&b, bytes);
    buf_puts(&b, ">>");
    pdf_id id = pdf_stream(d->pdf, buf_view(&b), bytes,
                           packed                ? PDF_STORED
                           : bytes.n > FAST_FROM ? PDF_FAST
                                                 : PDF_DEFLATED);
    buf_free(&b);
    return id;
}

static pdf_id file_spec(struct pdf_doc *d, const struct doc_attachment *x, pdf_id file, struct str sha256)
{
    struct buf b = BUF_INIT, about = BUF_INIT;
    buf_puts(&b, "/Type /Filespec /F ");
    pdf_put_text(&b, x->name);
    buf_puts(&b, " /UF ");
    pdf_put_text(&b, x->name);
    buf_str(&about, x->path);
    buf_puts(&about, " of the run, SHA-256 ");
    buf_str(&about, sha256);
    buf_puts(&b, " /Desc ");
    pdf_put_text(&b, buf_view(&about));
    buf_puts(&b, " /AFRelationship ");
    put_name(&b, x->relation);
    buf_puts(&b, " /EF <</F ");
    pdf_put_ref(&b, file);
    buf_puts(&b, " /UF ");
    pdf_put_ref(&b, file);
    buf_puts(&b, ">>");
    pdf_id id = pdf_object_new(d->pdf, buf_view(&b));
    buf_free(&b);
    buf_free(&about);
    return id;
}

static bool attach_file(struct pdf_doc *d, const char *dir, const struct doc_attachment *x, pdf_id *spec,
                        struct err *err)
{
    char hex[65];
    struct str bytes;
    struct arena *a = arena_new(0, "an attachment of the PDF report");
    char *path = fs_join(a, dir, arena_printf(a, "%.*s", STR_ARG(x->path)));
    bool ok = fs_read(a, path, FILE_MAX, &bytes, err);
    if (ok) {
        sha256_hex(bytes, hex);
        ok = x->sha256.n == 0 || str_eqz(x->sha256, hex) ||
             err_set(err, ERR_VERIFY, "'%s' is not what the record says: its SHA-256 is %s", path, hex);
    }
    if (ok)
        *spec = file_spec(d, x, file_stream(d, x, bytes), str_z(hex));
    arena_free(a);
    return ok;
}

static int by_name(const void *a, const void *b)
{
    const struct doc_attachment *const *x = a, *const *y = b;
    return str_cmp((*x)->name, (*y)->name);
}

/* The tree is searched by the bytes of its keys, so these are in their order. */
static void put_names(struct buf *b, struct pdf_doc *d, const pdf_id *specs)
{
    size_t n = d->doc->nattachments;
    const struct doc_attachment **order = ARENA_ARRAY(d->arena, n, const struct doc_attachment *);
    for (size_t i = 0; i < n; i++)
        order[i] = &d->doc->attachments[i];
    qsort(order, n, sizeof *order, by_name);
    buf_puts(b, " /Names <</EmbeddedFiles <</Names [");
    for (size_t i = 0; i < n; i++) {
        pdf_put_bytes(b, order[i]->name);
        buf_putc(b, ' ');
        pdf_put_ref(b, specs[order[i] - d->doc->attachments]);
        buf_putc(b, '\n');
    }
    buf_puts(b, "]>>>> ");
}

bool attach_files(struct pdf_doc *d, const char *dir, struct err *err)
{
    size_t n = d->doc->nattachments;
    pdf_id *specs = ARENA_ARRAY(d->arena, n, pdf_id);
    struct buf b = BUF_INIT;
    assert(n == 0 || (dir && d->doc->pdf == REPORT_PDF_A3B));
    for (size_t i = 0; i < n; i++)
        if (!attach_file(d, dir, &d->doc->attachments[i], &specs[i], err))
            return err_wrap(err, "the PDF report");
    if (n == 0)
        return true;
    buf_puts(&b, " /AF [");
    for (size_t i = 0; i < n; i++) {
        pdf_put_ref(&b, specs[i]);
        buf_putc(&b, ' ');
    }
    buf_putc(&b, ']');
    put_names(&b, d, specs);
    d->attached = buf_to_arena(&b, d->arena);
    buf_free(&b);
    return true;
}
