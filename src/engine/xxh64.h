/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XXH64, written from its specification: what KQL's hash() is.
 */
#ifndef HB_ENGINE_XXH64_H
#define HB_ENGINE_XXH64_H

#include <stddef.h>
#include <stdint.h>

uint64_t xxh64(const void *p, size_t n, uint64_t seed);

#endif
