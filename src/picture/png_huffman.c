/* Counts of symbols come in, deflate's canonical prefix code for them goes out. Pure reckoning. */
/* SPDX-License-Identifier: ISC */
#include "picture/png_huffman.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LEN 15

/* A leaf or a joint of the tree; leaves come first, both kinds in rising order of weight. */
struct node {
    uint64_t weight;
    int symbol; /* of a leaf */
    int above;  /* index of the joint over it */
    int depth;
};

static int compare_nodes(const void *a, const void *b)
{
    const struct node *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight < y->weight ? -1 : 1;
    return x->symbol - y->symbol;
}

static int take_leaves(const uint32_t *count, int n, struct node *nodes)
{
    int leaves = 0;
    for (int i = 0; i < n; i++)
        if (count[i])
            nodes[leaves++] = (struct node){.weight = count[i], .symbol = i};
    qsort(nodes, (size_t)leaves, sizeof *nodes, compare_nodes);
    return leaves;
}

/* Joins the two lightest nodes again and again. Joints are born in rising order, so the lightest
 * node is always the first waiting leaf or the first waiting joint. */
static void grow(struct node *nodes, int leaves)
{
    int leaf = 0, joint = leaves;
    for (int born = leaves; born < 2 * leaves - 1; born++) {
        uint64_t weight = 0;
        for (int side = 0; side < 2; side++) {
            bool take_leaf =
                leaf < leaves && (joint >= born || nodes[leaf].weight <= nodes[joint].weight);
            int taken = take_leaf ? leaf++ : joint++;
            nodes[taken].above = born;
            weight += nodes[taken].weight;
        }
        nodes[born] = (struct node){.weight = weight};
    }
    nodes[2 * leaves - 2].depth = 0;
    for (int i = 2 * leaves - 3; i >= 0; i--)
        nodes[i].depth = nodes[nodes[i].above].depth + 1;
}

/* How many codes of each length, none longer than max_len: codes that were cut short are paid for
 * by lengthening the longest that still can be, until the lengths fit into one tree again. */
static void count_lengths(const struct node *nodes, int leaves, int max_len, int *of_len)
{
    uint32_t used = 0;
    memset(of_len, 0, sizeof *of_len * (MAX_LEN + 1));
    for (int i = 0; i < leaves; i++)
        of_len[nodes[i].depth < max_len ? nodes[i].depth : max_len]++;
    for (int len = 1; len <= max_len; len++)
        used += (uint32_t)of_len[len] << (max_len - len);
    for (; used > 1u << max_len; used--) {
        int len = max_len - 1;
        while (of_len[len] == 0)
            len--;
        of_len[len]--;
        of_len[len + 1] += 2;
        of_len[max_len]--;
    }
}

static uint16_t reversed(uint32_t code, int len)
{
    uint32_t r = 0;
    for (int i = 0; i < len; i++)
        r |= (code >> i & 1) << (len - 1 - i);
    return (uint16_t)r;
}

/* Canonical: shorter codes first, then by symbol. */
static void number_codes(struct huffman_code *codes, int n, const int *of_len)
{
    uint32_t next[MAX_LEN + 2] = {0};
    for (int len = 1; len <= MAX_LEN; len++)
        next[len + 1] = (next[len] + (uint32_t)of_len[len]) << 1;
    for (int i = 0; i < n; i++)
        if (codes[i].len)
            codes[i].bits = reversed(next[codes[i].len]++, codes[i].len);
}

void huffman_make(const uint32_t *count, int n, int max_len, struct huffman_code *ret_codes)
{
    struct node nodes[2 * HUFFMAN_MAX_SYMBOLS];
    int of_len[MAX_LEN + 1], leaves = take_leaves(count, n, nodes), leaf = 0;
    grow(nodes, leaves);
    count_lengths(nodes, leaves, max_len, of_len);
    memset(ret_codes, 0, sizeof *ret_codes * (size_t)n);
    for (int len = max_len; len > 0; len--) /* the rarest take the longest */
        for (int i = 0; i < of_len[len]; i++)
            ret_codes[nodes[leaf++].symbol].len = (uint16_t)len;
    number_codes(ret_codes, n, of_len);
}
