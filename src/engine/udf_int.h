/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between udf.c and the files that register functions of their own (loading, exports).
 */
#ifndef HB_ENGINE_UDF_INT_H
#define HB_ENGINE_UDF_INT_H

#include "duck_int.h"
#include "udf.h"

/* A row of hb/kql_udf.h: type letters as explained there. */
struct udf_sig {
    const char *name;
    char result;
    const char *args;
    bool sees_null;
    bool is_volatile; /* has an effect: neither folded nor merged with its like */
};

struct udf_bound {
    struct udf_sig sig;
    struct udf_fn fn;
    const struct udf_bulk *bulk; /* NULL: none */
    void *extra;                 /* handed to the body */
};

bool udf_register(struct engine *e, const struct udf_sig *sig, const struct udf_fn *fn, void *extra,
                  struct err *err);
/* The body of a function of the contract, NULL when there is none; the contract itself. */
const struct udf_fn *udf_find(const char *name);
const struct udf_sig *udf_signatures(size_t *n);
/* udf_ingest.c: hb_in_<type>(text, slot) and what exports need. */
bool udf_register_ingest(struct engine *e, struct err *err);

#endif
