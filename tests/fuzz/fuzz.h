/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every fuzzer of this folder has: the entry that libFuzzer calls with an input. `make fuzz` runs them.
 *
 * To add one: fuzz_X.c that says what it reaches, seeds in corpus/X/, words in X.dict. Asserts are its properties.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
