/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths and components of a graph given as lists of edges.
 *
 * Nodes and edges are numbers of the caller; a path is told as node, edge, node, ... node. The same lists give the same paths in
 * the same order: by start, then by the order of the edges. All work is counted, and a search that is too large says so.
 */
#ifndef HB_ENGINE_WALK_H
#define HB_ENGINE_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct walk_list {
    const int64_t *v; /* NULL: any node */
    size_t n;
};

enum walk_repeats { WALK_UNIQUE_EDGES, WALK_ALL, WALK_UNIQUE_NODES };
enum walk_search { WALK_EVERY, WALK_ONE_SHORTEST, WALK_ALL_SHORTEST }; /* of each two ends */

struct walk_question {
    const int64_t *edge, *source, *target; /* [nedges], by edge */
    size_t nedges;
    struct walk_list starts, ends, inner; /* nodes a path may begin, end, and lie on between */
    int64_t low, high;                    /* so many edges */
    enum walk_repeats repeats;
    enum walk_search search;
    bool both_ways; /* edges are passed in either direction */
};

/* Called for each path: node, edge, node ...; n numbers. False stops the search. */
typedef bool walk_path_fn(void *ctx, const int64_t *path, size_t n);

/* False: stopped, or there was more to look at than WALK_STEPS_MAX edges. */
#define WALK_STEPS_MAX 500000000u
bool walk_paths(const struct walk_question *q, walk_path_fn *each, void *ctx);

/*
 * out[i]: the component of nodes[i], numbered from 0 as they appear. Edges between other nodes are ignored. strong: each node of
 * a component leads to each other one along the edges.
 */
void walk_components(const struct walk_list *nodes, const int64_t *source, const int64_t *target,
                     size_t nedges, bool strong, int64_t *out);

#endif
