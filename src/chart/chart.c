/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From jobs to drawings: plan each plot, write one script, run gnuplot once in a private folder, read the
 * pictures back.
 */
#include "chart_int.h"

#include <stdio.h>

#include "hb/fs.h"

struct work { /* a job that has something to draw */
    struct chart_job *job;
    struct plot plot;
    struct placeholders labels;
};

/* Not fs_write_atomic: these files need not survive a crash, and a sync of each would take longer than drawing. */
static bool write_file(struct arena *a, const char *dir, const char *name, struct buf *bytes, struct err *err)
{
    const char *path = fs_join(a, dir, name);
    FILE *f = fopen(path, "we");
    bool ok = f && fwrite(buf_z(bytes), 1, bytes->n, f) == bytes->n;
    ok = f && fclose(f) == 0 && ok;
    buf_clear(bytes);
    return ok || err_errno(err, "write", path);
}

static bool write_inputs(struct arena *a, const char *dir, struct work *work, size_t n, struct err *err)
{
    struct buf script = BUF_INIT, data = BUF_INIT;
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        script_put(a, &script, &work[i].plot, i, &work[i].labels);
        for (size_t g = 0; ok && g < work[i].plot.ngroups; g++) {
            script_put_data(&data, &work[i].plot.groups[g]);
            ok = write_file(a, dir, arena_printf(a, "c%zug%zu.dat", i, g), &data, err);
        }
    }
    ok = ok && write_file(a, dir, "plot.gp", &script, err);
    buf_free(&script);
    buf_free(&data);
    return ok;
}

static bool read_outputs(struct arena *a, const char *dir, struct work *work, size_t n, struct err *err)
{
    enum { SVG_MOST = 64 << 20 };
    for (size_t i = 0; i < n; i++) {
        struct str svg;
        if (!fs_read(a, fs_join(a, dir, arena_printf(a, "c%zu.svg", i)), SVG_MOST, &svg, err))
            return false;
        struct drawing *out = ARENA_NEW(a, struct drawing);
        if (!import_svg(a, svg, &work[i].plot, &work[i].labels, out, err))
            return false;
        work[i].job->out = out;
    }
    return true;
}

static bool draw_in(struct arena *a, const char *dir, struct work *work, size_t n, struct err *err)
{
    static const char *const args[] = { "-d", "plot.gp", NULL };
    return write_inputs(a, dir, work, n, err) && gnuplot_run(a, dir, args, err) &&
           read_outputs(a, dir, work, n, err);
}

static bool in_private_folder(struct arena *a, struct work *work, size_t n, struct err *err)
{
    char *dir;
    struct err ignored = ERR_INIT;
    if (!fs_temp_dir(a, &dir, err))
        return false;
    bool ok = draw_in(a, dir, work, n, err);
    fs_remove_tree(dir, &ignored); /* a left-over folder is no reason to lose a chart */
    return ok;
}

bool charts_draw(struct arena *a, struct chart_job *jobs, size_t n, const struct text_metrics *m,
                 struct err *err)
{
    struct work *work = ARENA_ARRAY(a, n, struct work);
    size_t nwork = 0;
    for (size_t i = 0; i < n; i++) {
        struct source s;
        jobs[i].out = NULL;
        if (!source_init(&s, jobs[i].spec, jobs[i].table, m, err))
            return false;
        work[nwork].job = &jobs[i];
        bool any = plot_make(a, &s, &work[nwork].plot);
        jobs[i].note = work[nwork].plot.note;
        nwork += any;
    }
    return nwork == 0 || in_private_folder(a, work, nwork, err);
}

bool chart_gnuplot_version(struct arena *a, struct str *out, struct err *err)
{
    static const char *const args[] = { "--version", NULL };
    char *dir;
    struct err ignored = ERR_INIT;
    if (!fs_temp_dir(a, &dir, err))
        return false;
    bool ok = gnuplot_run(a, dir, args, err) && fs_read(a, fs_join(a, dir, "out"), 1 << 12, out, err);
    *out = ok ? str_trim(*out) : STR("");
    fs_remove_tree(dir, &ignored);
    return ok;
}
