/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding DuckDB's library and its functions.
 *
 * Places, first hit wins: beside the build folder of this program (`make deps` puts it there), beside an installed
 * one, the folder set at compile time, and where the system's loader looks. Nothing relative to the current folder.
 */
#include "duck_api.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hb/library.h"

enum { DUCK_MAJOR = 1, DUCK_MINOR = 5 }; /* older ones die on one bad string from a function of ours */

struct duck_api duck;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct err load_error;

/* A $ is the folder of the running program. */
static const char *const places[] = {
    "$/../deps/lib/libduckdb.so",       /* build/debug/huntbook */
    "$/../../../deps/lib/libduckdb.so", /* build/debug/tests/unit/test_x */
    "$/../lib/huntbook/libduckdb.so",   HB_LIBDIR "/libduckdb.so", "libduckdb.so",
};

static const struct library_function functions[] = {
#define DUCK_ROW(name) { "duckdb_" #name, offsetof(struct duck_api, name) },
    DUCK_FUNCTIONS(DUCK_ROW)
#undef DUCK_ROW
};

/* The folder this program lies in; "" when the system does not say. */
static void program_folder(char out[PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);
    out[n > 0 ? n : 0] = 0;
    char *slash = strrchr(out, '/');
    if (slash)
        *slash = 0;
}

static void *open_library(void)
{
    char folder[PATH_MAX];
    program_folder(folder);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char path[PATH_MAX + 64];
        const char *place = places[i];
        if (*place == '$')
            snprintf(path, sizeof path, "%s%s", folder, place + 1);
        else
            snprintf(path, sizeof path, "%s", place);
        if (strchr(path, '/') && access(path, R_OK) != 0)
            continue;
        void *lib = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
        if (lib)
            return lib;
    }
    return NULL;
}

static void check_version(void)
{
    int major = 0, minor = 0;
    const char *v = duck.library_version();
    if (sscanf(v, "v%d.%d", &major, &minor) != 2 || major != DUCK_MAJOR || minor < DUCK_MINOR)
        err_set(&load_error, ERR_RUN,
                "the DuckDB library is %s, but v%d.%d or a later 1.x is needed; run `make deps`", v,
                DUCK_MAJOR, DUCK_MINOR);
}

static void load_once(void)
{
    void *lib = open_library();
    if (!lib)
        err_set(&load_error, ERR_RUN, "the DuckDB library (libduckdb.so) is not found; run `make deps`");
    else if (library_functions(lib, functions, sizeof functions / sizeof *functions, &duck, "DuckDB",
                               "run `make deps`", ERR_RUN, &load_error))
        check_version();
}

bool duck_load(struct err *err)
{
    pthread_once(&once, load_once);
    if (load_error.kind == ERR_NONE)
        return true;
    return err_set(err, load_error.kind, "%s", load_error.text);
}
