/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One try of a request (http.c); call.c makes as many as help.
 */
#ifndef NET_INT_H
#define NET_INT_H

#include "hb/net.h"

/* One try; of a reply that is read while it arrives out->body stays empty. */
enum net_failure http_try(struct http *h, const struct http_request *q, struct http_reply *out,
                          struct err *err);
const struct http_options *http_options_of(const struct http *h);

#endif
