/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of libraries that are opened when they are first needed.
 */
#include "hb/library.h"

#include <dlfcn.h>
#include <string.h>

bool library_functions(void *library, const struct library_function *functions, size_t n, void *into,
                       const char *what, const char *mend, enum err_kind kind, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        void *f = dlsym(library, functions[i].name);
        if (!f)
            return err_set(err, kind, "the %s library has no function '%s'; %s", what, functions[i].name,
                           mend);
        memcpy((char *)into + functions[i].offset, &f, sizeof f);
    }
    return true;
}
