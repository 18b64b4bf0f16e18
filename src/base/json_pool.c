/* Small blocks of JSON trees come from here, out of a few pages that stay warm; the others, and
 * what no page is left for, from the C library. */
/* SPDX-License-Identifier: ISC */
#include "base/json_pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cjson/cJSON.h>

#include "base/mem.h"

#define POOL_LEN  ((size_t)2 << 20) /* so much at most is ever held */
#define PAGE_LEN  4096
#define PAGES     (POOL_LEN / PAGE_LEN)
#define SMALL_LEN 32 /* names and short texts */
#define NODE_LEN  64 /* a value, or a longer text */

enum size { SMALL, NODE, SIZES_N };
static const size_t len_of[SIZES_N] = {SMALL_LEN, NODE_LEN};

struct block {
    struct block *next;
};

static struct {
    char *pages; /* NULL: everything comes from the C library */
    unsigned char size[PAGES];
    size_t pages_n; /* given to a size so far */
    struct block *free[SIZES_N];
    bool rests;
} pool;

/* Another page's blocks; false when there is none left. */
static bool grow(enum size size)
{
    if (pool.pages_n == PAGES)
        return false;
    char *page = pool.pages + pool.pages_n * PAGE_LEN;
    pool.size[pool.pages_n++] = (unsigned char)size;
    for (size_t at = PAGE_LEN; at; at -= len_of[size]) { /* the first is given out first */
        struct block *b = (struct block *)(void *)(page + at - len_of[size]);
        b->next = pool.free[size];
        pool.free[size] = b;
    }
    return true;
}

static void *pool_take(size_t len)
{
    enum size size = len <= SMALL_LEN ? SMALL : NODE;
    if (len > NODE_LEN || pool.rests || (!pool.free[size] && !grow(size)))
        return mem_grow(NULL, len, 1);
    struct block *b = pool.free[size];
    pool.free[size] = b->next;
    return b;
}

static void pool_give(void *block)
{
    uintptr_t at = (uintptr_t)block - (uintptr_t)pool.pages;
    if (at >= POOL_LEN) {
        free(block);
        return;
    }
    enum size size = pool.size[at / PAGE_LEN];
    struct block *b = block;
    b->next = pool.free[size];
    pool.free[size] = b;
}

void json_pool_open(void)
{
    cJSON_Hooks hooks = {.malloc_fn = pool_take, .free_fn = pool_give};
    void *pages;
    if (pool.pages)
        return;
    pages = mmap(NULL, POOL_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return; /* slower, and no more than that */
    pool.pages = pages;
    cJSON_InitHooks(&hooks);
}

bool json_pool_rest(bool rests)
{
    bool before = pool.rests;
    pool.rests = rests;
    return before;
}
