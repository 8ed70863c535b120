/* layer: base */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of a shared library that is opened when it is first needed, so that a start does not pay for it.
 *
 * The caller opens the library (where to look is its business), keeps a struct of function pointers, and lists them in a const
 * table. A library stays open until the program ends. Not thread-safe: call within pthread_once.
 */
#ifndef HB_LIBRARY_H
#define HB_LIBRARY_H

#include <stddef.h>

#include "hb/err.h"

struct library_function {
    const char *name;
    size_t offset; /* of its pointer in the caller's struct */
};

/*
 * Fills the n pointers in `into`. False: *err, of the given kind, names the library by `what`, the first function that is not
 * there, and `mend`; pointers before it are set.
 */
bool library_functions(void *library, const struct library_function *functions, size_t n, void *into,
                       const char *what, const char *mend, enum err_kind kind, struct err *err);

#endif
